// Samples of one series in columns, and what is done with them before they are kept: put in order, made unique, merged.
import type { SampleValue } from '#contract/sample.ts'

// A value is NaN when the sample holds a text or nothing; texts are kept by the place of their sample.
export interface Columns {
  count: number
  times: Float64Array
  values: Float64Array
  qualities: Uint32Array
  texts: Map<number, string>
}

export function newColumns(capacity = 0): Columns {
  return {
    count: 0,
    times: new Float64Array(capacity),
    values: new Float64Array(capacity),
    qualities: new Uint32Array(capacity),
    texts: new Map()
  }
}

export function clear(columns: Columns): void {
  columns.count = 0
  if (columns.texts.size > 0) columns.texts.clear()
}

export function reserve(columns: Columns, capacity: number): void {
  if (columns.times.length >= capacity) return
  const grown = Math.max(capacity, columns.times.length * 2, 64)
  columns.times = enlarged(columns.times, new Float64Array(grown))
  columns.values = enlarged(columns.values, new Float64Array(grown))
  columns.qualities = enlarged(columns.qualities, new Uint32Array(grown))
}

function enlarged<T extends Float64Array | Uint32Array>(old: T, grown: T): T {
  grown.set(old)
  return grown
}

export function push(columns: Columns, time: number, value: number, quality: number, text: string | undefined): void {
  const at = columns.count
  if (at === columns.times.length) reserve(columns, at + 1)
  columns.times[at] = time
  columns.values[at] = value
  columns.qualities[at] = quality
  if (text !== undefined) columns.texts.set(at, text)
  columns.count = at + 1
}

export function valueAt(columns: Columns, at: number): SampleValue {
  const value = columns.values[at] as number
  return Number.isNaN(value) ? (columns.texts.get(at) ?? null) : value
}

/** Samples from `from` up to and without `to`: a view, valid as long as the columns are not changed. */
export function part(columns: Columns, from: number, to: number): Columns {
  const texts = new Map<number, string>()
  for (const [at, text] of columns.texts) if (at >= from && at < to) texts.set(at - from, text)
  return {
    count: to - from,
    times: columns.times.subarray(from, to),
    values: columns.values.subarray(from, to),
    qualities: columns.qualities.subarray(from, to),
    texts
  }
}

/** The place of the first sample at or after a time, in columns that are in order. */
export function firstAtOrAfter(columns: Columns, time: number): number {
  let low = 0
  let high = columns.count
  while (low < high) {
    const middle = (low + high) >> 1
    if ((columns.times[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** In the order of time; of samples with the same time the first that came stays. */
export function inOrder(columns: Columns): Columns {
  const { times, count } = columns
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b)
  const sorted = newColumns(count)
  for (const at of order) {
    if (sorted.count > 0 && times[at] === sorted.times[sorted.count - 1]) continue
    push(sorted, times[at] as number, columns.values[at] as number, columns.qualities[at] as number, columns.texts.get(at))
  }
  return sorted
}

/** Both in one, in order; where both have a sample of the same time, that of `kept` stays. Each must be in order itself. */
export function merged(kept: Columns, added: Columns, into = newColumns()): Columns {
  const all = into
  clear(all)
  reserve(all, kept.count + added.count)
  if (kept.count === 0 || added.count === 0 || (kept.times[kept.count - 1] as number) < (added.times[0] as number)) {
    append(all, kept)
    append(all, added)
    return all
  }
  let k = 0
  let a = 0
  while (k < kept.count || a < added.count) {
    const fromKept = a === added.count || (k < kept.count && (kept.times[k] as number) <= (added.times[a] as number))
    const source = fromKept ? kept : added
    const at = fromKept ? k++ : a++
    if (fromKept && a < added.count && kept.times[at] === added.times[a]) a++
    push(all, source.times[at] as number, source.values[at] as number, source.qualities[at] as number, source.texts.get(at))
  }
  return all
}

function append(columns: Columns, added: Columns): void {
  const start = columns.count
  columns.times.set(added.times.subarray(0, added.count), start)
  columns.values.set(added.values.subarray(0, added.count), start)
  columns.qualities.set(added.qualities.subarray(0, added.count), start)
  for (const [at, text] of added.texts) columns.texts.set(start + at, text)
  columns.count = start + added.count
}
