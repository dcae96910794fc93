// Wakes at a cadence. A cycle that is not over when the next is due leaves that one out and counts it: no bursts to catch up,
// no two cycles at once.
import { setTimeout as sleep } from 'node:timers/promises'

export interface PollerOptions {
  cadenceMs: number
  /** Where in the cadence the cycles lie, 0 up to 1, so that devices do not all wake together. */
  phase: number
  poll: () => Promise<void>
  /** Told of each cycle that is left out because the one before is not over. */
  skipped: () => void
  now?: () => number
}

export class Poller {
  readonly #options: PollerOptions
  #late = 0

  constructor(options: PollerOptions) {
    this.#options = options
  }

  /** Cycles left out since the start. */
  get late(): number {
    return this.#late
  }

  /** Runs until the signal; rejects when a poll does, for a poll turns all faults of the world into samples. */
  async run(signal: AbortSignal): Promise<void> {
    const { cadenceMs, phase, poll, skipped, now = () => performance.now() } = this.#options
    const broken = new AbortController()
    const ending = AbortSignal.any([signal, broken.signal])
    let due = now() + phase * cadenceMs
    let running: Promise<void> | undefined
    while (await slept(due - now(), ending)) {
      if (running === undefined) {
        running = poll()
          .catch((error) => broken.abort(error))
          .finally(() => {
            running = undefined
          })
      } else {
        this.#late++
        skipped()
      }
      due += cadenceMs
      // After a pause of the whole process (a stopped container, a sleeping machine) the missed cycles are gone, not owed.
      const missed = Math.ceil((now() - due) / cadenceMs)
      if (missed <= 0) continue
      this.#late += missed
      due += missed * cadenceMs
    }
    await running
    if (broken.signal.aborted) throw broken.signal.reason
  }
}

async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  // The only rejection of sleep is the signal.
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => {})
  return !signal.aborted
}
