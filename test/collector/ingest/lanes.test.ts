// What a lane says of a loss at its very beginning.
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
