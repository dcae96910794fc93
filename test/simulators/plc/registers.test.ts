import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { putValue, type Register, takeValue } from '../../../simulators/plc/registers.ts'
import { emptyImageOf } from '../../../simulators/plc/tag-map.ts'
import { WATER_MAP } from '../../../simulators/plc/water-map.ts'

const layout = { coils: [], discreteInputs: [], inputRegisters: [[0, 9]], holdingRegisters: [] } as const
const register = (format: Register['format'], scale = 1, address = 4): Register => ({ table: 'inputRegisters', address, format, scale })

const swapped = (format: Register['format']): Register => ({ ...register(format), order: 'CDAB' })

function wordsOf(at: Register, value: number): number[] {
  const image = new RegisterImage(layout)
  putValue(image, at, value)
  return [...image.inputRegisters.subarray(4, 6)]
}

describe('a value in registers', () => {
  // Worked by hand: IEEE 754 of 3.5 is 0x40600000; 1,284,300 is 0x0013 98CC.
  it.each([
    [register('uint16', 0.01), 2.95, [295, 0]],
    [register('int16', 0.1), -1.5, [0xfff1, 0]],
    [register('float32'), 3.5, [0x4060, 0]],
    [swapped('uint32'), 1_284_300, [0x98cc, 0x0013]]
  ])('lies as the map says (%o)', (at, value, words) => {
    expect(wordsOf(at, value)).toEqual(words)
  })

  it.each([
    [register('uint16', 0.1), -5, [0, 0]],
    [register('uint16', 0.1), 1e9, [0xffff, 0]],
    [register('int16'), 40_000, [0x7fff, 0]],
    [register('int16'), -40_000, [0x8000, 0]],
    [swapped('uint32'), 2 ** 40, [0xffff, 0xffff]],
    [register('uint16'), Number.NaN, [0, 0]]
  ])('is bounded to what fits (%o)', (at, value, words) => {
    expect(wordsOf(at, value)).toEqual(words)
  })

  it('comes back as it went in, to within one count', () => {
    const image = new RegisterImage(layout)
    const there = (at: Register, value: number) => {
      putValue(image, at, value)
      return takeValue(image, at)
    }
    fc.assert(
      fc.property(
        fc.integer({ min: -0x8000, max: 0x7fff }),
        fc.nat({ max: 0xffff_ffff }),
        fc.float({ noNaN: true }),
        (small, large, real) => {
          expect(there(register('int16', 0.01), small * 0.01)).toBeCloseTo(small * 0.01, 9)
          expect(there(swapped('uint32'), large)).toBe(large)
          expect(there(register('float32'), real)).toBe(real + 0)
        }
      )
    )
  })
})

describe('a register image', () => {
  it('knows gaps and ends', () => {
    const image = emptyImageOf(WATER_MAP)
    expect(image.has('inputRegisters', 0, 23)).toBe(true)
    expect(image.has('inputRegisters', 0, 24)).toBe(false)
    expect(image.has('inputRegisters', 23, 1)).toBe(false)
    expect(image.has('inputRegisters', 24, 6)).toBe(true)
    expect(image.has('inputRegisters', 24, 7)).toBe(false)
    expect(image.has('inputRegisters', 30, 1)).toBe(false)
    expect(image.has('holdingRegisters', 65535, 1)).toBe(false)
  })

  it('says of any stretch whether all of it exists', () => {
    const range = fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 20 })).map(([first, more]) => [first, first + more] as const)
    fc.assert(
      fc.property(fc.array(range, { maxLength: 5 }), fc.nat({ max: 100 }), fc.integer({ min: 1, max: 30 }), (ranges, address, count) => {
        const image = new RegisterImage({ ...layout, coils: ranges })
        const exists = (at: number) => ranges.some(([first, last]) => at >= first && at <= last)
        expect(image.has('coils', address, count)).toBe(Array.from({ length: count }, (_, i) => address + i).every(exists))
      })
    )
  })
})
