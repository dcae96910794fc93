// Lanes under hostile delivery, with an agent that forgets exactly what it is told it may. Whatever is lost, doubled, put in another
// order or killed on either side:
//  1. nothing that the agent forgot is unknown to the collector: each number was stored, or a hole was noted over its number or its time;
//  2. no hole stays open over a number that was stored;
//  3. what is called a repeat was stored before;
//  4. in each lane, messages are judged in rising order, and none twice by the same life of the collector;
//  5. when the wire works again, the agent gets rid of everything, and the lanes become one.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { comparePositions, type Lane, type Position } from '#contract/envelope.ts'
import type { Hole, Place } from '../../../collector/ingest/hole.ts'
import { type Answer, Lanes } from '../../../collector/ingest/lanes.ts'
import { type Item, item, limits, place } from './places.ts'

const nameOf = ({ boot, sequence }: Position) => `${boot}:${sequence}`

const timeOf = ({ boot, last }: { boot: number; last: number }) => boot * 10_000 + last * 10

// The rules of the outbox, without its disk: numbers, lanes, and what may be forgotten.
class Agent {
  boot = 1
  lane: Lane | null = null
  last = 0
  follows: Position | null = null
  kept: { place: Place; item: Item }[] = []
  readonly forgotten: string[] = []
  readonly #laneOf = new Map<number, number>([[1, 0]])

  put(): void {
    this.last++
    const at = timeOf(this)
    const more = { lane: this.lane ?? undefined, follows: this.last === 1 ? this.follows : undefined, from: at, to: at }
    this.kept.push({ place: place(this.boot, this.last, more), item: item(nameOf({ boot: this.boot, sequence: this.last })) })
  }

  restart(newLane: boolean): void {
    if (this.last > 0) this.follows = { boot: this.boot, sequence: this.last }
    this.boot++
    this.last = 0
    if (newLane && this.follows !== null) this.lane = { from: this.boot, after: this.follows }
    this.#laneOf.set(this.boot, this.lane?.from ?? 0)
  }

  hear(told: Position): void {
    const lane = this.#laneOf.get(told.boot)
    const goes = (at: Place) => this.#laneOf.get(at.boot) === lane && comparePositions({ boot: at.boot, sequence: at.last }, told) <= 0
    for (const { place, item } of this.kept) if (goes(place)) this.forgotten.push(item.name)
    this.kept = this.kept.filter(({ place }) => !goes(place))
  }

  /** The next of a lane, counted from the newest. */
  ofLane(back: number): { place: Place; item: Item }[] {
    const lanes = [...new Set(this.kept.map(({ place }) => this.#laneOf.get(place.boot)))]
    const wanted = lanes[lanes.length - 1 - (back % Math.max(1, lanes.length))]
    return this.kept.filter(({ place }) => this.#laneOf.get(place.boot) === wanted)
  }
}

class Collector {
  lanes = new Lanes<Item>({ limits, now: 0 })
  readonly stored = new Set<string>()
  holes: Hole[] = []
  #judged = new Map<string, Position>()

  take(answers: readonly Answer<Item>[], at?: Place): Position[] {
    for (const { steps, lane } of answers)
      for (const step of steps) {
        if (step.what === 'hole') this.holes.push(step.hole)
        else if (step.what === 'repeat') expect(this.stored, `repeat of ${step.item.name}`).toContain(step.item.name)
        else {
          this.stored.add(step.item.name)
          if (step.what === 'late')
            this.holes = [...this.holes.filter((hole) => !step.fills.some((fill) => same(fill, hole))), ...step.leaves]
          if ((step.what === 'next' || step.what === 'ready') && lane !== 'over') this.#judge(step.item.name)
        }
      }
    expect(at === undefined || this.lanes.held.messages <= limits.holdMessages).toBe(true)
    return answers.flatMap(({ reached }) => (reached === null ? [] : [reached.position]))
  }

  knows(name: string): boolean {
    if (this.stored.has(name)) return true
    const [boot = 0, sequence = 0] = name.split(':').map(Number)
    const at = timeOf({ boot, last: sequence })
    // When the end of one boot and the beginning of the next are lost together, nobody can count them; the times still tell of both.
    const isBetween = ({ from, to }: Hole) => from !== null && to !== null && from < at && at < to
    return this.holes.some((hole) => (hole.boot === boot && hole.first <= sequence && sequence <= hole.last) || isBetween(hole))
  }

  kill(now: number): void {
    this.lanes = new Lanes<Item>({ limits, state: JSON.parse(JSON.stringify(this.lanes.state())), now })
    this.#judged = new Map()
  }

  #judge(name: string): void {
    const [boot = 0, sequence = 0] = name.split(':').map(Number)
    const key = String(boot)
    const before = this.#judged.get(key)
    if (before !== undefined) expect(sequence, `judged in order: ${name}`).toBeGreaterThan(before.sequence)
    this.#judged.set(key, { boot, sequence })
  }
}

const same = (a: Hole, b: Hole) => a.boot === b.boot && a.first === b.first && a.last === b.last && a.reason === b.reason

const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('put' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      what: fc.constant('send' as const),
      lane: fc.nat(3),
      from: fc.nat(2),
      count: fc.integer({ min: 1, max: 6 }),
      lost: fc.nat(12),
      heard: fc.boolean()
    })
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('restart' as const), newLane: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('kill' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1500 }) }) }
)

it('forget nothing that is not known, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 5, maxLength: 60 }), (events) => {
      const agent = new Agent()
      const collector = new Collector()
      let now = 0
      const tell = (positions: Position[], heard: boolean) => {
        if (heard) for (const position of positions) agent.hear(position)
        for (const name of agent.forgotten) expect(collector.knows(name), `forgot ${name}`).toBe(true)
      }
      const send = (message: { place: Place; item: Item } | undefined, heard: boolean) => {
        if (message === undefined) return
        tell(collector.take(collector.lanes.offer(message.place, { ...message.item }, now), message.place), heard)
      }
      // A collector that never heard of an agent takes its first word as the beginning.
      agent.put()
      send(agent.kept[0], false)
      for (const one of events) {
        now += 10
        if (one.what === 'put') for (let n = 0; n < one.count; n++) agent.put()
        else if (one.what === 'restart') agent.restart(one.newLane)
        else if (one.what === 'kill') collector.kill(now)
        else if (one.what === 'wait') {
          now += one.ms
          tell(collector.take(collector.lanes.expire(now)), true)
        } else {
          const messages = agent.ofLane(one.lane).slice(one.from, one.from + one.count)
          for (const [n, message] of messages.entries()) if (n !== one.lost) send(message, one.heard)
        }
      }
      // The wire works again, and the newest lane goes first as it should.
      agent.put()
      for (let round = 0; round < 30 && agent.kept.length > 0; round++) {
        for (let back = 0; back < 12; back++) for (const message of agent.ofLane(back)) send(message, true)
        now += limits.holdMs
        tell(collector.take(collector.lanes.expire(now)), true)
      }
      expect(agent.kept.map(({ item }) => item.name)).toEqual([])
      for (const hole of collector.holes)
        for (let n = hole.first; n <= hole.last; n++)
          expect(collector.stored.has(`${hole.boot}:${n}`), `an open hole over ${hole.boot}:${n}`).toBe(false)
      const put = [...new Set([...agent.forgotten])]
      expect(put.filter((name) => !collector.stored.has(name) && !collector.knows(name))).toEqual([])
      expect(collector.lanes.areMany).toBe(false)
    }),
    { numRuns: 1500 }
  )
})
