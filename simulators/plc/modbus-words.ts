// What a Modbus client says, in words: read and write by address over a link. An exception reply becomes a LinkFault.
import { LinkFault, type ModbusLink } from './modbus-link.ts'

export async function readWords(link: ModbusLink, code: 3 | 4, address: number, count: number): Promise<number[]> {
  const reply = await ask(link, code, [code, ...word(address), ...word(count)])
  if (reply[1] !== count * 2 || reply.length !== 2 + count * 2) throw malformed(code)
  return Array.from({ length: count }, (_, i) => reply.readUInt16BE(2 + i * 2))
}

export async function readBits(link: ModbusLink, code: 1 | 2, address: number, count: number): Promise<boolean[]> {
  const reply = await ask(link, code, [code, ...word(address), ...word(count)])
  if (reply.length !== 2 + ((count + 7) >> 3)) throw malformed(code)
  return Array.from({ length: count }, (_, i) => ((reply.readUInt8(2 + (i >> 3)) >> (i & 7)) & 1) === 1)
}

export async function writeCoil(link: ModbusLink, address: number, on: boolean): Promise<void> {
  await ask(link, 5, [5, ...word(address), on ? 0xff : 0, 0])
}

export async function writeWord(link: ModbusLink, address: number, value: number): Promise<void> {
  await ask(link, 6, [6, ...word(address), ...word(value)])
}

/** Neighbouring registers in one request, from the address of the first. */
export async function writeWords(link: ModbusLink, first: number, words: readonly number[]): Promise<void> {
  await ask(link, 16, [16, ...word(first), ...word(words.length), words.length * 2, ...words.flatMap(word)])
}

const word = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff]

async function ask(link: ModbusLink, code: number, pdu: readonly number[]): Promise<Buffer> {
  const reply = await link.request(Uint8Array.from(pdu))
  if (reply[0] === (code | 0x80)) throw new LinkFault('LINK_REFUSED', `the PLC refuses function ${code} with exception ${reply[1] ?? 0}`)
  if (reply[0] !== code || reply.length < 2) throw malformed(code)
  return reply
}

const malformed = (code: number) => new LinkFault('LINK_REFUSED', `the PLC's reply to function ${code} cannot be read`)
