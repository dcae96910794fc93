// `agent decode`: every type and order of a block, the likely ones marked, and clear words for what is no block.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DecodeOptions, decode } from '../../../agent/commands/decode.ts'
import { DecodeResult } from '../../../agent/commands/results.ts'
import { parsePlace } from '../../../agent/modbus/place.ts'

const run = (options: Partial<DecodeOptions>) => {
  const { data, text } = decode({ hex: [], language: 'en', ...options })
  return { ...DecodeResult.parse(data), text }
}

const reading = (result: DecodeResult, type: string, order: string, address = 0) =>
  result.readings.find((one) => one.type === type && one.order === order && one.address === address)

describe('a block', () => {
  it('is read in every order, and the one that fits is marked', () => {
    const { text, ...result } = run({ hex: ['0000', '41AC'], like: 21.5 })
    expect(result.registers).toEqual([0, 0x41ac])
    expect(reading(result, 'float32', 'CDAB')).toMatchObject({ value: 21.5, plausible: true, scale: 1, place: '0 float32 CDAB' })
    expect(result.readings.filter(({ plausible }) => plausible)).toHaveLength(1)
    expect(text).toContain('at: holding 0 float32 CDAB')
  })

  it('finds the scale that a maker uses', () => {
    const result = run({ registers: '215', like: 21.5, at: 40 })
    expect(reading(result, 'int16', 'ABCD', 40)).toMatchObject({ value: 215, plausible: true, scale: 0.1 })
  })

  it('shows texts, signed numbers and BCD', () => {
    const result = run({ hex: ['0x50 0x55 0x4d 0x50'] })
    expect(reading(result, 'string', 'ABCD')).toMatchObject({ value: 'PUMP', plausible: true, place: '0 string:4' })
    expect(reading(run({ registers: '-2' }), 'int16', 'ABCD')?.value).toBe(-2)
    expect(reading(run({ hex: ['1234'] }), 'bcd16', 'ABCD')?.value).toBe(1234)
    expect(reading(run({ hex: ['12fa'] }), 'bcd16', 'ABCD')?.value).toBe(null)
  })

  it.each([
    [{ hex: [] }, 'give bytes in hex, or --registers'],
    [{ hex: ['41A'] }, 'a register has 4 hex digits; 3 were given'],
    [{ hex: ['zz11'] }, 'holds characters that are not hex'],
    [{ hex: ['4111'], registers: '1' }, 'give bytes in hex or --registers, not both'],
    [{ registers: '1,70000' }, 'register 70000 must be from -32768 to 65535'],
    [{ hex: ['00'.repeat(252)] }, 'at most 125 registers'],
    [{ hex: ['00000000'], at: 65535 }, 'goes beyond address 65535']
  ])('%j is refused', (options, why) => {
    expect(() => run(options)).toThrow(why)
  })
})

it('gives places that agent.yaml takes, for any block', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 65_000 }),
      (words, at) => {
        const result = run({ registers: words.join(','), at })
        for (const { place, type, address } of result.readings) expect(parsePlace(`holding ${place}`)).toMatchObject({ type, address })
        expect(result.readings.length).toBeGreaterThan(5)
      }
    ),
    { numRuns: 30 }
  )
})
