// The pace of a backlog: never more than its share of the live rate, whatever the load, and never less than the floor allows.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Pace } from '../../../agent/publish/pace.ts'

// Lets a sender ask again and again and gives how many samples it was let through with.
function replayed(pace: Pace, options: { seconds: number; livePerSecond: number; perMessage: number; everyMs: number }): number {
  const { seconds, livePerSecond, perMessage, everyMs } = options
  let sent = 0
  for (let now = 0; now < seconds * 1000; now += everyMs) {
    pace.live(Math.floor((livePerSecond * now) / 1000), now)
    while (pace.mayReplay(now)) {
      pace.replayed(perMessage, now)
      sent += perMessage
    }
  }
  return sent
}

it('keeps a backlog to a multiple of the live rate, and to the floor when little is live', () => {
  const load = fc.record({
    seconds: fc.integer({ min: 40, max: 120 }),
    livePerSecond: fc.integer({ min: 0, max: 2000 }),
    perMessage: fc.integer({ min: 1, max: 500 }),
    everyMs: fc.integer({ min: 5, max: 400 })
  })
  const options = fc.record({ factor: fc.double({ min: 0.5, max: 5, noNaN: true }), atLeast: fc.integer({ min: 1, max: 3000 }) })
  fc.assert(
    fc.property(load, options, (load, options) => {
      const pace = new Pace({ ...options, now: 0 })
      const limit = Math.max(options.atLeast, options.factor * load.livePerSecond)
      const sent = replayed(pace, load)
      // One message may be larger than what was left of the share.
      expect(sent).toBeLessThanOrEqual(limit * (load.seconds + 1) * 1.01 + load.perMessage)
      // While the live rate is not known yet, only the floor is allowed.
      expect(sent).toBeGreaterThanOrEqual(
        Math.max(options.atLeast * (load.seconds - 1), limit * (load.seconds - 32)) * 0.98 - load.perMessage
      )
    }),
    { numRuns: 50 }
  )
})

it('says how long to wait, and forgets a burst of long ago', () => {
  const pace = new Pace({ factor: 2, atLeast: 100, now: 0 })
  pace.live(0, 0)
  expect(pace.mayReplay(1000)).toBe(true)
  pace.replayed(300, 1000)
  expect(pace.mayReplay(1000)).toBe(false)
  expect(pace.waitMs(1000)).toBe(2010)
  expect(pace.mayReplay(3010)).toBe(true)
  pace.live(30_000, 4000)
  expect(pace.limit(4000)).toBeGreaterThan(10_000)
  expect(pace.limit(60_000)).toBe(100)
  expect(pace.replayedPerSecond(4000)).toBe(75)
  // A clock that stands still, or a pause of an hour, gives no more than a second of room.
  expect(pace.mayReplay(3_600_000)).toBe(true)
  pace.replayed(100, 3_600_000)
  expect(pace.mayReplay(3_600_000)).toBe(false)
})
