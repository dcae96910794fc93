// `penstock agent decode`: one block of registers in every type and byte order, to find out how a device means it.
import { type Language, pick } from '#contract/language.ts'
import { isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import { type Outcome, type Say, sayIn, UsageFault } from '#runtime/command-line.ts'
import { type Cell, consoleTable } from '#runtime/console-table.ts'
import { BYTE_ORDERS, type ByteOrder, decoderOf, type ValueType, widthOf } from '../modbus/registers.ts'
import type { DecodeResult } from './results.ts'

export interface DecodeOptions {
  hex: readonly string[]
  registers?: string
  at?: number
  like?: number
  language: Language
}

type DecodedReading = DecodeResult['readings'][number]

// What one request can bring (Modbus Application Protocol 1.1b3, 6.3).
const MOST_REGISTERS = 125
const NUMBER_TYPES = ['int16', 'uint16', 'bcd16', 'int32', 'uint32', 'bcd32', 'float32', 'int64', 'uint64', 'float64'] as const
// In one register a float is not told from its words, so only the order of the bytes counts.
const ORDERS_OF_ONE: readonly ByteOrder[] = ['ABCD', 'BADC']

export function decode({ hex, registers, at = 0, like, language }: DecodeOptions): Outcome {
  const bytes = registers === undefined ? bytesOfHex(hex.join(' ')) : bytesOfNumbers(registers, hex)
  const count = bytes.length / 2
  if (at + count > 0x10000) throw new UsageFault('超出地址 65535', 'goes beyond address 65535')
  const readings = Array.from({ length: count }, (_, i) => readingsAt(bytes, i, at, like)).flat()
  const words = Array.from({ length: count }, (_, i) => bytes.readUInt16BE(2 * i))
  const data: DecodeResult = { at, registers: words, readings: [...readings, ...texts(bytes, at)] }
  return { text: tableOf(data, like, sayIn(language), language), data, trouble: false }
}

function bytesOfHex(text: string): Buffer {
  const digits = text.replace(/0x/gi, '').replace(/[\s,:_-]/g, '')
  if (digits === '') throw new UsageFault('请给出十六进制字节，或 --registers', 'give bytes in hex, or --registers')
  if (!/^[0-9a-f]+$/i.test(digits)) throw new UsageFault('含有非十六进制字符', 'holds characters that are not hex')
  if (digits.length % 4 !== 0)
    throw new UsageFault(
      `每个寄存器 4 位十六进制数，共给出 ${digits.length} 位`,
      `a register has 4 hex digits; ${digits.length} were given`
    )
  return bounded(Buffer.from(digits, 'hex'))
}

function bytesOfNumbers(text: string, hex: readonly string[]): Buffer {
  if (hex.length > 0) throw new UsageFault('十六进制字节与 --registers 只能给出其一', 'give bytes in hex or --registers, not both')
  const words = text.split(',').map((word) => word.trim())
  const wrong = words.find((word) => !/^-?\d{1,5}$/.test(word) || Number(word) > 0xffff || Number(word) < -0x8000)
  if (wrong !== undefined) throw new UsageFault(`寄存器值 ${wrong} 应为 -32768 至 65535`, `register ${wrong} must be from -32768 to 65535`)
  const bytes = Buffer.alloc(2 * words.length)
  for (const [i, word] of words.entries()) bytes.writeUInt16BE(Number(word) & 0xffff, 2 * i)
  return bounded(bytes)
}

function bounded(bytes: Buffer): Buffer {
  if (bytes.length <= 2 * MOST_REGISTERS) return bytes
  throw new UsageFault(`最多 ${MOST_REGISTERS} 个寄存器`, `at most ${MOST_REGISTERS} registers`)
}

function readingsAt(bytes: Buffer, index: number, at: number, like: number | undefined): DecodedReading[] {
  return NUMBER_TYPES.flatMap((type) => {
    const width = widthOf({ type })
    if (2 * (index + width) > bytes.length) return []
    const orders = width === 1 ? ORDERS_OF_ONE : BYTE_ORDERS
    return orders.map((order) => readingOf({ bytes, index, address: at + index, type, order, like }))
  })
}

interface OneReading {
  bytes: Buffer
  index: number
  address: number
  type: ValueType
  order: ByteOrder
  like: number | undefined
}

function readingOf({ bytes, index, address, type, order, like }: OneReading): DecodedReading {
  const { value, quality } = decoderOf({ type, order })(bytes, 2 * index)
  const place = `${address} ${type}${order === 'ABCD' ? '' : ` ${order}`}`
  const base = { address, type, order, value: isBad(quality) ? null : value, place }
  if (like === undefined || typeof base.value !== 'number') return { ...base, plausible: isOrdinary(base.value, type) }
  const scale = scaleTo(base.value, like)
  return scale === undefined ? { ...base, plausible: false } : { ...base, plausible: true, scale }
}

// Numbers of a plant lie between a millionth and a thousand million; anything else is more likely bytes in the wrong order.
function isOrdinary(value: SampleValue, type: ValueType): boolean {
  if (typeof value !== 'number') return false
  if (value === 0) return true
  const size = Math.abs(value)
  if (type.startsWith('float')) return size >= 1e-6 && size < 1e9
  return type.endsWith('16') || size < 1e9
}

// Devices send 21.5 as 215 or 2150: powers of ten that makers use, and a hundredth of the value as leeway.
const SCALES = [1, 0.1, 0.01, 0.001, 0.0001, 10, 100, 1000]
const LEEWAY = 0.01

function scaleTo(value: number, like: number): number | undefined {
  if (like === 0) return value === 0 ? 1 : undefined
  return SCALES.find((scale) => Math.abs(value * scale - like) <= Math.abs(like) * LEEWAY)
}

function texts(bytes: Buffer, at: number): DecodedReading[] {
  return ORDERS_OF_ONE.flatMap((order) => {
    const { value } = decoderOf({ type: 'string', length: bytes.length, order })(bytes, 0)
    const isText = typeof value === 'string' && value.length > 1 && !/\p{Cc}/u.test(value)
    const place = `${at} string:${bytes.length}${order === 'ABCD' ? '' : ` ${order}`}`
    return [{ address: at, type: 'string', order, value: isText ? value : null, plausible: isText && /^[\x20-\x7e]+$/.test(value), place }]
  })
}

function tableOf({ readings }: DecodeResult, like: number | undefined, say: Say, language: Language): string {
  const shown = readings.filter(({ value, type, plausible }) => value !== null && (type !== 'string' || plausible))
  const rows = shown.map(({ address, type, order, value, plausible, scale, place }): (string | Cell)[] => {
    const mark = plausible ? say('可信', 'plausible') : ''
    const note = scale === undefined || scale === 1 ? mark : `${mark}, scale: ${scale}`
    const style = plausible && like !== undefined ? ({ style: 'green' } as const) : {}
    return [
      { text: String(address) },
      { text: type },
      { text: order ?? '' },
      { text: typeof value === 'string' ? JSON.stringify(value) : numberText(value), ...style },
      { text: note, ...style },
      plausible ? { text: `at: holding ${place}`, ...style } : ''
    ]
  })
  const titles = pick(
    {
      zh: ['地址', '类型', '字节序', '数值', '', '写法（表为 holding 时）'],
      en: ['address', 'type', 'order', 'value', '', 'to write (in the holding table)']
    },
    language
  )
  const columns = titles.map((title, i) => ({ title, align: i === 0 || i === 3 ? ('right' as const) : ('left' as const) }))
  return consoleTable({ columns, rows })
}

function numberText(value: SampleValue): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 1e-4 && Math.abs(value) < 1e15 ? String(value) : value.toExponential(4)
}
