// What is worth sending.
import { expect, it } from 'vitest'
import { BAD_TIMEOUT, GOOD } from '#contract/quality.ts'
import { Deadband } from '../../../agent/publish/deadband.ts'

const limits = { id: 1, deadband: 0.5, heartbeatMs: 10_000, cadenceMs: 1000 }

it('lets pass what moved by more than the deadband since it was last sent', () => {
  const deadband = new Deadband([limits])
  const values = [10, 10.3, 10.5, 10.6, 10.2, 10.1, 10.09]
  // 10.6 is more than 0.5 from 10; then 10.09 is from 10.6. Slow creeping is seen, because what was sent is compared.
  expect(values.map((value, i) => deadband.passes(0, value, GOOD, i))).toEqual([true, false, false, true, false, false, true])
})

it('lets every change pass with a deadband of 0, and nothing that stays', () => {
  const deadband = new Deadband([{ ...limits, deadband: 0 }])
  expect([1, 1, 1.0000001, 1.0000001, 0].map((value, i) => deadband.passes(0, value, GOOD, i))).toEqual([true, false, true, false, true])
})

it('lets a change of quality pass at once, both ways', () => {
  const deadband = new Deadband([limits])
  expect(deadband.passes(0, 10, GOOD, 0)).toBe(true)
  expect(deadband.passes(0, null, BAD_TIMEOUT, 1)).toBe(true)
  expect(deadband.passes(0, null, BAD_TIMEOUT, 2)).toBe(false)
  expect(deadband.passes(0, 10, GOOD, 3)).toBe(true)
})

it('shows now and then that a quiet tag lives, not a cadence late for a few milliseconds', () => {
  const deadband = new Deadband([limits])
  const sent = Array.from({ length: 30 }, (_, i) => (deadband.passes(0, 10, GOOD, i === 10 ? 9998 : 1000 * i) ? i : -1)).filter(
    (i) => i >= 0
  )
  expect(sent).toEqual([0, 10, 20])
})

it('compares texts as they are', () => {
  const deadband = new Deadband([limits])
  expect(['RUN', 'RUN', 'STOP'].map((value, i) => deadband.passes(0, value, GOOD, i))).toEqual([true, false, true])
})
