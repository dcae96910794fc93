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

  it.each([
    ['a byte before the frame', '\0:010302000AF0\r\n'],
    ['a second colon in it', ':0103:010302000AF0\r\n'],
    ['a wrong check sum', ':010302000AF1\r\n'],
    ['half a byte', ':010302000AF\r\n'],
    ['nothing in it', ':\r\n'],
    ['an end without LF', ':010302000AF0\r0'],
    ['no end', `:${'0'.repeat(600)}`]
  ])('refuses %s', (_what, characters) => {
    expect(() => push(characters)).toThrow(ModbusFault)
  })
})
