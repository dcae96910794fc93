// Plays a scenario without sockets or clock: a day in seconds. Reads go through the same code as the server's.
import type { Label } from '#contract/label.ts'
import { type Log, quietLog } from '#runtime/log.ts'
import { OfflineWire, type OfflineWireOptions } from './offline-wire.ts'
import type { PlantKind } from './plants/plant.ts'
import { Scenario } from './scenario.ts'
import { Scene, type SceneOptions } from './scene.ts'

export interface OfflineOptions {
  plant?: PlantKind
  /** How long, in simulated seconds. */
  seconds: number
  /** The scan cycle: a part of a second, or several whole seconds where coarse will do. */
  stepMs?: number
  seed?: number
  /** Weekday and time of day in the plant, as in a scenario. */
  startsAt?: string
  /** What the clock of the world shows at the start, in epoch milliseconds. */
  startTime?: number
  operator?: boolean
  /** Steps of a timeline, as in a scenario. */
  attacks?: readonly { at: string; attack?: string; fault?: string; for?: string; with?: unknown }[]
  /** Called once for each simulated second, after its scans; for each scan when that is longer. */
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
  /** Ends the connection of the agent, as when its process is gone. */
  hangUp(): void
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

type PlayedWith = Pick<OfflineOptions, 'seconds' | 'stepMs' | 'startTime' | 'onScan'>

/** The agent asks beside the network and is not observed. */
export interface PlayOptions extends PlayedWith, Omit<OfflineWireOptions, 'limits'> {
  scenario: Scenario
  eyes?: SceneOptions['eyes']
  /** Told of what could not be played. */
  log?: Log
  onLabel?: (label: Label) => void
}

export async function playOffline(options: PlayOptions): Promise<{ labels: readonly Label[]; scene: Scene }> {
  const { seconds, stepMs = 100, onScan, startTime = SOME_MONDAY, scenario } = options
  if (1000 % stepMs !== 0 && stepMs % 1000 !== 0) throw new RangeError(`a second is no whole number of steps of ${stepMs} ms`)
  const stride = Math.max(1, stepMs / 1000)
  const wire = new OfflineWire({ ...options, limits: scenario.modbus })
  const scene = await Scene.create({
    scenario: { ...scenario, scanMs: stepMs },
    links: {
      staff: async (_scene, who) => {
        const { localAddress, engineerAddress } = scenario.operator
        return wire.link(who === 'operator' ? localAddress : engineerAddress, 'operator')
      },
      attacker: async () => wire.link(scenario.attacker.localAddress, null)
    },
    pause: () => wire.pause(),
    network: (state) => wire.set(state),
    tamper: (victim, tamper) => wire.tamper(victim, tamper),
    ...(options.eyes === undefined ? {} : { eyes: options.eyes }),
    now: ({ elapsed }) => startTime + Math.round(elapsed * 1000),
    onLabel: options.onLabel ?? (() => {}),
    log: options.log ?? quietLog()
  })
  wire.plug(scene)
  const agent = wire.agent()
  for (let second = stride; second <= seconds; second += stride) {
    await scene.playDue()
    await scene.look()
    for (let ms = 0; ms < stride * 1000; ms += stepMs) scene.plc.scan()
    for (let i = 0; i < stride; i++) scene.note()
    const told = onScan?.({ second, time: startTime + second * 1000, scene, ...agent })
    if (told !== undefined) await told
  }
  return { labels: scene.player.labels, scene }
}
