// The agent's time. It follows the wall clock but never goes back, not even over a restart, because two samples of one tag in
// one millisecond would be one sample to every store.
export interface AgentClockOptions {
  /** The latest time that was given out before this start. */
  floor: number
  wall?: () => number
  steady?: () => number
}

export class AgentClock {
  readonly #wall: () => number
  readonly #steady: () => number
  #time: number
  #read: number

  constructor({ floor, wall = Date.now, steady = () => performance.now() }: AgentClockOptions) {
    this.#wall = wall
    this.#steady = steady
    this.#time = floor
    this.#read = steady()
  }

  // After the wall clock was put back, agent time goes on at half its speed until the wall has caught up: order and rough
  // spacing stay true, and the difference goes away by itself.
  now(): number {
    const read = this.#steady()
    this.#time = Math.max(this.#wall(), this.#time + (read - this.#read) / 2)
    this.#read = read
    return Math.floor(this.#time)
  }

  /** How far agent time is ahead of the wall clock, in milliseconds. */
  get aheadMs(): number {
    return Math.max(0, this.now() - this.#wall())
  }
}
