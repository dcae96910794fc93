// A TCP segment in IPv4 in Ethernet, and the file around it: classic pcap with microseconds, link type Ethernet.

export interface End {
  /** Four bytes. */
  ip: Buffer
  port: number
}

export interface Segment {
  from: End
  to: End
  sequence: number
  acknowledged: number
  flags: number
  payload: Uint8Array
  /** The identification of the IP packet. */
  id: number
}

export const FIN = 1
export const SYN = 2
export const RST = 4
export const PSH = 8
export const ACK = 16

const ETHERNET = 14
const IP = 20
const TCP = 20
const WINDOW = 64_240

export function pcapHeader(): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(65_535, 16)
  header.writeUInt32LE(1, 20)
  return header
}

/** The record of one packet, at so many microseconds since 1970. */
export function pcapRecord(microseconds: number, segment: Segment): Buffer {
  const { from, to, payload } = segment
  const length = ETHERNET + IP + TCP + payload.length
  const record = Buffer.alloc(16 + length)
  record.writeUInt32LE(Math.floor(microseconds / 1e6) >>> 0, 0)
  record.writeUInt32LE(Math.floor(microseconds % 1e6), 4)
  record.writeUInt32LE(length, 8)
  record.writeUInt32LE(length, 12)
  const packet = record.subarray(16)
  // Locally administered addresses, made from the IP addresses.
  packet.writeUInt16BE(0x0200, 0)
  packet.set(to.ip, 2)
  packet.writeUInt16BE(0x0200, 6)
  packet.set(from.ip, 8)
  packet.writeUInt16BE(0x0800, 12)
  putIp(packet.subarray(ETHERNET), segment)
  putTcp(packet.subarray(ETHERNET + IP), segment)
  return record
}

function putIp(bytes: Buffer, { from, to, id }: Segment): void {
  bytes.writeUInt8(0x45, 0)
  bytes.writeUInt16BE(bytes.length, 2)
  bytes.writeUInt16BE(id & 0xffff, 4)
  bytes.writeUInt16BE(0x4000, 6)
  bytes.writeUInt8(64, 8)
  bytes.writeUInt8(6, 9)
  bytes.set(from.ip, 12)
  bytes.set(to.ip, 16)
  bytes.writeUInt16BE(checksum(bytes.subarray(0, IP), 0), 10)
}

function putTcp(bytes: Buffer, { from, to, sequence, acknowledged, flags, payload }: Segment): void {
  bytes.writeUInt16BE(from.port, 0)
  bytes.writeUInt16BE(to.port, 2)
  bytes.writeUInt32BE(sequence >>> 0, 4)
  bytes.writeUInt32BE(acknowledged >>> 0, 8)
  bytes.writeUInt16BE(0x5000 | flags, 12)
  bytes.writeUInt16BE(WINDOW, 14)
  bytes.set(payload, TCP)
  // RFC 9293, 3.1: the checksum covers a pseudo header of addresses, protocol and length too.
  const pseudo = sum(from.ip, sum(to.ip, 6 + bytes.length))
  bytes.writeUInt16BE(checksum(bytes, pseudo), 16)
}

function sum(bytes: Buffer, start: number): number {
  let total = start
  for (let i = 0; i + 1 < bytes.length; i += 2) total += bytes.readUInt16BE(i)
  return bytes.length % 2 === 1 ? total + bytes.readUInt8(bytes.length - 1) * 256 : total
}

function checksum(bytes: Buffer, start: number): number {
  let total = sum(bytes, start)
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
  return ~total & 0xffff
}
