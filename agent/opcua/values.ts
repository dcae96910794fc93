// Turns what an OPC UA server says of a variable into the value and quality of a sample.
import { isBad, UNCERTAIN_OUT_OF_RANGE, UNCERTAIN_PRECISION_LOST } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { DataType, Range } from '#contract/tag.ts'
import { BAD } from './fault.ts'

/** A DataValue as the library gives it (OPC 10000-4, 7.11), seen through what is needed here. */
export interface DataValue {
  value?: { dataType: number; arrayType: number; value?: unknown } | null
  statusCode: { value: number }
  sourceTimestamp?: Date | null
  serverTimestamp?: Date | null
}

export interface ValueForm {
  dataType: DataType
  /** Whether one element of an array is asked for. */
  indexed: boolean
  scale: number
  offset: number
  range?: Range | undefined
}

export interface Decoded {
  value: SampleValue
  quality: number
}

const MAX_TEXT = 500
// The built-in types of OPC 10000-6, 5.1.2.
const BOOLEAN = 1
const INT64 = 8
const UINT64 = 9
const FLOAT = 10
const DOUBLE = 11
const DATE_TIME = 13
const BYTE_STRING = 15
const LOCALIZED_TEXT = 21
const SCALAR = 0

export function decode(from: DataValue, form: ValueForm): Decoded {
  const status = from.statusCode.value >>> 0
  if (isBad(status)) return { value: null, quality: status }
  const { dataType = 0, arrayType = SCALAR, value } = from.value ?? {}
  if (value === null || value === undefined || dataType === 0) return { value: null, quality: BAD.noData.value }
  const element = arrayType === SCALAR ? value : soleElement(value, form.indexed)
  if (element === undefined || element === null) return { value: null, quality: BAD.typeMismatch.value }
  const decoded = form.dataType === 'string' ? asText(element, dataType) : asNumber(element, dataType, form)
  // What the server says of the value counts more than what the agent has to add.
  return status !== 0 && !isBad(decoded.quality) ? { ...decoded, quality: status } : decoded
}

/** Epoch milliseconds, or 0 when the server does not say or says something that is no time of this age. */
export function timeOf(date: Date | null | undefined): number {
  const time = date instanceof Date ? date.getTime() : 0
  return time > 0 && time < 8.64e15 ? Math.trunc(time) : 0
}

// An index range gives an array of one; an array that nobody gave an index for has no one value.
function soleElement(array: unknown, indexed: boolean): unknown {
  if (!indexed || (!Array.isArray(array) && !ArrayBuffer.isView(array))) return undefined
  const elements: ArrayLike<unknown> = Array.isArray(array) ? array : Object.values(array)
  return elements.length === 1 ? elements[0] : undefined
}

function asNumber(element: unknown, dataType: number, { dataType: wanted, scale, offset, range }: ValueForm): Decoded {
  const { raw, exact } = numberOf(element, dataType)
  const value = wanted === 'bool' ? raw : raw * scale + offset
  if (!Number.isFinite(value) || (wanted === 'bool' && value !== 0 && value !== 1)) return { value: null, quality: BAD.typeMismatch.value }
  const outside = range !== undefined && (value < range.low || value > range.high)
  const quality = outside ? UNCERTAIN_OUT_OF_RANGE : exact ? 0 : UNCERTAIN_PRECISION_LOST
  // -0 is 0 in JSON.
  return { value: value === 0 ? 0 : value, quality }
}

function numberOf(element: unknown, dataType: number): { raw: number; exact: boolean } {
  switch (dataType) {
    case BOOLEAN:
      return { raw: element === true ? 1 : 0, exact: true }
    case INT64:
    case UINT64: {
      const raw = Number(bigOf(element, dataType) ?? Number.NaN)
      return { raw, exact: Number.isSafeInteger(raw) }
    }
    case FLOAT:
      return { raw: shortestFloat(Number(element)), exact: true }
    case DATE_TIME:
      return { raw: element instanceof Date ? element.getTime() : Number.NaN, exact: true }
    default:
      return { raw: dataType <= DOUBLE && typeof element === 'number' ? element : Number.NaN, exact: true }
  }
}

// The library gives 64-bit integers as their two halves, the high one first.
function bigOf(element: unknown, dataType: number): bigint | undefined {
  if (!Array.isArray(element) || element.length !== 2) return undefined
  const [high, low] = element
  if (!Number.isInteger(high) || !Number.isInteger(low)) return undefined
  const whole = (BigInt.asUintN(32, BigInt(high)) << 32n) | BigInt.asUintN(32, BigInt(low))
  return dataType === INT64 ? BigInt.asIntN(64, whole) : whole
}

// 3.14 in 32 bits is 3.140000104904175 in 64; the shortest number that is the same in 32 bits is the one that was meant.
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

function asText(element: unknown, dataType: number): Decoded {
  const text = textOf(element, dataType)
  if (text === undefined) return { value: null, quality: BAD.typeMismatch.value }
  return text.length <= MAX_TEXT ? { value: text, quality: 0 } : { value: cut(text, MAX_TEXT), quality: UNCERTAIN_PRECISION_LOST }
}

function textOf(element: unknown, dataType: number): string | undefined {
  if (typeof element === 'string') return element
  if (dataType === INT64 || dataType === UINT64) return bigOf(element, dataType)?.toString()
  if (dataType === FLOAT) return String(shortestFloat(Number(element)))
  if (typeof element === 'number' || typeof element === 'boolean') return String(element)
  if (element instanceof Date) return Number.isNaN(element.getTime()) ? undefined : element.toISOString()
  if (dataType === BYTE_STRING) return Buffer.isBuffer(element) ? element.subarray(0, MAX_TEXT).toString('hex') : undefined
  if (typeof element !== 'object' || element === null) return undefined
  if (dataType === LOCALIZED_TEXT && 'text' in element) return typeof element.text === 'string' ? element.text : undefined
  // NodeIds, StatusCodes and qualified names say themselves as text; structures have none.
  return dataType < LOCALIZED_TEXT ? String(element) : undefined
}

/** The text, at most so many UTF-16 units long, without half a character at its end. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const end = /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most
  return text.slice(0, end)
}
