// What may be forgotten, by a clock that is right and by one that is not.
import { describe, expect, it } from 'vitest'
import { forgetBefore } from '../../collector/retention.ts'

const DAY = 86_400_000
const now = Date.UTC(2026, 0, 5)

describe('retention', () => {
  it('counts from now while data come', () => {
    expect(forgetBefore({ now, newest: now - 1000, days: 400 })).toBe(now - 1000 - 400 * DAY)
  })

  it('is not led astray by a clock of its own, or of an agent, that runs years ahead', () => {
    expect(forgetBefore({ now: now + 9000 * DAY, newest: now, days: 400 })).toBe(now - 400 * DAY)
    expect(forgetBefore({ now, newest: now + 9000 * DAY, days: 400 })).toBe(now - 400 * DAY)
  })

  it('forgets nothing when nothing is known', () => {
    expect(forgetBefore({ now, newest: null, days: 1 })).toBe(0)
  })
})
