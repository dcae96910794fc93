// The ASCII frame of serial lines: ':', two hexadecimal characters for each byte of unit, PDU and LRC, CR LF (Modbus over Serial
// Line 1.02, 2.5.2).
import { ModbusFault } from './fault.ts'
import type { Framing, Reply } from './framing.ts'

const COLON = 0x3a
const CR = 0x0d
const LF = 0x0a
// Modbus over Serial Line 1.02, 2.5.2.1: ':', 2 x (unit, at most 253 bytes of PDU, LRC), CR, LF.
const LONGEST = 1 + 2 * 255 + 2
// Unit, function, one byte, LRC.
const SHORTEST_BYTES = 4

// Modbus over Serial Line 1.02, 6.2.1: the two's complement of the sum.
export function lrc(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) sum += byte
  return -sum & 0xff
}

// Stricter than a device, which skips what comes before a ':'. A byte outside a frame is one that nobody asked for, and after it
// a reply cannot be trusted to answer our request.
export class AsciiFraming implements Framing {
  readonly #place: string
  readonly #frame = Buffer.alloc(LONGEST)
  #held = 0

  constructor(place: string) {
    this.#place = place
  }

  get held(): number {
    return this.#held
  }

  clear(): void {
    this.#held = 0
  }

  frameOf(_transaction: number, unit: number, pdu: Buffer): Buffer {
    const bytes = Buffer.concat([Buffer.from([unit]), pdu])
    const text = `:${bytes.toString('hex')}${lrc(bytes).toString(16).padStart(2, '0')}`
    return Buffer.from(`${text.toUpperCase()}\r\n`, 'latin1')
  }

  push(chunk: Buffer): Reply[] {
    const replies: Reply[] = []
    for (const byte of chunk) {
      const reply = this.#take(byte)
      if (reply !== undefined) replies.push(reply)
    }
    return replies
  }

  #take(byte: number): Reply | undefined {
    const before = this.#held === 0 ? undefined : this.#frame[this.#held - 1]
    const fits = before === undefined ? byte === COLON : before === CR ? byte === LF : byte === CR || isHex(byte)
    if (!fits) throw this.#broken(`a byte ${byte} ${this.#held === 0 ? 'outside' : `at place ${this.#held} of`} a frame`)
    if (this.#held === LONGEST) throw this.#broken(`a frame of more than ${LONGEST} characters`)
    this.#frame[this.#held++] = byte
    return byte === LF ? this.#whole() : undefined
  }

  #whole(): Reply {
    const digits = this.#held - 3
    if (digits % 2 !== 0 || digits < 2 * SHORTEST_BYTES) throw this.#broken(`a frame with ${digits} digits`)
    const bytes = Buffer.from(this.#frame.toString('latin1', 1, 1 + digits), 'hex')
    if (lrc(bytes) !== 0) throw this.#broken('a wrong check sum (LRC)')
    this.clear()
    return { transaction: undefined, unit: bytes.readUInt8(0), pdu: bytes.subarray(1, -1) }
  }

  #broken(what: string): ModbusFault {
    this.clear()
    return new ModbusFault('MODBUS_BAD_FRAME', what, { place: this.#place })
  }
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}
