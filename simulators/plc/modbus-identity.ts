// What a PLC says of itself: device identification (function 43/14) and server id (function 17), as the Modbus Application
// Protocol V1.1b3 lays them down in 6.21 and 6.13.
import { ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, MAX_PDU_BYTES, refuse } from './modbus-pdu.ts'

export interface Identity {
  readonly vendor: string
  readonly product: string
  readonly revision: string
}

const READ_IDENTIFICATION = 14
const BASIC = 1
const REGULAR = 2
const EXTENDED = 3
const INDIVIDUAL = 4
// Basic and regular objects, as a stream and one by one.
const CONFORMITY = 0x82
const LAST_BASIC = 2
const MORE_FOLLOWS = 0xff
const HEAD_BYTES = 7
const MAX_TEXT_BYTES = 200

/** The objects by id, ready to be sent. */
export type IdentityObjects = readonly (readonly [id: number, text: Buffer])[]

export function objectsOf({ vendor, product, revision }: Identity): IdentityObjects {
  const bytes = (text: string) => Buffer.from(text).subarray(0, MAX_TEXT_BYTES)
  return [
    [0, bytes(vendor)],
    [1, bytes(product)],
    [2, bytes(revision)],
    [4, bytes(product)]
  ]
}

export function answerIdentification(objects: IdentityObjects, pdu: Uint8Array, output: Uint8Array, to: number): number {
  if (pdu[1] !== READ_IDENTIFICATION) return refuse(43, ILLEGAL_FUNCTION, output, to)
  const [, , code = 0, from = 0] = pdu
  if (pdu.length !== 4 || code < BASIC || code > INDIVIDUAL) return refuse(43, ILLEGAL_VALUE, output, to)
  const asked = code === INDIVIDUAL ? objects.filter(([id]) => id === from) : stream(objects, code, from)
  if (asked.length === 0) return refuse(43, ILLEGAL_ADDRESS, output, to)
  let size = HEAD_BYTES
  let sent = 0
  for (const [id, text] of asked) {
    if (size + 2 + text.length > MAX_PDU_BYTES) break
    output[to + size] = id
    output[to + size + 1] = text.length
    output.set(text, to + size + 2)
    size += 2 + text.length
    sent++
  }
  const next = asked[sent]
  output.set([43, READ_IDENTIFICATION, code, CONFORMITY, next === undefined ? 0 : MORE_FOLLOWS, next?.[0] ?? 0, sent], to)
  return size
}

// An id that is not known begins the stream anew; who asks for extended objects gets what there is.
function stream(objects: IdentityObjects, code: number, from: number): IdentityObjects {
  const level = objects.filter(([id]) => code === REGULAR || code === EXTENDED || id <= LAST_BASIC)
  const at = level.findIndex(([id]) => id === from)
  return at < 0 ? level : level.slice(at)
}

export function answerServerId(options: { unit: number; running: boolean; identity: Identity }, output: Uint8Array, to: number): number {
  const { vendor, product, revision } = options.identity
  const text = Buffer.from(`${vendor} ${product} ${revision}`).subarray(0, MAX_TEXT_BYTES)
  output.set([17, 2 + text.length, options.unit, options.running ? 0xff : 0], to)
  output.set(text, to + 4)
  return 4 + text.length
}
