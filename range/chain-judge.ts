// The centre's end of the chain without a broker: messages in their order -> the rules with packs -> alerts on a real database.
// What it is given decides everything, so a recording is judged as the run that it was made from.
import type { Finding } from '#contract/finding.ts'
import { Engine } from '#rules/engine.ts'
import type { Pack } from '#rules/pack.ts'
import type { ScoredAlert } from '#rules/score.ts'
import type { Database } from '#runtime/sqlite.ts'
import { Alerts } from '../collector/alerts/alerts.ts'
import { Audit } from '../collector/audit.ts'
import { openCollectorDatabase } from '../collector/store/database.ts'
import type { RecordedMessage } from './recording.ts'

// How often the collector judges by its clock.
const TICK_MS = 1000
// Health is some milliseconds on its way.
const ON_ITS_WAY_MS = 40
const MOST_ALERTS = 100_000

export interface ChainCounts {
  messages: number
  samples: number
  /** Messages that the agent gave out and that never came. */
  missing: number
  /** Messages with a number that was had before: they are not judged a second time. */
  repeated: number
  /** Alerts beyond what a score can hold. */
  unscored: number
}

export class ChainJudge implements Disposable {
  readonly #engine: Engine
  readonly #database: Database
  readonly #alerts: Alerts
  readonly #scored: ScoredAlert[] = []
  readonly #episodes = new Map<string, number>()
  readonly #counts: ChainCounts = { messages: 0, samples: 0, missing: 0, repeated: 0, unscored: 0 }
  #last = { boot: 0, sequence: 0 }
  #ticked: number

  constructor({ packs, startTime }: { packs: readonly Pack[]; startTime: number }) {
    const engine = new Engine({ packs })
    this.#engine = engine
    this.#database = openCollectorDatabase({ file: ':memory:' })
    this.#alerts = new Alerts({
      database: this.#database,
      audit: new Audit({ database: this.#database }),
      checkOf: (rule) => engine.check(rule),
      now: () => this.#ticked
    })
    this.#ticked = startTime
  }

  /** Each alert once for each time that it became active, with the time of that. */
  get scored(): readonly ScoredAlert[] {
    return this.#scored
  }

  get counts(): Readonly<ChainCounts> {
    return this.#counts
  }

  take(time: number, message: RecordedMessage): void {
    this.#tickTo(time - 1)
    this.#counts.messages++
    if ('sequence' in message && !this.#isNew(message)) return
    const who = { site: message.site, agent: message.agent, time }
    switch (message.kind) {
      case 'birth':
        this.#engine.know(message)
        break
      case 'samples': {
        const { tagMap, view, base, tags, times, values, qualities } = message
        this.#counts.samples += tags.length
        this.#keep(this.#engine.judge({ ...who, tagMap, view, tags, times: times.map((at) => base + at), values, qualities }))
        break
      }
      case 'events':
        this.#keep(this.#engine.events(message))
        break
      case 'health': {
        const offsetMs = message.clock?.offsetMs ?? null
        this.#keep(this.#engine.clock({ ...who, time: time + ON_ITS_WAY_MS, ownTime: message.time, offsetMs }))
        break
      }
      case 'death':
        // The broker's word that it was lost is no goodbye: its silence tells.
        if (message.reason === 'stopped') this.#keep(this.#engine.stopped(who))
        return
      case 'transactions':
      case 'gap':
        break
    }
    this.#keep(this.#engine.heard(who))
  }

  /** Lets the clock run to the end of the span. */
  finish(time: number): void {
    this.#tickTo(time)
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #tickTo(time: number): void {
    while (this.#ticked + TICK_MS <= time) {
      this.#ticked += TICK_MS
      this.#keep(this.#engine.tick(this.#ticked))
    }
  }

  #isNew({ boot, sequence, kind, ...message }: { kind: string; boot: number; sequence: number; first?: number | undefined }): boolean {
    const last = boot === this.#last.boot ? this.#last.sequence : 0
    if (boot < this.#last.boot || sequence <= last) {
      this.#counts.repeated++
      return false
    }
    this.#counts.missing += (kind === 'gap' ? (message.first ?? sequence) : sequence) - last - 1
    this.#last = { boot, sequence }
    return true
  }

  #keep(findings: readonly Finding[]): void {
    if (findings.length === 0) return
    for (const alert of this.#alerts.take(findings)) {
      if (alert.condition !== 'active' || this.#episodes.get(alert.id) === alert.episode) continue
      this.#episodes.set(alert.id, alert.episode)
      if (this.#scored.length === MOST_ALERTS) this.#counts.unscored++
      else this.#scored.push({ ...alert, firstSeen: alert.lastSeen })
    }
  }
}
