// Samples on their way into a batch: parallel columns of fixed room, so that a stream of samples leaves no garbage behind.
import type { Position } from '#contract/envelope.ts'
import type { SampleBatch, SampleValue } from '#contract/sample.ts'

export class Columns {
  readonly #tags: Int32Array
  readonly #times: Float64Array
  readonly #numbers: Float64Array
  /** Where the number is NaN: text or null. */
  readonly #others: SampleValue[] = []
  readonly #qualities: Float64Array
  readonly #sourceTimes: Float64Array
  readonly #serverTimes: Float64Array
  readonly #roundTrips: Float64Array
  /** Which of the optional columns hold anything. */
  #told = { source: false, server: false, roundTrip: false }
  #length = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  constructor(room: number) {
    this.#tags = new Int32Array(room)
    this.#times = new Float64Array(room)
    this.#numbers = new Float64Array(room)
    this.#qualities = new Float64Array(room)
    this.#sourceTimes = new Float64Array(room)
    this.#serverTimes = new Float64Array(room)
    this.#roundTrips = new Float64Array(room)
  }

  get length(): number {
    return this.#length
  }

  get full(): boolean {
    return this.#length === this.#tags.length
  }

  /** The times of the earliest and the latest sample. */
  get from(): number {
    return this.#from
  }
  get to(): number {
    return this.#to
  }

  add(tag: number, time: number, value: SampleValue, quality: number): void {
    const i = this.#length++
    this.#tags[i] = tag
    this.#times[i] = time
    this.#numbers[i] = typeof value === 'number' ? value : Number.NaN
    if (typeof value !== 'number') this.#others.push(value)
    this.#qualities[i] = quality
    this.#sourceTimes[i] = 0
    this.#serverTimes[i] = 0
    this.#roundTrips[i] = 0
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
  }

  /** What is known besides of the sample added last; 0 where nothing is. */
  tell(source: number, server: number, roundTrip: number): void {
    const i = this.#length - 1
    const time = this.#times[i] ?? 0
    this.#sourceTimes[i] = source === 0 ? 0 : source - time
    this.#serverTimes[i] = server === 0 ? 0 : server - time
    this.#roundTrips[i] = roundTrip
    this.#told.source ||= source !== 0
    this.#told.server ||= server !== 0
    this.#told.roundTrip ||= roundTrip !== 0
  }

  body(tagMap: number): Omit<SampleBatch, keyof Position | 'kind' | 'schema' | 'site' | 'agent' | 'first' | 'follows'> {
    const base = this.#from
    const filled = <T extends Int32Array | Float64Array>(column: T) => column.subarray(0, this.#length)
    let other = 0
    return {
      view: 'polled',
      tagMap,
      base,
      tags: Array.from(filled(this.#tags)),
      times: Array.from(filled(this.#times), (time) => time - base),
      values: Array.from(filled(this.#numbers), (number) => (Number.isNaN(number) ? (this.#others[other++] ?? null) : number)),
      qualities: Array.from(filled(this.#qualities)),
      ...(this.#told.source ? { sourceTimes: Array.from(filled(this.#sourceTimes)) } : {}),
      ...(this.#told.server ? { serverTimes: Array.from(filled(this.#serverTimes)) } : {}),
      ...(this.#told.roundTrip ? { roundTrips: Array.from(filled(this.#roundTrips)) } : {})
    }
  }

  clear(): void {
    this.#length = 0
    this.#others.length = 0
    this.#told = { source: false, server: false, roundTrip: false }
    this.#from = Number.POSITIVE_INFINITY
    this.#to = Number.NEGATIVE_INFINITY
  }
}
