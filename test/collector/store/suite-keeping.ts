// What every store must do with samples: keep each once, in order, over restarts, and forget them when told.
import { expect, it } from 'vitest'
import { UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import { MAX_TIME, MIN_TIME } from '../../../collector/store/stored.ts'
import type { StoreBatch, TelemetryStore } from '../../../collector/store/telemetry.ts'
import { batchOf, everything, good, key, type Stores, T } from './suite-parts.ts'

export function keeping(stores: Stores): void {
  it('gives a series the same handle as long as it is open', async () => {
    const store = await stores.fresh()
    const one = store.series(key('level'))
    expect(store.series(key('flow'))).not.toBe(one)
    expect(store.series({ ...key('level'), view: 'wire' })).not.toBe(one)
    expect(store.series(key('level'))).toBe(one)
  })

  it('has nothing at first', async () => {
    const store = await stores.fresh()
    const series = store.series(key('level'))
    expect(await store.latest([series])).toEqual([null])
    expect(await store.samples({ series, ...everything, limit: 10 })).toEqual([])
    expect((await store.range({ series, from: T, to: T + 1000, buckets: 10 })).times).toEqual([])
    expect(await store.count()).toBe(0)
    expect(await store.count(series)).toBe(0)
    await store.append([])
    await store.append([batchOf(series, [])])
    expect(await store.count()).toBe(0)
  })

  it('keeps samples of several series and gives them back in order', async () => {
    const store = await stores.fresh()
    const level = store.series(key('level'))
    const flow = store.series(key('flow'))
    await store.append([
      { series: [level, flow, level], times: [T, T, T + 1000], values: [1.5, 20, 1.25], qualities: [0, UNCERTAIN_OUT_OF_RANGE, 0] },
      batchOf(flow, [good(T + 1000, 21)])
    ])
    await stores.bothWays(store, async () => {
      expect(await store.samples({ series: level, ...everything, limit: 10 })).toEqual([good(T, 1.5), good(T + 1000, 1.25)])
      expect(await store.samples({ series: flow, ...everything, limit: 1 })).toEqual([
        { time: T, value: 20, quality: UNCERTAIN_OUT_OF_RANGE }
      ])
      expect(await store.samples({ series: level, from: T + 1, to: T + 1000, limit: 10 })).toEqual([])
      expect(await store.samples({ series: level, from: T + 1000, to: T + 1001, limit: 10 })).toEqual([good(T + 1000, 1.25)])
      expect(await store.latest([flow, level, flow])).toEqual([good(T + 1000, 21), good(T + 1000, 1.25), good(T + 1000, 21)])
      expect(await store.count()).toBe(4)
      expect(await store.count(flow)).toBe(2)
    })
  })

  it('has all of it after it was closed and opened again', async () => {
    const place = await stores.newPlace()
    const first = await stores.open(place)
    await first.append([batchOf(first.series(key('level')), [good(T, 1), good(T + 1000, 2)])])
    await first.append([batchOf(first.series(key('state')), [good(T, 'running')])])
    await first.stop()
    const second = await stores.open(place)
    const state = second.series(key('state'))
    const level = second.series(key('level'))
    await stores.bothWays(second, async () => {
      expect(await second.latest([level, state])).toEqual([good(T + 1000, 2), good(T, 'running')])
      expect(await second.samples({ series: level, ...everything, limit: 10 })).toEqual([good(T, 1), good(T + 1000, 2)])
      expect(await second.count()).toBe(3)
    })
  })

  it('changes nothing when samples come twice, at once, overlapping, or after a restart', async () => {
    const place = await stores.newPlace()
    const first = await stores.open(place)
    const samples = Array.from({ length: 2500 }, (_, i) => good(T + i * 1000, Math.sin(i)))
    const level = first.series(key('level'))
    await first.append([batchOf(level, samples.slice(0, 1500)), batchOf(level, samples.slice(0, 100))])
    await first.append([batchOf(level, samples.slice(1000, 2000))])
    await stores.settle(first)
    await first.append([batchOf(level, samples.slice(500, 2500))])
    await first.append([batchOf(level, samples.slice(0, 2500))])
    await stores.bothWays(first, async () => {
      expect(await first.count(level)).toBe(2500)
      expect(await first.count()).toBe(2500)
    })
    await first.stop()
    const second = await stores.open(place)
    const again = second.series(key('level'))
    await second.append([batchOf(again, samples)])
    await stores.bothWays(second, async () => {
      expect(await second.count()).toBe(2500)
      expect(await second.samples({ series: again, ...everything, limit: 3000 })).toEqual(samples)
    })
  })

  it('puts late samples where they belong', async () => {
    const store = await stores.fresh()
    const level = store.series(key('level'))
    const samples = Array.from({ length: 3000 }, (_, i) => good(T + i * 1000, i))
    await store.append([
      batchOf(
        level,
        samples.filter((_, i) => i % 3 === 0 && i > 600)
      )
    ])
    await stores.settle(store)
    await store.append([
      batchOf(
        level,
        samples.filter((_, i) => i % 3 === 1)
      )
    ])
    await stores.settle(store)
    await store.append([batchOf(level, samples.filter((_, i) => i % 3 === 2).reverse())])
    await store.append([batchOf(level, samples.slice(0, 601))])
    await stores.bothWays(store, async () => {
      expect(await store.samples({ series: level, ...everything, limit: 5000 })).toEqual(samples)
      expect(await store.latest([level])).toEqual([samples.at(-1)])
      expect(await store.count(level)).toBe(3000)
      const { count, last } = await store.range({ series: level, from: T, to: T + 3_000_000, buckets: 3 })
      expect({ count, last }).toEqual({ count: [1000, 1000, 1000], last: [999, 1999, 2999] })
    })
  })

  it('refuses what it cannot keep, all of the call, and goes on', async () => {
    const store = await stores.fresh()
    const level = store.series(key('level'))
    const fine = batchOf(level, [good(T, 1)])
    const refused: StoreBatch[] = [
      batchOf(level, [good(MAX_TIME + 1, 1)]),
      batchOf(level, [good(MIN_TIME - 1, 1)]),
      batchOf(level, [good(T + 0.5, 1)]),
      batchOf(level, [good(Number.NaN, 1)]),
      batchOf(level, [{ time: T, value: 1, quality: -1 }]),
      batchOf(level, [{ time: T, value: 1, quality: 2 ** 32 }]),
      batchOf(level + 1, [good(T, 1)]),
      { ...fine, values: [] }
    ]
    for (const batch of refused)
      await expect(store.append([fine, batch])).rejects.toMatchObject({ name: 'StoreFault', code: 'STORE_REFUSED' })
    expect(await store.count()).toBe(0)
    await store.append([fine])
    expect(await store.count()).toBe(1)
  })

  it('forgets what is older, and only that', async () => {
    const place = await stores.newPlace()
    const store = await stores.open(place)
    const level = store.series(key('level'))
    const old = store.series(key('old'))
    const samples = Array.from({ length: 2600 }, (_, i) => good(T + i * 1000, i))
    await store.append([batchOf(level, samples), batchOf(old, samples.slice(0, 5))])
    await stores.settle(store)
    await store.append([batchOf(level, [good(T + 2_600_000, -1)])])
    const forgotten = await store.retain(T + 1_500_000)
    expect([1505, null]).toContain(forgotten)
    const check = async (one: TelemetryStore, [levelThere, oldThere]: [number, number]) => {
      expect(await one.count()).toBe(1101)
      expect(await one.count(oldThere)).toBe(0)
      expect(await one.latest([oldThere, levelThere])).toEqual([null, good(T + 2_600_000, -1)])
      expect((await one.samples({ series: levelThere, ...everything, limit: 2000 })).map(({ time }) => time)).toEqual([
        ...samples.slice(1500).map(({ time }) => time),
        T + 2_600_000
      ])
    }
    await check(store, [level, old])
    // What was forgotten may come again.
    await store.append([batchOf(old, [good(T, 3)])])
    expect(await store.latest([old])).toEqual([good(T, 3)])
    await store.retain(T + 1)
    await store.stop()
    const again = await stores.open(place)
    await check(again, [again.series(key('level')), again.series(key('old'))])
  })
}
