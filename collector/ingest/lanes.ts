// The lanes of one agent: after an outage it begins a new one for what it reads now and replays the older ones beside it. Each has a
// sequencer of its own; when the oldest has reached the place where the next began, the two are one. Pure, as a sequencer is.
import { comparePositions, type Lane, type Position } from '#contract/envelope.ts'
import type { Place } from './hole.ts'
import { type Limits, Sequencer, type SequencerState, START, type Step } from './sequencer.ts'

/** Everything of a lane up to the position is stored or noted as a hole; what the agent is told. */
export interface Reached {
  lane: number
  position: Position
}

/** What an offer led to in one lane. */
export interface Answer<T> {
  steps: Step<T>[]
  /** live: the newest lane; replay: an older one that goes on beside it; over: from before the oldest lane that is open. */
  lane: 'live' | 'replay' | 'over'
  reached: Reached | null
}

/** Plain data; the outer fields are those of the oldest lane. */
export interface LanesState extends SequencerState {
  /** The boot with which the oldest lane began; 0 in the first one. */
  from?: number | undefined
  beside?: readonly (SequencerState & Lane)[] | undefined
}

interface Open<T> {
  from: number
  /** Where the lane before it ends; null when there never was one. */
  after: Position | null
  sequencer: Sequencer<T>
}

// An agent begins few; a liar gets no more room than this.
const MAX_LANES = 16

export class Lanes<T> {
  readonly #limits: Limits
  // In the order of their boots, never empty.
  #open: Open<T>[]

  constructor({ limits, state = START, now }: { limits: Limits; state?: LanesState; now: number }) {
    this.#limits = limits
    const { from = 0, beside = [], ...oldest } = state
    const open = (state: SequencerState) => new Sequencer<T>({ limits, state, now })
    this.#open = [
      { from, after: null, sequencer: open(oldest) },
      ...beside.map(({ from, after, ...state }) => ({ from, after, sequencer: open(state) }))
    ]
  }

  /** The furthest place that was passed on. */
  get position(): Position | null {
    return this.#open.findLast(({ sequencer }) => sequencer.position !== null)?.sequencer.position ?? null
  }

  /** Event time of the last sample passed in the newest lane. */
  get time(): number | null {
    return this.#open.findLast(({ sequencer }) => sequencer.time !== null)?.sequencer.time ?? null
  }

  get held(): { messages: number; bytes: number } {
    const held = this.#open.map(({ sequencer }) => sequencer.held)
    return { messages: held.reduce((sum, { messages }) => sum + messages, 0), bytes: held.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  /** True while older lanes go on beside the newest. */
  get areMany(): boolean {
    return this.#open.length > 1
  }

  state(): LanesState {
    const [oldest, ...rest] = this.#open
    if (oldest === undefined) return START
    const beside = rest.flatMap(({ from, after, sequencer }) => (after === null ? [] : [{ from, after, ...sequencer.state() }]))
    return { ...oldest.sequencer.state(), from: oldest.from, beside }
  }

  unreadable(): void {
    this.#open.at(-1)?.sequencer.unreadable()
  }

  /** The agent lost its memory and numbers anew: what is held is passed on, then its new numbering begins. */
  restart(now: number): Answer<T>[] {
    const answers = this.#open.map(({ sequencer }): Answer<T> => ({ steps: sequencer.restart(), lane: 'over', reached: null }))
    this.#open = [{ from: 0, after: null, sequencer: new Sequencer<T>({ limits: this.#limits, now }) }]
    return answers
  }

  offer(place: Place, item: T, now: number): Answer<T>[] {
    const before = this.#prepare(place, now)
    const own = this.#open.findLast(({ from }) => from <= place.boot)
    if (own === undefined) {
      // Its lane ended, so all that it ever held is stored or noted, and the agent may forget it.
      const steps = this.#open[0]?.sequencer.offer(place, item, now) ?? []
      return [...before, { steps, lane: 'over', reached: { lane: place.boot, position: { boot: place.boot, sequence: place.last } } }]
    }
    const steps = own.sequencer.offer(place, item, now)
    // The room is that of an agent, however many lanes it has.
    const { messages, bytes } = this.held
    if (messages > this.#limits.holdMessages || bytes > this.#limits.holdBytes) steps.push(...own.sequencer.giveUp())
    const answer = this.#answer(own, steps)
    return [...before, answer, ...this.#join()]
  }

  expire(now: number): Answer<T>[] {
    const answers = this.#open.map((open) => this.#answer(open, open.sequencer.expire(now))).filter(({ steps }) => steps.length > 0)
    return answers.length === 0 ? answers : [...answers, ...this.#join()]
  }

  // A message may open a lane, and may say that nothing before it is to be expected.
  #prepare({ boot, first, follows, lane }: Place, now: number): Answer<T>[] {
    const newest = this.#open.at(-1)
    if (newest === undefined) return []
    const isAnew = first === 1 && follows === null && boot > (newest.sequencer.position?.boot ?? newest.from)
    if (isAnew && lane === undefined) return this.#closeAll()
    // What a lane says of itself has to fit, or it is none.
    if (lane === undefined || lane.from > boot || lane.after.boot >= lane.from) return []
    const at = this.#open.findIndex(({ from }) => from >= lane.from)
    if (at === 0 || this.#open[at]?.from === lane.from) return []
    // It is known where it begins, so whatever of it comes first does not make a later place its beginning. When it begins is not:
    // what is lost there lies after all that is known of the lane before.
    const time = this.#open[(at < 0 ? this.#open.length : at) - 1]?.sequencer.time ?? null
    const state = { ...START, position: { boot: lane.from, sequence: 0 }, time }
    const opened = { from: lane.from, after: lane.after, sequencer: new Sequencer<T>({ limits: this.#limits, state, now }) }
    this.#open.splice(at < 0 ? this.#open.length : at, 0, opened)
    return [...this.#join(), ...(this.#open.length > MAX_LANES ? this.#closeOldest() : [])]
  }

  // Lanes that have met are one.
  #join(): Answer<T>[] {
    const answers: Answer<T>[] = []
    for (;;) {
      const [oldest, next] = this.#open
      const position = oldest?.sequencer.position ?? null
      if (next === undefined || position === null || next.after === null || comparePositions(position, next.after) < 0) return answers
      answers.push(...this.#closeOldest())
    }
  }

  #closeAll(): Answer<T>[] {
    const answers: Answer<T>[] = []
    while (this.#open.length > 1) answers.push(...this.#closeOldest())
    return answers
  }

  #closeOldest(): Answer<T>[] {
    const [oldest, next] = this.#open
    if (oldest === undefined || next === undefined || next.after === null) return []
    const answer = this.#answer(oldest, oldest.sequencer.giveUpTo(next.after))
    next.sequencer.follow(oldest.sequencer.state())
    this.#open.shift()
    // The place of the next lane is told again, so that the last that an agent hears is where it stands and not where a backlog ended.
    const told = this.#answer(next, [])
    return answer.steps.length === 0 ? [told] : [answer, told]
  }

  #answer(open: Open<T>, steps: Step<T>[]): Answer<T> {
    const { position } = open.sequencer
    const lane = open === this.#open.at(-1) ? 'live' : 'replay'
    return { steps, lane, reached: isPlace(position) ? { lane: open.from, position } : null }
  }
}

/** What is reached in each lane of a state. */
export function reachedIn({ from = 0, beside = [], position }: LanesState): Reached[] {
  return [{ lane: from, position }, ...beside.map((lane) => ({ lane: lane.from, position: lane.position }))].flatMap(
    ({ lane, position }) => (isPlace(position) ? [{ lane, position }] : [])
  )
}

// A lane that has just begun stands before its first number.
const isPlace = (position: Position | null): position is Position => position !== null && position.sequence > 0
