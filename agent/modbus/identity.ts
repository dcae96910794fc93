// What a Modbus device says it is: device identification (function 43/14) and, where it was asked for, its server id (function 17).
// The loop over the parts of an answer is ours and bounded; each part goes through the budget and the guard like a read.
import { ModbusFault } from './fault.ts'

/** Names of objects 0 to 6 (Modbus Application Protocol 1.1b3, 6.21), and of the answer to function 17. */
const OBJECTS = ['vendor', 'product', 'revision', 'url', 'productName', 'model', 'application'] as const
export type IdentityPart = (typeof OBJECTS)[number] | 'serverId'
/** Cleaned text of the device by part; parts that the device does not have are absent. */
export type Identity = Partial<Record<IdentityPart, string>>

// Modbus Application Protocol 1.1b3, 6.21: code 2 asks for the regular objects, which the basic ones belong to; a device that has
// less answers with what it has.
const REGULAR = 2
const HEAD = 7
export const MOST_ROUNDS = 16
const MOST_OBJECTS = 64
const MOST_BYTES = 4096
// What one detail of a device event may hold.
const MOST_CHARACTERS = 300

/** Sends one request of function 43/14 and gives the PDU of the reply. */
export type AskPart = (objectId: number) => Promise<Buffer>

/** Rejects with ModbusFault: what `ask` rejects with, or what is wrong with an answer. */
export async function readIdentification(ask: AskPart, place: string): Promise<Identity> {
  const identity: Identity = {}
  let from = 0
  let objects = 0
  let bytes = 0
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const part = partOf(await ask(from), from, place)
    for (const { id, value } of part.objects) {
      objects++
      bytes += value.length
      if (objects > MOST_OBJECTS || bytes > MOST_BYTES) throw wrong(place, `more than ${MOST_OBJECTS} objects or ${MOST_BYTES} bytes`)
      const name = OBJECTS[id]
      if (name !== undefined && value.length > 0) identity[name] = textOf(value)
    }
    if (part.next === undefined) return identity
    from = part.next
  }
  throw wrong(place, `no end after ${MOST_ROUNDS} parts`)
}

interface Part {
  objects: { id: number; value: Buffer }[]
  /** Where the next part begins. */
  next: number | undefined
}

/** One reply to a request from object `from` on; ids grow within it and over all of them, so the loop cannot go round. */
export function partOf(pdu: Buffer, from: number, place: string): Part {
  if (pdu.length < HEAD) throw wrong(place, `a part of ${pdu.length} bytes`)
  const [functionCode, mei, code, , moreFollows, next = 0, count = 0] = pdu
  if (functionCode !== 43 || mei !== 14 || code !== REGULAR) throw wrong(place, `function ${functionCode}/${mei} with code ${code}`)
  if (moreFollows !== 0 && moreFollows !== 0xff) throw wrong(place, `"more follows" of ${moreFollows}`)
  const objects: Part['objects'] = []
  let at = HEAD
  let least = from
  // The example of the norm counts the objects of all parts in each part, so there may be fewer in this one.
  while (at < pdu.length) {
    const id = pdu[at] ?? 0
    const length = pdu[at + 1]
    if (length === undefined || at + 2 + length > pdu.length) throw wrong(place, `object ${id} is longer than its part`)
    if (id < least) throw wrong(place, `object ${id} where ${least} or a higher one is due`)
    if (objects.length === count) throw wrong(place, `more than the ${count} objects that were told`)
    objects.push({ id, value: pdu.subarray(at + 2, at + 2 + length) })
    least = id + 1
    at += 2 + length
  }
  if (moreFollows === 0) return { objects, next: undefined }
  if (objects.length === 0 || next < least) throw wrong(place, `the next part at object ${next} where ${least} or a higher one is due`)
  return { objects, next }
}

/** The answer to function 17 (Modbus Application Protocol 1.1b3, 6.13): only its length is common to all devices. */
export function serverIdOf(pdu: Buffer): string {
  return textOf(pdu.subarray(2))
}

/** What differs, or undefined when nothing does. */
export function changed(before: Identity, after: Identity): IdentityPart[] | undefined {
  const parts = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(isPart).filter((part) => before[part] !== after[part])
  return parts.length === 0 ? undefined : parts
}

function isPart(name: string): name is IdentityPart {
  return name === 'serverId' || OBJECTS.some((object) => object === name)
}

// Text when the device means text, else hexadecimal digits: a peer's bytes go into events and pages.
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8').replace(/[\0 ]+$/, '')
  const clean = text !== '' && !/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\uFFFD\u2028\u2029]/u.test(text)
  const whole = clean ? text : `0x${bytes.toString('hex')}`
  return whole.length <= MOST_CHARACTERS ? whole : `${whole.slice(0, MOST_CHARACTERS - 1)}…`
}

function wrong(place: string, what: string): ModbusFault {
  return new ModbusFault('MODBUS_UNEXPECTED_REPLY', `identification: ${what}`, { place })
}
