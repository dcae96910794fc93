// The agent's sense of time: cadence, budget, back-off and a clock that never goes back.
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from '../../agent/backoff.ts'
import { Budget } from '../../agent/budget.ts'
import { AgentClock } from '../../agent/clock.ts'
import { firstCycles, type LeftOut, Poller } from '../../agent/poller.ts'
import { until } from '../parts/wait.ts'

describe('the budget', () => {
  it('lets no second see more requests or registers than it allows, whatever is asked when', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.integer({ min: 125, max: 2000 }),
        fc.integer({ min: 0, max: 100 }),
        // How long nobody asks, how long the answer or its timeout takes, and how much is asked for.
        fc.array(
          fc.tuple(fc.double({ min: 0, max: 2000, noNaN: true }), fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 125 })),
          {
            minLength: 1,
            maxLength: 80
          }
        ),
        (requestsPerSecond, registersPerSecond, minGapMs, steps) => {
          let now = 0
          const budget = new Budget({ requestsPerSecond, registersPerSecond, minGapMs, now: () => now })
          const begun: { at: number; registers: number }[] = []
          let ended = Number.NEGATIVE_INFINITY
          for (const [pause, duration, registers] of steps) {
            now += pause
            if (budget.waitMs(registers) > 0) expect(() => budget.take(registers)).toThrow(RangeError)
            now += Math.ceil(budget.waitMs(registers))
            budget.take(registers)
            expect(now - ended).toBeGreaterThan(minGapMs - 1e-6)
            begun.push({ at: now, registers })
            now += duration
            ended = now
            budget.ended()
          }
          const windowMs = requestsPerSecond < 1 ? 1000 / requestsPerSecond : 1000
          for (const [i, first] of begun.entries()) {
            const inWindow = (ms: number) => begun.slice(i).filter(({ at }) => at - first.at < ms - 1e-6)
            expect(inWindow(windowMs).length).toBeLessThanOrEqual(Math.max(1, Math.floor(requestsPerSecond)))
            expect(inWindow(1000).reduce((sum, { registers }) => sum + registers, 0)).toBeLessThanOrEqual(registersPerSecond)
          }
        }
      )
    )
  })

  it('knows how much of it was used in the last minute', () => {
    let now = 5_000_000
    const budget = new Budget({ requestsPerSecond: 2, registersPerSecond: 100, minGapMs: 0, now: () => now })
    for (let i = 0; i < 60; i++) {
      budget.take(1)
      now += 1000
    }
    expect(budget.use).toBeCloseTo(59 / 120, 5)
    now += 30_000
    expect(budget.use).toBeCloseTo(29 / 120, 5)
    now += 600_000
    expect(budget.use).toBe(0)
  })
})

describe('the poller', () => {
  it('leaves out cycles while one is not over, counts them and tells of them', async () => {
    const ending = new AbortController()
    let open = 0
    let most = 0
    const left: LeftOut[] = []
    const release = Promise.withResolvers<void>()
    const poller = new Poller({
      cadenceMs: 20,
      phase: 0,
      poll: async () => {
        most = Math.max(most, ++open)
        await release.promise
        open--
      },
      leftOut: (cycles) => left.push(cycles)
    })
    const running = poller.run(ending.signal)
    await until(() => left.length >= 3, { what: 'three times cycles left out' })
    expect(most).toBe(1)
    expect(poller.late).toBe(left.reduce((sum, { cycles }) => sum + cycles, 0))
    for (const { from, to, cycles } of left) expect(to - from).toBeCloseTo((cycles - 1) * 20, 6)
    ending.abort()
    release.resolve()
    await running
    expect(open).toBe(0)
  })

  it('begins a cycle late, but by half a cadence at most', async () => {
    const ending = new AbortController()
    const began: { due: number; at: number }[] = []
    const left: LeftOut[] = []
    const poll = async (due: number) => {
      began.push({ due, at: performance.now() })
      await sleep(began.length % 2 === 0 ? 10 : 130)
    }
    const poller = new Poller({ cadenceMs: 100, phase: 0, poll, leftOut: (cycles) => left.push(cycles) })
    const running = poller.run(ending.signal)
    await until(() => began.length >= 8, { what: 'eight cycles' })
    ending.abort()
    await running
    const late = began.map(({ due, at }) => at - due)
    // Each second cycle takes longer than the cadence, and the one after it begins late in place of being left out.
    expect(late.filter((ms) => ms > 15).length).toBeGreaterThan(0)
    expect(Math.max(...late.slice(1))).toBeLessThan(100)
    // Every cycle that was due was begun or told as left out, once.
    const told = [
      ...began.map(({ due }) => due),
      ...left.flatMap(({ from, cycles }) => Array.from({ length: cycles }, (_, i) => from + 100 * i))
    ]
    expect(new Set(told.map((due) => Math.round((due - (began[0]?.due ?? 0)) / 100))).size).toBe(told.length)
  })

  it.each([
    [3_600_000, 0.2, [2000, 4_320_000]],
    [3_600_000, 0.7, [7000, 2_520_000]],
    [3_600_000, 0, [0, 3_600_000]],
    [1000, 0.9, [900, 1900]]
  ])('each %i ms at phase %f begins soon after the start, and then at its phase: %j', (cadenceMs, phase, cycles) => {
    expect(firstCycles({ start: 0, cadenceMs, phase })).toEqual(cycles)
  })

  it('does not catch up after a pause of the whole process', async () => {
    const ending = new AbortController()
    let polls = 0
    let pause = 0
    const left: LeftOut[] = []
    const now = () => performance.now() + pause
    const poll = async () => void polls++
    const poller = new Poller({ cadenceMs: 50, phase: 0, poll, leftOut: (cycles) => left.push(cycles), now })
    const running = poller.run(ending.signal)
    await until(() => polls > 0, { what: 'the first cycle' })
    const before = polls
    pause = 50_000
    await until(() => poller.late >= 990, { what: 'the missed cycles to be counted', everyMs: 1 })
    expect(polls - before).toBeLessThan(5)
    expect(left.some(({ why, cycles, from, to }) => why === 'paused' && cycles >= 990 && to - from > 49_000)).toBe(true)
    ending.abort()
    await running
  })

  it('rejects when a poll rejects, which is a fault of ours', async () => {
    const poll = () => Promise.reject(new TypeError('ours'))
    await expect(new Poller({ cadenceMs: 10, phase: 0, poll, leftOut: () => {} }).run(new AbortController().signal)).rejects.toThrow('ours')
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
