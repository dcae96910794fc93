// The engine: knows tags from births, judges samples in event time and agents on the collector's clock.
// It holds no clock and does no I/O; the same messages give the same findings.
import type { Birth } from '#contract/agent-status.ts'
import type { Finding } from '#contract/finding.ts'
import { isBad } from '#contract/quality.ts'
import { type SampleValue, VIEWS, type View } from '#contract/sample.ts'
import { type Check, checkOf, type SampleCheck, sampleCheckOf } from './check.ts'
import { ENDED, QUIET, type Turn, turn } from './condition.ts'
import { Fleet, type Heard } from './fleet/fleet.ts'
import type { Pack } from './pack.ts'
import type { Explanation, Reading } from './rule.ts'
import { buildScope, type Scope, type Slot, type Subject, scopeKey } from './scope.ts'
import { addScope, EngineSnapshot, emptySnapshot, forgetScope, rememberSaved, rememberScope } from './snapshot.ts'

export interface Judged {
  site: string
  agent: string
  tagMap: number
  view: View
  tags: ArrayLike<number>
  /** Absolute, epoch milliseconds. */
  times: ArrayLike<number>
  values: ArrayLike<SampleValue>
  qualities: ArrayLike<number>
}

export interface EngineCounts {
  judged: number
  /** Samples not newer than the latest of their tag: repeats and stragglers. */
  late: number
  /** Samples of a tag or tag map that no birth told of. */
  unknown: number
  /** Tags whose clock went back and that were begun anew. */
  restarted: number
}

const NOTHING: readonly Finding[] = []
const MAX_TAGS_NAMED = 50

// A tag whose samples have been late for so long, going forward all the while, has had its clock set back: without a new
// start it would not be judged until the old time is reached again.
const CLOCK_SET_BACK_MS = 300_000

export class Engine {
  readonly #checks: readonly Check[]
  readonly #byId: ReadonlyMap<string, Check>
  readonly #sampleChecks: readonly SampleCheck[]
  readonly #fleet: Fleet
  readonly #scopes = new Map<string, Scope>()
  readonly #reading: Reading = { time: 0.5, number: Number.NaN, text: null, bad: false, quality: 0, input: 0 }
  readonly #counts: EngineCounts = { judged: 0, late: 0, unknown: 0, restarted: 0 }
  #saved: EngineSnapshot = emptySnapshot()

  constructor(options: { packs: readonly Pack[] }) {
    const sampleChecks: SampleCheck[] = []
    const fleetChecks: Check[] = []
    const checks: Check[] = []
    for (const pack of options.packs)
      for (const entry of pack.checks) {
        if (!entry.enabled) continue
        const sampleCheck = sampleCheckOf(pack, entry)
        const check = sampleCheck?.check ?? checkOf(pack, entry)
        if (sampleCheck === null) fleetChecks.push(check)
        else sampleChecks.push(sampleCheck)
        checks.push(check)
      }
    this.#byId = new Map(checks.map((check) => [check.id, check]))
    if (this.#byId.size < checks.length) throw new Error('two packs have the same id')
    this.#checks = checks
    this.#sampleChecks = sampleChecks
    this.#fleet = new Fleet(fleetChecks)
  }

  know(birth: Birth): void {
    this.#fleet.know(birth)
    for (const view of VIEWS) {
      if (!this.#sampleChecks.some((check) => check.judges(birth.siteInfo.sector, view))) continue
      const key = scopeKey(birth.site, birth.agent, view)
      const before = this.#scopes.get(key)
      const memory = before === undefined ? rememberSaved(this.#saved, key) : rememberScope(before)
      this.#scopes.set(key, buildScope({ birth, view, checks: this.#sampleChecks, memory, before }))
      forgetScope(this.#saved, key)
    }
  }

  judge(batch: Judged): readonly Finding[] {
    const { tags, times, values, qualities } = batch
    const scope = this.#scopes.get(scopeKey(batch.site, batch.agent, batch.view))
    const slots = scope?.maps.get(batch.tagMap)?.slots
    if (scope === undefined || slots === undefined) {
      this.#counts.unknown += tags.length
      return NOTHING
    }
    let findings: Finding[] | null = null
    const reading = this.#reading
    for (let i = 0; i < tags.length; i++) {
      const slot = slots[tags[i] ?? 0]
      if (slot === undefined) {
        this.#counts.unknown++
        continue
      }
      const time = times[i] ?? 0
      if (time <= slot.time) {
        this.#counts.late++
        if (!hasSteppedBack(slot, time)) continue
        this.#counts.restarted++
      }
      slot.time = time
      slot.lateFrom = -1
      readInto(reading, time, values[i] ?? null, qualities[i] ?? 0)
      const { subjects, inputs } = slot
      for (let j = 0; j < subjects.length; j++) {
        const subject = subjects[j]
        if (subject === undefined) continue
        reading.input = inputs[j] ?? 0
        const what = this.#turn(subject, reading)
        if (what !== QUIET) {
          findings ??= []
          findings.push(this.#finding(scope, subject, reading, what === ENDED ? 'cleared' : 'active'))
        }
      }
      this.#counts.judged++
    }
    return findings ?? NOTHING
  }

  heard(agent: Heard): readonly Finding[] {
    return this.#fleet.heard(agent)
  }

  /** The agent said goodbye in order. */
  stopped(agent: Heard): readonly Finding[] {
    return this.#fleet.stopped(agent)
  }

  tick(time: number): readonly Finding[] {
    return this.#fleet.tick(time)
  }

  snapshot(): EngineSnapshot {
    // Agents that were saved and have not been born since are kept as they were.
    const snapshot = structuredClone(this.#saved)
    for (const [key, scope] of this.#scopes) addScope(snapshot, key, scope, this.#sampleChecks)
    snapshot.agents = this.#fleet.snapshot()
    return snapshot
  }

  /** For a new engine, before it knows or judges anything. Throws when the snapshot cannot be read. */
  restore(snapshot: unknown): void {
    this.#saved = EngineSnapshot.parse(snapshot)
    this.#fleet.restore(this.#saved.agents)
  }

  checks(): readonly Check[] {
    for (const { check } of this.#sampleChecks) {
      check.subjects = 0
      for (const scope of this.#scopes.values()) check.subjects += scope.subjects.get(check.id)?.size ?? 0
    }
    this.#fleet.count()
    return this.#checks
  }

  check(id: string): Check | undefined {
    return this.#byId.get(id)
  }

  counts(): Readonly<EngineCounts> {
    return { ...this.#counts }
  }

  #turn(subject: Subject, reading: Reading): Turn {
    const { source, condition } = subject
    try {
      const score = source.rule.score(subject.state, subject.terms, reading)
      if (Number.isNaN(score)) {
        source.check.notEvaluable++
        return QUIET
      }
      // By far the most readings are right and change nothing.
      if (score < 1 && !condition.active && condition.since === -1) return QUIET
      return turn(condition, score, reading.time, source.patience, subject.staleMs)
    } catch {
      // Counted and shown on the page of rules; one check that fails must not stop the others.
      source.check.faults++
      return QUIET
    }
  }

  #finding(scope: Scope, subject: Subject, reading: Reading, condition: Finding['condition']): Finding {
    const { source, tags } = subject
    const { evidence, inputs } = this.#explain(subject, reading)
    const named = inputs?.map((input) => tags[input]?.name ?? '') ?? tags.map((tag) => tag.name)
    return {
      rule: source.check.id,
      kind: source.check.kind,
      site: scope.site,
      agent: scope.agent,
      device: subject.device,
      tag: source.rule.subject === 'tag' ? (tags[0]?.name ?? null) : null,
      tags: named.slice(0, MAX_TAGS_NAMED),
      view: scope.view,
      time: reading.time,
      condition,
      severity: source.check.severity,
      evidence
    }
  }

  // A finding without figures is better than none.
  #explain(subject: Subject, reading: Reading): Explanation {
    try {
      return subject.source.rule.explain(subject.state, subject.terms, reading)
    } catch {
      subject.source.check.faults++
      return { evidence: {} }
    }
  }
}

function readInto(reading: Reading, time: number, value: SampleValue, quality: number): void {
  reading.time = time
  reading.quality = quality
  const usable = !isBad(quality)
  const number = usable && typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
  const text = usable && typeof value === 'string' ? value : null
  reading.number = number
  reading.text = text
  reading.bad = text === null && Number.isNaN(number)
}

function hasSteppedBack(slot: Slot, time: number): boolean {
  if (slot.lateFrom === -1 || time < slot.lateTo) slot.lateFrom = time
  slot.lateTo = time
  if (time - slot.lateFrom < CLOCK_SET_BACK_MS) return false
  for (const subject of slot.subjects) {
    subject.state = subject.source.rule.initial(subject.terms)
    subject.condition.since = -1
  }
  return true
}
