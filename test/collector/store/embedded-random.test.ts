// The embedded store through long random lives: runs of samples, late and repeated ones, sealing beside the appends,
// restarts and retention, enough of them that chunks fill, part and merge.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { EmbeddedConfig, EmbeddedStore } from '../../../collector/store/embedded.ts'
import { temporaryFolder } from '../../parts/wait.ts'
import { Model } from './model.ts'
import { batchOf, good, key, T } from './suite-parts.ts'

const SECONDS = 12_000
const MOST_SAMPLES = 3 * SECONDS

const run = fc.record({ from: fc.nat(SECONDS), length: fc.nat(1500), step: fc.constantFrom(1, 1, 1, 2, 7), backwards: fc.boolean() })
const deed = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('append' as const), series: fc.nat(1), run }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('seal' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retain' as const), second: fc.nat(SECONDS / 3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      from: fc.nat(SECONDS),
      span: fc.nat(SECONDS),
      buckets: fc.integer({ min: 1, max: 300 })
    })
  }
)

async function opened(directory: string): Promise<EmbeddedStore> {
  const store = new EmbeddedStore({
    config: EmbeddedConfig.parse({ directory, openSamples: 2000, synchronous: 'normal' }),
    log: quietLog()
  })
  await store.start()
  return store
}

it('comes to the same as a naive model after a long life', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 20, maxLength: 60, size: 'max' }), async (deeds) => {
      const directory = await temporaryFolder()
      const model = new Model()
      let store = await opened(directory)
      const handles = () => [store.series(key('a')), store.series(key('b'))]
      const look = async (from: number, to: number, buckets: number): Promise<void> => {
        expect(await store.count()).toBe(model.count())
        for (const [i, series] of handles().entries()) {
          expect(await store.count(series)).toBe(model.count(i))
          expect(await store.latest([series])).toEqual([model.latest(i)])
          expect(await store.samples({ series, from, to, limit: MOST_SAMPLES })).toEqual(model.samples(i, { from, to }))
          model.expectRange(await store.range({ series, from, to, buckets }), i, { from, to, buckets })
        }
      }
      try {
        let appends: Promise<void>[] = []
        for (const one of deeds) {
          if (one.do === 'append') {
            const { from, length, step, backwards } = one.run
            const seconds = Array.from({ length }, (_, i) => from + i * step)
            const samples = (backwards ? seconds.reverse() : seconds).map((second) =>
              model.put(one.series, good(T + second * 1000, Math.round(Math.sin(second / 100) * 500) / 100))
            )
            appends.push(store.append([batchOf(handles()[one.series] as number, samples)]))
            continue
          }
          await Promise.all(appends)
          appends = []
          if (one.do === 'seal') await store.seal()
          else if (one.do === 'restart') {
            await store.stop()
            store = await opened(directory)
          } else if (one.do === 'retain') expect(await store.retain(T + one.second * 1000)).toBe(model.forget(T + one.second * 1000))
          else await look(T + one.from * 1000, T + (one.from + one.span) * 1000, one.buckets)
        }
        await Promise.all(appends)
        await look(T, T + 3 * SECONDS * 1000, 50)
      } finally {
        await store.stop()
      }
    }),
    { numRuns: 6, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: true }
  )
})
