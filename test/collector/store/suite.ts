// What every store of samples must do; run against the embedded one and against a real InfluxDB.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BAD_NOT_A_NUMBER, BAD_TIMEOUT, GOOD, UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import { MAX_TIME, MIN_TIME } from '../../../collector/store/stored.ts'
import type { SeriesKey, StoreBatch, StoredSample, TelemetryStore } from '../../../collector/store/telemetry.ts'
import { Model } from './model.ts'

export interface Place {
  /** A store of its own, empty at first; opened again it is a new process on the same data. */
  open(): Promise<TelemetryStore>
}

export interface Subject {
  newPlace(): Promise<Place>
  /** Does at once what the store does by itself after a while. */
  settle(store: TelemetryStore): Promise<void>
  stop(): Promise<void>
}

const T = 1_760_000_000_000
const key = (tag: string): SeriesKey => ({ site: 'waterworks', agent: 'agent-1', tag, view: 'polled' })
const everything = { from: 0, to: T * 2 }

export function batchOf(series: number, samples: readonly StoredSample[]): StoreBatch {
  return {
    series: samples.map(() => series),
    times: samples.map(({ time }) => time),
    values: samples.map(({ value }) => value),
    qualities: samples.map(({ quality }) => quality)
  }
}

const good = (time: number, value: SampleValue): StoredSample => ({ time, value, quality: GOOD })

export function describeStore(name: string, start: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    const opened: TelemetryStore[] = []

    beforeAll(async () => {
      subject = await start()
    })
    afterAll(async () => {
      for (const store of opened) await store.stop()
      await subject.stop()
    })

    async function opening(place: Place): Promise<TelemetryStore> {
      const store = await place.open()
      opened.push(store)
      return store
    }
    const fresh = async () => opening(await subject.newPlace())

    // Each check is made on what came just now and again on what the store has put away.
    async function bothWays(store: TelemetryStore, check: () => Promise<void>): Promise<void> {
      await check()
      await subject.settle(store)
      await check()
    }

    it('gives a series the same handle as long as it is open', async () => {
      const store = await fresh()
      const one = store.series(key('level'))
      expect(store.series(key('flow'))).not.toBe(one)
      expect(store.series({ ...key('level'), view: 'wire' })).not.toBe(one)
      expect(store.series(key('level'))).toBe(one)
    })

    it('has nothing at first', async () => {
      const store = await fresh()
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
      const store = await fresh()
      const level = store.series(key('level'))
      const flow = store.series(key('flow'))
      await store.append([
        { series: [level, flow, level], times: [T, T, T + 1000], values: [1.5, 20, 1.25], qualities: [0, UNCERTAIN_OUT_OF_RANGE, 0] },
        batchOf(flow, [good(T + 1000, 21)])
      ])
      await bothWays(store, async () => {
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
      const place = await subject.newPlace()
      const first = await opening(place)
      await first.append([batchOf(first.series(key('level')), [good(T, 1), good(T + 1000, 2)])])
      await first.append([batchOf(first.series(key('state')), [good(T, 'running')])])
      await first.stop()
      const second = await opening(place)
      const state = second.series(key('state'))
      const level = second.series(key('level'))
      await bothWays(second, async () => {
        expect(await second.latest([level, state])).toEqual([good(T + 1000, 2), good(T, 'running')])
        expect(await second.samples({ series: level, ...everything, limit: 10 })).toEqual([good(T, 1), good(T + 1000, 2)])
        expect(await second.count()).toBe(3)
      })
    })

    it('changes nothing when samples come twice, at once, overlapping, or after a restart', async () => {
      const place = await subject.newPlace()
      const first = await opening(place)
      const samples = Array.from({ length: 2500 }, (_, i) => good(T + i * 1000, Math.sin(i)))
      const level = first.series(key('level'))
      await first.append([batchOf(level, samples.slice(0, 1500)), batchOf(level, samples.slice(0, 100))])
      await first.append([batchOf(level, samples.slice(1000, 2000))])
      await subject.settle(first)
      await first.append([batchOf(level, samples.slice(500, 2500))])
      await first.append([batchOf(level, samples.slice(0, 2500))])
      await bothWays(first, async () => {
        expect(await first.count(level)).toBe(2500)
        expect(await first.count()).toBe(2500)
      })
      await first.stop()
      const second = await opening(place)
      const again = second.series(key('level'))
      await second.append([batchOf(again, samples)])
      await bothWays(second, async () => {
        expect(await second.count()).toBe(2500)
        expect(await second.samples({ series: again, ...everything, limit: 3000 })).toEqual(samples)
      })
    })

    it('puts late samples where they belong', async () => {
      const store = await fresh()
      const level = store.series(key('level'))
      const samples = Array.from({ length: 3000 }, (_, i) => good(T + i * 1000, i))
      await store.append([
        batchOf(
          level,
          samples.filter((_, i) => i % 3 === 0 && i > 600)
        )
      ])
      await subject.settle(store)
      await store.append([
        batchOf(
          level,
          samples.filter((_, i) => i % 3 === 1)
        )
      ])
      await subject.settle(store)
      await store.append([batchOf(level, samples.filter((_, i) => i % 3 === 2).reverse())])
      await store.append([batchOf(level, samples.slice(0, 601))])
      await bothWays(store, async () => {
        expect(await store.samples({ series: level, ...everything, limit: 5000 })).toEqual(samples)
        expect(await store.latest([level])).toEqual([samples.at(-1)])
        expect(await store.count(level)).toBe(3000)
        const { count, last } = await store.range({ series: level, from: T, to: T + 3_000_000, buckets: 3 })
        expect({ count, last }).toEqual({ count: [1000, 1000, 1000], last: [999, 1999, 2999] })
      })
    })

    it('keeps no value with a bad quality and no good quality without a value', async () => {
      const store = await fresh()
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
      await bothWays(store, async () => {
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
      const store = await fresh()
      const state = store.series(key('state'))
      const texts = [
        'open',
        '',
        'a "quoted" one',
        'back\\slash\\',
        "it's",
        'line\nbreak\ttab',
        '闸门全开 🌊',
        '12',
        ', = ',
        'x'.repeat(500)
      ]
      const samples = texts.map((text, i) => good(T + i, text))
      samples.push(good(T + 10, 7), good(T + 11, 'last'), good(T + 12, 8))
      await store.append([batchOf(state, samples)])
      await bothWays(store, async () => {
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
      const store = await fresh()
      const level = store.series(key('level'))
      const from = T + 7
      await store.append([
        batchOf(
          level,
          [0, 9, 10, 19, 20, 94, 95].map((after) => good(from + after, after))
        )
      ])
      await bothWays(store, async () => {
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
      const store = await fresh()
      const level = store.series(key('level'))
      const samples = [MIN_TIME, -1, 0, 1, MAX_TIME].map((time, i) => good(time, i))
      await store.append([batchOf(level, samples)])
      await bothWays(store, async () => {
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

    it('refuses what it cannot keep, all of the call, and goes on', async () => {
      const store = await fresh()
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
      const place = await subject.newPlace()
      const store = await opening(place)
      const level = store.series(key('level'))
      const old = store.series(key('old'))
      const samples = Array.from({ length: 2600 }, (_, i) => good(T + i * 1000, i))
      await store.append([batchOf(level, samples), batchOf(old, samples.slice(0, 5))])
      await subject.settle(store)
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
      const again = await opening(place)
      await check(again, [again.series(key('level')), again.series(key('old'))])
    })

    it('tells series with odd names apart, and no name reaches further than itself', async () => {
      const store = await fresh()
      const names = [
        '',
        ' ',
        'a b',
        'a,b',
        'a=b',
        'a\\',
        'a\\,',
        '"',
        "'",
        "' OR 1=1 --",
        '%',
        '%20',
        '%25',
        '液位',
        'tag',
        'line\nbreak',
        '\0',
        '$site',
        '/.*/'
      ]
      const batches = names.map((name, i) => batchOf(store.series({ site: name, agent: name, tag: name, view: 'wire' }), [good(T + i, i)]))
      await store.append(batches)
      await bothWays(store, async () => {
        for (const [i, name] of names.entries()) {
          const series = store.series({ site: name, agent: name, tag: name, view: 'wire' })
          expect(await store.samples({ series, ...everything, limit: 10 }), JSON.stringify(name)).toEqual([good(T + i, i)])
          expect(await store.count(series)).toBe(1)
        }
        expect(await store.count()).toBe(names.length)
      })
    })

    it('keeps names and texts of any kind to themselves', async () => {
      const store = await fresh()
      let next = 0
      const text = fc.string({ unit: 'binary', maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(text, text, text, async (site, tag, value) => {
          const before = await store.count()
          const time = T + next++
          const series = store.series({ site, agent: 'a', tag, view: 'polled' })
          await store.append([batchOf(series, [good(time, value)])])
          expect(await store.samples({ series, from: time, to: time + 1, limit: 5 })).toEqual([good(time, value)])
          expect(await store.count()).toBe(before + 1)
        }),
        { numRuns: 40 }
      )
    })

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
          const place = await subject.newPlace()
          const model = new Model()
          let store = await place.open()
          const handles = () => [store.series(key('a')), store.series(key('b'))] as const
          try {
            for (const one of steps) {
              if (one.do === 'append') {
                // A sample is known by its time: what comes again is the same again.
                const batch = one.samples.map((each) => model.put(one.series, { ...each, time: T + each.time }))
                await store.append([batchOf(handles()[one.series as 0 | 1], batch)])
              } else if (one.do === 'settle') await subject.settle(store)
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
  })
}
