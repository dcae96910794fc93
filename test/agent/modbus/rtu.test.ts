// The RTU framing under anything a line can carry.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModbusFault } from '../../../agent/modbus/fault.ts'
import type { Reply } from '../../../agent/modbus/framing.ts'
import { crc16, RtuFraming, rtuFrameOf } from '../../../agent/modbus/rtu.ts'
import { rtuFrame } from '../../parts/serial-frames.ts'

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })
const withCount = fc
  .tuple(fc.constantFrom(1, 2, 3, 4, 17), bytes(0, 250))
  .map(([functionCode, data]) => [functionCode, data.length, ...data])
const exception = fc.tuple(fc.integer({ min: 0x80, max: 0xff }), fc.integer({ min: 0, max: 255 }))
const objects = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), bytes(0, 20)), { maxLength: 10 })
const identification = objects.map((all) => [43, 14, 2, 1, 0, 0, all.length, ...all.flatMap(([id, text]) => [id, text.length, ...text])])
const anyFrame = fc.record({ unit: fc.integer({ min: 0, max: 255 }), pdu: fc.oneof(withCount, exception, identification) })
const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 50 })

function feed(all: Buffer, sizes: readonly number[]): Reply[] {
  const framing = new RtuFraming('line')
  const replies: Reply[] = []
  for (let at = 0, i = 0; at < all.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1)
    replies.push(...framing.push(all.subarray(at, end)))
    expect(framing.held).toBeLessThan(256)
    at = end
  }
  return replies
}

describe('the RTU framing', () => {
  it('has the check sum of the norm', () => {
    // Modbus over Serial Line 1.02, 6.2.2: the example of the appendix, and the check value of CRC-16/MODBUS.
    expect(rtuFrameOf(2, Buffer.from([7])).toString('hex')).toBe('02074112')
    expect(crc16(Buffer.from('123456789'))).toBe(0x4b37)
  })

  it('gives the frames of another maker however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 10 }), cuts, (frames, sizes) => {
        const replies = feed(Buffer.concat(frames.map(({ unit, pdu }) => rtuFrame(unit, pdu))), sizes)
        expect(replies.map(({ unit, pdu }) => ({ unit, pdu: [...pdu] }))).toEqual(frames)
      })
    )
  })

  it('makes the frames that another maker makes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), bytes(1, 253), (unit, pdu) => {
        expect(new RtuFraming('line').frameOf(0, unit, Buffer.from(pdu)).equals(rtuFrame(unit, pdu))).toBe(true)
      })
    )
  })

  it('gives frames or a named fault for any bytes at all, and never holds more than a frame', () => {
    const likely = fc.constantFrom([1, 3, 2], [1, 43, 14, 1, 1, 0, 0, 255], [1, 0x83], [1, 4, 255], [])
    fc.assert(
      fc.property(likely, bytes(0, 2000), cuts, (head, tail, sizes) => {
        try {
          for (const reply of feed(Buffer.from([...head, ...tail]), sizes)) expect(reply.pdu.length).toBeGreaterThanOrEqual(2)
        } catch (error) {
          expect(error).toBeInstanceOf(ModbusFault)
        }
      }),
      { numRuns: 500 }
    )
  })

  it('finds every frame with one wrong byte', () => {
    fc.assert(
      fc.property(withCount, fc.nat(), fc.integer({ min: 1, max: 255 }), (pdu, place, change) => {
        const frame = rtuFrame(1, pdu)
        const at = place % frame.length
        frame[at] = (frame[at] ?? 0) ^ change
        const framing = new RtuFraming('line')
        let replies: Reply[] = []
        try {
          replies = framing.push(frame)
        } catch (error) {
          expect(error).toBeInstanceOf(ModbusFault)
        }
        // A wrong length may leave it waiting for more; what it gives is never the frame with the wrong byte in it.
        expect(replies.some((reply) => reply.pdu.length === pdu.length)).toBe(false)
      })
    )
  })

  it.each([0, 5, 6, 8, 15, 16, 22, 23, 24, 65, 100])('knows no reply with function code %i', (functionCode) => {
    expect(() => new RtuFraming('line').push(rtuFrame(1, [functionCode, 2, 0, 0]))).toThrow(/function code/)
  })

  it('refuses an identification that is longer than a frame without waiting for it', () => {
    const endless = [1, 43, 14, 1, 1, 0, 0, 255, ...Array.from({ length: 100 }, () => [0, 200, ...Array(200).fill(65)]).flat()]
    const framing = new RtuFraming('line')
    expect(() => framing.push(Buffer.from(endless))).toThrow(/a reply of/)
    expect(framing.held).toBe(0)
  })

  it('takes the longest frame that the norm allows, and none that is longer', () => {
    const longest = [3, 251, ...Array<number>(251).fill(0x5a)]
    expect(new RtuFraming('line').push(rtuFrame(1, longest))[0]?.pdu).toEqual(Buffer.from(longest))
    const behindAnother = Buffer.concat([rtuFrame(1, [3, 2, 0, 1]), rtuFrame(1, [3, 252])])
    expect(() => new RtuFraming('line').push(behindAnother)).toThrow('line: a reply of 257 bytes')
  })

  // One object fills the PDU up to so many bytes, and another is promised.
  const promising = (size: number) => [43, 14, 1, 1, 0, 0, 2, 0, size - 9, ...Array<number>(size - 9).fill(65)]
  it('refuses an identification as soon as it can only be too long', () => {
    expect(() => new RtuFraming('line').push(rtuFrame(1, promising(253)))).toThrow(/a reply of/)
    for (const size of [254, 255, 257]) {
      const withoutCrc = Buffer.from([1, ...promising(size)])
      expect(() => new RtuFraming('line').push(withoutCrc)).toThrow(`a reply of ${size + 3} bytes`)
    }
  })

  it.each([
    ['an unknown function code', [...rtuFrame(1, [6, 0, 1, 0, 1])], 'function code 6 in a reply'],
    ['a wrong check sum', [1, 3, 2, 0, 1, 0, 0], 'a wrong check sum (CRC)']
  ])('is ready for the next frame after %s', (_what, broken, what) => {
    const framing = new RtuFraming('line')
    let fault: unknown
    try {
      // The first piece waits in it.
      framing.push(Buffer.from(broken.slice(0, 1)))
      framing.push(Buffer.from(broken.slice(1)))
    } catch (error) {
      fault = error
    }
    expect(fault).toBeInstanceOf(ModbusFault)
    expect(fault).toMatchObject({ code: 'MODBUS_BAD_FRAME', place: 'line', what })
    expect(framing.held).toBe(0)
    expect(framing.push(rtuFrame(1, [3, 2, 0, 9]))).toHaveLength(1)
  })

  it('forgets an unfinished frame when it is told to', () => {
    const framing = new RtuFraming('line')
    framing.push(Buffer.from([1, 3, 2]))
    expect(framing.held).toBe(3)
    framing.clear()
    expect(framing.push(rtuFrame(1, [3, 2, 0, 9]))).toMatchObject([{ unit: 1, transaction: undefined }])
  })
})
