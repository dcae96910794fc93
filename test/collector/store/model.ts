// A store as simple as can be, to compare the real ones with.
import { expect } from 'vitest'
import { BAD_NOT_A_NUMBER, isBad } from '#contract/quality.ts'
import type { Buckets, StoredSample } from '../../../collector/store/telemetry.ts'

export class Model {
  readonly #series = new Map<number, Map<number, StoredSample>>()

  /** Gives the sample as it must be appended: one that is known already comes again as it was. */
  put(series: number, sample: StoredSample): StoredSample {
    const samples = this.#series.get(series) ?? new Map<number, StoredSample>()
    this.#series.set(series, samples)
    const kept = samples.get(sample.time) ?? asKept(sample)
    samples.set(sample.time, kept)
    return kept
  }

  /** Gives how many were forgotten. */
  forget(before: number): number {
    const held = this.count()
    for (const samples of this.#series.values()) for (const time of [...samples.keys()]) if (time < before) samples.delete(time)
    return held - this.count()
  }

  count(series?: number): number {
    if (series !== undefined) return this.#series.get(series)?.size ?? 0
    return [...this.#series.values()].reduce((sum, samples) => sum + samples.size, 0)
  }

  samples(series: number, { from, to }: { from: number; to: number }): StoredSample[] {
    return [...(this.#series.get(series)?.values() ?? [])].filter(({ time }) => time >= from && time < to).sort((a, b) => a.time - b.time)
  }

  latest(series: number): StoredSample | null {
    return this.samples(series, { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }).at(-1) ?? null
  }

  expectRange(found: Buckets, series: number, { from, to, buckets }: { from: number; to: number; buckets: number }): void {
    const bucketMs = Math.max(1, Math.ceil((to - from) / buckets))
    expect(found.bucketMs).toBe(bucketMs)
    const parts = Map.groupBy(this.samples(series, { from, to }), ({ time }) => from + Math.floor((time - from) / bucketMs) * bucketMs)
    expect(found.times).toEqual([...parts.keys()])
    for (const [i, samples] of [...parts.values()].entries()) {
      const numbers = samples.flatMap(({ value }) => (typeof value === 'number' ? [value] : []))
      expect(found.count[i]).toBe(samples.length)
      expect(found.quality[i]).toBe(Math.max(...samples.map(({ quality }) => quality)))
      expect(found.last[i]).toBe(samples.at(-1)?.value)
      expect(found.min[i]).toBe(numbers.length === 0 ? null : Math.min(...numbers))
      expect(found.max[i]).toBe(numbers.length === 0 ? null : Math.max(...numbers))
      const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
      const largest = Math.max(...numbers.map(Math.abs))
      if (numbers.length === 0) expect(found.mean[i]).toBeNull()
      else expect(Math.abs((found.mean[i] ?? Number.NaN) - mean)).toBeLessThanOrEqual(largest * 1e-12)
    }
  }
}

function asKept({ time, value, quality }: StoredSample): StoredSample {
  if (isBad(quality)) return { time, value: null, quality }
  if (value === null) return { time, value, quality: BAD_NOT_A_NUMBER }
  return { time, value: typeof value === 'number' ? value + 0 : value, quality }
}
