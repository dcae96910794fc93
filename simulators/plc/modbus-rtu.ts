// Serial Modbus frames inside a TCP stream, as serial device servers carry them: CRC-16, and where a frame ends, told by its
// function code (Modbus over Serial Line V1.02, 2.5.1). No sockets.
import { MAX_PDU_BYTES } from './modbus-pdu.ts'

/** Unit id, PDU and CRC. */
export const MAX_RTU_BYTES = MAX_PDU_BYTES + 3

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  return crc
})

export function crc16(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffff
  for (let i = from; i < to; i++) crc = (crc >> 8) ^ (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return crc
}

export function rtuFrame(unit: number, pdu: Uint8Array): Buffer {
  const frame = Buffer.alloc(pdu.length + 3)
  frame.writeUInt8(unit, 0)
  frame.set(pdu, 1)
  frame.writeUInt16LE(crc16(frame, 0, pdu.length + 1), pdu.length + 1)
  return frame
}

export const isWhole = (frame: Buffer): boolean =>
  frame.length >= 4 && crc16(frame, 0, frame.length - 2) === frame.readUInt16LE(frame.length - 2)

/** How long the request frame is that begins here: 0 while that cannot be said yet, null when only silence can tell. */
export function requestLength(bytes: Uint8Array): number | null {
  const code = bytes[1]
  if (code === undefined) return 0
  if ((code >= 1 && code <= 6) || code === 8) return 8
  if (code === 7 || code === 11 || code === 12 || code === 17) return 4
  if (code === 15 || code === 16) return counted(bytes, 6)
  if (code === 22) return 10
  if (code === 23) return counted(bytes, 10)
  return code === 43 ? 7 : null
}

/** The same for a reply. */
export function replyLength(bytes: Uint8Array): number | null {
  const code = bytes[1]
  if (code === undefined) return 0
  if (code & 0x80) return 5
  if (code <= 4 || code === 17 || code === 23) return counted(bytes, 2)
  if (code === 5 || code === 6 || code === 8 || code === 15 || code === 16) return 8
  return code === 22 ? 10 : null
}

function counted(bytes: Uint8Array, at: number): number {
  const count = bytes[at]
  return count === undefined ? 0 : at + 1 + count + 2
}
