// One minute of the soak for each store: broker, store, collector and agents are killed, and nothing is missing or doubled.
import { describe, expect, it } from 'vitest'
import { faultsOf, soak, tableOf } from './soak-run.ts'

const SECONDS = 60

describe.concurrent('a minute of kills', () => {
  it.each(['influx', 'embedded'] as const)('loses and doubles nothing with the %s store', async (kind) => {
    const result = await soak({ kind, seconds: SECONDS, say: () => {} })
    console.log(tableOf(result))
    expect(faultsOf(result)).toEqual([])
    expect(Object.values(result.kills).every((count) => count >= 2)).toBe(true)
  })
})
