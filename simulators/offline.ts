// Plays a scenario without sockets or clock: a day in seconds. Reads go through the same code as the server's.
import type { Label } from '#contract/label.ts'
import { type Log, quietLog } from '#runtime/log.ts'
import type { Tamper, Victim } from './attacks/attack.ts'
import type { PlantKind } from './plants/plant.ts'
import { LinkFault, type ModbusLink } from './plc/modbus-link.ts'
import { OfflineNetwork } from './plc/modbus-network.ts'
import { MAX_PDU_BYTES } from './plc/modbus-pdu.ts'
import { ModbusStation } from './plc/modbus-station.ts'
import { Scenario } from './scenario.ts'
import { Scene, type SceneOptions } from './scene.ts'

export interface OfflineOptions {
  plant?: PlantKind
  /** How long, in simulated seconds. */
  seconds: number
  /** The scan cycle; must divide a second. */
  stepMs?: number
  seed?: number
  /** Weekday and time of day in the plant, as in a scenario. */
  startsAt?: string
  /** What the clock of the world shows at the start, in epoch milliseconds. */
  startTime?: number
  operator?: boolean
  /** Steps of a timeline, as in a scenario. */
  attacks?: readonly { at: string; attack: string; for?: string; with?: unknown }[]
  /** Called once for each simulated second, after its scans. */
  onScan?: (moment: Moment) => void | Promise<void>
}

export interface Moment {
  /** Seconds since the start, from 1. */
  second: number
  /** Epoch milliseconds. */
  time: number
  scene: Scene
  /** Answers a Modbus request PDU as the agent would hear it; the reply is good until the next call, null when none comes. */
  request(pdu: Uint8Array): Buffer | null
}

const SOME_MONDAY = Date.UTC(2026, 0, 5)

export async function simulateOffline(options: OfflineOptions): Promise<{ labels: readonly Label[]; scene: Scene }> {
  const scenario = Scenario.parse({
    plant: options.plant,
    seed: options.seed,
    startsAt: options.startsAt,
    operator: { enabled: options.operator },
    timeline: options.attacks?.map((step) => ({ ...step }))
  })
  return playOffline({ ...options, scenario })
}

export interface PlayOptions extends Pick<OfflineOptions, 'seconds' | 'stepMs' | 'startTime' | 'onScan'> {
  scenario: Scenario
  eyes?: SceneOptions['eyes']
  /** Told of what could not be played. */
  log?: Log
  onLabel?: (label: Label) => void
}

export async function playOffline(options: PlayOptions): Promise<{ labels: readonly Label[]; scene: Scene }> {
  const { seconds, stepMs = 100, onScan, startTime = SOME_MONDAY, scenario } = options
  if (1000 % stepMs !== 0) throw new RangeError(`a second is no whole number of steps of ${stepMs} ms`)
  const wire = new OfflineWire(scenario.modbus)
  const scene = await Scene.create({
    scenario: { ...scenario, scanMs: stepMs },
    links: {
      staff: async (_scene, who) => {
        const { localAddress, engineerAddress } = scenario.operator
        return wire.link(who === 'operator' ? localAddress : engineerAddress, 'operator')
      },
      attacker: async () => wire.link(scenario.attacker.localAddress, null)
    },
    network: (state) => wire.set(state),
    tamper: (victim, tamper) => wire.tamper(victim, tamper),
    ...(options.eyes === undefined ? {} : { eyes: options.eyes }),
    now: ({ elapsed }) => startTime + Math.round(elapsed * 1000),
    onLabel: options.onLabel ?? (() => {}),
    log: options.log ?? quietLog()
  })
  wire.plug(scene)
  const request = wire.answering()
  for (let second = 1; second <= seconds; second++) {
    await scene.playDue()
    await scene.look()
    for (let ms = 0; ms < 1000; ms += stepMs) scene.plc.scan()
    scene.note()
    const told = onScan?.({ second, time: startTime + second * 1000, scene, request })
    if (told !== undefined) await told
  }
  return { labels: scene.player.labels, scene }
}

// What lies between the PLC and its readers when there are no sockets.
class OfflineWire {
  readonly #limits: Scenario['modbus']
  #station: ModbusStation | null = null
  #network: OfflineNetwork | null = null
  #silent = false
  readonly #tampers: { victim: Victim; tamper: Tamper }[] = []

  constructor(limits: Scenario['modbus']) {
    this.#limits = limits
  }

  plug(scene: Scene): void {
    const now = () => scene.elapsed * 1000
    const station = new ModbusStation({ image: scene.plc.image, limits: this.#limits, identity: scene.map.identity, now })
    this.#station = station
    scene.plc.control = station.programming
    this.#network = new OfflineNetwork({ stations: { plc: station } })
  }

  set({ silent }: { silent: boolean; delayMs: number }): void {
    this.#silent = silent
  }

  tamper(victim: Victim, tamper: Tamper): () => void {
    const entry = { victim, tamper }
    this.#tampers.push(entry)
    return () => void this.#tampers.splice(this.#tampers.indexOf(entry), 1)
  }

  async link(host: string, victim: Victim | null): Promise<ModbusLink> {
    if (this.#network === null) throw new LinkFault('LINK_AWAY', 'the PLC is not there yet')
    const direct = await this.#network.connect({ from: host, to: 'plc' })
    const lost = () => new LinkFault('LINK_TIMEOUT', 'the PLC does not answer')
    return {
      host,
      request: async (pdu, unit) => {
        if (this.#silent) throw lost()
        const asked = this.#requestOf(victim, Buffer.from(pdu))
        const reply = asked === null ? null : this.#replyOf(victim, asked, await direct.request(asked, unit))
        if (reply === null) throw lost()
        return reply
      },
      [Symbol.asyncDispose]: () => direct[Symbol.asyncDispose]()
    }
  }

  answering(): Moment['request'] {
    const out = Buffer.alloc(MAX_PDU_BYTES)
    const answer = (pdu: Uint8Array) => {
      const size = this.#station?.answer(pdu, 0, pdu.length, this.#limits.unit, out, 0) ?? 0
      return size === 0 ? null : out.subarray(0, size)
    }
    return (pdu) => {
      if (this.#silent) return null
      if (this.#tampers.length === 0) return answer(pdu)
      const asked = this.#requestOf('agent', Buffer.from(pdu))
      const reply = asked === null ? null : answer(asked)
      return asked === null || reply === null ? null : this.#replyOf('agent', asked, Buffer.from(reply))
    }
  }

  #requestOf(who: Victim | null, pdu: Buffer): Buffer | null {
    let asked: Buffer | null = pdu
    for (const { victim, tamper } of this.#tampers)
      if (victim === who && asked !== null && tamper.request !== undefined) asked = tamper.request(asked)
    return asked
  }

  #replyOf(who: Victim | null, asked: Buffer, reply: Buffer): Buffer | null {
    let told: Buffer | null = reply
    for (const { victim, tamper } of this.#tampers)
      if (victim === who && told !== null && tamper.reply !== undefined) told = tamper.reply(asked, told)
    return told
  }
}
