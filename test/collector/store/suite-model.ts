// Every store comes to the same as a naive model, whatever is done to it in whatever order.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BAD_TIMEOUT, GOOD, UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import { Model } from './model.ts'
import { batchOf, key, type Stores, T } from './suite-parts.ts'

export function comparing(stores: Stores): void {
  it('comes to the same as a naive model', async () => {
    const value = fc.oneof(
      fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e12, max: 1e12 }),
      fc.integer({ min: -500, max: 500 }).map((n) => n / 100),
      fc.float({ noDefaultInfinity: true, noNaN: true }).filter((n) => Math.abs(n) < 1e12),
      fc.constant(null),
      fc.string({ unit: 'grapheme', maxLength: 4 })
    )
    const sample = fc.record({
      time: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 100_000 })),
      value,
      quality: fc.constantFrom(GOOD, GOOD, GOOD, UNCERTAIN_OUT_OF_RANGE, BAD_TIMEOUT)
    })
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant('append' as const), series: fc.nat(1), samples: fc.array(sample, { maxLength: 30 }) })
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) }
    )
    const query = fc.record({
      from: fc.integer({ min: -50, max: 100_100 }),
      span: fc.oneof(fc.nat(100), fc.nat(100_200)),
      buckets: fc.integer({ min: 1, max: 40 })
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.array(query, { minLength: 1, maxLength: 3 }), async (steps, queries) => {
        const place = await stores.newPlace()
        const model = new Model()
        let store = await place.open()
        const handles = () => [store.series(key('a')), store.series(key('b'))] as const
        try {
          for (const one of steps) {
            if (one.do === 'append') {
              // A sample is known by its time: what comes again is the same again.
              const batch = one.samples.map((each) => model.put(one.series, { ...each, time: T + each.time }))
              await store.append([batchOf(handles()[one.series as 0 | 1], batch)])
            } else if (one.do === 'settle') await stores.settle(store)
            else {
              await store.stop()
              store = await place.open()
            }
          }
          expect(await store.count()).toBe(model.count())
          for (const [i, series] of handles().entries()) {
            expect(await store.count(series)).toBe(model.count(i))
            expect(await store.latest([series])).toEqual([model.latest(i)])
            for (const { from, span, buckets } of queries) {
              const at = { from: T + from, to: T + from + span }
              expect(await store.samples({ series, ...at, limit: buckets })).toEqual(model.samples(i, at).slice(0, buckets))
              model.expectRange(await store.range({ series, ...at, buckets }), i, { ...at, buckets })
            }
          }
        } finally {
          await store.stop()
        }
      }),
      { numRuns: 40 }
    )
  })
}
