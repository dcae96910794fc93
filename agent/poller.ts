// Wakes at a cadence. A cycle that is due while the one before is not over begins late, but by half a cadence at most; else it is
// left out and told: no bursts to catch up, no two cycles at once.
import { setTimeout as sleep } from 'node:timers/promises'

// The first cycle comes within this time, so that a value that is read once an hour is not unknown for an hour after each start.
const FIRST_WITHIN_MS = 10_000

export interface LeftOut {
  /** When the first and the last of them were due, by `now`. */
  from: number
  to: number
  cycles: number
  /** late: the cycle before was not over; paused: this process did not run. */
  why: 'late' | 'paused'
}

export interface PollerOptions {
  cadenceMs: number
  /** Where in the cadence the cycles lie, 0 up to 1, so that devices do not all wake together. */
  phase: number
  /** `due` is when the cycle should have begun, by `now`. */
  poll: (due: number) => Promise<void>
  leftOut: (cycles: LeftOut) => void
  now?: () => number
}

export class Poller {
  readonly #options: PollerOptions
  readonly #now: () => number
  readonly #broken = new AbortController()
  #running: Promise<void> | undefined
  #owed: number | undefined
  #late = 0

  constructor(options: PollerOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Cycles left out since the start. */
  get late(): number {
    return this.#late
  }

  /** Runs until the signal; rejects when a poll does, for a poll turns all faults of the world into samples. */
  async run(signal: AbortSignal): Promise<void> {
    const { cadenceMs, phase } = this.#options
    const ending = AbortSignal.any([signal, this.#broken.signal])
    let [due, next] = firstCycles({ start: this.#now(), cadenceMs, phase })
    while (await slept(due - this.#now(), ending)) {
      if (this.#running === undefined) this.#begin(due, ending)
      else {
        if (this.#owed !== undefined) this.#leaveOut({ from: this.#owed, to: this.#owed, cycles: 1, why: 'late' })
        this.#owed = due
      }
      due = next
      // After a pause of the whole process (a stopped container, a sleeping machine) the missed cycles are gone, not owed.
      const cycles = Math.ceil((this.#now() - due) / cadenceMs)
      if (cycles > 0) {
        this.#leaveOut({ from: due, to: due + (cycles - 1) * cadenceMs, cycles, why: 'paused' })
        due += cycles * cadenceMs
      }
      next = due + cadenceMs
    }
    while (this.#running !== undefined) await this.#running
    if (this.#broken.signal.aborted) throw this.#broken.signal.reason
  }

  #begin(due: number, ending: AbortSignal): void {
    this.#running = this.#options
      .poll(due)
      .catch((error) => this.#broken.abort(error))
      .finally(() => this.#over(ending))
  }

  #over(ending: AbortSignal): void {
    const owed = this.#owed
    this.#running = undefined
    this.#owed = undefined
    if (owed === undefined || ending.aborted) return
    if (this.#now() - owed <= this.#options.cadenceMs / 2) this.#begin(owed, ending)
    else this.#leaveOut({ from: owed, to: owed, cycles: 1, why: 'late' })
  }

  #leaveOut(cycles: LeftOut): void {
    this.#late += cycles.cycles
    this.#options.leftOut(cycles)
  }
}

/** When the first two are due: from the second on they lie at their phase, and at least half a cadence is between them. */
export function firstCycles({ start, cadenceMs, phase }: { start: number; cadenceMs: number; phase: number }): [number, number] {
  const first = start + phase * Math.min(cadenceMs, FIRST_WITHIN_MS)
  const second = start + phase * cadenceMs
  return [first, second < first + cadenceMs / 2 ? second + cadenceMs : second]
}

async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  // The only rejection of sleep is the signal.
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => {})
  return !signal.aborted
}
