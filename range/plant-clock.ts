// Which moment of the plant a moment of our clock was, in a live run whose plant may be faster than the clock, or slower than was
// asked for. Both are epoch milliseconds, and both begin at the same moment.

const NOTED_EVERY_MS = 500

interface Reading {
  wall: number
  plant: number
}

export class PlantClock {
  readonly start: number
  readonly #speed: number
  readonly #readings: Reading[]

  constructor({ start, speed }: { start: number; speed: number }) {
    this.start = start
    this.#speed = speed
    this.#readings = [{ wall: start, plant: start }]
  }

  /** How many seconds of the plant have passed at a moment of our clock; called again and again, in the order of time. */
  note(wall: number, elapsedSeconds: number): void {
    const last = this.#readings.at(-1)
    if (last === undefined || Math.abs(wall - last.wall) >= NOTED_EVERY_MS) this.mark(wall, elapsedSeconds)
  }

  /** The same for a moment that matters. */
  mark(wall: number, elapsedSeconds: number): void {
    // Our clock may be put back a little; what was read before that is of no use any more.
    while ((this.#readings.at(-1)?.wall ?? 0) > wall && this.#readings.length > 1) this.#readings.pop()
    this.#readings.push({ wall, plant: this.start + elapsedSeconds * 1000 })
  }

  /** Before the first reading and after the last one the plant is taken to keep its speed. */
  at(wall: number): number {
    const next = this.#firstAfter(wall)
    const before = this.#readings[Math.max(0, next - 1)]
    const after = this.#readings[next]
    if (before === undefined) return wall
    if (next === 0 || after === undefined) return Math.round(before.plant + (wall - before.wall) * this.#speed)
    const share = (wall - before.wall) / (after.wall - before.wall)
    return Math.round(before.plant + share * (after.plant - before.plant))
  }

  #firstAfter(wall: number): number {
    let low = 0
    let high = this.#readings.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#readings[middle]?.wall ?? 0) > wall) high = middle
      else low = middle + 1
    }
    return low
  }
}
