// Who may ask next on a line that several units share: one request at a time, each unit within its own budget, those that were
// served longest ago first, and units that did not answer last time only when no other is waiting.
import type { Budget } from '../budget.ts'

// A unit that did not answer gets its turn after so long at the latest, however busy the others keep the line.
const SUSPECT_WAITS_MS = 10_000

/** One unit on the line. */
export interface Seat {
  readonly budget: Budget
  /** Requests in a row that it did not answer. */
  timeouts: number
  servedAt: number
  /** Before this it is not asked. */
  notBefore: number
}

export const seatOf = (budget: Budget): Seat => ({
  budget,
  timeouts: 0,
  servedAt: Number.NEGATIVE_INFINITY,
  notBefore: Number.NEGATIVE_INFINITY
})

interface Waiter {
  seat: Seat
  registers: number
  since: number
  begin: () => void
}

export class Turns {
  #gapMs: number
  readonly #now: () => number
  readonly #waiters: Waiter[] = []
  #busy = false
  #freeAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** `gapMs` is the pause of the line after each answer, whoever asks next. */
  constructor({ gapMs, now = () => performance.now() }: { gapMs: number; now?: () => number }) {
    this.#gapMs = gapMs
    this.#now = now
  }

  /** Another pause, from the next answer on. */
  set gapMs(gapMs: number) {
    this.#gapMs = gapMs
  }

  /** Resolves when the request may begin; rejects with the reason of the signal. After it, `ended` must be called. */
  take(seat: Seat, registers: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const begin = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const waiter: Waiter = { seat, registers, since: this.#now(), begin }
      const leave = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        reject(signal.reason)
        this.#next()
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiters.push(waiter)
      this.#next()
    })
  }

  ended(seat: Seat): void {
    const now = this.#now()
    seat.budget.ended()
    seat.servedAt = now
    this.#freeAt = now + this.#gapMs
    this.#busy = false
    this.#next()
  }

  #next(): void {
    clearTimeout(this.#timer)
    if (this.#busy) return
    const now = this.#now()
    let best: Waiter | undefined
    let soonest = Number.POSITIVE_INFINITY
    const seen = new Set<Seat>()
    for (const waiter of this.#waiters) {
      // Requests of one unit keep their order.
      if (seen.has(waiter.seat)) continue
      seen.add(waiter.seat)
      const wait = Math.max(this.#freeAt - now, waiter.seat.notBefore - now, waiter.seat.budget.waitMs(waiter.registers))
      soonest = Math.min(soonest, wait)
      if (wait <= 0 && (best === undefined || this.#goesBefore(waiter, best, now))) best = waiter
    }
    if (best === undefined) {
      if (this.#waiters.length > 0) this.#timer = setTimeout(() => this.#next(), Math.ceil(soonest))
      return
    }
    this.#waiters.splice(this.#waiters.indexOf(best), 1)
    this.#busy = true
    best.seat.budget.take(best.registers)
    best.begin()
  }

  #goesBefore(a: Waiter, b: Waiter, now: number): boolean {
    const isSuspect = ({ seat, since }: Waiter) => seat.timeouts > 0 && now - since < SUSPECT_WAITS_MS
    if (isSuspect(a) !== isSuspect(b)) return isSuspect(b)
    return a.seat.servedAt < b.seat.servedAt
  }
}
