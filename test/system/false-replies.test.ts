// Late, stale, swapped, repeated and broken replies: some thousand reads give their own value or none. The long run by hand is
// proxy-run.ts.
import { expect, it } from 'vitest'
import { readFalseReplies } from './false-replies.ts'

it.each([
  ['tcp', 4000],
  ['rtu-over-tcp', 1200]
] as const)('no false reply over %s becomes a value, in %i reads', async (transport, requests) => {
  const outcome = await readFalseReplies({ transport, requests, seed: 20 })
  const bad = [...outcome.bad.values()].reduce((sum, count) => sum + count, 0)
  expect(outcome.wrong).toBe(0)
  expect(outcome.good + bad).toBe(requests)
  // Spoilt replies that were found, and reads that went well in spite of them.
  expect(bad).toBeGreaterThan(requests / 50)
  expect(outcome.good).toBeGreaterThan(requests / 2)
  expect(outcome.mostOpen).toBe(1)
  // A reset is known at once and not by a timeout; half a second allows for any machine.
  expect(outcome.resetToFaultMs.length).toBeGreaterThan(0)
  expect(Math.max(...outcome.resetToFaultMs)).toBeLessThan(500)
})
