// Samples on their way into a batch: parallel columns of fixed room, so that a stream of samples leaves no garbage behind.
import type { SampleBatch, SampleValue } from '#contract/sample.ts'

export class Columns {
  readonly #tags: Int32Array
  readonly #times: Float64Array
  readonly #numbers: Float64Array
  /** Where the number is NaN: text or null. */
  readonly #others: SampleValue[] = []
  readonly #qualities: Float64Array
  #length = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  constructor(room: number) {
    this.#tags = new Int32Array(room)
    this.#times = new Float64Array(room)
    this.#numbers = new Float64Array(room)
    this.#qualities = new Float64Array(room)
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
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
  }

  body(tagMap: number): Pick<SampleBatch, 'view' | 'tagMap' | 'base' | 'tags' | 'times' | 'values' | 'qualities'> {
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
      qualities: Array.from(filled(this.#qualities))
    }
  }

  clear(): void {
    this.#length = 0
    this.#others.length = 0
    this.#from = Number.POSITIVE_INFINITY
    this.#to = Number.NEGATIVE_INFINITY
  }
}
