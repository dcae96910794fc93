// Ways in which real devices answer wrongly, for tests of whoever reads them. Each turns a right reply into what is sent.
// Request and reply are whole frames with their MBAP header.
import { rtuFrame } from './modbus-rtu.ts'

export interface Outcome {
  /** What is sent in place of the reply; empty for silence. */
  bytes: Buffer
  delayMs?: number
  /** What happens to the connection after that. */
  close?: 'end' | 'reset'
}

/** Decides for each request; null lets the right reply go out. */
export type Misbehaviour = (request: Buffer, reply: Buffer) => Outcome | null

const changed = (reply: Buffer, change: (bytes: Buffer) => void): Outcome => {
  const bytes = Buffer.from(reply)
  change(bytes)
  return { bytes }
}

export const silent: Misbehaviour = () => ({ bytes: Buffer.alloc(0) })

export const late =
  (delayMs: number): Misbehaviour =>
  (_request, reply) => ({ bytes: reply, delayMs })

export const resetting: Misbehaviour = () => ({ bytes: Buffer.alloc(0), close: 'reset' })

export const hangingUp: Misbehaviour = () => ({ bytes: Buffer.alloc(0), close: 'end' })

/** The reply breaks off in the middle and the connection is closed. */
export const breakingOff: Misbehaviour = (_request, reply) => ({ bytes: reply.subarray(0, reply.length >> 1), close: 'end' })

export const otherUnit: Misbehaviour = (_request, reply) => changed(reply, (bytes) => bytes.writeUInt8((bytes.readUInt8(6) + 1) & 0xff, 6))

export const otherTransaction: Misbehaviour = (_request, reply) =>
  changed(reply, (bytes) => bytes.writeUInt16BE((bytes.readUInt16BE(0) + 0x101) & 0xffff, 0))

export const otherFunction: Misbehaviour = (_request, reply) => changed(reply, (bytes) => bytes.writeUInt8(bytes.readUInt8(7) ^ 1, 7))

export const otherProtocol: Misbehaviour = (_request, reply) => changed(reply, (bytes) => bytes.writeUInt16BE(0x4d42, 2))

/** The header promises far more bytes than ever come. */
export const endless: Misbehaviour = (_request, reply) => changed(reply, (bytes) => bytes.writeUInt16BE(0xffff, 4))

/** One register fewer than asked for, in a frame that is whole in itself. */
export const tooShort: Misbehaviour = (_request, reply) => {
  if (reply.length < 13 || reply.readUInt8(7) > 4) return null
  const bytes = Buffer.from(reply.subarray(0, reply.length - 2))
  bytes.writeUInt16BE(bytes.length - 6, 4)
  bytes.writeUInt8(bytes.readUInt8(8) - 2, 8)
  return { bytes }
}

export const garbage =
  (byte: () => number): Misbehaviour =>
  (_request, reply) => ({ bytes: Buffer.from(Array.from(reply, byte)) })

export const exception =
  (code: number): Misbehaviour =>
  (request) => {
    const bytes = Buffer.from([...request.subarray(0, 8), code])
    bytes.writeUInt16BE(3, 4)
    bytes.writeUInt8(bytes.readUInt8(7) | 0x80, 7)
    return { bytes }
  }

const HEADER = 7

/** What a serial device makes of it: its frames have no transaction and no length, so that lies about these are not told. */
export function serialOutcome(misbehaviour: Misbehaviour, frame: { unit: number; request: Uint8Array; reply: Uint8Array }): Outcome | null {
  const { unit, request, reply } = frame
  const outcome = misbehaviour(withHeader(unit, request), withHeader(unit, reply))
  if (outcome === null || outcome.bytes.length === 0) return outcome
  const { bytes } = outcome
  if (bytes.length <= HEADER) return { ...outcome, bytes: rtuFrame(unit, reply).subarray(0, bytes.length) }
  return { ...outcome, bytes: rtuFrame(bytes.readUInt8(6), bytes.subarray(HEADER)) }
}

function withHeader(unit: number, pdu: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER + pdu.length)
  frame.writeUInt16BE(1 + pdu.length, 4)
  frame.writeUInt8(unit, 6)
  frame.set(pdu, HEADER)
  return frame
}
