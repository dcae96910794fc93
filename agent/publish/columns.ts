// Samples on their way into a batch: parallel columns that grow and are then sealed.
import type { SampleBatch, SampleValue } from '#contract/sample.ts'

export class Columns {
  readonly #tags: number[] = []
  readonly #times: number[] = []
  readonly #values: SampleValue[] = []
  readonly #qualities: number[] = []
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  get length(): number {
    return this.#tags.length
  }

  /** The times of the earliest and the latest sample. */
  get from(): number {
    return this.#from
  }
  get to(): number {
    return this.#to
  }

  add(tag: number, time: number, value: SampleValue, quality: number): void {
    this.#tags.push(tag)
    this.#times.push(time)
    this.#values.push(value)
    this.#qualities.push(quality)
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
  }

  body(tagMap: number): Pick<SampleBatch, 'view' | 'tagMap' | 'base' | 'tags' | 'times' | 'values' | 'qualities'> {
    const base = this.#from
    return {
      view: 'polled',
      tagMap,
      base,
      tags: this.#tags,
      times: this.#times.map((time) => time - base),
      values: this.#values,
      qualities: this.#qualities
    }
  }
}
