// The hard limit of what one device is asked. However the plan or a fault behaves, no second sees more requests or registers
// than it allows.
export interface BudgetOptions {
  requestsPerSecond: number
  /** Sixteen coils or discrete inputs count as one register. */
  registersPerSecond: number
  /** The pause between the end of one request and the start of the next. */
  minGapMs: number
  now?: () => number
}

const SECOND_MS = 1000
const SECONDS_KEPT = 60

/** The most requests that a budget lets through over a long time: whole ones in each second, or one in a longer time. */
export function sustained(requestsPerSecond: number): number {
  return requestsPerSecond < 1 ? requestsPerSecond : Math.floor(requestsPerSecond)
}

export class Budget {
  readonly #options: BudgetOptions
  readonly #windowMs: number
  readonly #now: () => number
  // When the last requests began and what they took, oldest first at #at: as many as one window allows.
  readonly #begun: Float64Array
  readonly #taken: Float64Array
  #at = 0
  #ended = Number.NEGATIVE_INFINITY
  // Requests by second of the last minute; each place belongs to the second that stands beside it.
  readonly #perSecond = new Uint32Array(SECONDS_KEPT)
  readonly #seconds = new Float64Array(SECONDS_KEPT).fill(-1)

  constructor(options: BudgetOptions) {
    const { requestsPerSecond, now = () => performance.now() } = options
    const most = Math.max(1, Math.floor(requestsPerSecond))
    this.#begun = new Float64Array(most).fill(Number.NEGATIVE_INFINITY)
    this.#taken = new Float64Array(most)
    this.#windowMs = Math.max(SECOND_MS, SECOND_MS / requestsPerSecond)
    this.#options = options
    this.#now = now
  }

  /** Goes on after a budget that held for the same device before: what it has let through counts here too. */
  follow(before: Budget): void {
    const kept = before.#begun.length
    for (let back = Math.min(kept, this.#begun.length); back >= 1; back--) {
      const place = (before.#at - back + kept) % kept
      this.#begun[this.#at] = before.#begun[place] ?? Number.NEGATIVE_INFINITY
      this.#taken[this.#at] = this.#counted(before.#taken[place] ?? 0)
      this.#at = (this.#at + 1) % this.#begun.length
    }
    this.#ended = before.#ended
    this.#perSecond.set(before.#perSecond)
    this.#seconds.set(before.#seconds)
  }

  /** How long until a request of so many registers may begin. */
  waitMs(registers: number): number {
    const now = this.#now()
    const oldest = this.#begun[this.#at] ?? Number.NEGATIVE_INFINITY
    const free = Math.max(oldest + this.#windowMs, this.#ended + this.#options.minGapMs, this.#roomAt(registers, now))
    return Math.max(0, free - now)
  }

  /** Takes a request that begins now; waitMs must have said 0. */
  take(registers: number): void {
    if (this.waitMs(registers) > 0) throw new RangeError('a request before its time')
    const now = this.#now()
    this.#begun[this.#at] = now
    this.#taken[this.#at] = this.#counted(registers)
    this.#at = (this.#at + 1) % this.#begun.length
    const second = Math.floor(now / SECOND_MS)
    const place = second % SECONDS_KEPT
    if (this.#seconds[place] !== second) this.#perSecond[place] = 0
    this.#seconds[place] = second
    this.#perSecond[place] = (this.#perSecond[place] ?? 0) + 1
  }

  ended(): void {
    this.#ended = this.#now()
  }

  /** The share of the requests of the last minute that were used. */
  get use(): number {
    const oldest = Math.floor(this.#now() / SECOND_MS) - SECONDS_KEPT
    let requests = 0
    for (let i = 0; i < SECONDS_KEPT; i++) if ((this.#seconds[i] ?? -1) > oldest) requests += this.#perSecond[i] ?? 0
    return requests / (SECONDS_KEPT * this.#options.requestsPerSecond)
  }

  // What is no read of the plan, such as an identification, takes a whole second's share at most.
  #counted(registers: number): number {
    return Math.min(registers, this.#options.registersPerSecond)
  }

  // From the newest request back: the first one that leaves no room must be a second old.
  #roomAt(registers: number, now: number): number {
    let room = this.#options.registersPerSecond - this.#counted(registers)
    const kept = this.#begun.length
    for (let back = 1; back <= kept; back++) {
      const place = (this.#at - back + kept) % kept
      const begun = this.#begun[place] ?? Number.NEGATIVE_INFINITY
      if (begun <= now - SECOND_MS) break
      room -= this.#taken[place] ?? 0
      if (room < 0) return begun + SECOND_MS
    }
    return Number.NEGATIVE_INFINITY
  }
}
