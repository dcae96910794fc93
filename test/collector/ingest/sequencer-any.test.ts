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
import type { Hole, Place } from '../../../collector/ingest/hole.ts'
import { Sequencer, type Step } from '../../../collector/ingest/sequencer.ts'
import { type Item, item, limits, place } from './places.ts'

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
