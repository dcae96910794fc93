// The frame parser under anything a peer can send.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModbusFault } from '../../../agent/modbus/fault.ts'
import type { Reply } from '../../../agent/modbus/framing.ts'
import { MbapFraming } from '../../../agent/modbus/mbap.ts'

const frameOf = (transaction: number, unit: number, pdu: Buffer) => new MbapFraming('plc').frameOf(transaction, unit, pdu)
const anyFrame = fc.record({
  transaction: fc.integer({ min: 0, max: 0xffff }),
  unit: fc.integer({ min: 0, max: 255 }),
  pdu: fc.uint8Array({ minLength: 2, maxLength: 253 })
})
const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 50 })

// Feeds bytes in pieces of the given sizes, round and round.
function feed(bytes: Buffer, sizes: readonly number[]): Reply[] {
  const stream = new MbapFraming('plc')
  const replies: Reply[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1)
    replies.push(...stream.push(bytes.subarray(at, end)))
    expect(stream.held).toBeLessThan(260)
    at = end
  }
  return replies
}

const bytesOf = (frames: readonly { transaction: number; unit: number; pdu: Uint8Array }[]) =>
  Buffer.concat(frames.map((frame) => frameOf(frame.transaction, frame.unit, Buffer.from(frame.pdu))))

describe('the MBAP stream', () => {
  it('gives the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 20 }), cuts, (frames, sizes) => {
        const replies = feed(bytesOf(frames), sizes)
        expect(replies.map(({ transaction, unit, pdu }) => ({ transaction, unit, pdu: new Uint8Array(pdu) }))).toEqual(frames)
      })
    )
  })

  it('gives frames or a named fault for any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), cuts, (bytes, sizes) => {
        try {
          for (const reply of feed(Buffer.from(bytes), sizes)) expect(reply.pdu.length).toBeGreaterThanOrEqual(2)
        } catch (error) {
          expect(error).toBeInstanceOf(ModbusFault)
        }
      }),
      { numRuns: 500 }
    )
  })

  it('never hands on bytes that come after a broken header', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 5 }), fc.integer({ min: 1, max: 0xffff }), cuts, (frames, protocol, sizes) => {
        const broken = bytesOf([{ transaction: 7, unit: 1, pdu: new Uint8Array([3, 2, 0xde, 0xad]) }])
        broken.writeUInt16BE(protocol, 2)
        expect(() => feed(Buffer.concat([bytesOf(frames), broken]), sizes)).toThrow(ModbusFault)
      })
    )
  })

  it.each([0, 1, 2, 255, 256, 0xffff])('refuses the length %i', (length) => {
    const frame = frameOf(1, 1, Buffer.from([3, 2, 0, 1]))
    frame.writeUInt16BE(length, 4)
    expect(() => new MbapFraming('plc').push(frame)).toThrow(/length/)
  })

  it('takes the shortest and the longest reply that the norm allows', () => {
    for (const pdu of [Buffer.from([0x83, 2]), Buffer.alloc(253, 3)]) {
      const [reply, ...more] = new MbapFraming('plc').push(frameOf(9, 7, pdu))
      expect([reply, more]).toEqual([{ transaction: 9, unit: 7, pdu }, []])
    }
  })

  it('tells a broken header as soon as it is there, with its place, and is ready for another stream', () => {
    const stream = new MbapFraming('plc')
    stream.push(Buffer.from([0, 1, 0]))
    expect(stream.held).toBe(3)
    let fault: unknown
    try {
      stream.push(Buffer.from([1, 0, 3, 1]))
    } catch (error) {
      fault = error
    }
    expect(fault).toBeInstanceOf(ModbusFault)
    expect(fault).toMatchObject({ code: 'MODBUS_BAD_FRAME', message: 'plc: a header with protocol 1 and length 3' })
    expect(stream.held).toBe(0)
    stream.push(Buffer.from([9, 9, 9]))
    stream.clear()
    expect(stream.push(frameOf(2, 1, Buffer.from([3, 2, 0, 1])))).toHaveLength(1)
  })
})
