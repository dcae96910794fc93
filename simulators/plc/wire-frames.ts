// Takes the stream of one direction of a Modbus line apart into frames, and puts together what somebody in the middle leaves of them.
import { MAX_PDU_BYTES } from './modbus-pdu.ts'
import { isWhole, MAX_RTU_BYTES, rtuFrame } from './modbus-rtu.ts'

/** Gets each PDU with its transaction, which serial frames do not have; null lets the frame vanish. */
export type FrameChange = (transaction: number, pdu: Buffer) => Buffer | null
export type Frames = (chunk: Buffer) => Buffer

const HEADER = 7
const NOTHING = Buffer.alloc(0)

/** Modbus TCP. Once something else comes, all passes as it is. */
export function tcpFrames(change: FrameChange): Frames {
  let rest: Buffer = NOTHING
  let foreign = false
  return (chunk) => {
    if (foreign) return chunk
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const out: Buffer[] = []
    let at = 0
    while (bytes.length - at >= HEADER) {
      const length = bytes.readUInt16BE(at + 4)
      foreign = bytes.readUInt16BE(at + 2) !== 0 || length < 2 || length > 1 + MAX_PDU_BYTES
      if (foreign) return Buffer.concat([...out, bytes.subarray(at)])
      if (bytes.length - at < 6 + length) break
      const pdu = change(bytes.readUInt16BE(at), bytes.subarray(at + HEADER, at + 6 + length))
      if (pdu !== null) out.push(framed(bytes.subarray(at, at + HEADER), pdu.subarray(0, MAX_PDU_BYTES)))
      at += 6 + length
    }
    rest = Buffer.from(bytes.subarray(at))
    return Buffer.concat(out)
  }
}

function framed(header: Buffer, pdu: Buffer): Buffer {
  const frame = Buffer.concat([header, pdu])
  frame.writeUInt16BE(1 + pdu.length, 4)
  return frame
}

/**
 * Serial frames inside a TCP stream. What cannot be told from its first bytes, or has a wrong checksum, passes as it is: silence
 * ends it, which nobody in the middle can wait for.
 */
export function serialFrames(change: FrameChange, lengthOf: (bytes: Uint8Array) => number | null): Frames {
  let rest: Buffer = NOTHING
  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const out: Buffer[] = []
    rest = NOTHING
    while (bytes.length > 0) {
      const length = lengthOf(bytes)
      if (length !== null && length <= MAX_RTU_BYTES && (length === 0 || length > bytes.length)) {
        rest = Buffer.from(bytes)
        break
      }
      const frame = bytes.subarray(0, length ?? bytes.length)
      if (length === null || !isWhole(frame)) return Buffer.concat([...out, bytes])
      const pdu = change(0, frame.subarray(1, -2))
      if (pdu !== null) out.push(rtuFrame(frame.readUInt8(0), pdu.subarray(0, MAX_PDU_BYTES)))
      bytes = bytes.subarray(length)
    }
    return Buffer.concat(out)
  }
}
