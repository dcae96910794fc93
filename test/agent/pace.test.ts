// The agent's sense of time: cadence, budget, back-off and a clock that never goes back.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from '../../agent/backoff.ts'
import { Budget } from '../../agent/budget.ts'
import { AgentClock } from '../../agent/clock.ts'
import { Poller } from '../../agent/poller.ts'
import { until } from '../parts/wait.ts'

describe('the budget', () => {
  it('lets no window of time see more requests than it allows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.integer({ min: 0, max: 100 }),
        fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { minLength: 1, maxLength: 60 }),
        async (requestsPerSecond, minGapMs, pauses) => {
          let now = 0
          const budget = new Budget({ requestsPerSecond, minGapMs, now: () => now })
          const begun: number[] = []
          for (const pause of pauses) {
            // The wait is made by moving the clock; what is left is the decision.
            now += pause
            now += Math.ceil(budget.waitMs())
            await budget.take(AbortSignal.timeout(10_000))
            begun.push(now)
            now += 1
            budget.ended()
          }
          const most = Math.max(1, Math.floor(requestsPerSecond))
          for (let i = 0; i + most < begun.length; i++)
            expect((begun[i + most] ?? 0) - (begun[i] ?? 0)).toBeGreaterThanOrEqual((1000 * most) / requestsPerSecond - 1e-6)
          for (let i = 1; i < begun.length; i++) expect((begun[i] ?? 0) - (begun[i - 1] ?? 0)).toBeGreaterThanOrEqual(minGapMs)
        }
      )
    )
  })

  it('ends its wait with the signal', async () => {
    const budget = new Budget({ requestsPerSecond: 0.01, minGapMs: 0 })
    const ending = new AbortController()
    await budget.take(ending.signal)
    const waiting = budget.take(ending.signal)
    ending.abort()
    await expect(waiting).rejects.toThrow('aborted')
  })
})

describe('the poller', () => {
  it('leaves out cycles while one is not over, and counts them', async () => {
    const ending = new AbortController()
    let open = 0
    let most = 0
    let skipped = 0
    const release = Promise.withResolvers<void>()
    const poller = new Poller({
      cadenceMs: 20,
      phase: 0,
      poll: async () => {
        most = Math.max(most, ++open)
        await release.promise
        open--
      },
      skipped: () => skipped++
    })
    const running = poller.run(ending.signal)
    await until(() => skipped >= 3, { what: 'three cycles left out' })
    expect(most).toBe(1)
    expect(poller.late).toBeGreaterThanOrEqual(skipped)
    ending.abort()
    release.resolve()
    await running
    expect(open).toBe(0)
  })

  it('does not catch up after a pause of the whole process', async () => {
    const ending = new AbortController()
    let polls = 0
    let pause = 0
    const now = () => performance.now() + pause
    const poller = new Poller({ cadenceMs: 50, phase: 0, poll: async () => void polls++, skipped: () => {}, now })
    const running = poller.run(ending.signal)
    await until(() => polls > 0, { what: 'the first cycle' })
    const before = polls
    pause = 50_000
    await until(() => poller.late >= 990, { what: 'the missed cycles to be counted', everyMs: 1 })
    expect(polls - before).toBeLessThan(5)
    ending.abort()
    await running
  })

  it('rejects when a poll rejects, which is a fault of ours', async () => {
    const poll = () => Promise.reject(new TypeError('ours'))
    await expect(new Poller({ cadenceMs: 10, phase: 0, poll, skipped: () => {} }).run(new AbortController().signal)).rejects.toThrow('ours')
  })
})

describe('the agent clock', () => {
  it('follows the wall, never goes back, and lets the wall catch up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ passed: fc.integer({ min: 0, max: 5000 }), jump: fc.constantFrom(0, 0, 0, -3000, -60_000, 7000) })),
        (steps) => {
          let steady = 0
          let wall = 1_700_000_000_000
          const clock = new AgentClock({ floor: 0, wall: () => wall, steady: () => steady })
          let last = clock.now()
          expect(last).toBe(wall)
          for (const { passed, jump } of steps) {
            steady += passed
            wall += passed + jump
            const now = clock.now()
            expect(now).toBeGreaterThanOrEqual(last)
            expect(now).toBeGreaterThanOrEqual(Math.floor(wall))
            last = now
          }
          // Twice the difference later it has gone away.
          const behind = last - wall
          steady += 2 * behind + 2
          wall += 2 * behind + 2
          expect(clock.now()).toBe(wall)
        }
      )
    )
  })

  it('starts no earlier than the last time before a restart', () => {
    const clock = new AgentClock({ floor: 5000, wall: () => 1000, steady: () => 0 })
    expect(clock.now()).toBe(5000)
    expect(clock.aheadMs).toBe(4000)
  })
})

it('backs off with full jitter up to its ceiling, and begins anew after a success', () => {
  const ceilings = new Backoff({ firstMs: 1000, mostMs: 60_000, random: () => 1 })
  expect(Array.from({ length: 9 }, () => ceilings.next())).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  ceilings.reset()
  expect(ceilings.next()).toBe(1000)
  const floors = new Backoff({ firstMs: 1000, mostMs: 60_000, random: () => 0 })
  expect(floors.next()).toBe(0)
})
