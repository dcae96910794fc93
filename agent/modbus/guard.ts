// What may be asked of a device, and what an answer to it must look like. The read functions are the whole list: no config key,
// option or environment variable can add one; identification is let through for the units that the config names. Pure.

// Function code -> the most that one request may ask for (Modbus Application Protocol 1.1b3, 6.1 to 6.4).
const READ_FUNCTIONS: ReadonlyMap<number, number> = new Map([
  [1, 2000],
  [2, 2000],
  [3, 125],
  [4, 125]
])
// Modbus Application Protocol 1.1b3, 6.21: MEI type 14 is Read Device Identification; 13 can do anything and is never sent.
const IDENTIFICATION = 43
const MEI_IDENTIFICATION = 14
const SERVER_ID = 17

/** The units that may be asked who they are. */
export interface AllowedIdentity {
  /** By function 43/14. */
  identify: ReadonlySet<number>
  /** By function 17, which some devices answer with a long or odd reply. */
  serverId: ReadonlySet<number>
}

export const NO_IDENTITY: AllowedIdentity = { identify: new Set(), serverId: new Set() }

/** A request that may be sent. */
export interface Admitted {
  unit: number
  pdu: Buffer
  /** What is wrong with a reply, or undefined when it is the kind of reply that the request asked for. */
  wrong(unit: number, pdu: Buffer): string | undefined
}

/** A read; or, as text, why this is none. */
export function admitRead(unit: number, pdu: Buffer): Admitted | string {
  const functionCode = pdu[0] ?? -1
  const most = READ_FUNCTIONS.get(functionCode)
  if (most === undefined) return `function code ${functionCode} is not a read`
  if (pdu.length !== 5) return `a read request of ${pdu.length} bytes`
  const address = pdu.readUInt16BE(1)
  const quantity = pdu.readUInt16BE(3)
  if (quantity < 1 || quantity > most || address + quantity > 0x10000)
    return `${quantity} from address ${address} with function code ${functionCode}`
  const bytes = functionCode <= 2 ? Math.ceil(quantity / 8) : 2 * quantity
  return {
    unit,
    pdu,
    wrong: answerTo(unit, functionCode, (reply) =>
      reply.length === 2 + bytes && reply.readUInt8(1) === bytes
        ? undefined
        : `${bytes} bytes were asked for, the reply says ${reply.readUInt8(1)} and holds ${reply.length - 2}`
    )
  }
}

/** A question who the device is; or, as text, why this is none or may not be asked. */
export function admitIdentity(unit: number, pdu: Buffer, allowed: AllowedIdentity): Admitted | string {
  const [functionCode = -1, mei = -1, level = -1] = pdu
  if (functionCode === SERVER_ID) {
    if (!allowed.serverId.has(unit)) return `function code 17 was not allowed for unit ${unit}`
    if (pdu.length !== 1) return `a request of function code 17 of ${pdu.length} bytes`
    return { unit, pdu, wrong: answerTo(unit, SERVER_ID, wrongServerId) }
  }
  if (functionCode !== IDENTIFICATION) return `function code ${functionCode} is no identification`
  if (mei !== MEI_IDENTIFICATION) return `function code 43 with MEI type ${mei}`
  if (!allowed.identify.has(unit)) return `function code 43/14 was not allowed for unit ${unit}`
  // Basic, regular and extended streams; one request asks for a part of one.
  if (pdu.length !== 4 || level < 1 || level > 3) return `an identification request of ${pdu.length} bytes with code ${level}`
  return { unit, pdu, wrong: answerTo(unit, IDENTIFICATION, wrongIdentification) }
}

// Every answer is for the same unit and function, or an exception of that function.
function answerTo(unit: number, functionCode: number, wrongContent: (pdu: Buffer) => string | undefined): Admitted['wrong'] {
  return (from, pdu) => {
    const code = pdu.readUInt8(0)
    if (from !== unit) return `unit ${unit} was asked, unit ${from} answers`
    if (code === (functionCode | 0x80)) return pdu.length === 2 ? undefined : `an exception of ${pdu.length} bytes`
    if (code !== functionCode) return `function code ${functionCode} was asked, ${code} is answered`
    return wrongContent(pdu)
  }
}

function wrongServerId(pdu: Buffer): string | undefined {
  const bytes = pdu.readUInt8(1)
  return bytes > 0 && pdu.length === 2 + bytes ? undefined : `a server id said to have ${bytes} bytes, with ${pdu.length - 2}`
}

function wrongIdentification(pdu: Buffer): string | undefined {
  return pdu.length >= 7 && pdu.readUInt8(1) === MEI_IDENTIFICATION ? undefined : `an identification of ${pdu.length} bytes`
}
