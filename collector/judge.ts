// The rules engine behind a guard: what throws is counted and named and never stops the spine; its state is kept over restarts.
import { z } from 'zod'
import type { Birth, Health } from '#contract/agent-status.ts'
import type { EventBatch } from '#contract/event.ts'
import type { Finding } from '#contract/finding.ts'
import type { Engine, Judged } from '#rules/engine.ts'
import type { Mistrusted } from '#rules/fleet/identity-watch.ts'
import type { Matter } from '#rules/scope.ts'
import type { Log } from '#runtime/log.ts'
import type { Database } from '#runtime/sqlite.ts'
import type { KnownBatch } from './known-agent.ts'

const FAULTS_TOLD_EVERY_MS = 60_000

const Row = z.object({ time: z.number(), engine: z.string(), judged: z.string() })
const JudgedTo = z.array(z.tuple([z.string(), z.number()]))

export interface Judgement {
  /** When the state was kept, by the collector's clock. */
  time: number
  /** The latest event time judged, by site/agent. */
  judgedTo: ReadonlyMap<string, number>
}

export class Judge {
  readonly #engine: Engine
  readonly #database: Database
  readonly #log: Log
  readonly #now: () => number
  #found: Finding[] = []
  #faults = 0
  #lastFault: number | null = null
  #lastTold = 0

  constructor({ engine, database, log, now = Date.now }: { engine: Engine; database: Database; log: Log; now?: () => number }) {
    this.#engine = engine
    this.#database = database
    this.#log = log
    this.#now = now
  }

  /** Faults of the engine itself; those of single rules are counted by the rules. */
  get faults(): number {
    return this.#faults
  }

  get lastFault(): number | null {
    return this.#lastFault
  }

  get hasFound(): boolean {
    return this.#found.length > 0
  }

  /** What was found since the last call. */
  found(): readonly Finding[] {
    const found = this.#found
    if (found.length > 0) this.#found = []
    return found
  }

  know(birth: Birth): void {
    this.#guard('know', () => {
      this.#engine.know(birth)
      return []
    })
  }

  judge({ agent, batch, times }: KnownBatch): void {
    const { tagMap, view, tags, values, qualities } = batch
    this.#guard('judge', () => this.#engine.judge({ site: agent.site, agent: agent.agent, tagMap, view, tags, times, values, qualities }))
  }

  /** Samples read again from the store, in the order of time. */
  judgeStored(samples: Judged): void {
    this.#guard('judge', () => this.#engine.judge(samples))
  }

  /** What devices did, each message once and in its turn. */
  events({ site, agent, events }: Pick<EventBatch, 'site' | 'agent' | 'events'>): void {
    this.#guard('events', () => this.#engine.events({ site, agent, events }))
  }

  /** The health of an agent, which came at this time. */
  health({ site, agent, time: ownTime, clock }: Health, time: number): void {
    this.#guard('health', () => this.#engine.clock({ site, agent, time, ownTime, offsetMs: clock?.offsetMs ?? null }))
  }

  /** Something said in the name of an agent was not believed. */
  mistrusted(what: Mistrusted): void {
    this.#guard('mistrusted', () => this.#engine.mistrusted(what))
  }

  /** Something that the agent signed was believed. */
  trusted(site: string, agent: string, time: number): void {
    this.#guard('trusted', () => this.#engine.trusted({ site, agent, time }))
  }

  heard(site: string, agent: string, time: number): void {
    this.#guard('heard', () => this.#engine.heard({ site, agent, time }))
  }

  stopped(site: string, agent: string, time: number): void {
    this.#guard('stopped', () => this.#engine.stopped({ site, agent, time }))
  }

  tick(time: number): void {
    this.#guard('tick', () => this.#engine.tick(time))
  }

  /** In place of a tick while messages cannot reach the collector. */
  deaf(): void {
    this.#engine.deaf()
  }

  judges(matter: Matter): boolean {
    return this.#engine.judges(matter)
  }

  activity(matter: Matter): boolean | undefined {
    return this.#engine.activity(matter)
  }

  assume(matter: Matter, time: number): void {
    this.#engine.assume(matter, time)
  }

  /** Keeps the state of the rules; called between groups, when all that is stored is judged. */
  keep(judgedTo: ReadonlyMap<string, number>): void {
    const engine = JSON.stringify(this.#engine.snapshot())
    this.#database
      .prepare('INSERT OR REPLACE INTO judgement (one, time, engine, judged) VALUES (1, ?, ?, ?)')
      .run(this.#now(), engine, JSON.stringify([...judgedTo]))
  }

  /** Null when nothing was kept, or nothing that this version can use. */
  restore(): Judgement | null {
    const row = this.#database.prepare('SELECT time, engine, judged FROM judgement').get()
    if (row === undefined) return null
    try {
      const { time, engine, judged } = Row.parse(row)
      this.#engine.restore(JSON.parse(engine))
      return { time, judgedTo: new Map(JudgedTo.parse(JSON.parse(judged))) }
    } catch (err) {
      this.#log.warn({ err }, 'The kept state of the rules cannot be used; they start anew.')
      return null
    }
  }

  #guard(what: string, work: () => readonly Finding[]): void {
    try {
      for (const finding of work()) this.#found.push(finding)
    } catch (err) {
      this.#faults++
      this.#lastFault = this.#now()
      if (this.#lastFault - this.#lastTold < FAULTS_TOLD_EVERY_MS) return
      this.#lastTold = this.#lastFault
      this.#log.error({ err, what, faults: this.#faults }, 'The rules engine failed; what it was given is stored but not judged.')
    }
  }
}
