// Plays a scenario without sockets or clock: a day in seconds. Reads go through the same code as the server's.
import type { Label } from '#contract/label.ts'
import { quietLog } from '#runtime/log.ts'
import { directLink } from './plc/modbus-link.ts'
import { answerPdu, MAX_PDU_BYTES } from './plc/modbus-pdu.ts'
import type { RegisterImage } from './plc/register-image.ts'
import { Scenario } from './scenario.ts'
import { Scene } from './scene.ts'

export interface OfflineOptions {
  plant?: 'water'
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
  /** Answers a Modbus request PDU on the register image as it stands; the reply is good until the next call. */
  request(pdu: Uint8Array): Buffer
}

const SOME_MONDAY = Date.UTC(2026, 0, 5)

export async function simulateOffline(options: OfflineOptions): Promise<{ labels: readonly Label[]; scene: Scene }> {
  const { seconds, stepMs = 100, onScan, startTime = SOME_MONDAY } = options
  if (1000 % stepMs !== 0) throw new RangeError(`a second is no whole number of steps of ${stepMs} ms`)
  const scenario = Scenario.parse({
    plant: options.plant,
    seed: options.seed,
    scanMs: stepMs,
    startsAt: options.startsAt,
    operator: { enabled: options.operator },
    timeline: options.attacks?.map((step) => ({ ...step }))
  })
  const scene = new Scene({
    scenario,
    links: {
      operator: async ({ plc }) => directLink({ image: plc.image, host: scenario.operator.localAddress }),
      attacker: async ({ plc }) => directLink({ image: plc.image, host: scenario.attacker.localAddress })
    },
    now: ({ elapsed }) => startTime + Math.round(elapsed * 1000),
    onLabel: () => {},
    log: quietLog()
  })
  const request = answering(scene.plc.image)
  for (let second = 1; second <= seconds; second++) {
    await scene.playDue()
    await scene.look()
    for (let ms = 0; ms < 1000; ms += stepMs) scene.plc.scan()
    const told = onScan?.({ second, time: startTime + second * 1000, scene, request })
    if (told !== undefined) await told
  }
  return { labels: scene.adversary.labels, scene }
}

function answering(image: RegisterImage): (pdu: Uint8Array) => Buffer {
  const reply = Buffer.alloc(MAX_PDU_BYTES)
  return (pdu) => reply.subarray(0, answerPdu(image, pdu, 0, pdu.length, reply, 0))
}
