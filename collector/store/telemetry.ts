// What the collector asks of a store of samples; embedded.ts and influx.ts both keep to it (test/collector/store/suite.ts).
import type { SampleValue, View } from '#contract/sample.ts'

export interface SeriesKey {
  site: string
  agent: string
  tag: string
  view: View
}

// Columns of absolute times; series are handles that `series()` gave.
export interface StoreBatch {
  series: ArrayLike<number>
  times: ArrayLike<number>
  values: ArrayLike<SampleValue>
  qualities: ArrayLike<number>
}

export interface StoredSample {
  time: number
  value: SampleValue
  quality: number
}

export interface RangeQuery {
  series: number
  from: number
  /** Exclusive. */
  to: number
}

// Parallel columns, only buckets that hold samples; min, max and mean leave bad samples out and are null when all are bad.
export interface Buckets {
  bucketMs: number
  times: number[]
  min: (number | null)[]
  max: (number | null)[]
  mean: (number | null)[]
  last: SampleValue[]
  quality: number[]
  count: number[]
}

export interface TelemetryStore {
  readonly kind: 'embedded' | 'influx'
  /** Opens or creates; throws when the store cannot be used at all. An InfluxDB that is away is not such a case. */
  start(): Promise<void>
  /** Stops in order; what was appended stays. */
  stop(): Promise<void>
  /** The handle of a series, the same for the same key as long as the store is open. */
  series(key: SeriesKey): number
  /** Resolves when the samples are durable; storing the same sample (series, time) twice changes nothing. Rejects with StoreFault when it could not; then none or all may be stored, and the caller tries again. */
  append(batches: readonly StoreBatch[]): Promise<void>
  latest(series: readonly number[]): Promise<(StoredSample | null)[]>
  /** Raw samples in the order of time, at most limit. */
  samples(query: RangeQuery & { limit: number }): Promise<StoredSample[]>
  /** Down-sampled to at most `buckets` equal parts of [from, to). */
  range(query: RangeQuery & { buckets: number }): Promise<Buckets>
  /** How many samples the store holds, of one series or of all. */
  count(series?: number): Promise<number>
  /** Forgets what is older; resolves to the number of samples forgotten, or null when the store does not say. */
  retain(before: number): Promise<number | null>
}

export class StoreFault extends Error {
  readonly code: 'STORE_AWAY' | 'STORE_REFUSED'
  constructor(code: 'STORE_AWAY' | 'STORE_REFUSED', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreFault'
    this.code = code
  }
}
