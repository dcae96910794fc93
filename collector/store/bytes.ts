// Bytes that are written and read from front to back: a growing writer and a reader that never reads past its end.

export class BytesFault extends Error {
  readonly code = 'BYTES_FAULT'
  constructor(message: string) {
    super(message)
    this.name = 'BytesFault'
  }
}

const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { fatal: true })

export class ByteWriter {
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  clear(): void {
    this.#length = 0
  }

  /** A view of what was written, valid until more is. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = value
  }

  /** Any integer from 0 to 2^53 - 1, seven bits to a byte, the lowest first. */
  varint(value: number): void {
    this.#room(8)
    let rest = value
    while (rest > 0x7fffffff) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  /** Any integer from -2^52 to 2^52 - 1. */
  signed(value: number): void {
    this.varint(zigzag(value))
  }

  u32(value: number): void {
    this.#room(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  putU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true)
  }

  f32(value: number): void {
    this.#room(4)
    this.#view.setFloat32(this.#length, value, true)
    this.#length += 4
  }

  f64(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  text(text: string): void {
    const bytes = utf8Encoder.encode(text)
    this.varint(bytes.length)
    this.raw(bytes)
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.#bytes[this.#step(1)] ?? 0
  }

  varint(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
    }
    throw new BytesFault('a number is longer than 53 bits')
  }

  signed(): number {
    return unzigzag(this.varint())
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true)
  }

  f32(): number {
    return this.#view.getFloat32(this.#step(4), true)
  }

  f64(): number {
    return this.#view.getFloat64(this.#step(8), true)
  }

  /** A view into the bytes, not a copy. */
  raw(length: number): Uint8Array {
    const start = this.#step(length)
    return this.#bytes.subarray(start, start + length)
  }

  text(): string {
    const bytes = this.raw(this.varint())
    try {
      return utf8Decoder.decode(bytes)
    } catch {
      throw new BytesFault('a text is not UTF-8')
    }
  }

  #step(length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start) throw new BytesFault(`${length} bytes wanted, ${this.#bytes.length - start} left`)
    this.#at = start + length
    return start
  }
}

// Small numbers of either sign become small numbers: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)
export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
