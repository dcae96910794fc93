// A tag as it passes by on the wire: finds its words in the PDUs of a Modbus client and alters them in the format of the map.
import type { RegisterImage } from '../plc/register-image.ts'
import { wordsOf } from '../plc/registers.ts'
import { emptyImageOf, isRegister, readTag, type TagMap, type TagRow, tagNamed, writeTag } from '../plc/tag-map.ts'

const READ_BY = { coils: [1], discreteInputs: [2], holdingRegisters: [3, 23], inputRegisters: [4] } as const

export type Change = (value: number) => number

/** Which part of a PDU carries registers or bits, and from which address on. */
interface Carried {
  first: number
  count: number
  /** Where their bytes begin. */
  at: number
}

export class TagOnWire {
  readonly #row: TagRow
  readonly #words: number
  // What was last seen of the tag, so that a PDU with a part of it is understood too.
  readonly #seen: RegisterImage

  constructor(map: TagMap, tag: string) {
    this.#row = tagNamed(map, tag)
    this.#words = isRegister(this.#row.place) ? wordsOf(this.#row.place) : 1
    this.#seen = emptyImageOf(map)
  }

  /** The reply to a read with the value changed; any other reply as it is. */
  inReply(request: Buffer, reply: Buffer, change: Change): Buffer {
    const { table } = this.#row.place
    const code = request[0] ?? 0
    const bits = table === 'coils' || table === 'discreteInputs'
    if (reply[0] !== code || request.length < 5 || !READ_BY[table].some((known) => known === code)) return reply
    const count = request.readUInt16BE(3)
    const bytes = bits ? (count + 7) >> 3 : count * 2
    if (reply[1] !== (bytes & 0xff) || reply.length !== 2 + bytes) return reply
    return this.#altered(reply, { first: request.readUInt16BE(1), count, at: 2 }, change)
  }

  /** A write with the value changed; any other request as it is. */
  inRequest(request: Buffer, change: Change): Buffer {
    const carried = this.#writes(request)
    return carried === null ? request : this.#altered(request, carried, change)
  }

  /** The confirmation of a write of one coil or register carries the value; this is the one to show in its place. */
  inConfirmation(reply: Buffer, change: Change): Buffer {
    return (reply[0] === 5 || reply[0] === 6) && this.#writes(reply) !== null ? this.inRequest(reply, change) : reply
  }

  // Modbus Application Protocol 1.1b3, 6.5, 6.6, 6.11 and 6.12.
  #writes(pdu: Buffer): Carried | null {
    const code = pdu[0] ?? 0
    const table = code === 5 || code === 15 ? 'coils' : 'holdingRegisters'
    if (![5, 6, 15, 16].includes(code) || pdu.length < 5 || table !== this.#row.place.table) return null
    const first = pdu.readUInt16BE(1)
    if (code === 5 || code === 6) return pdu.length === 5 ? { first, count: 1, at: 3 } : null
    const count = pdu.readUInt16BE(3)
    const bytes = code === 15 ? (count + 7) >> 3 : count * 2
    return pdu.length === 6 + bytes ? { first, count, at: 6 } : null
  }

  #altered(pdu: Buffer, { first, count, at }: Carried, change: Change): Buffer {
    const { table, address } = this.#row.place
    const reached = Array.from({ length: this.#words }, (_, i) => address + i).filter((one) => one >= first && one < first + count)
    if (reached.length === 0) return pdu
    const altered = Buffer.from(pdu)
    const single = table === 'coils' && altered[0] === 5
    const seen = this.#seen[table]
    for (const one of reached) {
      if (single) seen[one] = altered[at] === 0xff ? 1 : 0
      else if (isBits(table)) seen[one] = (altered.readUInt8(at + ((one - first) >> 3)) >> ((one - first) & 7)) & 1
      else seen[one] = altered.readUInt16BE(at + (one - first) * 2)
    }
    writeTag(this.#seen, this.#row, change(readTag(this.#seen, this.#row)))
    for (const one of reached) {
      const value = seen[one] ?? 0
      if (single) altered.writeUInt16BE(value === 1 ? 0xff00 : 0, at)
      else if (isBits(table)) putBit(altered, at + ((one - first) >> 3), (one - first) & 7, value)
      else altered.writeUInt16BE(value, at + (one - first) * 2)
    }
    return altered
  }
}

const isBits = (table: string): boolean => table === 'coils' || table === 'discreteInputs'

function putBit(bytes: Buffer, at: number, bit: number, value: number): void {
  bytes[at] = ((bytes[at] ?? 0) & ~(1 << bit)) | (value << bit)
}
