// What was not read is put together into few gap records, and none of it is lost or told twice.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Misses } from '../../agent/misses.ts'
import type { Missed } from '../../agent/source.ts'

function record() {
  const told: Missed[] = []
  return { told, misses: new Misses({ device: 'plc-1', tell: (missed) => told.push(missed) }) }
}

it('tells cycles that are left out now and then once a minute, and an outage once it is over', () => {
  const { told, misses } = record()
  for (let second = 0; second < 130; second += 2) {
    const time = 1000 * second
    misses.note('device-slow', { from: time, to: time, samples: 3 })
    misses.note('device-silent', { from: 500, to: time, samples: 2 })
    misses.settle(time)
  }
  expect(told.map(({ reason, from, to, samples }) => [reason, from, to, samples])).toEqual([
    ['device-slow', 0, 60_000, 93],
    ['device-slow', 62_000, 122_000, 93]
  ])
  misses.settle(139_000)
  misses.close('device-silent', 140_000)
  misses.close('device-silent', 141_000)
  expect(told.slice(2)).toEqual([
    { device: 'plc-1', reason: 'device-slow', from: 124_000, to: 128_000, samples: 9 },
    { device: 'plc-1', reason: 'device-silent', from: 500, to: 140_000, samples: 130 }
  ])
})

it('tells every sample that was noted, exactly once, in records that hold their times', () => {
  const step = fc.record({
    reason: fc.constantFrom('device-slow', 'device-silent', 'agent-down'),
    after: fc.integer({ min: 0, max: 40_000 }),
    samples: fc.integer({ min: 0, max: 100 }),
    next: fc.constantFrom('nothing', 'settle', 'close')
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { told, misses } = record()
      let now = 0
      let noted = 0
      for (const { reason, after, samples, next } of steps) {
        now += after
        noted += samples
        misses.note(reason, { from: now, to: now, samples })
        if (next === 'settle') misses.settle(now)
        if (next === 'close') misses.close(reason, now)
      }
      misses.closeAll()
      expect(told.reduce((sum, { samples }) => sum + (samples ?? 0), 0)).toBe(noted)
      for (const { from, to } of told) expect(from).toBeLessThanOrEqual(to)
      expect(told.every(({ to }) => to <= now)).toBe(true)
    })
  )
})
