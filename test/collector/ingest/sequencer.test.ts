// The sequencer under hostile delivery. Invariants, after every step:
//  1. accounted: each number up to the position, and up to the end of each older boot, was stored, told lost by the agent, or stands in an open hole;
//  2. honest: no open hole covers a number that was stored;
//  3. no silent loss: what is called a repeat was stored or told lost before;
//  4. order: messages are judged in strictly rising order, and none twice;
//  5. the position never goes back;
//  6. bounded: never more held than the limits allow, and nothing is held longer than holdMs;
//  7. all: what was stored in turn or held is judged in the end.
// Invariants 1, 2, 3 and 5 also hold over a restart that forgets all held content.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePositions } from '#contract/envelope.ts'
import { type Hole, type Place, Sequencer, type SequencerState, START, type Step } from '../../../collector/ingest/sequencer.ts'

const limits = { holdMs: 1000, holdMessages: 8, holdBytes: 80 }

interface Item {
  name: string
}
const item = (name: string): Item => ({ name })

function place(boot: number, sequence: number, more: Partial<Place> = {}): Place {
  return {
    boot,
    first: sequence,
    last: sequence,
    follows: undefined,
    from: sequence * 10,
    to: sequence * 10,
    bytes: 10,
    lost: null,
    ...more
  }
}

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

// What an agent sent: boots of messages, some of which tell a loss of several numbers.
interface Sent {
  place: Place
  item: Item
}

const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 })), {
  minLength: 1,
  maxLength: 3
})

function sent(boots: readonly (readonly [number, readonly number[]])[]): Sent[] {
  const all: Sent[] = []
  let follows: Place['follows'] = null
  for (const [index, [count, losses]] of boots.entries()) {
    const boot = index + 1
    let sequence = 0
    for (let n = 0; n < count; n++) {
      const width = losses[n % 4] ?? 0
      const first = sequence + 1
      sequence += Math.max(width, 1)
      const lost = width > 0 ? ({ reason: 'outbox-age', samples: width } as const) : null
      const at = place(boot, sequence, { first, lost, follows: first === 1 ? follows : undefined })
      all.push({ place: at, item: item(`${boot}:${sequence}`) })
    }
    follows = { boot, sequence }
  }
  return all
}

const delivery = fc.record({
  delay: fc.integer({ min: 0, max: 12 }),
  copies: fc.integer({ min: 0, max: 3 }),
  pause: fc.integer({ min: 0, max: 400 })
})

class Watch {
  readonly stored = new Set<string>()
  readonly told = new Set<string>()
  readonly judged: Place[] = []
  readonly owed = new Set<string>()
  holes: Hole[] = []
  readonly #sent: readonly Sent[]

  constructor(all: readonly Sent[]) {
    this.#sent = all
  }

  #of(one: Item): Place {
    const found = this.#sent.find((s) => s.item.name === one.name)
    if (found === undefined) throw new Error(`nobody sent ${one.name}`)
    return found.place
  }

  see(steps: readonly Step<Item>[]): void {
    for (const step of steps) {
      if (step.what === 'hole') {
        this.holes.push(step.hole)
        continue
      }
      const at = this.#of(step.item)
      if (step.what === 'repeat') {
        for (const n of numbers(at)) expect(this.stored.has(n) || this.told.has(n), `repeat of ${n}`).toBe(true)
        continue
      }
      for (const n of numbers(at)) (at.lost === null ? this.stored : this.told).add(n)
      if (step.what === 'late') {
        this.holes = [...this.holes.filter((hole) => !step.fills.some((fill) => same(fill, hole))), ...step.leaves]
      }
      if (at.lost !== null) continue
      if (step.what === 'held') this.owed.add(step.item.name)
      if (step.what === 'next' || step.what === 'ready') {
        this.owed.delete(step.item.name)
        this.judged.push(at)
      }
    }
  }

  check(sequencer: Sequencer<Item>): void {
    const { position, tails } = sequencer.state()
    for (const end of [...tails, ...(position === null ? [] : [position])])
      for (const n of numbers({ boot: end.boot, first: 1, last: end.sequence }))
        expect(this.stored.has(n) || this.told.has(n) || this.holes.some((hole) => numbers(hole).includes(n)), `accounted for ${n}`).toBe(
          true
        )
    for (const hole of this.holes) for (const n of numbers(hole)) expect(this.stored.has(n), `hole over ${n}`).toBe(false)
    for (const [i, at] of this.judged.entries()) {
      const before = this.judged[i - 1]
      if (before !== undefined) expect(at.boot - before.boot || at.first - before.first).toBeGreaterThan(0)
    }
    expect(sequencer.held.messages).toBeLessThanOrEqual(limits.holdMessages)
    expect(sequencer.held.bytes).toBeLessThanOrEqual(limits.holdBytes)
  }
}

const numbers = ({ boot, first, last }: Pick<Place, 'boot' | 'first' | 'last'>): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `${boot}:${first + i}`)
const same = (a: Hole, b: Hole): boolean => a.boot === b.boot && a.first === b.first && a.last === b.last && a.reason === b.reason

describe('any delivery', () => {
  const runs = fc.record({
    boots: sizes,
    deliveries: fc.array(delivery, { minLength: 36, maxLength: 36 }),
    crashAt: fc.option(fc.nat(40), { nil: undefined })
  })

  it('keeps the invariants', () => {
    fc.assert(
      fc.property(runs, ({ boots, deliveries, crashAt }) => {
        const all = sent(boots)
        const wire = all
          .flatMap((one, index) =>
            Array.from({ length: deliveries[index % 36]?.copies ?? 1 }, (_, copy) => ({
              one,
              at: index + (deliveries[(index + copy) % 36]?.delay ?? 0)
            }))
          )
          .sort((a, b) => a.at - b.at)
        let now = 0
        let sequencer = new Sequencer<Item>({ limits, now })
        const watch = new Watch(all)
        let last = sequencer.position
        for (const [index, { one }] of wire.entries()) {
          now += deliveries[index % 36]?.pause ?? 0
          watch.see(sequencer.expire(now))
          watch.see(sequencer.offer(one.place, { ...one.item }, now))
          watch.check(sequencer)
          if (last !== null && sequencer.position !== null) expect(comparePositions(sequencer.position, last)).toBeGreaterThanOrEqual(0)
          last = sequencer.position
          if (index === crashAt) {
            sequencer = new Sequencer<Item>({ limits, state: JSON.parse(JSON.stringify(sequencer.state())), now })
            watch.owed.clear()
          }
        }
        watch.see(sequencer.expire(now + limits.holdMs))
        watch.check(sequencer)
        expect(sequencer.held).toEqual({ messages: 0, bytes: 0 })
        expect([...watch.owed]).toEqual([])
      }),
      { numRuns: 500 }
    )
  })
})
