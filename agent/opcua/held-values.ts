// The last value of each tag of a server. A subscription tells changes only; what has not changed is offered again now and then,
// with the time at which the server made it, for as long as the server is heard and so says that it still holds.
import type { SampleValue } from '#contract/sample.ts'
import type { Reading } from '../source.ts'

export interface HeldTag {
  id: number
  heartbeatMs: number
}

// How long after connecting the first value of a tag may take.
const FIRST_VALUE_MS = 5000

interface Columns {
  tags: number[]
  values: SampleValue[]
  qualities: number[]
  sourceTimes: number[]
  serverTimes: number[]
}

// In columns by the place of the tag, for 10,000 tags change each second.
export class HeldValues {
  readonly #tags: readonly HeldTag[]
  readonly #values: SampleValue[]
  readonly #qualities: Float64Array
  readonly #sourceTimes: Float64Array
  readonly #serverTimes: Float64Array
  readonly #offeredAt: Float64Array
  #open: Columns = emptyColumns()

  constructor(tags: readonly HeldTag[], quality: number) {
    this.#tags = tags
    this.#values = new Array<SampleValue>(tags.length).fill(null)
    this.#qualities = new Float64Array(tags.length).fill(quality)
    this.#sourceTimes = new Float64Array(tags.length)
    this.#serverTimes = new Float64Array(tags.length)
    this.#offeredAt = new Float64Array(tags.length)
  }

  qualityOf(place: number): number {
    return this.#qualities[place] ?? 0
  }

  /** The agent time at which a tag was last offered. */
  offeredAt(place: number): number {
    return this.#offeredAt[place] ?? 0
  }

  /** Keeps a value for the next reading. */
  add(place: number, value: SampleValue, quality: number, sourceTime: number, serverTime: number): void {
    this.keep(place, value, quality, sourceTime, serverTime)
    this.#put(place)
  }

  /** Keeps it without offering it at once. */
  keep(place: number, value: SampleValue, quality: number, sourceTime: number, serverTime: number): void {
    this.#values[place] = value
    this.#qualities[place] = quality
    this.#sourceTimes[place] = sourceTime
    this.#serverTimes[place] = serverTime
  }

  /** Gives all tags a little time for a value before this is offered. */
  keepAll(quality: number, time: number): void {
    for (let place = 0; place < this.#tags.length; place++) this.keep(place, null, quality, 0, 0)
    for (const [place, { heartbeatMs }] of this.#tags.entries())
      this.#offeredAt[place] = time - Math.max(0, heartbeatMs / 2 - FIRST_VALUE_MS)
  }

  addAll(quality: number): void {
    for (let place = 0; place < this.#tags.length; place++) this.add(place, null, quality, 0, 0)
  }

  /** Adds what has not been offered for half of its heartbeat; whether it is due is judged where it is sent. */
  addDue(time: number): void {
    for (let place = 0; place < this.#tags.length; place++)
      if (time - (this.#offeredAt[place] ?? 0) >= (this.#tags[place]?.heartbeatMs ?? 0) / 2) this.#put(place)
  }

  /** What was added since the last reading, or undefined when nothing was. */
  reading(time: number, roundTrip = 0): Reading | undefined {
    const columns = this.#open
    if (columns.tags.length === 0) return undefined
    this.#open = emptyColumns()
    const tags = columns.tags.map((place) => {
      this.#offeredAt[place] = time
      return this.#tags[place]?.id ?? 0
    })
    return { time, ...columns, tags, ...(roundTrip === 0 ? {} : { roundTrip }) }
  }

  #put(place: number): void {
    this.#open.tags.push(place)
    this.#open.values.push(this.#values[place] ?? null)
    this.#open.qualities.push(this.#qualities[place] ?? 0)
    this.#open.sourceTimes.push(this.#sourceTimes[place] ?? 0)
    this.#open.serverTimes.push(this.#serverTimes[place] ?? 0)
  }
}

function emptyColumns(): Columns {
  return { tags: [], values: [], qualities: [], sourceTimes: [], serverTimes: [] }
}
