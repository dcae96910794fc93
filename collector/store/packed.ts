// A column of integers in as few bits as its blocks need: each block of 128 takes the width that makes it smallest,
// and the few numbers that are wider follow as exceptions (patched frame of reference).
import { type ByteReader, BytesFault, type ByteWriter, unzigzag, zigzag } from './bytes.ts'

const BLOCK = 128
const EXCEPTIONS = 0x40
const WIDTH = 0x3f
const ALL_EQUAL = 0
const BLOCKS = 1

// Scratch for one block; packing is synchronous, so one is enough for all.
const lows = new Uint32Array(BLOCK)
const words = new Uint32Array(BLOCK + 1)
const wordBytes = new Uint8Array(words.buffer)
const widths = new Uint32Array(54)

/** The numbers must be integers within 2^51 of zero, and base too; numbers near base cost least. */
export function packIntegers(out: ByteWriter, column: Float64Array, count: number, base: number): void {
  out.signed(base)
  let equal = true
  for (let i = 0; i < count && equal; i++) equal = column[i] === base
  out.byte(equal ? ALL_EQUAL : BLOCKS)
  if (equal) return
  for (let start = 0; start < count; start += BLOCK) packBlock(out, column, start, Math.min(BLOCK, count - start), base)
}

export function unpackIntegers(input: ByteReader, column: Float64Array, count: number): void {
  const base = input.signed()
  const form = input.byte()
  if (form === ALL_EQUAL) column.fill(base, 0, count)
  else if (form === BLOCKS)
    for (let start = 0; start < count; start += BLOCK) unpackBlock(input, column, start, Math.min(BLOCK, count - start), base)
  else throw new BytesFault(`a packed column has the unknown form ${form}`)
}

function packBlock(out: ByteWriter, column: Float64Array, start: number, count: number, base: number): void {
  widths.fill(0)
  for (let i = 0; i < count; i++) {
    const distance = (column[start + i] as number) - base
    if (distance <= 0x3fffffff && distance >= -0x40000000) {
      const low = (distance << 1) ^ (distance >> 31)
      lows[i] = low
      countWidth(32 - Math.clz32(low))
    } else {
      const number = zigzag(distance)
      lows[i] = number % 0x100000000
      countWidth(number > 0xffffffff ? 64 - Math.clz32(number / 0x100000000) : 32 - Math.clz32(number))
    }
  }
  const width = cheapestWidth(count)
  let exceptions = 0
  for (let wide = width + 1; wide < widths.length; wide++) exceptions += widths[wide] as number
  out.byte(exceptions > 0 ? width | EXCEPTIONS : width)
  packBits(out, count, width)
  if (exceptions === 0) return
  out.byte(exceptions)
  const factor = 2 ** width
  for (let i = 0; i < count; i++) {
    const rest = Math.floor(zigzag((column[start + i] as number) - base) / factor)
    if (rest === 0) continue
    out.byte(i)
    out.varint(rest)
  }
}

function countWidth(width: number): void {
  widths[width] = (widths[width] as number) + 1
}

// An exception costs its index and, in bytes of seven bits, what is above the width.
function cheapestWidth(count: number): number {
  let widest = widths.length - 1
  while (widest > 0 && widths[widest] === 0) widest--
  let best = Math.min(widest, 32)
  let bestBytes = Number.POSITIVE_INFINITY
  let exceptions = 0
  let exceptionBytes = 0
  for (let width = widest; width >= 0; width--) {
    if (width <= 32) {
      const bytes = Math.ceil((count * width) / 8) + exceptionBytes
      if (bytes < bestBytes) {
        bestBytes = bytes
        best = width
      }
    }
    exceptions += widths[width] as number
    exceptionBytes = exceptions * (1 + Math.ceil((widest - width + 1) / 7))
  }
  return best
}

function packBits(out: ByteWriter, count: number, width: number): void {
  if (width === 0) return
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1
  let word = 0
  let filled = 0
  let at = 0
  for (let i = 0; i < count; i++) {
    const low = (lows[i] as number) & mask
    word |= low << filled
    filled += width
    if (filled < 32) continue
    words[at++] = word
    filled -= 32
    word = filled === 0 ? 0 : low >>> (width - filled)
  }
  words[at] = word
  out.raw(wordBytes.subarray(0, Math.ceil((count * width) / 8)))
}

function unpackBlock(input: ByteReader, column: Float64Array, start: number, count: number, base: number): void {
  const head = input.byte()
  const width = head & WIDTH
  if (width > 32) throw new BytesFault(`a packed block has the width ${width}`)
  unpackBits(input, column, start, count, width, base)
  if ((head & EXCEPTIONS) === 0) return
  const factor = 2 ** width
  for (let left = input.byte(); left > 0; left--) {
    const index = input.byte()
    if (index >= count) throw new BytesFault(`a packed block of ${count} has an exception at ${index}`)
    const low = zigzag((column[start + index] as number) - base)
    column[start + index] = base + unzigzag(input.varint() * factor + low)
  }
}

function unpackBits(input: ByteReader, column: Float64Array, start: number, count: number, width: number, base: number): void {
  if (width === 0) {
    column.fill(base, start, start + count)
    return
  }
  wordBytes.set(input.raw(Math.ceil((count * width) / 8)))
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1
  let word = words[0] as number
  let used = 0
  let at = 0
  for (let i = start; i < start + count; i++) {
    let number = word >>> used
    used += width
    if (used >= 32) {
      used -= 32
      word = words[++at] as number
      if (used > 0) number |= word << (width - used)
    }
    number &= mask
    column[i] = base + ((number >>> 1) ^ -(number & 1))
  }
}
