// Replies that are sent later. One timer for all of them, armed for the earliest; the number waiting is bounded.

export class DelayedReplies {
  readonly #waiting: { due: number; send: () => void }[] = []
  readonly #most: number
  #timer: NodeJS.Timeout | undefined
  #dropped = 0

  constructor(options: { most: number }) {
    this.#most = options.most
  }

  get dropped(): number {
    return this.#dropped
  }

  /** To be sent at this time of performance.now(); false when too many wait already. */
  add(due: number, send: () => void): boolean {
    if (this.#waiting.length >= this.#most) {
      this.#dropped++
      return false
    }
    // Nearly always the last one; from behind, so that those due at once keep their order.
    let at = this.#waiting.length
    while (at > 0 && (this.#waiting[at - 1]?.due ?? 0) > due) at--
    this.#waiting.splice(at, 0, { due, send })
    if (at === 0) this.#arm()
    return true
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const next = this.#waiting[0]
    if (next !== undefined) this.#timer = setTimeout(() => this.#send(), Math.max(0, next.due - performance.now()))
  }

  #send(): void {
    const now = performance.now()
    // A timer may fire up to a millisecond early.
    const later = this.#waiting.findIndex(({ due }) => due > now + 1)
    for (const { send } of this.#waiting.splice(0, later < 0 ? this.#waiting.length : later)) send()
    this.#arm()
  }
}
