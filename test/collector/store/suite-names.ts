// Names and texts of any kind reach no further than themselves, in every store.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { batchOf, everything, good, type Stores, T } from './suite-parts.ts'

export function names(stores: Stores): void {
  it('tells series with odd names apart, and no name reaches further than itself', async () => {
    const store = await stores.fresh()
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
    await stores.bothWays(store, async () => {
      for (const [i, name] of names.entries()) {
        const series = store.series({ site: name, agent: name, tag: name, view: 'wire' })
        expect(await store.samples({ series, ...everything, limit: 10 }), JSON.stringify(name)).toEqual([good(T + i, i)])
        expect(await store.count(series)).toBe(1)
      }
      expect(await store.count()).toBe(names.length)
    })
  })

  it('keeps names and texts of any kind to themselves', async () => {
    const store = await stores.fresh()
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
}
