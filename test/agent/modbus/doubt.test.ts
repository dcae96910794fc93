// What a line without ids remembers of answers that may come late.
import { expect, it } from 'vitest'
import { Doubt } from '../../../agent/modbus/doubt.ts'

it('knows which units owe an answer, and up to when it is likely to come', () => {
  const doubt = new Doubt()
  expect([doubt.has(1), doubt.hasOther(1), doubt.graceMs(1, 5), doubt.awaits(5)]).toEqual([false, false, 0, false])
  doubt.add(1, 100)
  expect([doubt.has(1), doubt.has(2), doubt.hasOther(1), doubt.hasOther(2)]).toEqual([true, false, false, true])
  expect([0, 99, 100, 101].map((now) => [doubt.graceMs(1, now), doubt.awaits(now)])).toEqual([
    [100, true],
    [1, true],
    [0, false],
    [0, false]
  ])
  doubt.add(2, 300)
  expect([doubt.hasOther(1), doubt.hasOther(2), doubt.awaits(299), doubt.graceMs(1, 200)]).toEqual([true, true, true, 0])
  doubt.settle(2)
  expect([doubt.has(1), doubt.has(2), doubt.hasOther(1), doubt.awaits(299)]).toEqual([true, false, false, false])
})
