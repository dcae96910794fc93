// What every store must make of values and qualities, of texts, and of spans of time.
import { expect, it } from 'vitest'
import { BAD_NOT_A_NUMBER, BAD_TIMEOUT, UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import { MAX_TIME, MIN_TIME } from '../../../collector/store/stored.ts'
import type { StoredSample } from '../../../collector/store/telemetry.ts'
import { batchOf, everything, good, key, type Stores, T } from './suite-parts.ts'

export function values(stores: Stores): void {
  it('keeps no value with a bad quality and no good quality without a value', async () => {
    const store = await stores.fresh()
    const level = store.series(key('level'))
    const given: StoredSample[] = [
      good(T, 4),
      { time: T + 1, value: null, quality: BAD_TIMEOUT },
      { time: T + 2, value: 99, quality: BAD_TIMEOUT },
      good(T + 3, null),
      good(T + 4, Number.NaN),
      good(T + 5, Number.POSITIVE_INFINITY),
      { time: T + 6, value: 6, quality: UNCERTAIN_OUT_OF_RANGE },
      { time: T + 7, value: 'x', quality: 0xffffffff },
      good(T + 8, -0)
    ]
    await store.append([batchOf(level, given)])
    await stores.bothWays(store, async () => {
      expect(await store.samples({ series: level, ...everything, limit: 10 })).toEqual([
        good(T, 4),
        { time: T + 1, value: null, quality: BAD_TIMEOUT },
        { time: T + 2, value: null, quality: BAD_TIMEOUT },
        ...[3, 4, 5].map((i) => ({ time: T + i, value: null, quality: BAD_NOT_A_NUMBER })),
        { time: T + 6, value: 6, quality: UNCERTAIN_OUT_OF_RANGE },
        { time: T + 7, value: null, quality: 0xffffffff },
        good(T + 8, 0)
      ])
      expect(await store.range({ series: level, from: T, to: T + 9, buckets: 3 })).toEqual({
        bucketMs: 3,
        times: [T, T + 3, T + 6],
        min: [4, null, 0],
        max: [4, null, 6],
        mean: [4, null, 3],
        last: [null, null, 0],
        quality: [BAD_TIMEOUT, BAD_NOT_A_NUMBER, 0xffffffff],
        count: [3, 3, 3]
      })
    })
  })

  it('keeps texts as they are, beside numbers in the same series', async () => {
    const store = await stores.fresh()
    const state = store.series(key('state'))
    const texts = ['open', '', 'a "quoted" one', 'back\\slash\\', "it's", 'line\nbreak\ttab', '闸门全开 🌊', '12', ', = ', 'x'.repeat(500)]
    const samples = texts.map((text, i) => good(T + i, text))
    samples.push(good(T + 10, 7), good(T + 11, 'last'), good(T + 12, 8))
    await store.append([batchOf(state, samples)])
    await stores.bothWays(store, async () => {
      expect(await store.samples({ series: state, ...everything, limit: 20 })).toEqual(samples)
      expect(await store.latest([state])).toEqual([good(T + 12, 8)])
      const { last, mean, count } = await store.range({ series: state, from: T, to: T + 15, buckets: 5 })
      expect({ last, mean, count }).toEqual({
        last: ['a "quoted" one', 'line\nbreak\ttab', ', = ', 'last', 8],
        mean: [null, null, null, 7, 8],
        count: [3, 3, 3, 3, 1]
      })
    })
  })

  it('cuts parts of time at the same moments everywhere', async () => {
    const store = await stores.fresh()
    const level = store.series(key('level'))
    const from = T + 7
    await store.append([
      batchOf(
        level,
        [0, 9, 10, 19, 20, 94, 95].map((after) => good(from + after, after))
      )
    ])
    await stores.bothWays(store, async () => {
      // 95 ms in ten parts: whole milliseconds, the last part is shorter, and the end is not part of the span.
      const ten = await store.range({ series: level, from, to: from + 95, buckets: 10 })
      expect(ten.bucketMs).toBe(10)
      expect(ten.times).toEqual([0, 10, 20, 90].map((after) => from + after))
      expect(ten.count).toEqual([2, 2, 1, 1])
      expect(ten.last).toEqual([9, 19, 20, 94])
      const one = await store.range({ series: level, from: from - 1, to: from + 1, buckets: 1 })
      expect(one).toEqual({ bucketMs: 2, times: [from - 1], min: [0], max: [0], mean: [0], last: [0], quality: [0], count: [1] })
      const more = await store.range({ series: level, from, to: from + 3, buckets: 500 })
      expect(more.bucketMs).toBe(1)
      expect(more.times).toEqual([from])
      expect((await store.range({ series: level, from, to: from, buckets: 5 })).times).toEqual([])
      expect((await store.range({ series: level, from, to: from - 5, buckets: 5 })).times).toEqual([])
    })
  })

  it('holds the first and the last moment there is, and spans beyond them', async () => {
    const store = await stores.fresh()
    const level = store.series(key('level'))
    const samples = [MIN_TIME, -1, 0, 1, MAX_TIME].map((time, i) => good(time, i))
    await store.append([batchOf(level, samples)])
    await stores.bothWays(store, async () => {
      expect(await store.samples({ series: level, from: -8.64e15, to: 8.64e15, limit: 9 })).toEqual(samples)
      expect(await store.samples({ series: level, from: 0, to: MAX_TIME, limit: 9 })).toEqual(samples.slice(2, 4))
      for (const buckets of [1, 2, 3, 500]) {
        const { count, times, bucketMs } = await store.range({ series: level, from: -8.64e15, to: 8.64e15, buckets })
        expect(count.reduce((sum, one) => sum + one, 0)).toBe(5)
        for (const time of times) expect((time + 8.64e15) % bucketMs).toBe(0)
      }
      const halves = await store.range({ series: level, from: MIN_TIME, to: MAX_TIME + 1, buckets: 2 })
      expect(halves.count).toEqual([3, 2])
    })
  })
}
