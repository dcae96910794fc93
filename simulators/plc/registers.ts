// How a value lies in registers. Written for the PLC's side alone: the agent has a decoder of its own, so that one
// mistake cannot hide in both.
import type { RegisterImage } from './register-image.ts'

export const FORMATS = ['uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const
export type Format = (typeof FORMATS)[number]

export interface Register {
  readonly table: 'inputRegisters' | 'holdingRegisters'
  readonly address: number
  readonly format: Format
  /** Of formats longer than a word: the bytes as they come. CDAB has the low word first, BADC the bytes of a word turned round. */
  readonly order?: 'ABCD' | 'CDAB' | 'BADC' | 'DCBA'
  /** What one count stands for. */
  readonly scale: number
  /** What is added to scaled counts. */
  readonly offset?: number
}

const WORDS: Record<Format, 1 | 2 | 4> = { uint16: 1, int16: 1, uint32: 2, int32: 2, float32: 2, float64: 4 }
const LIMITS: Record<Exclude<Format, 'float32' | 'float64'>, readonly [number, number]> = {
  uint16: [0, 0xffff],
  int16: [-0x8000, 0x7fff],
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff]
}

const scratch = new DataView(new ArrayBuffer(8))

/** How many registers the format takes. */
export const wordsOf = ({ format }: Register): number => WORDS[format]

export function putValue(image: RegisterImage, register: Register, value: number): void {
  const words = image[register.table]
  const { address, format } = register
  const count = countsOf(register, value)
  if (WORDS[format] === 1) {
    words[address] = count & 0xffff
    return
  }
  fill(format, count)
  const length = WORDS[format]
  for (let i = 0; i < length; i++) words[address + placeOf(register, i, length)] = turned(register, scratch.getUint16(i * 2))
}

export function takeValue(image: RegisterImage, register: Register): number {
  const words = image[register.table]
  const { address, format, scale, offset = 0 } = register
  const first = words[address] ?? 0
  if (format === 'uint16') return first * scale + offset
  if (format === 'int16') return ((first << 16) >> 16) * scale + offset
  const length = WORDS[format]
  for (let i = 0; i < length; i++) scratch.setUint16(i * 2, turned(register, words[address + placeOf(register, i, length)] ?? 0))
  return taken(format) * scale + offset
}

/** The words that stand for a value, in the order of their addresses, bounded to what the format can hold. */
export function wordsFor(register: Register, value: number): number[] {
  const count = countsOf(register, value)
  const length = WORDS[register.format]
  if (length === 1) return [count & 0xffff]
  fill(register.format, count)
  return Array.from({ length }, (_, i) => turned(register, scratch.getUint16(placeOf(register, i, length) * 2)))
}

function countsOf({ format, scale, offset = 0 }: Register, value: number): number {
  const count = (value - offset) / scale
  if (format === 'float32' || format === 'float64') return count
  const [low, high] = LIMITS[format]
  return Number.isFinite(count) ? Math.min(high, Math.max(low, Math.round(count))) : 0
}

// Turning words round is its own inverse, so that reading and writing share it.
const placeOf = ({ order }: Register, i: number, length: number): number => (order === 'CDAB' || order === 'DCBA' ? length - 1 - i : i)
const turned = ({ order }: Register, word: number): number =>
  order === 'BADC' || order === 'DCBA' ? ((word & 0xff) << 8) | (word >> 8) : word

function fill(format: Format, count: number): void {
  if (format === 'float32') scratch.setFloat32(0, count)
  else if (format === 'float64') scratch.setFloat64(0, count)
  else if (format === 'int32') scratch.setInt32(0, count)
  else scratch.setUint32(0, count)
}

function taken(format: Format): number {
  if (format === 'float32') return scratch.getFloat32(0)
  if (format === 'float64') return scratch.getFloat64(0)
  return format === 'int32' ? scratch.getInt32(0) : scratch.getUint32(0)
}
