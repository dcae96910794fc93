// The newest sample of each series, in memory.
import { isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { StoredSample } from './telemetry.ts'

const NEVER = Number.NEGATIVE_INFINITY

export class Latest {
  // Open to the loop that takes samples in: a call for each would cost as much as the rest of it.
  times = new Float64Array(0)
  values = new Float64Array(0)
  qualities = new Uint32Array(0)
  readonly texts = new Map<number, string>()

  reserve(series: number): void {
    if (series <= this.times.length) return
    const length = Math.max(1024, series, this.times.length * 2)
    const { times, values, qualities } = this
    this.times = new Float64Array(length).fill(NEVER)
    this.values = new Float64Array(length)
    this.qualities = new Uint32Array(length)
    this.times.set(times)
    this.values.set(values)
    this.qualities.set(qualities)
  }

  /** A value that is not bad, as storedQuality has it, is a number or a text. */
  note(series: number, time: number, value: SampleValue, quality: number): void {
    if (time <= (this.times[series] as number)) return
    this.times[series] = time
    this.qualities[series] = quality
    this.values[series] = typeof value === 'number' ? value : Number.NaN
    if (typeof value === 'string') this.texts.set(series, value)
  }

  forget(series: number): void {
    this.times[series] = NEVER
    this.texts.delete(series)
  }

  of(series: number): StoredSample | null {
    const time = this.times[series] ?? NEVER
    if (time === NEVER) return null
    const quality = this.qualities[series] as number
    const value = this.values[series] as number
    const text = isBad(quality) ? null : (this.texts.get(series) ?? null)
    return { time, value: Number.isNaN(value) ? text : value, quality }
  }
}
