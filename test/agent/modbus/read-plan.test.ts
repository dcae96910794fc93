// The plan reads every tag once and whole, and never an address that is forbidden or too far from any tag.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AddressRange,
  halve,
  joinProven,
  type PlanLimits,
  planReads,
  type Span,
  TABLES,
  touches
} from '../../../agent/modbus/read-plan.ts'

const limits = (some: Partial<PlanLimits> = {}): PlanLimits => ({
  maxRegistersPerRead: 125,
  maxBitsPerRead: 2000,
  maxGap: 16,
  forbidden: [],
  ...some
})
const registers = (...places: [address: number, count: number][]): Span[] =>
  places.map(([address, count], tag) => ({ tag, table: 'holding-register', address, count }))
const ranges = (spans: readonly { address: number; count: number }[]) => spans.map(({ address, count }) => [address, count])

const anyRange = fc
  .record({ table: fc.constantFrom(...TABLES), from: fc.integer({ min: 0, max: 400 }), size: fc.integer({ min: 0, max: 30 }) })
  .map(({ table, from, size }): AddressRange => ({ table, from, to: from + size }))
const anyLimits = fc.record({
  maxRegistersPerRead: fc.integer({ min: 4, max: 125 }),
  maxBitsPerRead: fc.integer({ min: 1, max: 2000 }),
  maxGap: fc.integer({ min: 0, max: 125 }),
  forbidden: fc.array(anyRange, { maxLength: 5 })
})
const anySpans = fc
  .array(fc.record({ table: fc.constantFrom(...TABLES), address: fc.integer({ min: 0, max: 400 }), width: fc.constantFrom(1, 1, 2, 4) }), {
    maxLength: 80
  })
  .map((places) =>
    places.map(
      ({ table, address, width }, tag): Span => ({ tag, table, address, count: table === 'coil' || table === 'discrete-input' ? 1 : width })
    )
  )

describe('planReads', () => {
  it('reads neighbours together, over holes up to maxGap', () => {
    expect(ranges(planReads(registers([0, 2], [2, 1], [10, 2]), limits({ maxGap: 7 })))).toEqual([[0, 12]])
    expect(ranges(planReads(registers([0, 2], [2, 1], [10, 2]), limits({ maxGap: 6 })))).toEqual([
      [0, 3],
      [10, 2]
    ])
  })

  it('keeps to the most that one request may ask for', () => {
    const spans = registers(...Array.from({ length: 100 }, (_, i): [number, number] => [2 * i, 2]))
    expect(ranges(planReads(spans, limits()))).toEqual([
      [0, 124],
      [124, 76]
    ])
  })

  it('goes round a forbidden address between two tags', () => {
    const forbidden: AddressRange[] = [{ table: 'holding-register', from: 3, to: 3 }]
    expect(ranges(planReads(registers([0, 2], [5, 1]), limits({ forbidden })))).toEqual([
      [0, 2],
      [5, 1]
    ])
  })

  it('covers each tag exactly once and never reads what is forbidden', () => {
    fc.assert(
      fc.property(anySpans, anyLimits, (all, limits) => {
        // A tag on a forbidden address is a fault of the config and never gets here.
        const spans = all.filter((span) => !limits.forbidden.some((range) => touches(span, range)))
        const plan = planReads(spans, limits)
        expect(plan.flatMap((read) => read.spans.map((span) => span.tag)).sort((a, b) => a - b)).toEqual(spans.map((span) => span.tag))
        for (const read of plan) {
          expect(read.count).toBeLessThanOrEqual(
            read.table === 'coil' || read.table === 'discrete-input' ? limits.maxBitsPerRead : limits.maxRegistersPerRead
          )
          expect(limits.forbidden.filter((range) => touches(read, range))).toEqual([])
          let end = read.address
          for (const span of read.spans) {
            expect(span.table).toBe(read.table)
            expect(span.address).toBeGreaterThanOrEqual(read.address)
            expect(span.address + span.count).toBeLessThanOrEqual(read.address + read.count)
            expect(span.address - end).toBeLessThanOrEqual(limits.maxGap)
            end = Math.max(end, span.address + span.count)
          }
          expect(end).toBe(read.address + read.count)
        }
      })
    )
  })
})

describe('after a refused read', () => {
  it('halves without reading any new address, down to tags that share registers', () => {
    fc.assert(
      fc.property(anySpans, anyLimits, (spans, limits) => {
        for (const read of planReads(spans, limits)) {
          const halves = halve(read)
          if (halves === undefined) continue
          const [left, right] = halves
          expect([...left.spans, ...right.spans].map((span) => span.tag).sort()).toEqual(read.spans.map((span) => span.tag).sort())
          expect(left.address).toBe(read.address)
          expect(left.address + left.count).toBeLessThanOrEqual(right.address)
          expect(right.address + right.count).toBe(read.address + read.count)
        }
      })
    )
  })

  it('cannot halve bits of one register', () => {
    const [read] = planReads(registers([7, 1], [7, 1], [7, 1]), limits())
    expect(read && halve(read)).toBeUndefined()
  })

  it('joins what answered, but over no hole and not beyond the limit', () => {
    const single = (address: number, count: number) => planReads(registers([address, count]), limits())
    const reads = [...single(20, 2), ...single(0, 4), ...single(4, 4), ...single(9, 1)]
    expect(ranges(joinProven(reads, limits()))).toEqual([
      [0, 8],
      [9, 1],
      [20, 2]
    ])
    expect(ranges(joinProven(reads, limits({ maxRegistersPerRead: 7 })))).toEqual([
      [0, 4],
      [4, 4],
      [9, 1],
      [20, 2]
    ])
  })
})
