// The sequencer step by step: what is passed on, held, named a repeat, noted as a hole, and taken late.
import { describe, expect, it } from 'vitest'
import type { Place } from '../../../collector/ingest/hole.ts'
import { Sequencer, type SequencerState, START, type Step } from '../../../collector/ingest/sequencer.ts'
import { type Item, item, limits, place } from './places.ts'

const words = (steps: readonly Step<Item>[]): string[] =>
  steps.map((step) =>
    step.what === 'hole'
      ? `hole ${step.hole.boot}:${step.hole.first}-${step.hole.last} ${step.hole.reason}`
      : `${step.what} ${step.item.name}`
  )

function start(state: SequencerState = START) {
  const sequencer = new Sequencer<Item>({ limits, state, now: 0 })
  const offer = (at: Place, now = 0) => words(sequencer.offer(at, item(`${at.boot}:${at.last}`), now))
  return { sequencer, offer }
}

describe('one boot', () => {
  it('passes on what comes in order and names repeats', () => {
    const { offer, sequencer } = start()
    expect(offer(place(1, 1))).toEqual(['next 1:1'])
    expect(offer(place(1, 2))).toEqual(['next 1:2'])
    expect(offer(place(1, 2))).toEqual(['repeat 1:2'])
    expect(offer(place(1, 1))).toEqual(['repeat 1:1'])
    expect(sequencer.position).toEqual({ boot: 1, sequence: 2 })
  })

  it('holds what comes ahead and passes it on when the hole is filled', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    expect(offer(place(1, 4))).toEqual(['held 1:4'])
    expect(offer(place(1, 3))).toEqual(['held 1:3'])
    expect(offer(place(1, 3))).toEqual(['repeat 1:3'])
    expect(sequencer.position).toEqual({ boot: 1, sequence: 1 })
    expect(offer(place(1, 2))).toEqual(['next 1:2', 'ready 1:3', 'ready 1:4'])
    expect(sequencer.held).toEqual({ messages: 0, bytes: 0 })
  })

  it('passes on a gap of one device, and keeps no hole of it in mind', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    const ofDevice = place(1, 2, { lost: { reason: 'device-slow', samples: 7, device: 'plc-1' } })
    const steps = sequencer.offer(ofDevice, item('1:2'), 0)
    const hole = { boot: 1, first: 2, last: 2, from: 20, to: 20, reason: 'device-slow', samples: 7, device: 'plc-1' }
    expect(steps.find((step) => step.what === 'hole')).toEqual({ what: 'hole', hole })
    expect(sequencer.state().holes).toEqual([])
    expect(offer(ofDevice)).toEqual(['repeat 1:2'])
    expect(offer(place(1, 3))).toEqual(['next 1:3'])
  })

  it('notes a hole after the wait, with the times beside it, and shortens it when some of it comes after all', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1), 0)
    offer(place(1, 5), 100)
    expect(sequencer.expire(1099)).toEqual([])
    const [hole] = sequencer.expire(1100)
    expect(hole).toEqual({ what: 'hole', hole: { boot: 1, first: 2, last: 4, from: 10, to: 50, reason: 'never-arrived', samples: null } })
    const [late] = sequencer.offer(place(1, 3), item('1:3'), 1200)
    expect(late).toMatchObject({
      what: 'late',
      fills: [{ first: 2, last: 4 }],
      leaves: [
        { first: 2, last: 2, to: 30 },
        { first: 4, last: 4, from: 30 }
      ]
    })
    expect(offer(place(1, 3), 1300)).toEqual(['repeat 1:3'])
    expect(offer(place(1, 2), 1300)).toEqual(['late 1:2'])
    expect(offer(place(1, 4), 1300)).toEqual(['late 1:4'])
    expect(sequencer.state().holes).toEqual([])
  })

  it('gives up the hole early when too much is held', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    for (let n = 3; n <= 10; n++) expect(offer(place(1, n))).toEqual([`held 1:${n}`])
    expect(offer(place(1, 11))).toEqual(['hole 1:2-2 never-arrived', ...[3, 4, 5, 6, 7, 8, 9, 10].map((n) => `ready 1:${n}`), 'next 1:11'])
    expect(offer(place(1, 13, { bytes: 81 }))).toEqual(['hole 1:12-12 never-arrived', 'next 1:13'])
    expect(sequencer.held.messages).toBe(0)
  })

  it('names the hole unreadable when a message came that nobody could read', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    sequencer.unreadable()
    offer(place(1, 3))
    expect(words(sequencer.expire(2000))).toEqual(['hole 1:2-2 unreadable', 'ready 1:3'])
  })
})

describe('a loss told by the agent', () => {
  const lost = { reason: 'outbox-size', samples: 70 } as const

  it('covers its range and leaves no hole of ours', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    const steps = sequencer.offer(place(1, 9, { first: 2, lost }), item('gap'), 0)
    expect(words(steps)).toEqual(['hole 1:2-9 outbox-size', 'next gap'])
    expect(steps[0]).toMatchObject({ hole: { samples: 70 } })
    expect(offer(place(1, 10))).toEqual(['next 1:10'])
    expect(words(sequencer.offer(place(1, 9, { first: 2, lost }), item('gap'), 0))).toEqual(['repeat gap'])
  })

  it('leaves out what arrived all the same, before or after', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    offer(place(1, 4))
    expect(words(sequencer.offer(place(1, 6, { first: 2, lost }), item('gap'), 0))).toEqual([
      'hole 1:2-3 outbox-size',
      'hole 1:5-6 outbox-size',
      'next gap',
      'ready 1:4'
    ])
    expect(offer(place(1, 5))).toEqual(['late 1:5'])
    expect(sequencer.state().holes.map(({ first, last }) => [first, last])).toEqual([
      [2, 3],
      [6, 6]
    ])
  })

  it('gives its reason to a hole that was noted as never arrived', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    offer(place(1, 5))
    sequencer.expire(5000)
    const [step] = sequencer.offer(place(1, 4, { first: 3, lost }), item('gap'), 5000)
    expect(step).toMatchObject({
      what: 'late',
      fills: [{ first: 2, last: 4, reason: 'never-arrived' }],
      leaves: [
        { first: 2, last: 2, reason: 'never-arrived' },
        { first: 3, last: 4, reason: 'outbox-size', samples: 70 }
      ]
    })
  })
})

describe('several boots', () => {
  it('goes on without a hole when the new boot follows what is here', () => {
    const { offer } = start()
    offer(place(1, 1))
    expect(offer(place(2, 1, { follows: { boot: 1, sequence: 1 } }))).toEqual(['next 2:1'])
  })

  it('sees a lost end of the boot before', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    expect(offer(place(2, 1, { follows: { boot: 1, sequence: 3 } }))).toEqual(['held 2:1'])
    expect(offer(place(1, 2))).toEqual(['next 1:2'])
    expect(words(sequencer.expire(1000))).toEqual(['hole 1:3-3 never-arrived', 'ready 2:1'])
    expect(offer(place(1, 3))).toEqual(['late 1:3'])
    expect(offer(place(1, 2))).toEqual(['repeat 1:2'])
  })

  it('sees a boot of which nothing came', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    offer(place(3, 1, { follows: { boot: 2, sequence: 4 } }))
    expect(words(sequencer.expire(1000))).toEqual(['hole 2:1-4 never-arrived', 'ready 3:1'])
  })

  it('waits for the first number of a new boot', () => {
    const { offer, sequencer } = start()
    offer(place(1, 1))
    expect(offer(place(2, 2))).toEqual(['held 2:2'])
    expect(offer(place(2, 1, { follows: { boot: 1, sequence: 1 } }))).toEqual(['next 2:1', 'ready 2:2'])
    offer(place(3, 3))
    expect(words(sequencer.expire(1000))).toEqual(['hole 3:1-2 never-arrived', 'ready 3:3'])
  })

  it('stores what comes of a boot that nobody remembers', () => {
    const { offer } = start()
    offer(place(5, 1))
    expect(offer(place(4, 7))).toEqual(['late 4:7'])
  })

  it('takes an agent that knows of no boot before at its word', () => {
    const { offer } = start()
    offer(place(1, 5), 0)
    expect(offer(place(2, 1, { follows: null }), 1000)).toEqual(['hole 1:1-4 never-arrived', 'ready 1:5', 'next 2:1'])
  })

  it('begins anew when the agent lost its memory, passing on what it held', () => {
    const { offer, sequencer } = start()
    offer(place(9, 1))
    offer(place(9, 3))
    expect(words(sequencer.restart())).toEqual(['hole 9:2-2 never-arrived', 'ready 9:3'])
    expect(offer(place(2, 1))).toEqual(['next 2:1'])
  })
})

describe('after a restart', () => {
  it('knows repeats, holes and what is stored ahead of a hole', () => {
    const before = start()
    before.offer(place(1, 1))
    before.offer(place(1, 3))
    before.sequencer.expire(1000)
    before.offer(place(1, 5), 2000)
    const { offer, sequencer } = start(JSON.parse(JSON.stringify(before.sequencer.state())))
    expect(offer(place(1, 3))).toEqual(['repeat 1:3'])
    expect(offer(place(1, 2))).toEqual(['late 1:2'])
    expect(offer(place(1, 5))).toEqual(['held 1:5'])
    expect(offer(place(1, 4))).toEqual(['next 1:4', 'ready 1:5'])
    expect(sequencer.position).toEqual({ boot: 1, sequence: 5 })
  })

  it('still knows which end of the boot before is missing when a later boot is stored ahead', () => {
    const before = start()
    before.offer(place(1, 1))
    before.offer(place(2, 1, { follows: { boot: 1, sequence: 2 } }))
    const { offer, sequencer } = start(JSON.parse(JSON.stringify(before.sequencer.state())))
    expect(offer(place(2, 2))).toEqual(['held 2:2'])
    expect(sequencer.position).toEqual({ boot: 1, sequence: 1 })
    expect(words(sequencer.expire(1000))).toEqual(['hole 1:2-2 never-arrived', 'ready 2:2'])
    expect(sequencer.state().holes).toMatchObject([{ from: 10, to: 10 }])
  })

  it('remembers a bounded number of holes and then stores again what may be new', () => {
    const { offer, sequencer } = start()
    for (let n = 1; n <= 401; n++) {
      offer(place(1, 2 * n), n * 5000)
      sequencer.expire(n * 5000 + 1000)
    }
    expect(sequencer.state().holes).toHaveLength(200)
    expect(offer(place(1, 3))).toEqual(['late 1:3'])
    expect(offer(place(1, 400))).toEqual(['late 1:400'])
    expect(offer(place(1, 802))).toEqual(['repeat 1:802'])
  })
})
