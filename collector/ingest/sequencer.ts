// Puts the numbered messages of one agent in order: names repeats, waits a bounded time for holes, then notes them and goes on.
// Pure: time comes in, nothing is stored here. Storing needs no order, so a message is stored when it comes; judging waits for its turn.
import { comparePositions, type Position } from '#contract/envelope.ts'
import { type Hole, holeOf, isOurs, overlaps, type Place, type Span, without } from './hole.ts'

export type Step<T> =
  // The message that was offered: pass it on now, keep it until `ready`, store it out of turn, or forget it.
  | { what: 'next' | 'held' | 'repeat'; item: T }
  | { what: 'late'; item: T; fills: readonly Hole[]; leaves: readonly Hole[] }
  // Earlier ones whose turn has come, and holes that were given up.
  | { what: 'ready'; item: T }
  | { what: 'hole'; hole: Hole }

export interface Limits {
  holdMs: number
  holdMessages: number
  holdBytes: number
}

export interface Ahead extends Span {
  follows?: Place['follows']
  from?: number | null | undefined
  to?: number | null | undefined
}

// Plain data, written beside each group of stored messages.
export interface SequencerState {
  position: Position | null
  /** Event time of the last sample passed. */
  time: number | null
  /** What is stored ahead of a hole, with all that tells what is missing before it. */
  ahead: readonly Ahead[]
  /** Where older boots ended. */
  tails: readonly Position[]
  holes: readonly Hole[]
  /** Holes up to here are no longer remembered: what comes from there may be new. */
  forgotten: Position | null
}

export const START: SequencerState = { position: null, time: null, ahead: [], tails: [], holes: [], forgotten: null }

const MAX_HOLES = 200
const MAX_TAILS = 16

interface Held<T> {
  place: Place
  /** Null for what was stored before a restart. */
  item: T | null
  since: number
}

export class Sequencer<T> {
  readonly #limits: Limits
  #position: Position | null
  #time: number | null
  #held: Held<T>[] = []
  #heldBytes = 0
  #tails: Position[]
  #holes: Hole[]
  #forgotten: Position | null
  #unreadable = 0

  constructor({ limits, state = START, now }: { limits: Limits; state?: SequencerState; now: number }) {
    this.#limits = limits
    this.#position = state.position
    this.#time = state.time
    this.#tails = [...state.tails]
    this.#holes = [...state.holes]
    this.#forgotten = state.forgotten
    for (const { boot, first, last, follows, from = null, to = null } of state.ahead)
      this.#held.push({ place: { boot, first, last, follows, from, to, bytes: 0, lost: null }, item: null, since: now })
  }

  /** Everything up to here was passed on, or is a hole that was noted. */
  get position(): Position | null {
    return this.#position
  }

  /** Event time of the last sample passed. */
  get time(): number | null {
    return this.#time
  }

  get held(): { messages: number; bytes: number } {
    return { messages: this.#held.length, bytes: this.#heldBytes }
  }

  state(): SequencerState {
    return {
      position: this.#position,
      time: this.#time,
      ahead: this.#held.flatMap(({ place: { boot, first, last, follows, from, to, lost } }) =>
        lost === null ? [{ boot, first, last, follows, from, to }] : []
      ),
      tails: this.#tails,
      holes: this.#holes,
      forgotten: this.#forgotten
    }
  }

  /** A message came that cannot be read and whose number nobody knows: the next hole is its doing. */
  unreadable(): void {
    this.#unreadable++
  }

  /** The agent lost its memory and numbers anew: what is held is passed on, then its new numbering begins. */
  restart(): Step<T>[] {
    const steps = this.giveUp()
    this.#position = null
    this.#time = null
    this.#tails = []
    this.#holes = []
    this.#forgotten = null
    return steps
  }

  /** Waits for nothing more: what is held is passed on. */
  giveUp(): Step<T>[] {
    return this.#drain(Number.POSITIVE_INFINITY)
  }

  /** Nothing up to the end will come any more: what is held is passed on, and the rest is noted as a hole. */
  giveUpTo(end: Position): Step<T>[] {
    const steps = this.giveUp()
    const position = this.#position
    if (position !== null && comparePositions(position, end) >= 0) return steps
    const first = position?.boot === end.boot ? position.sequence + 1 : 1
    const span = { boot: end.boot, first, last: end.sequence }
    return [...steps, this.#giveUpOn({ ...span, from: this.#time, to: null, reason: 'never-arrived', samples: null })]
  }

  /** What came before the first number here is known from another sequencer, which ends with this. */
  follow({ position, time, tails, holes, forgotten }: SequencerState): void {
    this.#tails = [...tails, ...(position === null || this.#position === null ? [] : [position]), ...this.#tails].slice(-MAX_TAILS)
    const hasBegun = this.#position !== null && this.#position.sequence > 0
    this.#time = hasBegun ? (this.#time ?? time) : (time ?? this.#time)
    this.#position ??= position
    const own = this.#holes
    this.#holes = []
    this.#forgotten = this.#forgotten ?? forgotten
    for (const hole of [...holes, ...own]) this.#remember(hole)
  }

  offer(place: Place, item: T, now: number): Step<T>[] {
    if (this.#isPassed(place)) return [this.#passed(place, item)]
    const at = this.#placeInHeld(place)
    const same = this.#held[at]
    if (same !== undefined && same.place.boot === place.boot && same.place.first === place.first && same.place.last === place.last) {
      if (same.item !== null) return [{ what: 'repeat', item }]
      // Stored before a restart, its content not in memory: this copy is the one to judge.
      this.#heldBytes += place.bytes - same.place.bytes
      this.#held[at] = { place, item, since: same.since }
    } else {
      this.#held.splice(at, 0, { place, item, since: now })
      this.#heldBytes += place.bytes
    }
    const steps = this.#drain(now)
    const own = steps.findIndex((step) => step.what === 'ready' && step.item === item)
    if (own >= 0) steps[own] = { what: 'next', item }
    else steps.unshift({ what: 'held', item })
    return steps
  }

  /** To be called now and then: gives up holes that were waited for long enough. */
  expire(now: number): Step<T>[] {
    return this.#held.length === 0 ? [] : this.#drain(now)
  }

  #isPassed(place: Place): boolean {
    const position = this.#position
    if (position === null) return false
    return place.boot < position.boot || (place.boot === position.boot && place.last <= position.sequence)
  }

  // What lies behind the position is a repeat, unless it was noted as a hole, or nobody remembers that it came.
  #passed(place: Place, item: T): Step<T> {
    const fills = this.#holes.filter((hole) => overlaps(hole, place) && (place.lost === null || isOurs(hole)))
    const tail = this.#tails.find(({ boot }) => boot === place.boot)
    const end: Position = { boot: place.boot, sequence: place.last }
    const known = place.boot === this.#position?.boot || (tail !== undefined && comparePositions(end, tail) <= 0)
    const forgotten = this.#forgotten !== null && comparePositions(end, this.#forgotten) <= 0
    if (fills.length === 0 && known && !forgotten) return { what: 'repeat', item }
    const told = place.lost !== null && fills.length === 0 ? [holeOf(place, place)] : []
    const leaves = [...fills.flatMap((hole) => without(hole, place)), ...told]
    this.#holes = this.#holes.filter((hole) => !fills.includes(hole))
    for (const hole of leaves) this.#remember(hole)
    return { what: 'late', item, fills, leaves }
  }

  #placeInHeld(place: Place): number {
    let at = 0
    for (const { place: other } of this.#held) {
      if ((other.boot - place.boot || other.first - place.first || other.last - place.last) >= 0) break
      at++
    }
    return at
  }

  #drain(now: number): Step<T>[] {
    const steps: Step<T>[] = []
    for (;;) {
      const [head] = this.#held
      if (head === undefined) return steps
      if (!this.#continues(head.place)) {
        if (!this.#isWaitOver(now)) return steps
        steps.push(this.#giveUpOn(this.#holeBefore(head.place)))
      }
      this.#held.shift()
      this.#heldBytes -= head.place.bytes
      for (const hole of this.#pass(head.place)) steps.push(this.#note(hole))
      if (head.item !== null) steps.push({ what: 'ready', item: head.item })
    }
  }

  #isWaitOver(now: number): boolean {
    if (this.#held.length > this.#limits.holdMessages || this.#heldBytes > this.#limits.holdBytes) return true
    return this.#held.some(({ since }) => now - since >= this.#limits.holdMs)
  }

  #continues(place: Place): boolean {
    const position = this.#position
    if (position === null || place.boot !== position.boot) return place.first === 1 && this.#missingTail(place) === null
    return place.first <= position.sequence + 1
  }

  // The end of the boot before, when the first message of a boot names one that was not reached.
  #missingTail({ boot, follows }: Place): Position | null {
    const position = this.#position
    if (position === null || !follows || follows.boot >= boot) return null
    return comparePositions(follows, position) > 0 ? follows : null
  }

  // Never called for a place that continues, so there is a hole.
  #holeBefore(place: Place): Hole {
    const position = this.#position
    const tail = place.first === 1 ? this.#missingTail(place) : null
    const boot = tail?.boot ?? place.boot
    const first = position?.boot === boot ? position.sequence + 1 : 1
    const last = tail?.sequence ?? place.first - 1
    const reason = this.#unreadable > 0 ? 'unreadable' : 'never-arrived'
    this.#unreadable = 0
    return { boot, first, last, from: this.#time, to: place.from, reason, samples: null }
  }

  #giveUpOn(hole: Hole): Step<T> {
    this.#moveTo({ boot: hole.boot, sequence: hole.last })
    return this.#note(hole)
  }

  #note(hole: Hole): Step<T> {
    this.#remember(hole)
    return { what: 'hole', hole }
  }

  // Moves over a place and gives what it says was lost, less what is here.
  #pass(place: Place): Hole[] {
    const position = this.#position
    const start = position?.boot === place.boot ? Math.max(place.first, position.sequence + 1) : place.first
    if (!this.#isPassed(place)) this.#moveTo({ boot: place.boot, sequence: place.last })
    this.#time = place.to ?? this.#time
    if (place.lost === null || start > place.last) return []
    let left = [holeOf(place, { ...place, first: start })]
    for (const { place: here } of this.#held) {
      if (here.boot !== place.boot || here.first > place.last) break
      if (here.lost === null) left = left.flatMap((hole) => without(hole, here))
    }
    return left
  }

  #moveTo(next: Position): void {
    const position = this.#position
    if (position !== null && position.boot !== next.boot) this.#tails = [...this.#tails.slice(1 - MAX_TAILS), position]
    this.#position = next
  }

  #remember(hole: Hole): void {
    if (hole.device !== undefined) return
    this.#holes.push(hole)
    if (this.#holes.length <= MAX_HOLES) return
    const [oldest] = this.#holes.splice(0, 1)
    if (oldest === undefined) return
    const end = { boot: oldest.boot, sequence: oldest.last }
    if (this.#forgotten === null || comparePositions(end, this.#forgotten) > 0) this.#forgotten = end
  }
}
