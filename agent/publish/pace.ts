// How fast a backlog may be sent: at most so many times as fast as live samples come in. Pure; time comes in as milliseconds.

export interface PaceOptions {
  /** How many times the live rate. */
  factor: number
  /** Samples per second that are always allowed, so that an agent with little to tell still empties its backlog. */
  atLeast: number
}

const SECONDS = 30
// What may be sent at once after a pause, in seconds of the allowed rate.
const BURST_SECONDS = 1

// How many per second over the last half minute, by whole seconds.
class Meter {
  readonly #counts = new Float64Array(SECONDS)
  readonly #since: number
  #second: number

  constructor(now: number) {
    this.#since = now
    this.#second = Math.floor(now / 1000)
  }

  add(count: number, now: number): void {
    this.#advance(now)
    const at = this.#second % SECONDS
    this.#counts[at] = (this.#counts[at] ?? 0) + count
  }

  perSecond(now: number): number {
    this.#advance(now)
    const seconds = Math.min(SECONDS, Math.max(1, (now - this.#since) / 1000))
    return this.#counts.reduce((sum, count) => sum + count, 0) / seconds
  }

  #advance(now: number): void {
    const second = Math.max(this.#second, Math.floor(now / 1000))
    for (let i = 1; i <= Math.min(SECONDS, second - this.#second); i++) this.#counts[(this.#second + i) % SECONDS] = 0
    this.#second = second
  }
}

export class Pace {
  #options: PaceOptions
  readonly #live: Meter
  readonly #replayed: Meter
  #put: number | null = null
  /** Samples that may be sent now; below 0 after a message that was larger than what was left. */
  #left = 0
  #at: number

  constructor(options: PaceOptions & { now: number }) {
    this.#options = options
    this.#live = new Meter(options.now)
    this.#replayed = new Meter(options.now)
    this.#at = options.now
  }

  change(options: PaceOptions): void {
    this.#options = options
  }

  /** Tells how many samples were ever put in; what came since the last call is the live rate. */
  live(putEver: number, now: number): void {
    if (this.#put !== null) this.#live.add(putEver - this.#put, now)
    this.#put = putEver
  }

  /** The rate at which the backlog may be sent, in samples per second. */
  limit(now: number): number {
    return Math.max(this.#options.atLeast, this.#options.factor * this.#live.perSecond(now))
  }

  replayedPerSecond(now: number): number {
    return this.#replayed.perSecond(now)
  }

  mayReplay(now: number): boolean {
    const limit = this.limit(now)
    this.#left = Math.min(limit * BURST_SECONDS, this.#left + (limit * Math.max(0, now - this.#at)) / 1000)
    this.#at = now
    return this.#left > 0
  }

  /** A message counts as one sample at least. */
  replayed(samples: number, now: number): void {
    this.#left -= Math.max(1, samples)
    this.#replayed.add(samples, now)
  }

  /** How long until something may be sent again. */
  waitMs(now: number): number {
    return this.#left > 0 ? 0 : Math.ceil((1000 * (1 - this.#left)) / this.limit(now))
  }
}
