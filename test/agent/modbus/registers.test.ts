// Registers to values: golden cases of real encodings, and a round trip for every type and order.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BAD_NOT_A_NUMBER, GOOD, UNCERTAIN_OUT_OF_RANGE, UNCERTAIN_PRECISION_LOST } from '#contract/quality.ts'
import {
  BYTE_ORDERS,
  type ByteOrder,
  dataTypeOf,
  decoderOf,
  VALUE_TYPES,
  type ValueForm,
  widthOf
} from '../../../agent/modbus/registers.ts'

const Case = z.strictObject({
  about: z.string(),
  form: z.strictObject({
    type: z.enum(VALUE_TYPES),
    order: z.enum(BYTE_ORDERS).optional(),
    bit: z.int().optional(),
    length: z.int().optional(),
    scale: z.number().optional(),
    offset: z.number().optional(),
    range: z.strictObject({ low: z.number(), high: z.number() }).optional(),
    absent: z.array(z.number()).optional()
  }),
  cases: z.array(
    z.strictObject({
      words: z.array(z.string().regex(/^[0-9A-F]{4}$/)),
      value: z.union([z.number(), z.string(), z.null()]),
      quality: z.int().default(GOOD)
    })
  )
})

const folder = join(import.meta.dirname, '../../cases/registers')
const names = readdirSync(folder)

describe.each(names)('case %s', (name) => {
  const { form, cases } = Case.parse(JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')))
  it.each(cases)('$words is $value', ({ words, value, quality }) => {
    expect(words).toHaveLength(widthOf(form))
    // Lies among other registers, to see that the place is kept to.
    const bytes = Buffer.concat([Buffer.alloc(4, 0xa5), Buffer.from(words.join(''), 'hex'), Buffer.alloc(4, 0x5a)])
    expect(decoderOf(form)(bytes, 4)).toEqual({ value, quality })
  })
})

// The wire form of big-endian bytes, made in another way than the decoder's: by turning whole words and bytes round.
function onTheWire(bigEndian: Buffer, order: ByteOrder): Buffer {
  const words = Array.from({ length: bigEndian.length / 2 }, (_, i) => bigEndian.subarray(2 * i, 2 * i + 2))
  if (order === 'CDAB' || order === 'DCBA') words.reverse()
  const bytes = Buffer.concat(words)
  return order === 'BADC' || order === 'DCBA' ? bytes.swap16() : bytes
}

const order = fc.constantFrom(...BYTE_ORDERS)
const decodeBack = (form: ValueForm, bigEndian: Buffer) => decoderOf(form)(onTheWire(bigEndian, form.order ?? 'ABCD'), 0)

describe('round trips', () => {
  it.each([
    ['int16', 2, fc.integer({ min: -0x8000, max: 0x7fff }), (b: Buffer, v: number) => b.writeInt16BE(v)],
    ['uint16', 2, fc.integer({ min: 0, max: 0xffff }), (b: Buffer, v: number) => b.writeUInt16BE(v)],
    ['int32', 4, fc.integer({ min: -0x80000000, max: 0x7fffffff }), (b: Buffer, v: number) => b.writeInt32BE(v)],
    ['uint32', 4, fc.integer({ min: 0, max: 0xffffffff }), (b: Buffer, v: number) => b.writeUInt32BE(v)],
    ['int64', 8, fc.maxSafeInteger(), (b: Buffer, v: number) => b.writeBigInt64BE(BigInt(v))],
    ['uint64', 8, fc.maxSafeNat(), (b: Buffer, v: number) => b.writeBigUInt64BE(BigInt(v))],
    ['float64', 8, fc.double({ noNaN: true, noDefaultInfinity: true }), (b: Buffer, v: number) => b.writeDoubleBE(v)]
  ] as const)('%s', (type, size, arbitrary, write) => {
    fc.assert(
      fc.property(arbitrary, order, (value, order) => {
        const bytes = Buffer.alloc(size)
        write(bytes, value)
        expect(decodeBack({ type, order }, bytes)).toEqual({ value: value === 0 ? 0 : value, quality: GOOD })
      })
    )
  })

  it('float32 is the same float32, in at most 9 digits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), order, (float, order) => {
        const bytes = Buffer.alloc(4)
        bytes.writeFloatBE(float)
        const { value } = decodeBack({ type: 'float32', order }, bytes)
        expect(Math.fround(Number(value)) === float).toBe(true)
        const magnitude = Math.abs(float)
        if (magnitude > 1e-12 && magnitude < 1e9)
          expect(
            String(value)
              .replace(/[-.]|e.*$/g, '')
              .replace(/^0+/, '').length
          ).toBeLessThanOrEqual(9)
      }),
      { numRuns: 500 }
    )
  })

  it('every bit pattern gives a value with a quality, and never a NaN', () => {
    const types = fc.constantFrom(...VALUE_TYPES)
    fc.assert(
      fc.property(types, order, fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.double(), (type, order, bytes, scale) => {
        const form: ValueForm = { type, order, bit: 5, length: 8, scale: type === 'string' || Number.isNaN(scale) ? undefined : scale }
        const { value, quality } = decoderOf(form)(Buffer.from(bytes), 0)
        expect(Number.isNaN(value)).toBe(false)
        expect(value === null).toBe(quality === BAD_NOT_A_NUMBER)
      })
    )
  })

  it('a decimal scale gives the decimal that a person would write', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -0x8000, max: 0x7fff }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: -5000, max: 5000 }),
        (raw, places, cents) => {
          const bytes = Buffer.alloc(2)
          bytes.writeInt16BE(raw)
          const form: ValueForm = { type: 'int16', scale: Number(`1e-${places}`), offset: cents / 100 }
          // The true sum, in whole numbers of the smallest unit.
          const unit = Math.max(places, 2)
          const whole = BigInt(raw) * 10n ** BigInt(unit - places) + BigInt(cents) * 10n ** BigInt(unit - 2)
          const digits = String(whole < 0n ? -whole : whole).padStart(unit + 1, '0')
          const exact = Number(`${whole < 0n ? '-' : ''}${digits.slice(0, -unit)}.${digits.slice(-unit)}`)
          expect(decoderOf(form)(bytes, 0).value).toBe(exact === 0 ? 0 : exact)
        }
      )
    )
  })
})

describe('quality', () => {
  it('marks what a double cannot hold exactly', () => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(2n ** 53n + 1n)
    expect(decoderOf({ type: 'uint64' })(bytes, 0)).toEqual({ value: 2 ** 53, quality: UNCERTAIN_PRECISION_LOST })
  })

  it('keeps a value outside its range and says so', () => {
    const decode = decoderOf({ type: 'uint16', scale: 0.01, range: { low: 0, high: 6 } })
    expect(decode(Buffer.from([0x02, 0x59]), 0)).toEqual({ value: 6.01, quality: UNCERTAIN_OUT_OF_RANGE })
    expect(decode(Buffer.from([0x02, 0x58]), 0)).toEqual({ value: 6, quality: GOOD })
  })
})

it('a coil is 0 or 1', () => {
  const decode = decoderOf({ type: 'bool' })
  expect([0, 1].map((at) => decode(Buffer.from([0, 1]), at))).toEqual([
    { value: 0, quality: GOOD },
    { value: 1, quality: GOOD }
  ])
})

it.each([
  ['ABCD', 0],
  ['CDAB', 0],
  ['BADC', 1],
  ['DCBA', 1]
] as const)('bit 9 of a register in the order %s lies in the byte that the order says', (order, value) => {
  expect(decoderOf({ type: 'bit', bit: 9, order })(Buffer.from([0x00, 0x02]), 0)).toEqual({ value, quality: GOOD })
})

it('takes one coil for a bool, and the registers that hold its characters for a string', () => {
  expect([widthOf({ type: 'bool' }), widthOf({ type: 'bit' }), widthOf({ type: 'string', length: 5 })]).toEqual([1, 1, 3])
})

it('knows the kind of value that comes out', () => {
  expect(dataTypeOf({ type: 'bool' })).toBe('bool')
  expect(dataTypeOf({ type: 'float64' })).toBe('float')
  expect(dataTypeOf({ type: 'bit' })).toBe('bool')
  expect(dataTypeOf({ type: 'uint32' })).toBe('integer')
  expect(dataTypeOf({ type: 'uint16', scale: 0.1 })).toBe('float')
  expect(dataTypeOf({ type: 'bcd16', scale: 10 })).toBe('integer')
  expect(dataTypeOf({ type: 'float32' })).toBe('float')
  expect(dataTypeOf({ type: 'string', length: 4 })).toBe('string')
})
