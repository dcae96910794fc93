// A small outage with kills: what is stored and what gap records tell are together exactly what was put.
import { expect, it } from 'vitest'
import { faultsOf, outage, tableOf } from './outage.ts'

it.concurrent.each([
  { name: 'cap for all', maxBytes: 64 << 20 },
  { name: 'cap too small', maxBytes: 100_000 }
])('$name: nothing is missing, doubled or wrong', async ({ name, maxBytes }) => {
  const result = await outage({ name, tags: 20, seconds: 3600, maxBytes, kills: { away: 4, back: 1 }, say: () => {} })
  expect(faultsOf(result), tableOf([result])).toEqual([])
  expect(result.inGaps > 0).toBe(name === 'cap too small')
  expect(result.kills).toBeGreaterThanOrEqual(4)
})
