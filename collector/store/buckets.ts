// Down-sampling: a span of time in equal parts, and what the samples of each part come to.
import { isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { ChunkSummary } from './chunk.ts'
import { type Columns, firstAtOrAfter, valueAt } from './columns.ts'
import type { Buckets, RangeQuery } from './telemetry.ts'

export interface BucketLayout {
  from: number
  to: number
  bucketMs: number
  length: number
}

// Whole milliseconds, so that every store cuts at the same moments; the last part may be shorter.
export function layOut({ from, to, buckets }: Omit<RangeQuery, 'series'> & { buckets: number }): BucketLayout {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || !Number.isSafeInteger(buckets) || buckets < 1)
    throw new RangeError(`cannot part ${from} to ${to} into ${buckets}: whole numbers are needed, and at least one part`)
  const span = Math.max(0, to - from)
  const bucketMs = Math.max(1, Math.ceil(span / buckets))
  return { from, to, bucketMs, length: Math.ceil(span / bucketMs) }
}

export class BucketSums {
  readonly #layout: BucketLayout
  readonly #min: Float64Array
  readonly #max: Float64Array
  readonly #total: Float64Array
  readonly #numbers: Float64Array
  readonly #count: Float64Array
  readonly #worst: Float64Array
  readonly #lastTime: Float64Array
  readonly #last: SampleValue[] = []

  constructor(layout: BucketLayout) {
    const { length } = layout
    this.#layout = layout
    this.#min = new Float64Array(length).fill(Number.POSITIVE_INFINITY)
    this.#max = new Float64Array(length).fill(Number.NEGATIVE_INFINITY)
    this.#total = new Float64Array(length)
    this.#numbers = new Float64Array(length)
    this.#count = new Float64Array(length)
    this.#worst = new Float64Array(length)
    this.#lastTime = new Float64Array(length).fill(Number.NEGATIVE_INFINITY)
  }

  /** True when the whole chunk lies in one part and was added; false when its samples are needed. */
  addWhole(chunk: ChunkSummary): boolean {
    const { from, to } = this.#layout
    if (chunk.first < from || chunk.last >= to) return false
    const at = this.#index(chunk.first)
    if (at !== this.#index(chunk.last)) return false
    this.#add(at, chunk)
    this.#noteLast(at, chunk.last, isBad(chunk.lastQuality) ? null : chunk.lastValue)
    return true
  }

  /** Adds those samples that lie in the span; they must be in order. */
  addSamples(columns: Columns): void {
    const { from, to, bucketMs } = this.#layout
    const end = firstAtOrAfter(columns, to)
    let start = firstAtOrAfter(columns, from)
    while (start < end) {
      const at = this.#index(columns.times[start] as number)
      const next = Math.min(end, firstAtOrAfterFrom(columns, start, end, from + (at + 1) * bucketMs))
      this.#addRun(at, columns, start, next)
      start = next
    }
  }

  result(): Buckets {
    const { from, bucketMs, length } = this.#layout
    const result: Buckets = { bucketMs, times: [], min: [], max: [], mean: [], last: [], quality: [], count: [] }
    for (let at = 0; at < length; at++) {
      if (this.#count[at] === 0) continue
      const numbers = this.#numbers[at] as number
      const mean = (this.#total[at] as number) / numbers
      result.times.push(from + at * bucketMs)
      result.min.push(numbers === 0 ? null : (this.#min[at] as number))
      result.max.push(numbers === 0 ? null : (this.#max[at] as number))
      result.mean.push(Number.isFinite(mean) ? mean : null)
      result.last.push(this.#last[at] ?? null)
      result.quality.push(this.#worst[at] as number)
      result.count.push(this.#count[at] as number)
    }
    return result
  }

  #index(time: number): number {
    return Math.floor((time - this.#layout.from) / this.#layout.bucketMs)
  }

  #addRun(at: number, columns: Columns, start: number, end: number): void {
    const { values, qualities } = columns
    let minimum = Number.POSITIVE_INFINITY
    let maximum = Number.NEGATIVE_INFINITY
    let total = 0
    let numbers = 0
    let worst = 0
    for (let i = start; i < end; i++) {
      const quality = qualities[i] as number
      if (quality > worst) worst = quality
      const value = values[i] as number
      if (Number.isNaN(value)) continue
      numbers++
      total += value
      if (value < minimum) minimum = value
      if (value > maximum) maximum = value
    }
    this.#add(at, { count: end - start, numbers, minimum, maximum, total, worst })
    this.#noteLast(at, columns.times[end - 1] as number, valueAt(columns, end - 1))
  }

  #add(at: number, sums: Pick<ChunkSummary, 'count' | 'numbers' | 'minimum' | 'maximum' | 'total' | 'worst'>): void {
    this.#count[at] = (this.#count[at] as number) + sums.count
    this.#numbers[at] = (this.#numbers[at] as number) + sums.numbers
    this.#total[at] = (this.#total[at] as number) + sums.total
    this.#min[at] = Math.min(this.#min[at] as number, sums.minimum)
    this.#max[at] = Math.max(this.#max[at] as number, sums.maximum)
    this.#worst[at] = Math.max(this.#worst[at] as number, sums.worst)
  }

  #noteLast(at: number, time: number, value: SampleValue): void {
    if (time < (this.#lastTime[at] as number)) return
    this.#lastTime[at] = time
    this.#last[at] = value
  }
}

// Parts are mostly short against a chunk, so it is looked for step by step.
function firstAtOrAfterFrom(columns: Columns, start: number, end: number, time: number): number {
  let at = start
  while (at < end && (columns.times[at] as number) < time) at++
  return at
}
