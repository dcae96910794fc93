// A column of plant values in few bytes, always exact. Plant values are mostly whole counts with a decimal scale, then
// floats of 32 bits, then a few distinct numbers of any kind; what is none of these is kept as it is.
import { type ByteReader, BytesFault, type ByteWriter } from './bytes.ts'
import { packIntegers, unpackIntegers } from './packed.ts'

const DECIMAL = 0
const DISTINCT = 1
const FLOAT32 = 2
const FLOAT64 = 3

const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
const MAX_COUNT = 2 ** 49
// 3 × 0.1 is one step beside the double nearest to 0.3: a scaled count may miss its decimal by a few steps.
const MAX_STEPS = 4

const float64 = new Float64Array(1)
const halves = new Int32Array(float64.buffer)
const float32 = new Float32Array(1)
const single = new Int32Array(float32.buffer)

let integers = new Float64Array(1024)
let extras = new Float64Array(1024)

/** The values must be finite and not minus zero. */
export function packNumbers(out: ByteWriter, values: Float64Array, count: number): void {
  if (integers.length < count) {
    integers = new Float64Array(count * 2)
    extras = new Float64Array(count * 2)
  }
  if (packDecimal(out, values, count) || packDistinct(out, values, count) || packFloat32(out, values, count)) return
  packFloat64(out, values, count)
}

export function unpackNumbers(input: ByteReader, values: Float64Array, count: number): void {
  const form = input.byte()
  if (form === DECIMAL) unpackDecimal(input, values, count)
  else if (form === DISTINCT) unpackDistinct(input, values, count)
  else if (form === FLOAT32) unpackFloat32(input, values, count)
  else if (form === FLOAT64) unpackFloat64(input, values, count)
  else throw new BytesFault(`a column of numbers has the unknown form ${form}`)
}

function packDeltas(out: ByteWriter, column: Float64Array, count: number): void {
  const first = count === 0 ? 0 : (column[0] as number)
  out.signed(first)
  for (let i = count - 1; i > 0; i--) column[i] = (column[i] as number) - (column[i - 1] as number)
  column[0] = 0
  packIntegers(out, column, count, 0)
}

function unpackDeltas(input: ByteReader, column: Float64Array, count: number): void {
  let sum = input.signed()
  unpackIntegers(input, column, count)
  for (let i = 0; i < count; i++) {
    sum += column[i] as number
    column[i] = sum
  }
}

// With the fewest decimals, at most six, that make all values whole counts; false when none do.
function packDecimal(out: ByteWriter, values: Float64Array, count: number): boolean {
  let digits = 0
  let power = 1
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    const whole = Math.round(value * power)
    const steps = whole / power === value ? 0 : stepsBetween(whole / power, value)
    if (Math.abs(steps) <= MAX_STEPS && Math.abs(whole) <= MAX_COUNT) {
      // Adding zero turns the minus zero of a rounded small negative into zero.
      integers[i] = whole + 0
      extras[i] = steps
      continue
    }
    if (++digits === POWERS.length) return false
    power = POWERS[digits] as number
    i = -1
  }
  out.byte(DECIMAL)
  out.byte(digits)
  packDeltas(out, integers, count)
  packIntegers(out, extras, count, 0)
  return true
}

function unpackDecimal(input: ByteReader, values: Float64Array, count: number): void {
  const power = POWERS[input.byte()]
  if (power === undefined) throw new BytesFault('a decimal column has too many decimals')
  unpackDeltas(input, values, count)
  const steps = extras.length < count ? new Float64Array(count) : extras
  unpackIntegers(input, steps, count)
  for (let i = 0; i < count; i++) {
    const value = (values[i] as number) / power
    values[i] = steps[i] === 0 ? value : stepped(value, steps[i] as number)
  }
}

// Sorted, so that near values have near ranks.
function packDistinct(out: ByteWriter, values: Float64Array, count: number): boolean {
  const most = Math.min(255, count >> 3)
  const distinct = new Set<number>()
  for (let i = 0; i < count; i++) {
    distinct.add(values[i] as number)
    if (distinct.size > most) return false
  }
  const sorted = Float64Array.from(distinct).sort()
  const ranks = new Map<number, number>()
  for (let rank = 0; rank < sorted.length; rank++) ranks.set(sorted[rank] as number, rank)
  out.byte(DISTINCT)
  out.byte(sorted.length)
  const narrow = sorted.every((value) => Math.fround(value) === value)
  out.byte(narrow ? 4 : 8)
  for (const value of sorted) narrow ? out.f32(value) : out.f64(value)
  for (let i = 0; i < count; i++) integers[i] = ranks.get(values[i] as number) as number
  packDeltas(out, integers, count)
  return true
}

function unpackDistinct(input: ByteReader, values: Float64Array, count: number): void {
  const sorted = new Float64Array(input.byte())
  const narrow = input.byte() === 4
  for (let rank = 0; rank < sorted.length; rank++) sorted[rank] = narrow ? input.f32() : input.f64()
  unpackDeltas(input, values, count)
  for (let i = 0; i < count; i++) {
    const value = sorted[values[i] as number]
    if (value === undefined) throw new BytesFault('a column names a value that is not in its list')
    values[i] = value
  }
}

function packFloat32(out: ByteWriter, values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    float32[0] = value
    if (float32[0] !== value) return false
    const bits = single[0] as number
    // Negative floats count downwards, so that the integers are in the order of the values.
    integers[i] = bits >= 0 ? bits : -(bits & 0x7fffffff)
  }
  out.byte(FLOAT32)
  packDeltas(out, integers, count)
  return true
}

function unpackFloat32(input: ByteReader, values: Float64Array, count: number): void {
  unpackDeltas(input, values, count)
  for (let i = 0; i < count; i++) {
    const ordered = values[i] as number
    single[0] = ordered >= 0 ? ordered : -ordered | 0x80000000
    values[i] = float32[0] as number
  }
}

function packFloat64(out: ByteWriter, values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    float64[0] = values[i] as number
    extras[i] = (halves[0] as number) >>> 0
    integers[i] = halves[1] as number
  }
  out.byte(FLOAT64)
  packDeltas(out, integers, count)
  for (let i = 0; i < count; i++) out.u32(extras[i] as number)
}

function unpackFloat64(input: ByteReader, values: Float64Array, count: number): void {
  unpackDeltas(input, values, count)
  for (let i = 0; i < count; i++) {
    halves[0] = input.u32()
    halves[1] = values[i] as number
    values[i] = float64[0] as number
  }
}

// How many doubles it is from one value to another of the same sign; large when they are far apart. Zero has no sign to go by.
function stepsBetween(from: number, to: number): number {
  if (from === 0) return Number.POSITIVE_INFINITY
  float64[0] = from
  const low = (halves[0] as number) >>> 0
  const high = halves[1] as number
  float64[0] = to
  return ((halves[1] as number) - high) * 0x100000000 + ((halves[0] as number) >>> 0) - low
}

function stepped(value: number, steps: number): number {
  float64[0] = value
  const low = ((halves[0] as number) >>> 0) + steps
  halves[0] = low
  halves[1] = (halves[1] as number) + Math.floor(low / 0x100000000)
  return float64[0] as number
}
