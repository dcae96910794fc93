// One append as bytes: a header with length and checksum, then the columns of its samples. The same bytes are put on
// disk, applied to memory and read again after a crash, so there is one way of reading them.
import { crc32 } from 'node:zlib'
import { GOOD, isBad } from '#contract/quality.ts'
import { isStorableQuality, isStorableTime, refuse, storedQuality } from './stored.ts'
import type { StoreBatch } from './telemetry.ts'

const MAGIC = 0x314a5350
const HEADER = 32
const MAX_SAMPLES = 5_000_000
const WIDE_TIMES = 1
const WITH_QUALITIES = 2

// A value is NaN when the sample holds a text or nothing; the time of a sample is base + its column.
export interface Entry {
  count: number
  base: number
  series: Uint32Array
  times: Float64Array | Int32Array
  values: Float64Array
  /** Absent when all are good. */
  qualities: Uint32Array | undefined
  texts: Map<number, string>
}

interface Scratch {
  series: Uint32Array
  times: Float64Array
  values: Float64Array
  qualities: Uint32Array
}

let scratch = scratchOf(4096)

function scratchOf(length: number): Scratch {
  return {
    series: new Uint32Array(length),
    times: new Float64Array(length),
    values: new Float64Array(length),
    qualities: new Uint32Array(length)
  }
}

/** Throws StoreFault when a sample cannot be stored; then nothing of the append is. */
export function encodeEntry(batches: readonly StoreBatch[], seriesCount: number): Uint8Array {
  let count = 0
  for (const batch of batches) count += batch.times.length
  if (count > MAX_SAMPLES) refuse(`${count} samples in one call are too many; at most ${MAX_SAMPLES} are taken`)
  if (scratch.times.length < count) scratch = scratchOf(count * 2)
  const texts = new Map<number, string>()
  let at = 0
  for (const batch of batches) at = gather(batch, at, seriesCount, texts)
  return assemble(count, texts)
}

function gather(batch: StoreBatch, start: number, seriesCount: number, texts: Map<number, string>): number {
  const { length } = batch.times
  if (batch.series.length !== length || batch.values.length !== length || batch.qualities.length !== length)
    refuse('the columns of a batch differ in length')
  let at = start
  for (let i = 0; i < length; i++, at++) {
    const series = batch.series[i] as number
    const time = batch.times[i] as number
    const value = batch.values[i]
    const given = batch.qualities[i] as number
    if (!(series >= 0 && series < seriesCount)) refuse(`sample ${i} of a batch names series ${series}, which is not known`)
    if (!isStorableTime(time)) refuse(`sample ${i} of a batch has the time ${time}, which is out of range`)
    if (!isStorableQuality(given)) refuse(`sample ${i} of a batch has the quality ${given}, which is not a status code`)
    const quality = storedQuality(value, given)
    scratch.series[at] = series
    scratch.times[at] = time
    scratch.qualities[at] = quality
    if (typeof value === 'number' && !isBad(quality)) scratch.values[at] = value + 0
    else {
      scratch.values[at] = Number.NaN
      if (typeof value === 'string' && !isBad(quality)) texts.set(at, value.toWellFormed())
    }
  }
  return at
}

function assemble(count: number, texts: ReadonlyMap<number, string>): Uint8Array {
  const base = count === 0 ? 0 : (scratch.times[0] as number)
  let wide = 0
  let qualities = 0
  for (let i = 0; i < count; i++) {
    const distance = (scratch.times[i] as number) - base
    if (distance > 0x7fffffff || distance < -0x80000000) wide = WIDE_TIMES
    if (scratch.qualities[i] !== GOOD) qualities = WITH_QUALITIES
  }
  const encodedTexts = texts.size === 0 ? Buffer.alloc(0) : Buffer.from(JSON.stringify([...texts]))
  const fixed = HEADER + count * (8 + (wide ? 8 : 4) + 4 + (qualities ? 4 : 0))
  const length = (fixed + encodedTexts.length + 7) & ~7
  const bytes = Buffer.allocUnsafeSlow(length)
  const header = new DataView(bytes.buffer)
  header.setUint32(0, MAGIC, true)
  header.setUint32(4, length, true)
  header.setUint32(12, count, true)
  header.setUint32(16, wide | qualities, true)
  header.setUint32(20, encodedTexts.length, true)
  header.setFloat64(24, base, true)
  const entry = view(bytes, 0, count, wide | qualities, base)
  entry.values.set(scratch.values.subarray(0, count))
  entry.series.set(scratch.series.subarray(0, count))
  entry.qualities?.set(scratch.qualities.subarray(0, count))
  for (let i = 0; i < count; i++) entry.times[i] = (scratch.times[i] as number) - base
  bytes.set(encodedTexts, fixed)
  bytes.fill(0, fixed + encodedTexts.length)
  header.setUint32(8, crc32(bytes.subarray(12)), true)
  return bytes
}

function view(bytes: Uint8Array, at: number, count: number, flags: number, base: number): Entry {
  const { buffer } = bytes
  let offset = bytes.byteOffset + at + HEADER
  const take = (size: number): number => {
    offset += count * size
    return offset - count * size
  }
  const values = new Float64Array(buffer, take(8), count)
  const times = flags & WIDE_TIMES ? new Float64Array(buffer, take(8), count) : new Int32Array(buffer, take(4), count)
  const series = new Uint32Array(buffer, take(4), count)
  const qualities = flags & WITH_QUALITIES ? new Uint32Array(buffer, take(4), count) : undefined
  return { count, base, series, times, values, qualities, texts: new Map() }
}

/** The entry at the start of bytes that encodeEntry made or entriesOf has checked. */
export function decodeEntry(bytes: Uint8Array, at = 0): Entry {
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER)
  const count = header.getUint32(12, true)
  const flags = header.getUint32(16, true)
  const textBytes = header.getUint32(20, true)
  const entry = view(bytes, at, count, flags, header.getFloat64(24, true))
  if (textBytes > 0) {
    const start = at + HEADER + count * (8 + (flags & WIDE_TIMES ? 8 : 4) + 4 + (flags & WITH_QUALITIES ? 4 : 0))
    entry.texts = new Map(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, textBytes).toString()))
  }
  return entry
}

export interface BadBytes {
  from: number
  to: number
  /** The file ends before the entry does: a write that was cut off and never confirmed. */
  torn: boolean
}

/** Reads the bytes of a journal file, which must start at a multiple of 8, and skips what is not an entry of known series. */
export function* entriesOf(bytes: Uint8Array, seriesCount: number): Generator<{ entry: Entry } | { bad: BadBytes }> {
  let at = 0
  while (at < bytes.length) {
    const length = entryLength(bytes, at)
    const entry = length > 0 ? decodeEntry(bytes, at) : undefined
    if (entry?.series.every((series) => series < seriesCount)) {
      yield { entry }
      at += length
      continue
    }
    let next = at + 8
    while (next < bytes.length && entryLength(bytes, next) <= 0) next += 8
    const to = Math.min(next, bytes.length)
    yield { bad: { from: at, to, torn: to === bytes.length && isTorn(bytes, at) } }
    at = to
  }
}

// 0 when no whole and sound entry begins here.
function entryLength(bytes: Uint8Array, at: number): number {
  const left = bytes.length - at
  if (left < HEADER) return 0
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER)
  if (header.getUint32(0, true) !== MAGIC) return 0
  const length = header.getUint32(4, true)
  if (length < HEADER || length > left || length % 8 !== 0) return 0
  const count = header.getUint32(12, true)
  if (HEADER + count * 16 + header.getUint32(20, true) > length) return 0
  return crc32(bytes.subarray(at + 12, at + length)) === header.getUint32(8, true) ? length : 0
}

// A cut-off entry promises more than there is; after a power loss the missing part may also be zeros.
function isTorn(bytes: Uint8Array, at: number): boolean {
  const left = bytes.length - at
  if (left < HEADER) return true
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER)
  if (header.getUint32(0, true) === MAGIC && header.getUint32(4, true) > left) return true
  return bytes.subarray(at).every((byte) => byte === 0)
}
