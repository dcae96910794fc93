// What both stores make of a sample before they keep it, so that a query gives the same from either of them.
import { BAD_NOT_A_NUMBER, isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import { StoreFault } from './telemetry.ts'

// What InfluxDB can hold: signed 64-bit nanoseconds, the years 1677 to 2262.
export const MAX_TIME = 9_223_372_036_854
export const MIN_TIME = -MAX_TIME
const MAX_QUALITY = 0xffffffff

// A sample is without a value exactly when its quality is bad; no other place has to think of both.
export function storedQuality(value: SampleValue | undefined, quality: number): number {
  if (isBad(quality)) return quality
  if (typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string') return quality
  return BAD_NOT_A_NUMBER
}

export const isStorableTime = (time: number): boolean => time <= MAX_TIME && time >= MIN_TIME && Number.isInteger(time)
export const isStorableQuality = (quality: number): boolean => quality >= 0 && quality <= MAX_QUALITY && Number.isInteger(quality)

export function refuse(what: string): never {
  throw new StoreFault('STORE_REFUSED', what)
}
