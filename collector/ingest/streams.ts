// The numbered streams of all agents: each with its lanes and what is durably known of it.
import type { EventBatch } from '#contract/event.ts'
import type { KnownBatch } from '../known-agent.ts'
import type { Place } from './hole.ts'
import { Lanes, type Reached, reachedIn } from './lanes.ts'
import type { StreamRow } from './ledger.ts'
import type { Limits } from './sequencer.ts'
import { Voices } from './voices.ts'

/** Where a message came from, kept until it is stored, so that it can be put aside whole. */
export interface Source {
  topic: string
  payload: Buffer
}

export interface Arrived {
  place: Place
  /** Null for what carries no samples, or none that can be stored now. */
  samples: KnownBatch | null
  events: EventBatch | null
  source: Source
  acknowledge: () => void
}

export class Stream {
  readonly site: string
  readonly agent: string
  readonly lanes: Lanes<Arrived>
  readonly voices = new Voices()
  lastHeard: number | null
  /** By lane, the place up to which all is stored; what the agent may forget. */
  durable: readonly Reached[]
  /** The latest event time judged, for batches that come out of turn. */
  judgedTo = Number.NEGATIVE_INFINITY
  /** Where to go on in the quarantine with what waited for a birth; null when there is nothing to read. */
  awaitedFrom: number | null = null

  constructor({
    row,
    limits,
    now
  }: { row: Pick<StreamRow, 'site' | 'agent' | 'lastHeard'> & Partial<StreamRow>; limits: Limits; now: number }) {
    this.site = row.site
    this.agent = row.agent
    this.lastHeard = row.lastHeard
    this.durable = row.state === undefined ? [] : reachedIn(row.state)
    this.lanes = new Lanes({ limits, now, ...(row.state === undefined ? {} : { state: row.state }) })
  }
}

export class Streams implements Iterable<Stream> {
  readonly #limits: Limits
  readonly #max: number
  readonly #byName = new Map<string, Stream>()

  constructor({ limits, max = 10_000 }: { limits: Limits; max?: number }) {
    this.#limits = limits
    this.#max = max
  }

  restore(rows: readonly StreamRow[], now: number): void {
    for (const row of rows) this.#byName.set(`${row.site}/${row.agent}`, new Stream({ row, limits: this.#limits, now }))
  }

  /** Undefined when there are too many already: names come from peers. */
  of(site: string, agent: string, now: number): Stream | undefined {
    const name = `${site}/${agent}`
    const known = this.#byName.get(name)
    if (known !== undefined || this.#byName.size >= this.#max) return known
    const stream = new Stream({ row: { site, agent, lastHeard: null }, limits: this.#limits, now })
    this.#byName.set(name, stream)
    return stream
  }

  find(site: string, agent: string): Stream | undefined {
    return this.#byName.get(`${site}/${agent}`)
  }

  [Symbol.iterator](): Iterator<Stream> {
    return this.#byName.values()
  }
}
