// Plays a scenario through an agent without sockets, as fast as it goes: every message that the agent would have sent, and every
// label, in the order of their time. Who judges, writes or counts them is up to the caller.
import type { Label } from '#contract/label.ts'
import { playOffline } from '../simulators/offline.ts'
import type { Scenario } from '../simulators/scenario.ts'
import { ChainEyes } from './chain-eyes.ts'
import type { FailedStep } from './not-played.ts'
import { stepLog } from './playable.ts'
import type { RecordedMessage } from './recording.ts'

/** What the clock of the world shows when a scenario begins: some Monday, so that the same seed gives the same bytes. */
export const START_TIME = Date.UTC(2026, 0, 5)
const SEND_SECONDS = 10
// A longer one is played in steps of a second, or 30 days would take as long as a coffee break each.
const FINE_UP_TO_SECONDS = 6 * 3600

export interface ChainOptions {
  name?: string
  scenario: Scenario
  seconds: number
  onMessage: (time: number, message: RecordedMessage) => void | Promise<void>
  onLabel: (time: number, label: Label) => void | Promise<void>
  /** Told of the steps that failed while they were played. */
  onFailed?: (time: number, step: FailedStep) => void | Promise<void>
  /** Called now and then with how many seconds were played. */
  onProgress?: (seconds: number) => void
  signal?: AbortSignal
}

/** How many milliseconds one step of the plant takes in a run of that length. */
export function stepOf({ scanMs }: Pick<Scenario, 'scanMs'>, seconds: number): number {
  return seconds > FINE_UP_TO_SECONDS || 1000 % scanMs !== 0 ? 1000 : scanMs
}

export async function playChain(options: ChainOptions): Promise<void> {
  const { seconds, onMessage, onLabel, onProgress, signal } = options
  // Seconds of the plant are the only ones here.
  const scenario = { ...options.scenario, speed: 1 }
  const waiting: (() => void | Promise<void>)[] = []
  let now = START_TIME
  const eyes = new ChainEyes({
    scenario,
    now: () => now,
    send: (message) => {
      const time = now
      waiting.push(() => onMessage(time, message))
    }
  })
  eyes.begin()
  const onFailed = (step: FailedStep) => {
    const time = now
    waiting.push(() => options.onFailed?.(time, step))
  }
  await playOffline({
    ...{ log: stepLog(options.name ?? '', onFailed), scenario, seconds, eyes, startTime: START_TIME, stepMs: stepOf(scenario, seconds) },
    onLabel: (label) => {
      const time = now
      waiting.push(() => onLabel(time, label))
    },
    onScan: (moment) => {
      now = moment.time
      eyes.poll(moment)
      if (moment.second % SEND_SECONDS === 0 || moment.second === seconds) eyes.tell(moment.second)
      if (waiting.length === 0) return
      if (moment.second % 3600 === 0) onProgress?.(moment.second)
      return pass(waiting, signal)
    }
  })
  await pass(waiting, signal)
}

// Only what really has to be waited for is waited for: a turn of the event loop each second would be most of the time.
async function pass(waiting: (() => void | Promise<void>)[], signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  for (const one of waiting.splice(0)) {
    const passed = one()
    if (passed !== undefined) await passed
  }
}
