// Chunks: whatever goes in comes out, in few bytes, and spoilt bytes are noticed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BAD_TIMEOUT, GOOD, isBad, UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import { ByteReader, BytesFault, ByteWriter } from '../../../collector/store/bytes.ts'
import { decodeChunk, encodeChunk, summarise } from '../../../collector/store/chunk.ts'
import { type Columns, newColumns, push, valueAt } from '../../../collector/store/columns.ts'
import { packIntegers, unpackIntegers } from '../../../collector/store/packed.ts'
import { MAX_TIME, MIN_TIME } from '../../../collector/store/stored.ts'
import type { StoredSample } from '../../../collector/store/telemetry.ts'

function columnsOf(samples: readonly StoredSample[]): Columns {
  const columns = newColumns()
  for (const { time, value, quality } of samples)
    push(columns, time, typeof value === 'number' ? value : Number.NaN, quality, typeof value === 'string' ? value : undefined)
  return columns
}

function samplesOf(columns: Columns): StoredSample[] {
  return Array.from({ length: columns.count }, (_, i) => ({
    time: columns.times[i] as number,
    value: valueAt(columns, i),
    quality: columns.qualities[i] as number
  }))
}

const copied = (samples: readonly StoredSample[]): StoredSample[] =>
  samplesOf(decodeChunk(encodeChunk(columnsOf(samples)).slice(), newColumns()))
const bytesFor = (values: readonly number[]): number =>
  encodeChunk(columnsOf(values.map((value, i) => ({ time: 1_760_000_000_000 + i * 1000, value, quality: GOOD })))).length / values.length

// A small generator of its own, so that the sizes below are the same in every run.
function noise(seed: number): () => number {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

describe('packed integers', () => {
  it('come back, whatever their size', () => {
    const number = fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer(), fc.integer({ min: -(2 ** 50), max: 2 ** 50 }))
    fc.assert(
      fc.property(fc.array(number, { maxLength: 400 }), number, (numbers, base) => {
        const out = new ByteWriter()
        packIntegers(out, Float64Array.from(numbers), numbers.length, base)
        const column = new Float64Array(numbers.length)
        const input = new ByteReader(out.written())
        unpackIntegers(input, column, numbers.length)
        expect([...column]).toEqual(numbers)
        expect(input.left).toBe(0)
      })
    )
  })
})

describe('chunks', () => {
  it('give back every sample exactly', () => {
    const value = fc.oneof(
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.float({ noDefaultInfinity: true, noNaN: true }),
      fc.integer().map((whole) => whole / 1000),
      fc.tuple(fc.integer({ min: -5000, max: 5000 }), fc.constantFrom(0.1, 0.01, 0.25, 1e-6)).map(([whole, scale]) => whole * scale - 40),
      fc.constantFrom(0, 1, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53, 2 ** 49 + 0.5, 1e15 + 0.3),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constant(null)
    )
    const sample = fc.record({
      time: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: MIN_TIME, max: MAX_TIME })),
      value,
      quality: fc.constantFrom(GOOD, GOOD, UNCERTAIN_OUT_OF_RANGE, 0x7fffffff)
    })
    fc.assert(
      fc.property(fc.uniqueArray(sample, { minLength: 1, maxLength: 300, selector: ({ time }) => time }), (some) => {
        const samples = some
          .map(({ time, value: one, quality }) =>
            one === null ? { time, value: one, quality: BAD_TIMEOUT } : { time, value: typeof one === 'number' ? one + 0 : one, quality }
          )
          .sort((a, b) => a.time - b.time)
        expect(copied(samples)).toEqual(samples)
      })
    )
  })

  it('give back columns of one kind exactly, whichever way they are packed', () => {
    const kinds = [
      fc.integer({ min: -100, max: 100 }).map((whole) => whole / 10),
      fc.float({ noDefaultInfinity: true, noNaN: true }),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.constantFrom(Math.PI, Math.E, -Math.SQRT2),
      fc.integer({ min: 0, max: 30_000 }).map((whole) => whole * 0.1)
    ]
    fc.assert(
      fc.property(fc.oneof(...kinds.map((kind) => fc.array(kind, { minLength: 1, maxLength: 200 }))), (values) => {
        const samples = values.map((value, i) => ({ time: i, value: value + 0, quality: GOOD }))
        expect(copied(samples)).toEqual(samples)
      })
    )
  })

  it('say in sum what they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer()), { minLength: 1, maxLength: 50 }), (values) => {
        const samples = values.map((value, time) => ({
          time,
          value,
          quality: value === null ? BAD_TIMEOUT : time % 2 ? GOOD : UNCERTAIN_OUT_OF_RANGE
        }))
        const numbers = values.filter((value) => value !== null)
        const { lastValue, lastQuality, ...sums } = summarise(columnsOf(samples))
        expect(sums).toEqual({
          first: 0,
          last: values.length - 1,
          count: values.length,
          numbers: numbers.length,
          minimum: Math.min(...numbers),
          maximum: Math.max(...numbers),
          total: numbers.reduce((sum, value) => sum + value, 0),
          worst: Math.max(...samples.map(({ quality }) => quality))
        })
        expect({ value: lastValue, quality: lastQuality }).toEqual({ value: samples.at(-1)?.value, quality: samples.at(-1)?.quality })
        expect(isBad(lastQuality)).toBe(lastValue === null)
      })
    )
  })

  it('need few bytes for what plants send', () => {
    const gauss = noise(7)
    const second = Array.from({ length: 1024 }, (_, i) => i)
    const wave = (i: number) => Math.sin(i / 600)
    expect(bytesFor(second.map((i) => Math.round((4.2 + 0.3 * wave(i) + 0.02 * gauss()) * 100) / 100))).toBeLessThan(0.7)
    expect(bytesFor(second.map((i) => Math.round((523 + 40 * wave(i) + 3 * gauss()) * 10) * 0.1))).toBeLessThan(1.6)
    expect(bytesFor(second.map((i) => Math.fround(50 + 5 * wave(i) + 0.2 * gauss())))).toBeLessThan(2.6)
    expect(bytesFor(second.map(() => (Math.round(gauss() * 3) * Math.PI) / 7 + 40))).toBeLessThan(0.9)
    expect(bytesFor(second.map((i) => (i % 300 < 200 ? 1 : 0)))).toBeLessThan(0.1)
    expect(bytesFor(second.map(() => 4.5))).toBeLessThan(0.05)
  })

  it('are noticed when their bytes are spoilt', () => {
    const samples = Array.from({ length: 200 }, (_, i) => ({ time: i * 1000, value: i % 7 === 0 ? 'text' : Math.sin(i), quality: GOOD }))
    const bytes = encodeChunk(columnsOf(samples)).slice()
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(bytes.length), (at, change, length) => {
        const spoilt = bytes.slice()
        spoilt[at] = (spoilt[at] as number) ^ change
        expect(() => decodeChunk(spoilt, newColumns())).toThrow(BytesFault)
        if (length < bytes.length) expect(() => decodeChunk(bytes.subarray(0, length), newColumns())).toThrow(BytesFault)
      })
    )
  })
})
