// Registers to values: every type and byte order, scale and offset, and the quality of what comes out. Pure.
import { isUtf8 } from 'node:buffer'
import { BAD_NO_DATA, BAD_NOT_A_NUMBER, GOOD, UNCERTAIN_OUT_OF_RANGE, UNCERTAIN_PRECISION_LOST } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { DataType, Range } from '#contract/tag.ts'
import { scaling, shortestFloat32 } from './decimal.ts'

// Byte orders by the letters of a 32-bit value 0xAABBCCDD as it lies in two registers. 64-bit values follow the same rule:
// CDAB turns the words round, BADC the bytes of each word, DCBA both. One register knows AB (ABCD, CDAB) and BA (BADC, DCBA).
export const BYTE_ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const
export type ByteOrder = (typeof BYTE_ORDERS)[number]

const BYTES = { int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8, float32: 4, float64: 8, bcd16: 2, bcd32: 4 } as const
type NumberType = keyof typeof BYTES

export const VALUE_TYPES = [
  'bool',
  'bit',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64',
  'string',
  'bcd16',
  'bcd32'
] as const
export type ValueType = (typeof VALUE_TYPES)[number]

export interface ValueForm {
  type: ValueType
  order?: ByteOrder | undefined
  /** With bit: which bit of the register, 0 is the lowest. */
  bit?: number | undefined
  /** With string: how many characters, two in each register. */
  length?: number | undefined
  scale?: number | undefined
  offset?: number | undefined
  range?: Range | undefined
  /** Numbers, before scale and offset, by which the device says that it has no value; with bit, of the whole register. */
  absent?: readonly number[] | undefined
}

export interface Decoded {
  value: SampleValue
  quality: number
}

/** `at` is the place of the first byte; a bool of a coil or discrete input takes one byte, 0 or 1. */
export type Decode = (bytes: Buffer, at: number) => Decoded

const NOT_A_NUMBER: Decoded = { value: null, quality: BAD_NOT_A_NUMBER }
const NO_DATA: Decoded = { value: null, quality: BAD_NO_DATA }

/** How many registers a value takes; a bool takes one coil or discrete input. */
export function widthOf({ type, length = 0 }: ValueForm): number {
  if (type === 'bool' || type === 'bit') return 1
  if (type === 'string') return Math.ceil(length / 2)
  return BYTES[type] / 2
}

export function dataTypeOf({ type, scale = 1, offset = 0 }: ValueForm): DataType {
  if (type === 'bool' || type === 'bit') return 'bool'
  if (type === 'string') return 'string'
  if (type === 'float32' || type === 'float64') return 'float'
  return Number.isInteger(scale) && Number.isInteger(offset) ? 'integer' : 'float'
}

export function decoderOf(form: ValueForm): Decode {
  const { type, order = 'ABCD' } = form
  const swapBytes = order === 'BADC' || order === 'DCBA'
  switch (type) {
    case 'bool':
      return (bytes, at) => ({ value: bytes.readUInt8(at) === 0 ? 0 : 1, quality: GOOD })
    case 'bit': {
      const { bit = 0, absent } = form
      return (bytes, at) => {
        const word = swapBytes ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
        return absent?.includes(word) === true ? NO_DATA : { value: (word >> bit) & 1, quality: GOOD }
      }
    }
    case 'string':
      return (bytes, at) => ({ value: readText(bytes.subarray(at, at + 2 * widthOf(form)), form.length ?? 0, swapBytes), quality: GOOD })
    default:
      return numberDecoder(form, type, order)
  }
}

function numberDecoder({ scale = 1, offset = 0, range, absent }: ValueForm, type: NumberType, order: ByteOrder): Decode {
  const places = placesOf(order, BYTES[type])
  const read = READ[type]
  const scaled = scaling(scale, offset)
  const isInteger = type !== 'float32' && type !== 'float64'
  return (bytes, at) => {
    for (let i = 0; i < places.length; i++) scratch[i] = bytes[at + (places[i] ?? 0)] ?? 0
    const raw = read()
    if (absent?.includes(raw) === true) return NO_DATA
    const value = scaled(raw)
    if (!Number.isFinite(value)) return NOT_A_NUMBER
    let quality = isInteger && !Number.isSafeInteger(raw) ? UNCERTAIN_PRECISION_LOST : GOOD
    if (range !== undefined && (value < range.low || value > range.high)) quality = UNCERTAIN_OUT_OF_RANGE
    // -0 is 0 in JSON; it is made so here, that both sides of the line hold the same.
    return { value: value === 0 ? 0 : value, quality }
  }
}

// Where each byte of the big-endian value lies among the bytes on the wire.
function placesOf(order: ByteOrder, size: number): number[] {
  const swapWords = order === 'CDAB' || order === 'DCBA'
  const swapBytes = order === 'BADC' || order === 'DCBA'
  return Array.from({ length: size }, (_, i) => {
    const word = swapWords ? size / 2 - 1 - (i >> 1) : i >> 1
    return 2 * word + (swapBytes ? 1 - (i & 1) : i & 1)
  })
}

// Decoding is synchronous, so one scratch value serves all decoders.
const scratch = new Uint8Array(8)
const view = new DataView(scratch.buffer)

// High words below 2^21 make safe integers; beyond, the sum is the nearest double and the caller marks it.
const READ: Record<NumberType, () => number> = {
  int16: () => view.getInt16(0),
  uint16: () => view.getUint16(0),
  int32: () => view.getInt32(0),
  uint32: () => view.getUint32(0),
  int64: () => view.getInt32(0) * 0x1_0000_0000 + view.getUint32(4),
  uint64: () => view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4),
  float32: () => shortestFloat32(view.getFloat32(0)),
  float64: () => view.getFloat64(0),
  bcd16: () => readBcd(2),
  bcd32: () => readBcd(4)
}

function readBcd(size: number): number {
  let value = 0
  for (let i = 0; i < size; i++) {
    const byte = scratch[i] ?? 0
    const high = byte >> 4
    const low = byte & 15
    if (high > 9 || low > 9) return Number.NaN
    value = value * 100 + high * 10 + low
  }
  return value
}

// Text ends at the first zero byte; PLCs pad with spaces. What is not UTF-8 is read byte by byte, so nothing is replaced.
function readText(bytes: Buffer, length: number, swapBytes: boolean): string {
  const ordered = swapBytes ? Buffer.from(bytes).swap16() : bytes
  const end = ordered.indexOf(0)
  const text = ordered.subarray(0, Math.min(length, end < 0 ? ordered.length : end))
  return text.toString(isUtf8(text) ? 'utf8' : 'latin1').trimEnd()
}
