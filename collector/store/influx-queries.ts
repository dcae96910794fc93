// The InfluxQL that the store asks, and what its rows mean.
import { isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { BucketLayout } from './buckets.ts'
import type { Row } from './influx-answer.ts'
import { identifier, MEASUREMENT, quoted, tagValue } from './influx-lines.ts'
import { MAX_TIME, MIN_TIME } from './stored.ts'
import type { Buckets, RangeQuery, SeriesKey, StoredSample } from './telemetry.ts'

// InfluxDB reads the samples once for each of these, so the quality of the last one is asked for only where it matters.
const SUMS =
  'SELECT min("value") AS "min", max("value") AS "max", mean("value") AS "mean", last("value") AS "value", last("text") AS "text", ' +
  'count("quality") AS "count", max("quality") AS "worst"'
const LASTS = 'SELECT last("value") AS "value", last("text") AS "text", last("quality") AS "quality"'
// A part of time that InfluxDB's 64-bit nanoseconds can still be divided by without overflow.
const MAX_BUCKET_MS = 1e12

export class InfluxQueries {
  readonly #from: string

  constructor({ retention }: { retention: string | undefined }) {
    const measurement = identifier(MEASUREMENT)
    this.#from = retention === undefined ? measurement : `${identifier(retention)}.${measurement}`
  }

  latest(key: SeriesKey, within?: { from: number; to: number }): string {
    const span = within === undefined ? '' : ` AND ${during(within.from, within.to)}`
    return `SELECT "value", "text", "quality" FROM ${this.#from} WHERE ${ofSeries(key)}${span} ORDER BY time DESC LIMIT 1`
  }

  samples(key: SeriesKey, { from, to, limit }: Omit<RangeQuery, 'series'> & { limit: number }): string {
    return `SELECT "value", "text", "quality" FROM ${this.#from} WHERE ${ofSeries(key)} AND ${during(from, to)} ORDER BY time LIMIT ${limit}`
  }

  count(key: SeriesKey | undefined): string {
    return `SELECT count("quality") AS "count" FROM ${this.#from}${key === undefined ? '' : ` WHERE ${ofSeries(key)}`}`
  }

  retain(before: number): string {
    return `DELETE FROM ${identifier(MEASUREMENT)} WHERE time < ${momentOf(before)}`
  }

  sums(key: SeriesKey, layout: BucketLayout): string[] {
    return this.#parts(SUMS, key, layout)
  }

  lasts(key: SeriesKey, layout: BucketLayout): string[] {
    return this.#parts(LASTS, key, layout)
  }

  // One statement, or one for each part when the parts are longer than InfluxDB can group by.
  #parts(select: string, key: SeriesKey, { from, to, bucketMs, length }: BucketLayout): string[] {
    const where = `FROM ${this.#from} WHERE ${ofSeries(key)}`
    if (bucketMs <= MAX_BUCKET_MS) {
      const offset = ((from % bucketMs) + bucketMs) % bucketMs
      return [`${select} ${where} AND ${during(from, to)} GROUP BY time(${bucketMs}ms, ${offset}ms) fill(none)`]
    }
    const statements: string[] = []
    for (let at = 0; at < length; at++) {
      const start = from + at * bucketMs
      const end = Math.min(to, start + bucketMs)
      if (end > MIN_TIME && start <= MAX_TIME) statements.push(`${select} ${where} AND ${during(start, end)}`)
    }
    return statements
  }
}

export function storedSampleOf(row: Row): StoredSample {
  const quality = Number(row['quality'])
  return { time: Number(row['time']), value: valueIn(row), quality }
}

/** True for a part with a bad sample: whether the last one is bad must be asked for. */
export const hasBad = (row: Row): boolean => isBad(Number(row['worst']))

/** True for a part with numbers and texts: InfluxDB tells the last of each, not which of them came last. */
export const isMixed = (row: Row): boolean => row['text'] !== null && row['value'] !== null && !isBad(Number(row['quality'] ?? 0))

export function bucketsOf(rows: readonly Row[], { from, bucketMs }: BucketLayout): Buckets {
  const buckets: Buckets = { bucketMs, times: [], min: [], max: [], mean: [], last: [], quality: [], count: [] }
  for (const row of rows) {
    buckets.times.push(from + Math.floor((Number(row['time']) - from) / bucketMs) * bucketMs)
    buckets.min.push(numberOf(row, 'min'))
    buckets.max.push(numberOf(row, 'max'))
    buckets.mean.push(numberOf(row, 'mean'))
    buckets.last.push(valueIn(row))
    buckets.quality.push(Number(row['worst']))
    buckets.count.push(Number(row['count']))
  }
  return buckets
}

function valueIn(row: Row): SampleValue {
  return isBad(Number(row['quality'] ?? 0)) ? null : (row['text'] ?? row['value'] ?? null)
}

function numberOf(row: Row, column: string): number | null {
  const value = row[column]
  return typeof value === 'number' ? value : null
}

function ofSeries({ site, agent, tag, view }: SeriesKey): string {
  const pairs = { site, agent, name: tag, view }
  return Object.entries(pairs)
    .map(([name, value]) => `${identifier(name)} = ${quoted(tagValue(value))}`)
    .join(' AND ')
}

function during(from: number, to: number): string {
  return `time >= ${momentOf(from)} AND ${to > MAX_TIME ? `time <= ${MAX_TIME}ms` : `time < ${momentOf(to)}`}`
}

const momentOf = (time: number): string => `${Math.min(MAX_TIME, Math.max(MIN_TIME, time))}ms`
