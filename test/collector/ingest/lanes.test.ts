// What a lane says of a loss at its very beginning, and that many lanes take no more room than one.
import { expect, it } from 'vitest'
import { Lanes } from '../../../collector/ingest/lanes.ts'
import { type Item, item, limits, place } from './places.ts'

it('dates a loss at the beginning of a lane after all that is known of the lane before', () => {
  const lanes = new Lanes<Item>({ limits, now: 0 })
  const lane = { from: 2, after: { boot: 1, sequence: 9 } }
  lanes.offer(place(1, 1), item('1:1'), 0)
  // Of boot 2 nothing came, nor the first of boot 3: how many there were nobody knows.
  lanes.offer(place(3, 2, { lane, from: 500, to: 500 }), item('3:2'), 0)
  const holes = lanes.expire(limits.holdMs).flatMap(({ steps }) => steps.flatMap((step) => (step.what === 'hole' ? [step.hole] : [])))
  expect(holes).toMatchObject([{ boot: 3, first: 1, last: 1, from: 10, to: 500 }])
})

it('holds no more of an agent with many lanes than of one with one', () => {
  const lanes = new Lanes<Item>({ limits, now: 0 })
  lanes.offer(place(1, 1), item('1:1'), 0)
  const passed: string[] = []
  for (let boot = 2; boot < 14; boot++)
    for (let n = 3; n < 7; n++) {
      const lane = { from: boot, after: { boot: boot - 1, sequence: 99 } }
      const answers = lanes.offer(place(boot, n, { lane }), item(`${boot}:${n}`), 0)
      for (const step of answers.flatMap(({ steps }) => steps))
        if (step.what === 'ready' || step.what === 'next') passed.push(step.item.name)
      expect(lanes.held.messages).toBeLessThanOrEqual(limits.holdMessages)
    }
  expect(passed.length).toBeGreaterThan(30)
  expect(new Set(passed).size).toBe(passed.length)
})
