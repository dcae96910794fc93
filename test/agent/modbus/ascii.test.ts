// The ASCII framing under anything a line can carry.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AsciiFraming } from '../../../agent/modbus/ascii.ts'
import { ModbusFault } from '../../../agent/modbus/fault.ts'
import type { Reply } from '../../../agent/modbus/framing.ts'
import { asciiFrame } from '../../parts/serial-frames.ts'

const anyFrame = fc.record({ unit: fc.integer({ min: 0, max: 255 }), pdu: fc.uint8Array({ minLength: 2, maxLength: 253 }) })
const cuts = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 50 })
// Mostly characters that a frame may have.
const text = fc
  .array(fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...Buffer.from('0123456789ABCDEF:\r\n')) }, fc.integer({ min: 0, max: 255 })), {
    maxLength: 2000
  })
  .map((characters) => Buffer.from(characters))

function feed(all: Buffer, sizes: readonly number[]): Reply[] {
  const framing = new AsciiFraming('line')
  const replies: Reply[] = []
  for (let at = 0, i = 0; at < all.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1)
    replies.push(...framing.push(all.subarray(at, end)))
    expect(framing.held).toBeLessThanOrEqual(513)
    at = end
  }
  return replies
}
const push = (characters: string) => new AsciiFraming('line').push(Buffer.from(characters, 'latin1'))

describe('the ASCII framing', () => {
  it('gives the frames of another maker however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 10 }), cuts, (frames, sizes) => {
        const replies = feed(Buffer.concat(frames.map(({ unit, pdu }) => asciiFrame(unit, pdu))), sizes)
        expect(replies.map(({ unit, pdu }) => ({ unit, pdu: new Uint8Array(pdu) }))).toEqual(frames)
      })
    )
  })

  it('makes the frames that another maker makes', () => {
    fc.assert(
      fc.property(anyFrame, ({ unit, pdu }) => {
        expect(new AsciiFraming('line').frameOf(0, unit, Buffer.from(pdu)).equals(asciiFrame(unit, pdu))).toBe(true)
      })
    )
  })

  it('gives frames or a named fault for any bytes at all, and never holds more than a frame', () => {
    fc.assert(
      fc.property(fc.constantFrom('', ':', ':01'), text, cuts, (head, tail, sizes) => {
        try {
          for (const reply of feed(Buffer.concat([Buffer.from(head), tail]), sizes)) expect(reply.pdu.length).toBeGreaterThanOrEqual(2)
        } catch (error) {
          expect(error).toBeInstanceOf(ModbusFault)
        }
      }),
      { numRuns: 500 }
    )
  })

  it('reads small letters too', () => {
    expect(push(asciiFrame(1, [3, 2, 0xab, 0xcd]).toString().toLowerCase())[0]?.pdu).toEqual(Buffer.from([3, 2, 0xab, 0xcd]))
  })

  it('takes the longest frame that the norm allows, and none that is longer', () => {
    const longest = [3, ...Array<number>(252).fill(0x5a)]
    expect(push(asciiFrame(1, longest).toString())[0]?.pdu).toEqual(Buffer.from(longest))
    expect(() => push(asciiFrame(1, [...longest, 0]).toString())).toThrow('line: a frame of more than 513 characters')
  })

  const inside = (character: string) => `:0103${character}2000AF0\r\n`
  it.each([
    ['a byte before the frame', '\0:010302000AF0\r\n', 'a byte 0 outside a frame'],
    ['a second colon in it', ':0103:010302000AF0\r\n', 'a byte 58 at place 5 of a frame'],
    // The neighbours of 0, 9, A, F, a and f.
    ...['/', ':', '@', 'G', '`', 'g', '\n'].map((one) => [
      `${JSON.stringify(one)} in it`,
      inside(one),
      `a byte ${one.charCodeAt(0)} at place 5`
    ]),
    ['a wrong check sum', ':010302000AF1\r\n', 'a wrong check sum (LRC)'],
    ['half a byte', ':010302000AF\r\n', 'a frame with 11 digits'],
    ['a unit and a function alone', ':0103FC\r\n', 'a frame with 6 digits'],
    ['nothing in it', ':\r\n', 'a frame with 0 digits'],
    ['an end without LF', ':010302000AF0\r0', 'a byte 48 at place 14 of a frame'],
    ['no end', `:${'0'.repeat(600)}`, 'a frame of more than 513 characters']
  ])('refuses %s, and is ready for the next', (_what, characters, why) => {
    const framing = new AsciiFraming('line')
    let fault: unknown
    try {
      framing.push(Buffer.from(characters, 'latin1'))
    } catch (error) {
      fault = error
    }
    expect(fault).toBeInstanceOf(ModbusFault)
    expect(fault).toMatchObject({ code: 'MODBUS_BAD_FRAME', place: 'line', what: expect.stringContaining(why) })
    expect(framing.held).toBe(0)
    expect(framing.push(asciiFrame(1, [3, 2, 0, 9]))).toHaveLength(1)
  })

  it('takes every digit, and forgets an unfinished frame when it is told to', () => {
    const framing = new AsciiFraming('line')
    framing.push(Buffer.from(':0103'))
    expect(framing.held).toBe(5)
    framing.clear()
    const digits = [3, 8, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]
    expect(framing.push(asciiFrame(1, digits))[0]?.pdu).toEqual(Buffer.from(digits))
    expect(framing.push(Buffer.from(asciiFrame(1, digits).toString().toLowerCase()))[0]?.pdu).toEqual(Buffer.from(digits))
  })
})
