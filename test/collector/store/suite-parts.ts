// The words and samples that the parts of the common suite share.
import { GOOD } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { SeriesKey, StoreBatch, StoredSample, TelemetryStore } from '../../../collector/store/telemetry.ts'

export interface Place {
  /** A store of its own, empty at first; opened again it is a new process on the same data. */
  open(): Promise<TelemetryStore>
}

export interface Subject {
  newPlace(): Promise<Place>
  /** Does at once what the store does by itself after a while. */
  settle(store: TelemetryStore): Promise<void>
  stop(): Promise<void>
}

export interface Stores extends Omit<Subject, 'stop'> {
  /** Opened stores are closed at the end of all tests. */
  open(place: Place): Promise<TelemetryStore>
  fresh(): Promise<TelemetryStore>
  /** Makes a check on what came just now, and again on what the store has put away. */
  bothWays(store: TelemetryStore, check: () => Promise<void>): Promise<void>
}

export const T = 1_760_000_000_000
export const everything = { from: 0, to: T * 2 }
export const key = (tag: string): SeriesKey => ({ site: 'waterworks', agent: 'agent-1', tag, view: 'polled' })
export const good = (time: number, value: SampleValue): StoredSample => ({ time, value, quality: GOOD })

export function batchOf(series: number, samples: readonly StoredSample[]): StoreBatch {
  return {
    series: samples.map(() => series),
    times: samples.map(({ time }) => time),
    values: samples.map(({ value }) => value),
    qualities: samples.map(({ quality }) => quality)
  }
}
