import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerPdu } from '../../../simulators/plc/modbus-pdu.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'

function newImage(): RegisterImage {
  const image = new RegisterImage({
    coils: [[0, 1999]],
    discreteInputs: [[0, 15]],
    inputRegisters: [
      [0, 22],
      [24, 29]
    ],
    holdingRegisters: [
      [0, 129],
      [65535, 65535]
    ]
  })
  for (let i = 0; i < image.inputRegisters.length; i++) image.inputRegisters[i] = 0x100 + i
  for (let i = 0; i < 130; i++) image.holdingRegisters[i] = 0x200 + i
  image.discreteInputs.set([1, 0, 1, 1, 0, 0, 0, 1, 1])
  return image
}

function ask(image: RegisterImage, ...pdu: number[]): number[] {
  const reply = Buffer.alloc(300, 0xee)
  const size = answerPdu(image, Uint8Array.from(pdu), 0, pdu.length, reply, 0)
  return [...reply.subarray(0, size)]
}

describe('reading', () => {
  it.each([
    ['input registers', [4, 0, 2, 0, 2], [4, 4, 1, 2, 1, 3]],
    ['holding registers', [3, 0, 0, 0, 1], [3, 2, 2, 0]],
    ['the last holding register', [3, 255, 255, 0, 1], [3, 2, 0, 0]],
    ['discrete inputs, low bit first', [2, 0, 0, 0, 9], [2, 2, 0b1000_1101, 0b1]],
    ['some discrete inputs from the middle', [2, 0, 2, 0, 3], [2, 1, 0b011]],
    ['coils', [1, 0, 0, 0, 8], [1, 1, 0]]
  ])('answers %s', (_what, pdu, reply) => {
    expect(ask(newImage(), ...pdu)).toEqual(reply)
  })

  it('answers the most that the protocol allows', () => {
    expect(ask(newImage(), 3, 0, 0, 0, 125)).toHaveLength(252)
    expect(ask(newImage(), 1, 0, 0, 2000 >> 8, 2000 & 255)).toHaveLength(252)
  })
})

describe('writing', () => {
  it('sets a coil on and off', () => {
    const image = newImage()
    expect(ask(image, 5, 0, 7, 0xff, 0)).toEqual([5, 0, 7, 0xff, 0])
    expect(image.coils[7]).toBe(1)
    expect(ask(image, 5, 0, 7, 0, 0)).toEqual([5, 0, 7, 0, 0])
    expect(image.coils[7]).toBe(0)
  })

  it('sets a register', () => {
    const image = newImage()
    expect(ask(image, 6, 0, 2, 0x07, 0x08)).toEqual([6, 0, 2, 0x07, 0x08])
    expect(image.holdingRegisters[2]).toBe(1800)
  })

  it('sets many coils', () => {
    const image = newImage()
    expect(ask(image, 15, 0, 3, 0, 10, 2, 0b1100_1101, 0b01)).toEqual([15, 0, 3, 0, 10])
    expect([...image.coils.subarray(3, 14)]).toEqual([1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0])
  })

  it('sets many registers', () => {
    const image = newImage()
    expect(ask(image, 16, 0, 1, 0, 2, 4, 0, 10, 1, 2)).toEqual([16, 0, 1, 0, 2])
    expect([...image.holdingRegisters.subarray(0, 4)]).toEqual([0x200, 10, 0x102, 0x203])
  })
})

describe('changing registers in one request', () => {
  it('masks one, as the example of the norm does', () => {
    const image = newImage()
    image.holdingRegisters[4] = 0x12
    expect(ask(image, 22, 0, 4, 0, 0xf2, 0, 0x25)).toEqual([22, 0, 4, 0, 0xf2, 0, 0x25])
    expect(image.holdingRegisters[4]).toBe(0x17)
  })

  it('writes before it reads', () => {
    const image = newImage()
    expect(ask(image, 23, 0, 0, 0, 3, 0, 1, 0, 1, 2, 0, 99)).toEqual([23, 6, 2, 0, 0, 99, 2, 2])
  })
})

describe('refusing', () => {
  it.each([
    ['a mask that is too short', [22, 0, 0, 0, 0, 0], [0x96, 3]],
    ['a mask where nothing is', [22, 0xf0, 0, 0, 0, 0, 0], [0x96, 2]],
    ['122 words to exchange', [23, 0, 0, 0, 1, 0, 0, 0, 122, 244, ...Array<number>(244).fill(0)], [0x97, 3]],
    ['a write beside a read that is illegal', [23, 0xf0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1], [0x97, 2]],
    ['a function it does not have', [43, 14, 1, 0], [0xab, 1]],
    ['function 0', [0], [0x80, 1]],
    ['diagnostics', [8, 0, 0, 0, 0], [0x88, 1]],
    ['an address in a gap', [4, 0, 23, 0, 1], [0x84, 2]],
    ['a stretch over a gap', [4, 0, 20, 0, 6], [0x84, 2]],
    ['an address behind the end', [4, 0, 30, 0, 1], [0x84, 2]],
    ['a stretch over the last address', [3, 255, 255, 0, 2], [0x83, 2]],
    ['no registers at all', [3, 0, 0, 0, 0], [0x83, 3]],
    ['126 registers', [3, 0, 0, 0, 126], [0x83, 3]],
    ['2001 coils', [1, 0, 0, 2001 >> 8, 2001 & 255], [0x81, 3]],
    ['a read that is too short', [3, 0, 0, 0], [0x83, 3]],
    ['a read that is too long', [3, 0, 0, 0, 1, 0], [0x83, 3]],
    ['a bare function code', [16], [0x90, 3]],
    ['a coil value between on and off', [5, 0, 0, 1, 0], [0x85, 3]],
    ['a coil that does not exist', [5, 0xff, 0, 0, 0], [0x85, 2]],
    ['a register that does not exist', [6, 0xff, 0, 0, 0], [0x86, 2]],
    ['a byte count that does not fit', [16, 0, 0, 0, 2, 2, 0, 1], [0x90, 3]],
    ['fewer words than counted', [16, 0, 0, 0, 2, 4, 0, 1], [0x90, 3]],
    ['124 words to write', [16, 0, 0, 0, 124, 248, ...Array<number>(248).fill(0)], [0x90, 3]],
    ['coils beyond the end', [15, 1999 >> 8, 1999 & 255, 0, 2, 1, 3], [0x8f, 2]]
  ])('%s', (_what, pdu, reply) => {
    const image = newImage()
    expect(ask(image, ...pdu)).toEqual(reply)
    expect(image).toEqual(newImage())
  })

  it('never throws, never answers more than fits, and leaves what it may not touch, for any bytes', () => {
    const image = newImage()
    const inputs = [...image.inputRegisters]
    const pdu = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 253 }),
      fc
        .tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 15, 16), fc.uint8Array({ maxLength: 252 }))
        .map(([code, rest]) => Uint8Array.from([code, ...rest]))
    )
    fc.assert(
      fc.property(pdu, (bytes) => {
        const reply = Buffer.alloc(300)
        const size = answerPdu(image, bytes, 0, bytes.length, reply, 10)
        expect(size).toBeGreaterThanOrEqual(2)
        expect(size).toBeLessThanOrEqual(253)
        expect((reply[10] ?? 0) & 0x7f).toBe((bytes[0] ?? 0) & 0x7f)
        expect([...image.inputRegisters]).toEqual(inputs)
      }),
      { numRuns: 500 }
    )
  })
})
