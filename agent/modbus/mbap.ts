// The Modbus TCP frame: cuts the byte stream of a peer into replies, and makes the header of a request.
import { ModbusFault } from './fault.ts'
import type { Framing, Reply } from './framing.ts'

const HEADER = 7
// Modbus Messaging on TCP/IP 1.0b, 3.1.3: the length counts the unit id too. The shortest reply is an exception (unit, function,
// code); the longest PDU has 253 bytes.
const SHORTEST = 3
const LONGEST = 254
const NOTHING = Buffer.alloc(0)

// Holds at most one unfinished frame, whatever the peer sends: a header that is wrong throws, and the connection has to go,
// because nobody can say where the next frame begins.
export class MbapFraming implements Framing {
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

  frameOf(transaction: number, unit: number, pdu: Buffer): Buffer {
    const frame = Buffer.allocUnsafe(HEADER + pdu.length)
    frame.writeUInt16BE(transaction, 0)
    frame.writeUInt16BE(0, 2)
    frame.writeUInt16BE(pdu.length + 1, 4)
    frame.writeUInt8(unit, 6)
    pdu.copy(frame, HEADER)
    return frame
  }

  push(chunk: Buffer): Reply[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const replies: Reply[] = []
    let at = 0
    while (bytes.length - at >= HEADER) {
      const protocol = bytes.readUInt16BE(at + 2)
      const length = bytes.readUInt16BE(at + 4)
      if (protocol !== 0 || length < SHORTEST || length > LONGEST) {
        this.clear()
        throw new ModbusFault('MODBUS_BAD_FRAME', `a header with protocol ${protocol} and length ${length}`, { place: this.#place })
      }
      const end = at + HEADER - 1 + length
      if (bytes.length < end) break
      replies.push({ transaction: bytes.readUInt16BE(at), unit: bytes.readUInt8(at + 6), pdu: bytes.subarray(at + HEADER, end) })
      at = end
    }
    // A copy, so that a small rest does not keep a large chunk alive.
    this.#rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at))
    return replies
  }
}
