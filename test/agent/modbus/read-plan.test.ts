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

  it('fills a request up to its last register, and begins another for one more', () => {
    const most = limits({ maxRegistersPerRead: 10, maxBitsPerRead: 3 })
    expect(ranges(planReads(registers([0, 8], [8, 2]), most))).toEqual([[0, 10]])
    expect(ranges(planReads(registers([0, 8], [8, 3]), most))).toEqual([
      [0, 8],
      [8, 3]
    ])
    const coils = [0, 2, 3].map((address, tag): Span => ({ tag, table: 'coil', address, count: 1 }))
    expect(ranges(planReads(coils, most))).toEqual([
      [0, 3],
      [3, 1]
    ])
  })

  it.each([
    // What lies at the very edge of a hole divides; what lies beside it, or in another table, does not.
    ['holding-register', 2, 2, 2],
    ['holding-register', 4, 4, 2],
    ['holding-register', 0, 1, 1],
    ['holding-register', 5, 9, 1],
    ['input-register', 0, 9, 1],
    ['coil', 3, 3, 1]
  ] as const)('with %s %i..%i forbidden reads 0..1 and 5 in %j request(s)', (table, from, to, requests) => {
    // The tags themselves may touch the range here: only what lies between them counts.
    expect(planReads(registers([0, 2], [5, 1]), limits({ forbidden: [{ table, from, to }] }))).toHaveLength(requests)
  })

  it('reads values apart when asked to, but what shares registers together', () => {
    const apart = limits({ oneTagPerRead: true })
    expect(ranges(planReads(registers([0, 2], [0, 1], [1, 1], [2, 1], [3, 2], [4, 2]), apart))).toEqual([
      [0, 1],
      [0, 2],
      [2, 1],
      [3, 2],
      [4, 2]
    ])
    expect(ranges(planReads(registers([0, 1], [1, 1]), limits({ oneTagPerRead: false })))).toEqual([[0, 2]])
    const proven = planReads(registers([0, 1], [1, 1]), apart)
    expect(joinProven(proven, apart)).toEqual(proven)
    expect(ranges(joinProven(proven, limits({ oneTagPerRead: false })))).toEqual([[0, 2]])
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

  it.each([
    [
      [
        [0, 1],
        [1, 1],
        [2, 1],
        [3, 1]
      ],
      [0, 2],
      [2, 2]
    ],
    [
      [
        [0, 1],
        [1, 1],
        [2, 1]
      ],
      [0, 1],
      [1, 2]
    ],
    // A value that reaches over the middle is not cut; the cut nearest to the middle is taken.
    [
      [
        [0, 1],
        [1, 2],
        [2, 1],
        [3, 1]
      ],
      [0, 1],
      [1, 3]
    ],
    [
      [
        [0, 1],
        [1, 3],
        [2, 1],
        [3, 1],
        [9, 1],
        [10, 1]
      ],
      [0, 4],
      [9, 2]
    ],
    [
      [
        [0, 4],
        [0, 1],
        [2, 2],
        [7, 1]
      ],
      [0, 4],
      [7, 1]
    ]
  ] as [[number, number][], [number, number], [number, number]][])('halves %j into %j and %j', (places, left, right) => {
    const spans = registers(...places)
    const [first] = spans
    const whole = { table: 'holding-register', address: first?.address ?? 0, count: 11, spans } as const
    expect(ranges(halve(whole) ?? [])).toEqual([left, right])
    // In whatever order the tags stand.
    expect(ranges(halve({ ...whole, spans: spans.toReversed() }) ?? [])).toEqual([left, right])
  })

  it('joins up to the last register of a request, within one table', () => {
    const read = (table: Span['table'], address: number, count: number) => ({
      table,
      address,
      count,
      spans: [{ tag: 0, table, address, count }]
    })
    const both = [read('holding-register', 0, 4), read('holding-register', 4, 4)]
    expect(ranges(joinProven(both, limits({ maxRegistersPerRead: 8 })))).toEqual([[0, 8]])
    expect(ranges(joinProven([read('input-register', 0, 4), read('holding-register', 4, 4)], limits()))).toEqual([
      [0, 4],
      [4, 4]
    ])
    const coils = [read('coil', 0, 100), read('coil', 100, 100)]
    expect(ranges(joinProven(coils, limits()))).toEqual([[0, 200]])
    expect(joinProven(coils, limits({ maxBitsPerRead: 199 }))).toHaveLength(2)
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

it.each([
  [5, 1, true],
  [9, 1, true],
  [4, 1, false],
  [4, 2, true],
  [10, 1, false],
  [0, 20, true]
])('registers %i+%i touch 5..9: %j', (address, count, touching) => {
  const range: AddressRange = { table: 'holding-register', from: 5, to: 9 }
  expect(touches({ table: 'holding-register', address, count }, range)).toBe(touching)
  expect(touches({ table: 'input-register', address, count }, range)).toBe(false)
})
