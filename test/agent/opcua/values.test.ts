// Values as the library decodes them, and nonsense that a hostile server could make it give.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DataValue, decode, timeOf, type ValueForm } from '../../../agent/opcua/values.ts'

const FLOAT: ValueForm = { dataType: 'float', indexed: false, scale: 1, offset: 0 }
const good = (dataType: number, value: unknown, arrayType = 0): DataValue => ({
  value: { dataType, arrayType, value },
  statusCode: { value: 0 }
})

describe('a value', () => {
  it('is scaled, and marked where it lies outside its range', () => {
    const form = { ...FLOAT, scale: 0.1, offset: 5, range: { low: 0, high: 10 } }
    expect(decode(good(6, 20), form)).toEqual({ value: 7, quality: 0 })
    expect(decode(good(6, 70), form)).toEqual({ value: 12, quality: 0x40940000 })
  })

  it('keeps the status of the server, and no value where that is bad', () => {
    expect(decode({ ...good(11, 3), statusCode: { value: 0x408f0000 } }, FLOAT)).toEqual({ value: 3, quality: 0x408f0000 })
    expect(decode({ ...good(11, 3), statusCode: { value: 0x480 } }, FLOAT)).toEqual({ value: 3, quality: 0x480 })
    expect(decode({ ...good(11, 3), statusCode: { value: 0x808c0000 } }, FLOAT)).toEqual({ value: null, quality: 0x808c0000 })
  })

  it('is bad when it is not of the kind that was asked for', () => {
    for (const value of [good(12, 'x'), good(11, Number.NaN), good(11, Number.POSITIVE_INFINITY), good(22, { a: 1 }), good(11, [1], 1)])
      expect(decode(value, FLOAT)).toEqual({ value: null, quality: 0x80740000 })
    expect(decode({ statusCode: { value: 0 } }, FLOAT)).toEqual({ value: null, quality: 0x809b0000 })
    expect(decode(good(6, 2), { ...FLOAT, dataType: 'bool' }).quality).toBe(0x80740000)
  })

  it('of 64 bits keeps its digits as text, and is marked as a number', () => {
    const value = good(8, [0xffdfffff, 0xffffffff])
    expect(decode(value, { ...FLOAT, dataType: 'string' })).toEqual({ value: '-9007199254740993', quality: 0 })
    expect(decode(value, { ...FLOAT, dataType: 'integer' })).toEqual({ value: -9007199254740992, quality: 0x40920000 })
    expect(decode(good(9, [0, 42]), FLOAT)).toEqual({ value: 42, quality: 0 })
  })

  it('of 32 bits is the number that was meant', () => {
    expect(decode(good(10, Math.fround(3.14)), FLOAT).value).toBe(3.14)
    expect(decode(good(10, Math.fround(16777216)), FLOAT).value).toBe(16777216)
  })

  it('of an array is the element that was asked for', () => {
    const indexed = { ...FLOAT, indexed: true }
    expect(decode(good(11, new Float64Array([20]), 1), indexed).value).toBe(20)
    expect(decode(good(11, [1, 2], 1), indexed)).toEqual({ value: null, quality: 0x80740000 })
  })

  it('is always one that a batch can hold, whatever the server sends', () => {
    const variant = fc.record({
      dataType: fc.integer({ min: 0, max: 30 }),
      arrayType: fc.integer({ min: 0, max: 2 }),
      value: fc.anything({ withTypedArray: true, withDate: true, withBigInt: true })
    })
    const value = fc.record({ value: fc.option(variant), statusCode: fc.record({ value: fc.integer({ min: 0, max: 0xffffffff }) }) })
    const form = fc.record({
      dataType: fc.constantFrom('bool', 'integer', 'float', 'string') as fc.Arbitrary<ValueForm['dataType']>,
      indexed: fc.boolean(),
      scale: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      offset: fc.double({ min: -1e6, max: 1e6, noNaN: true })
    })
    fc.assert(
      fc.property(value, form, (one, as) => {
        const { value, quality } = decode(one, as)
        const fits = value === null || (typeof value === 'number' ? Number.isFinite(value) : value.length <= 500)
        return fits && Number.isInteger(quality) && quality >= 0 && quality <= 0xffffffff && (quality < 0x80000000 || value === null)
      }),
      { numRuns: 2000 }
    )
  })
})

it('takes no time that is none', () => {
  expect(timeOf(new Date(1_700_000_000_000))).toBe(1_700_000_000_000)
  for (const date of [null, undefined, new Date(Number.NaN), new Date(-1)]) expect(timeOf(date)).toBe(0)
})
