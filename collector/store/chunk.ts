// A chunk: up to some thousand samples of one series in order of time, as bytes with a checksum. What it holds in sum
// stands beside the bytes, so that a query that needs no single sample need not open it.
import { crc32 } from 'node:zlib'
import { GOOD, isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import { ByteReader, BytesFault, ByteWriter } from './bytes.ts'
import { type Columns, clear, reserve, valueAt } from './columns.ts'
import { packNumbers, unpackNumbers } from './numbers.ts'
import { packIntegers, unpackIntegers } from './packed.ts'

export const MAX_CHUNK_SAMPLES = 1 << 16
const VERSION = 1
const ALL_GOOD = 0
const QUALITIES = 1

export interface ChunkSummary {
  first: number
  last: number
  count: number
  /** How many samples are numbers; minimum, maximum and total are of these. */
  numbers: number
  minimum: number
  maximum: number
  total: number
  worst: number
  lastValue: SampleValue
  lastQuality: number
}

const out = new ByteWriter()
let integers = new Float64Array(2048)
let numbers = new Float64Array(2048)

/** The bytes are valid until the next call. */
export function encodeChunk(columns: Columns): Uint8Array {
  const { count } = columns
  if (count === 0 || count > MAX_CHUNK_SAMPLES) throw new RangeError(`a chunk cannot hold ${count} samples`)
  makeRoom(count)
  out.clear()
  out.u32(0)
  out.byte(VERSION)
  out.varint(count)
  packTimes(columns)
  packQualities(columns)
  packTexts(columns)
  packNumbers(out, numbers, numbersOf(columns))
  const bytes = out.written()
  out.putU32(0, crc32(bytes.subarray(4)))
  return bytes
}

/** Throws BytesFault when the bytes are not what encodeChunk made. */
export function decodeChunk(bytes: Uint8Array, into: Columns): Columns {
  const input = new ByteReader(bytes)
  if (input.u32() !== crc32(bytes.subarray(4))) throw new BytesFault('the checksum of a chunk does not fit')
  const version = input.byte()
  if (version !== VERSION) throw new BytesFault(`a chunk has the unknown version ${version}`)
  const count = input.varint()
  if (count === 0 || count > MAX_CHUNK_SAMPLES) throw new BytesFault(`a chunk claims ${count} samples`)
  makeRoom(count)
  clear(into)
  reserve(into, count)
  into.count = count
  unpackTimes(input, into)
  unpackQualities(input, into)
  unpackTexts(input, into)
  unpackValues(input, into)
  return into
}

export function summarise(columns: Columns): ChunkSummary {
  const { count, times, values, qualities } = columns
  let numberCount = 0
  let minimum = Number.POSITIVE_INFINITY
  let maximum = Number.NEGATIVE_INFINITY
  let total = 0
  let worst = 0
  for (let i = 0; i < count; i++) {
    const quality = qualities[i] as number
    if (quality > worst) worst = quality
    const value = values[i] as number
    if (Number.isNaN(value)) continue
    numberCount++
    total += value
    if (value < minimum) minimum = value
    if (value > maximum) maximum = value
  }
  return {
    first: times[0] as number,
    last: times[count - 1] as number,
    count,
    numbers: numberCount,
    minimum,
    maximum,
    // Not a number when infinities of both signs met; SQLite would make null of it and a later sum zero.
    total: Number.isNaN(total) ? Number.POSITIVE_INFINITY : total,
    worst,
    lastValue: valueAt(columns, count - 1),
    lastQuality: qualities[count - 1] as number
  }
}

function makeRoom(count: number): void {
  if (integers.length >= count) return
  integers = new Float64Array(count * 2)
  numbers = new Float64Array(count * 2)
}

function packTimes({ times, count }: Columns): void {
  out.signed(times[0] as number)
  for (let i = 1; i < count; i++) integers[i - 1] = (times[i] as number) - (times[i - 1] as number)
  packIntegers(out, integers, count - 1, typicalStep(count - 1))
}

function unpackTimes(input: ByteReader, { times, count }: Columns): void {
  let time = input.signed()
  unpackIntegers(input, integers, count - 1)
  times[0] = time
  for (let i = 1; i < count; i++) {
    time += integers[i - 1] as number
    times[i] = time
  }
}

// The middle one of nine: regular times then cost nothing, and jitter costs only its own width.
function typicalStep(count: number): number {
  const first = integers[0] as number
  if (count === 0) return 0
  if (integers[count - 1] === first && integers[count >> 1] === first) return first
  const some: number[] = []
  for (let i = 0; i < 9; i++) some.push(integers[Math.floor((i * (count - 1)) / 8)] as number)
  return some.sort((a, b) => a - b)[4] as number
}

function packQualities({ qualities, count }: Columns): void {
  let good = true
  for (let i = 0; i < count && good; i++) good = qualities[i] === GOOD
  out.byte(good ? ALL_GOOD : QUALITIES)
  if (good) return
  integers[0] = qualities[0] as number
  for (let i = 1; i < count; i++) integers[i] = (qualities[i] as number) - (qualities[i - 1] as number)
  packIntegers(out, integers, count, 0)
}

function unpackQualities(input: ByteReader, { qualities, count }: Columns): void {
  if (input.byte() === ALL_GOOD) {
    qualities.fill(GOOD, 0, count)
    return
  }
  unpackIntegers(input, integers, count)
  let quality = 0
  for (let i = 0; i < count; i++) {
    quality += integers[i] as number
    qualities[i] = quality
  }
}

// Each text once; then for each sample 0 or the number of its text, counted from 1.
function packTexts({ texts, count }: Columns): void {
  const known = new Map<string, number>()
  for (const text of texts.values()) if (!known.has(text)) known.set(text, known.size + 1)
  out.varint(known.size)
  if (known.size === 0) return
  for (const text of known.keys()) out.text(text)
  integers.fill(0, 0, count)
  for (const [at, text] of texts) integers[at] = known.get(text) as number
  packIntegers(out, integers, count, 0)
}

function unpackTexts(input: ByteReader, { texts, count }: Columns): void {
  const size = input.varint()
  if (size === 0) return
  if (size > count) throw new BytesFault(`a chunk of ${count} samples claims ${size} texts`)
  const known: string[] = []
  for (let i = 0; i < size; i++) known.push(input.text())
  unpackIntegers(input, integers, count)
  for (let i = 0; i < count; i++) {
    const number = integers[i] as number
    if (number === 0) continue
    const text = known[number - 1]
    if (text === undefined) throw new BytesFault('a chunk names a text that is not in its list')
    texts.set(i, text)
  }
}

function numbersOf({ values, count }: Columns): number {
  let length = 0
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    if (!Number.isNaN(value)) numbers[length++] = value
  }
  return length
}

// A number stands wherever the sample is not bad and holds no text.
function unpackValues(input: ByteReader, { values, qualities, texts, count }: Columns): void {
  let length = count
  for (let i = 0; i < count; i++) if (isBad(qualities[i] as number)) length--
  length -= texts.size
  unpackNumbers(input, numbers, length)
  if (length === count) {
    values.set(numbers.subarray(0, count))
    return
  }
  let next = 0
  for (let i = 0; i < count; i++) {
    const isNumber = !isBad(qualities[i] as number) && !texts.has(i)
    values[i] = isNumber ? (numbers[next++] as number) : Number.NaN
  }
}
