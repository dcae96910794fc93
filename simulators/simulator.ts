// The simulator as a part of a process: the scene moves by the monotonic clock, the PLC answers Modbus, attacks are
// played by the timeline or by word, and labels go to a file. When the scenario asks for it, the PLC answers OPC UA too.
import { appendFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Label } from '#contract/label.ts'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import type { Eyes, Victim } from './attacks/attack.ts'
import { Noise } from './plants/noise.ts'
import type { Player } from './player.ts'
import { late, silent } from './plc/misbehaviour.ts'
import type { Observer } from './plc/modbus-exchange.ts'
import { tcpLink } from './plc/modbus-link.ts'
import { ModbusPlc } from './plc/modbus-plc.ts'
import { OpcuaFace } from './plc/opcua-face.ts'
import type { OpcuaPlc } from './plc/opcua-plc.ts'
import { pointsOf } from './plc/opcua-points.ts'
import { type Tamper, tamperedLink } from './plc/tamper.ts'
import { Tampers } from './plc/tampers.ts'
import { WirePath } from './plc/wire-path.ts'
import type { Scenario } from './scenario.ts'
import { Scene } from './scene.ts'

const LINK_TIMEOUT_MS = 2000
const BUSY_PAUSE_MS = 250
const LOOK_EVERY_MS = 1000
// In the time of the plant.
const PLAY_EVERY_MS = 100
const SHORTEST_TICK_MS = 20
// A host that slept does not make the plant race afterwards: more than this is left out, not made up for.
const MOST_MADE_UP_MS = 1000
const NOTHING_SEEN: ModbusPlc['counts'] = { connections: 0, turnedAway: 0, requests: 0, busy: 0, malformed: 0 }

/** What goes over a Modbus connection, as people call it. */
export const FRAMING_TITLES: Readonly<Record<Scenario['modbus']['framing'], string>> = {
  tcp: 'Modbus TCP',
  'rtu-over-tcp': 'Modbus RTU over TCP'
}

export interface SimulatorOptions {
  config: Scenario
  log: Log
  onLabel?: (label: Label) => void
  /** The agent that reads the plant, where attacks on it are to be played. */
  eyes?: Eyes
  /** Whether attacks may be played by word that replay what was. */
  keepsPast?: boolean
  /** Is told what clients and the PLC exchange over Modbus. */
  observer?: Observer | undefined
  /** The PLC answers from the start, and the plant stands still until begin(). */
  held?: boolean
  /** Epoch milliseconds for labels; what our clock shows, unless they are to tell the time of the plant. */
  now?: (scene: Scene) => number
}

export class Simulator implements Part {
  readonly name = 'simulator'
  readonly #config: Scenario
  readonly #log: Log
  readonly #onLabel: ((label: Label) => void) | undefined
  readonly #keepsPast: boolean
  readonly #observer: Observer | undefined
  readonly #held: boolean
  readonly #now: (scene: Scene) => number
  readonly #eyes: Eyes | undefined
  #scene: Scene | undefined
  #server: ModbusPlc | undefined
  #opcua: OpcuaFace | undefined
  #path: WirePath | undefined
  readonly #tampers = new Tampers<Victim>()
  #stopping = new AbortController()
  #loops: Promise<void>[] = []
  #written: Promise<void> = Promise.resolve()

  /** With eyes, attacks on our own agent can be played. */
  constructor({ config, log, onLabel, eyes, keepsPast = false, observer, held = false, now = Date.now }: SimulatorOptions) {
    this.#config = config
    this.#log = log
    this.#onLabel = onLabel
    this.#eyes = eyes
    this.#keepsPast = keepsPast
    this.#observer = observer
    this.#held = held
    this.#now = now
  }

  get modbusPort(): number {
    return this.#server?.port ?? 0
  }

  /** Where the agent reaches the PLC by the way that attackers stand on; 0 when there is none. */
  get pathPort(): number {
    return this.#path?.port ?? 0
  }

  /** The OPC UA server of the PLC, when the scenario asks for one and it runs. */
  get opcua(): OpcuaPlc | undefined {
    return this.#opcua?.server
  }

  /** What the Modbus server has seen so far. */
  get counts(): Readonly<ModbusPlc['counts']> {
    return this.#server?.counts ?? NOTHING_SEEN
  }

  get speed(): number {
    return this.#config.speed
  }

  get labels(): readonly Label[] {
    return this.#scene?.player.labels ?? []
  }

  async start(): Promise<void> {
    // An unwritable file is found out now and not at the first attack.
    if (this.#config.labels !== undefined) await appendFile(this.#config.labels, '')
    const scene = await this.#createScene()
    this.#scene = scene
    const chance = new Noise(this.#config.seed, 'replies')
    this.#server = new ModbusPlc({
      image: scene.plc.image,
      config: this.#config.modbus,
      identity: scene.map.identity,
      chance: () => chance.uniform(),
      ...this.#observer
    })
    scene.plc.control = this.#server.station
    try {
      await this.#listen(scene, this.#server)
    } catch (cause) {
      // One port may be taken: what listens on the others must not hold the process.
      await this.stop()
      throw cause
    }
    if (!this.#held) this.begin()
    // Before its first scan a PLC shows zeros.
    else scene.plc.scan()
  }

  async #listen(scene: Scene, server: ModbusPlc): Promise<void> {
    await server.start()
    const { host, framing } = this.#config.modbus
    const { seed, speed } = this.#config
    this.#log.info({ host, port: this.modbusPort, seed, speed }, `The PLC answers ${FRAMING_TITLES[framing]}.`)
    await this.#startPath()
    await this.#startOpcua(scene)
  }

  /** Lets time pass in the plant; called by start() unless it is held. */
  begin(): void {
    const scene = this.#scene
    if (scene === undefined) throw new Error('the simulator is not running')
    scene.foretell()
    const { signal } = this.#stopping
    this.#loops = [
      this.#pace(scene, signal),
      repeat(LOOK_EVERY_MS, signal, () => scene.look()),
      repeat(Math.max(SHORTEST_TICK_MS, PLAY_EVERY_MS / this.speed), signal, () => scene.playDue())
    ]
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#loops)
    // The harm is undone while the server still answers, so that every label has a true end.
    await this.#scene?.leave().catch((err: unknown) => this.#log.warn({ err }, 'An attack could not be ended.'))
    await this.#opcua?.stop()
    await this.#path?.stop()
    await this.#server?.stop()
    await this.#written
    this.#log.info({ ...this.counts, scans: this.#scene?.plc.scans ?? 0 }, 'The simulator has stopped.')
  }

  get site(): string {
    return this.#config.site
  }

  /** The scene that is played, while the simulator runs. */
  get scene(): Scene | undefined {
    return this.#scene
  }

  /** Plays an attack or a fault now. */
  async play(name: string, parameters?: unknown): Promise<Label> {
    return this.#player().start(name, parameters)
  }

  async stopPlay(name: string): Promise<Label> {
    return this.#player().stop(name)
  }

  #player(): Player {
    if (this.#scene === undefined) throw new Error('the simulator is not running')
    return this.#scene.player
  }

  #createScene(): Promise<Scene> {
    const { modbus, operator, attacker } = this.#config
    const { unit, framing } = modbus
    const link = (localAddress: string) =>
      tcpLink({ host: reachable(modbus.host), port: this.modbusPort, unit, framing, localAddress, timeoutMs: LINK_TIMEOUT_MS })
    const staffLink = async (localAddress: string) => tamperedLink(await link(localAddress), { tamper: this.#tampers.of('operator') })
    return Scene.create({
      scenario: this.#config,
      links: {
        staff: (_scene, who) => staffLink(who === 'operator' ? operator.localAddress : operator.engineerAddress),
        attacker: () => link(attacker.localAddress)
      },
      pause: () => sleep(BUSY_PAUSE_MS),
      network: (state) => {
        this.#opcua?.line(state.silent)
        if (this.#server !== undefined) this.#server.misbehaviour = state.silent ? silent : state.delayMs > 0 ? late(state.delayMs) : null
      },
      ...(modbus.path === undefined ? {} : { tamper: (victim: Victim, tamper: Tamper) => this.#tampers.add(victim, tamper) }),
      opcua: () => this.#opcua ?? null,
      keepsPast: this.#keepsPast,
      ...(this.#eyes === undefined ? {} : { eyes: this.#eyes }),
      now: this.#now,
      onLabel: (label) => this.#tell(label),
      log: this.#log
    })
  }

  async #startPath(): Promise<void> {
    const { host, path, framing } = this.#config.modbus
    if (path === undefined) return
    this.#path = new WirePath({ listen: { host, port: path.port }, plc: { host: reachable(host), port: this.modbusPort }, framing })
    this.#path.tamper = this.#tampers.of('agent')
    await this.#path.start()
  }

  async #startOpcua({ works }: Scene): Promise<void> {
    const { opcua: config, site } = this.#config
    if (config === undefined) return
    const { map, plc, alarms } = works
    this.#opcua = new OpcuaFace({ name: site, points: pointsOf(map, plc.image), alarms, config, log: this.#log })
    await this.#opcua.start()
  }

  async #pace(scene: Scene, signal: AbortSignal): Promise<void> {
    const { scanMs } = this.#config
    const tick = Math.max(SHORTEST_TICK_MS, scanMs / this.speed)
    let last = performance.now()
    let owed = 0
    let noted = 0
    while (await rest(tick, signal)) {
      const now = performance.now()
      owed += (Math.min(now - last, MOST_MADE_UP_MS) * this.speed) / scanMs
      last = now
      for (; owed >= 1; owed--) {
        scene.plc.scan()
        const second = Math.floor(scene.elapsed + 1e-6)
        if (second > noted) scene.note()
        noted = second
      }
    }
  }

  #tell(label: Label): void {
    this.#log.info({ label }, label.end === null ? 'An attack or fault starts.' : 'An attack or fault has ended.')
    this.#onLabel?.(label)
    const { labels } = this.#config
    if (labels === undefined) return
    this.#written = this.#written
      .then(() => appendFile(labels, `${JSON.stringify(label)}\n`))
      .catch((err: unknown) => this.#log.error({ err, labels }, 'A label could not be written.'))
  }
}

// Whoever listens on all addresses is reached on the loopback one.
export const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host)

async function repeat(everyMs: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (await rest(everyMs, signal)) await act()
}

/** False when it was cut short. */
async function rest(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal })
    return true
  } catch {
    // Only an abort ends a sleep early.
    return false
  }
}
