// Answers one Modbus request on a register image (Modbus Application Protocol V1.1b3). No sockets: the server, the
// operator and the offline mode all come through here. It works on bytes in place, because it runs for every request.
import type { RegisterImage } from './register-image.ts'

export const ILLEGAL_FUNCTION = 1
export const ILLEGAL_ADDRESS = 2
export const ILLEGAL_VALUE = 3
export const DEVICE_BUSY = 6
export const GATEWAY_NO_RESPONSE = 11

export const MAX_PDU_BYTES = 253

// 6.1 to 6.17 of the protocol: how many may be asked for at once.
const MAX_READ_BITS = 2000
const MAX_READ_WORDS = 125
const MAX_WRITE_BITS = 1968
const MAX_WRITE_WORDS = 123
const MAX_EXCHANGED_WORDS = 121

/** Reads the request in input[at .. at + length), writes the reply to output[to ..) and gives its length. */
export function answerPdu(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const code = input[at] ?? 0
  switch (code) {
    case 1:
    case 2:
      return readBits(image, input, at, length, output, to)
    case 3:
    case 4:
      return readWords(image, input, at, length, output, to)
    case 5:
    case 6:
      return writeOne(image, input, at, length, output, to)
    case 15:
      return writeBits(image, input, at, length, output, to)
    case 16:
      return writeWords(image, input, at, length, output, to)
    case 22:
      return maskWord(image, input, at, length, output, to)
    case 23:
      return exchangeWords(image, input, at, length, output, to)
    default:
      return refuse(code, ILLEGAL_FUNCTION, output, to)
  }
}

export function refuse(code: number, exception: number, output: Uint8Array, to: number): number {
  output[to] = (code | 0x80) & 0xff
  output[to + 1] = exception
  return 2
}

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

function readBits(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const code = input[at] ?? 0
  const address = word(input, at + 1)
  const count = word(input, at + 3)
  if (length !== 5 || count < 1 || count > MAX_READ_BITS) return refuse(code, ILLEGAL_VALUE, output, to)
  const table = code === 1 ? 'coils' : 'discreteInputs'
  if (!image.has(table, address, count)) return refuse(code, ILLEGAL_ADDRESS, output, to)
  const bits = image[table]
  const bytes = (count + 7) >> 3
  output[to] = code
  output[to + 1] = bytes
  output.fill(0, to + 2, to + 2 + bytes)
  for (let i = 0; i < count; i++) if (bits[address + i] === 1) output[to + 2 + (i >> 3)] = (output[to + 2 + (i >> 3)] ?? 0) | (1 << (i & 7))
  return 2 + bytes
}

function readWords(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const code = input[at] ?? 0
  const address = word(input, at + 1)
  const count = word(input, at + 3)
  if (length !== 5 || count < 1 || count > MAX_READ_WORDS) return refuse(code, ILLEGAL_VALUE, output, to)
  const table = code === 3 ? 'holdingRegisters' : 'inputRegisters'
  if (!image.has(table, address, count)) return refuse(code, ILLEGAL_ADDRESS, output, to)
  const words = image[table]
  output[to] = code
  output[to + 1] = count * 2
  for (let i = 0; i < count; i++) putWord(output, to + 2 + i * 2, words[address + i] ?? 0)
  return 2 + count * 2
}

function writeOne(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const code = input[at] ?? 0
  const address = word(input, at + 1)
  const value = word(input, at + 3)
  if (length !== 5 || (code === 5 && value !== 0 && value !== 0xff00)) return refuse(code, ILLEGAL_VALUE, output, to)
  const table = code === 5 ? 'coils' : 'holdingRegisters'
  if (!image.has(table, address, 1)) return refuse(code, ILLEGAL_ADDRESS, output, to)
  image[table][address] = code === 5 ? value >> 15 : value
  output[to] = code
  putWord(output, to + 1, address)
  putWord(output, to + 3, value)
  return 5
}

function writeBits(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const address = word(input, at + 1)
  const count = word(input, at + 3)
  const bytes = (count + 7) >> 3
  if (length < 6 || count < 1 || count > MAX_WRITE_BITS || input[at + 5] !== bytes || length !== 6 + bytes)
    return refuse(15, ILLEGAL_VALUE, output, to)
  if (!image.has('coils', address, count)) return refuse(15, ILLEGAL_ADDRESS, output, to)
  for (let i = 0; i < count; i++) image.coils[address + i] = ((input[at + 6 + (i >> 3)] ?? 0) >> (i & 7)) & 1
  return confirm(15, address, count, output, to)
}

function writeWords(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const address = word(input, at + 1)
  const count = word(input, at + 3)
  if (length < 6 || count < 1 || count > MAX_WRITE_WORDS || input[at + 5] !== count * 2 || length !== 6 + count * 2)
    return refuse(16, ILLEGAL_VALUE, output, to)
  if (!image.has('holdingRegisters', address, count)) return refuse(16, ILLEGAL_ADDRESS, output, to)
  for (let i = 0; i < count; i++) image.holdingRegisters[address + i] = word(input, at + 6 + i * 2)
  return confirm(16, address, count, output, to)
}

function maskWord(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const address = word(input, at + 1)
  const [and, or] = [word(input, at + 3), word(input, at + 5)]
  if (length !== 7) return refuse(22, ILLEGAL_VALUE, output, to)
  if (!image.has('holdingRegisters', address, 1)) return refuse(22, ILLEGAL_ADDRESS, output, to)
  image.holdingRegisters[address] = ((image.holdingRegisters[address] ?? 0) & and) | (or & ~and)
  for (let i = 0; i < 7; i++) output[to + i] = input[at + i] ?? 0
  return 7
}

// 6.17 of the protocol: the write comes before the read.
function exchangeWords(image: RegisterImage, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number): number {
  const [from, count] = [word(input, at + 1), word(input, at + 3)]
  const [address, written] = [word(input, at + 5), word(input, at + 7)]
  const legal = count >= 1 && count <= MAX_READ_WORDS && written >= 1 && written <= MAX_EXCHANGED_WORDS
  if (length < 10 || !legal || input[at + 9] !== written * 2 || length !== 10 + written * 2) return refuse(23, ILLEGAL_VALUE, output, to)
  const words = image.holdingRegisters
  if (!image.has('holdingRegisters', from, count) || !image.has('holdingRegisters', address, written))
    return refuse(23, ILLEGAL_ADDRESS, output, to)
  for (let i = 0; i < written; i++) words[address + i] = word(input, at + 10 + i * 2)
  output[to] = 23
  output[to + 1] = count * 2
  for (let i = 0; i < count; i++) putWord(output, to + 2 + i * 2, words[from + i] ?? 0)
  return 2 + count * 2
}

function confirm(code: number, address: number, count: number, output: Uint8Array, to: number): number {
  output[to] = code
  putWord(output, to + 1, address)
  putWord(output, to + 3, count)
  return 5
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value
}
