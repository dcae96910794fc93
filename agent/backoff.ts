// How long to wait before trying again: exponential with full jitter, so that many agents do not come back at one moment.
export interface BackoffLimits {
  firstMs: number
  mostMs: number
  random?: () => number
}

export class Backoff {
  readonly #limits: BackoffLimits
  #attempt = 0

  constructor(limits: BackoffLimits) {
    this.#limits = limits
  }

  next(): number {
    const { firstMs, mostMs, random = Math.random } = this.#limits
    const ceiling = Math.min(mostMs, firstMs * 2 ** this.#attempt)
    if (ceiling < mostMs) this.#attempt++
    return random() * ceiling
  }

  reset(): void {
    this.#attempt = 0
  }
}
