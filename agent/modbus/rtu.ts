// The RTU frame of serial lines: unit, PDU, CRC-16 (Modbus over Serial Line 1.02, 2.5.1 and 6.2). A reply does not say how long it
// is, so its length is read off its content; there is one way to do so for each function that the guard lets ask.
import { ModbusFault } from './fault.ts'
import type { Framing, Reply } from './framing.ts'

// Modbus over Serial Line 1.02, 2.5.1: unit, at most 253 bytes of PDU, two of CRC.
const LONGEST = 256
const CRC = 2
const NOTHING = Buffer.alloc(0)

/** The frame with its CRC behind it, low byte first. */
export function rtuFrameOf(unit: number, pdu: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(1 + pdu.length + CRC)
  frame.writeUInt8(unit, 0)
  pdu.copy(frame, 1)
  frame.writeUInt16LE(crc16(frame.subarray(0, 1 + pdu.length)), 1 + pdu.length)
  return frame
}

// What eight steps of the division make of each byte; the polynomial is 0xA001, lowest bit first.
const CRC_OF_BYTE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  return crc
})

export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (let i = 0; i < bytes.length; i++) crc = (crc >> 8) ^ (CRC_OF_BYTE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return crc
}

// Throws at the first byte that no reply can have and on a wrong CRC: on such a line only a pause tells where a frame begins.
export class RtuFraming implements Framing {
  readonly #place: string
  #rest: Buffer = NOTHING

  constructor(place: string) {
    this.#place = place
  }

  get held(): number {
    return this.#rest.length
  }

  clear(): void {
    this.#rest = NOTHING
  }

  frameOf(_transaction: number, unit: number, pdu: Buffer): Buffer {
    return rtuFrameOf(unit, pdu)
  }

  push(chunk: Buffer): Reply[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const replies: Reply[] = []
    let at = 0
    for (;;) {
      const length = pduLength(bytes.subarray(at + 1))
      if (length === 'none') throw this.#broken(`function code ${bytes.readUInt8(at + 1)} in a reply`)
      if (length === undefined) break
      const end = at + 1 + length + CRC
      if (end - at > LONGEST) throw this.#broken(`a reply of ${end - at} bytes`)
      if (bytes.length < end) break
      if (crc16(bytes.subarray(at, end - CRC)) !== bytes.readUInt16LE(end - CRC)) throw this.#broken('a wrong check sum (CRC)')
      replies.push({ transaction: undefined, unit: bytes.readUInt8(at), pdu: bytes.subarray(at + 1, end - CRC) })
      at = end
    }
    this.#rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at))
    return replies
  }

  #broken(what: string): ModbusFault {
    this.clear()
    return new ModbusFault('MODBUS_BAD_FRAME', what, { place: this.#place })
  }
}

/** How long the PDU that begins here is; undefined while too little of it is there, 'none' when it is no reply that we know. */
function pduLength(pdu: Buffer): number | 'none' | undefined {
  const code = pdu[0]
  if (code === undefined) return undefined
  // Modbus Application Protocol 1.1b3, 7: an exception is the function code with the highest bit, and one byte.
  if (code >= 0x80) return 2
  const second = pdu[1]
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 17:
      return second === undefined ? undefined : 2 + second
    case 43:
      return identificationLength(pdu)
    default:
      return 'none'
  }
}

// Modbus Application Protocol 1.1b3, 6.21: seven bytes, the last of them the number of objects; each has an id, a length and bytes.
function identificationLength(pdu: Buffer): number | undefined {
  const objects = pdu[6]
  if (objects === undefined) return undefined
  let at = 7
  for (let i = 0; i < objects; i++) {
    // Too long already: the caller refuses it by this length, without waiting for more.
    if (at > LONGEST - 1 - CRC) return at
    const length = pdu[at + 1]
    if (length === undefined) return undefined
    at += 2 + length
  }
  return at
}
