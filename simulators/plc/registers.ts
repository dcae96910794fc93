// How a value lies in registers. Written for the PLC's side alone: the agent has a decoder of its own, so that one
// mistake cannot hide in both.
import type { RegisterImage } from './register-image.ts'

export interface Register {
  readonly table: 'inputRegisters' | 'holdingRegisters'
  readonly address: number
  /** uint32-swapped: the low word comes first (CDAB). */
  readonly format: 'uint16' | 'int16' | 'float32' | 'uint32-swapped'
  /** What one count stands for. */
  readonly scale: number
}

const scratch = new DataView(new ArrayBuffer(4))

export function putValue(image: RegisterImage, register: Register, value: number): void {
  const words = image[register.table]
  const [first, second] = wordsOf(register, value)
  words[register.address] = first
  if (second !== null) words[register.address + 1] = second
}

export function takeValue(image: RegisterImage, register: Register): number {
  const words = image[register.table]
  const first = words[register.address] ?? 0
  const second = words[register.address + 1] ?? 0
  switch (register.format) {
    case 'uint16':
      return first * register.scale
    case 'int16':
      return ((first << 16) >> 16) * register.scale
    case 'uint32-swapped':
      return (second * 0x1_0000 + first) * register.scale
    case 'float32':
      scratch.setUint32(0, first * 0x1_0000 + second)
      return scratch.getFloat32(0) * register.scale
  }
}

/** What stands in one register for a value, bounded to what the format can hold. */
export function countOf(register: Register, value: number): number {
  return wordsOf(register, value)[0]
}

function wordsOf({ format, scale }: Register, value: number): [number, number | null] {
  const count = Number.isFinite(value) ? Math.round(value / scale) : 0
  switch (format) {
    case 'uint16':
      return [Math.min(0xffff, Math.max(0, count)), null]
    case 'int16':
      return [Math.min(0x7fff, Math.max(-0x8000, count)) & 0xffff, null]
    case 'uint32-swapped': {
      const bounded = Math.min(0xffff_ffff, Math.max(0, count))
      return [bounded & 0xffff, Math.floor(bounded / 0x1_0000)]
    }
    case 'float32': {
      scratch.setFloat32(0, value / scale)
      return [scratch.getUint16(0), scratch.getUint16(2)]
    }
  }
}
