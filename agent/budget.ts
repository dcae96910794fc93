// The hard limit of requests to one device. However the plan or a fault behaves, no window of time sees more than it allows.
import { setTimeout as sleep } from 'node:timers/promises'

export interface BudgetOptions {
  requestsPerSecond: number
  /** The pause between the end of one request and the start of the next. */
  minGapMs: number
  now?: () => number
}

export class Budget {
  readonly #minGapMs: number
  readonly #windowMs: number
  readonly #now: () => number
  // When the last requests began, oldest first at #at: as many as one window allows.
  readonly #begun: Float64Array
  #at = 0
  #ended = Number.NEGATIVE_INFINITY

  constructor({ requestsPerSecond, minGapMs, now = () => performance.now() }: BudgetOptions) {
    const most = Math.max(1, Math.floor(requestsPerSecond))
    this.#begun = new Float64Array(most).fill(Number.NEGATIVE_INFINITY)
    this.#windowMs = (1000 * most) / requestsPerSecond
    this.#minGapMs = minGapMs
    this.#now = now
  }

  /** Waits until a request may begin, and takes it. Callers come one at a time. */
  async take(signal: AbortSignal): Promise<void> {
    for (let wait = this.waitMs(); wait > 0; wait = this.waitMs()) await sleep(Math.ceil(wait), undefined, { signal })
    this.#begun[this.#at] = this.#now()
    this.#at = (this.#at + 1) % this.#begun.length
  }

  ended(): void {
    this.#ended = this.#now()
  }

  waitMs(): number {
    const oldest = this.#begun[this.#at] ?? Number.NEGATIVE_INFINITY
    const free = Math.max(oldest + this.#windowMs, this.#ended + this.#minGapMs)
    return Math.max(0, free - this.#now())
  }
}
