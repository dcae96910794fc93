// Any timeline: messages lost on the way, doubled and in another order, while the collector is killed again and again. In the end
// each message that ever came is stored once, each that never came stands in a gap, and the watermark is past them all.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

const MESSAGES = 20

const timeline = fc.record({
  // How often a message comes, 0 for never, and how far it is put off.
  fates: fc.array(fc.record({ copies: fc.constantFrom(0, 1, 1, 1, 1, 2), late: fc.constantFrom(0, 0, 0, 1, 3, 6) }), {
    minLength: MESSAGES,
    maxLength: MESSAGES
  }),
  // After which deliveries the collector is killed.
  kills: fc.uniqueArray(fc.integer({ min: 0, max: MESSAGES }), { maxLength: 2 })
})

describe('any timeline', () => {
  it('loses nothing silently and doubles nothing', async () => {
    await fc.assert(
      fc.asyncProperty(timeline, async ({ fates, kills }) => {
        let world = await World.open({ limits: { holdSeconds: 0.2 } })
        const agent = await world.voice()
        const numbers = fates.map((_fate, i) => i + 1)
        const deliveries = numbers
          .flatMap((n) =>
            Array.from({ length: fates[n - 1]?.copies ?? 0 }, (_, copy) => ({ n, at: n + (fates[n - 1]?.late ?? 0) * (copy + 1) }))
          )
          .sort((a, b) => a.at - b.at)
        const came = new Set<number>()
        await world.hears(agent, agent.birth())
        for (const [index, { n }] of deliveries.entries()) {
          came.add(n)
          const heard = world.hears(agent, agent.samples(n))
          if (kills.includes(index)) {
            const folder = await world.killed()
            await heard
            await world.stop()
            world = await World.open({ folder, limits: { holdSeconds: 0.2 } })
            // The agent sends again what is not behind the watermark that it heard; what it never sends again is lost for good.
            await world.hears(agent, agent.birth(), ...[...came].sort((a, b) => a - b).map((again) => agent.samples(again)))
          }
          await heard
        }
        const last = Math.max(0, ...came)
        if (last > 0) await world.shows('the last watermark', () => world.ack(agent) === `1:${last}`)
        const missing = numbers.filter((n) => n < last && !came.has(n))
        const inGaps = (await world.spine.plant.gaps({})).flatMap(({ first, last: end }) =>
          Array.from({ length: end - first + 1 }, (_, i) => first + i)
        )
        expect(inGaps.sort((a, b) => a - b)).toEqual(missing)
        expect(await world.count()).toBe(3 * came.size)
        expect(await world.codes()).toEqual([])
        await world.stop()
      }),
      { numRuns: 8 }
    )
  })
})
