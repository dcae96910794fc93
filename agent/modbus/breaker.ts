// When one unit is left alone: after three requests in a row without an answer it is asked for a single register now and then,
// and for everything again once it answers.
import type { Backoff } from '../backoff.ts'

const TIMEOUTS_TO_OPEN = 3

export class Breaker {
  readonly #backoff: Backoff
  readonly #shortestMs: number
  readonly #now: () => number
  #timeouts = 0
  #until = Number.NEGATIVE_INFINITY
  #probing = false

  /** Full jitter may draw a pause of nothing; `shortestMs` keeps a silent unit from being asked more often than a live one. */
  constructor({ backoff, shortestMs, now = () => performance.now() }: { backoff: Backoff; shortestMs: number; now?: () => number }) {
    this.#backoff = backoff
    this.#shortestMs = shortestMs
    this.#now = now
  }

  get isOpen(): boolean {
    return this.#timeouts >= TIMEOUTS_TO_OPEN
  }

  /** Takes the one probe that is due, if it is; its outcome must be told. */
  takeProbe(): boolean {
    if (!this.isOpen || this.#probing || this.#now() < this.#until) return false
    this.#probing = true
    return true
  }

  answered(): void {
    this.#timeouts = 0
    this.#probing = false
    this.#backoff.reset()
  }

  unanswered(): void {
    this.#timeouts++
    this.#probing = false
    if (this.isOpen) this.#until = this.#now() + Math.max(this.#shortestMs, this.#backoff.next())
  }

  /** The probe could not be sent; it may be tried again. */
  notAsked(): void {
    this.#probing = false
  }
}
