// The engine: knows tags from births, judges samples in event time and agents on the collector's clock.
// It holds no clock and does no I/O; the same messages give the same findings.
import type { Birth } from '#contract/agent-status.ts'
import type { Finding } from '#contract/finding.ts'
import { type SampleValue, VIEWS, type View } from '#contract/sample.ts'
import { type Check, checkOf, type SampleCheck, sampleCheckOf } from './check.ts'
import { ACTIVE, assume, CONDITION_CELLS, ENDED, QUIET, SINCE, TOLD_AT, type Turn, turn } from './condition.ts'
import type { ClockReading } from './fleet/clock-watch.ts'
import type { DeviceEvents } from './fleet/device-watch.ts'
import { Fleet, type Heard } from './fleet/fleet.ts'
import type { Believed, Mistrusted } from './fleet/identity-watch.ts'
import type { Pack } from './pack.ts'
import { cell, type Explanation, type Memory } from './rule.ts'
import { buildScope, findSubject, type Matter, type Scope, type Subject, scopeKey, tagOf, type Work } from './scope.ts'
import { freshReading, isLate, noteLate, take } from './slot.ts'
import { EngineSnapshot, emptySnapshot, recallBefore, recallSaved, saveScope } from './snapshot.ts'

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
  /** Samples of a tag or tag map that no birth told of, or of a view that no check judges. */
  unknown: number
  /** Tags whose clock went back and that were begun anew. */
  restarted: number
}

const NOTHING: readonly Finding[] = []
const MAX_TAGS_NAMED = 50

export class Engine {
  readonly #checks: readonly Check[]
  readonly #byId: ReadonlyMap<string, Check>
  readonly #sampleChecks: readonly SampleCheck[]
  readonly #fleet: Fleet
  readonly #scopes = new Map<string, Scope>()
  readonly #reading = freshReading()
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
      const scope = buildScope({ birth, view, checks: this.#sampleChecks, before })
      const saved = this.#saved.scopes[key]
      if (before !== undefined) recallBefore(scope, before)
      else if (saved !== undefined) recallSaved(scope, saved, this.#saved.prints)
      delete this.#saved.scopes[key]
      this.#scopes.set(key, scope)
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
    const { memory, slotAts, feeds } = scope
    const { starts, works, ats, inputs } = feeds
    const reading = this.#reading
    const findings: Finding[] = []
    for (let i = 0; i < tags.length; i++) {
      const slot = slots[tags[i] ?? 0]
      if (slot === undefined) {
        this.#counts.unknown++
        continue
      }
      const time = times[i] ?? 0
      const at = slotAts[slot] ?? 0
      if (isLate(memory, at, time)) {
        if (!noteLate(memory, at, time)) {
          this.#counts.late++
          continue
        }
        this.#restart(scope, slot)
      }
      take(scope, slot, reading, time, values[i] ?? null, qualities[i] ?? 0)
      this.#counts.judged++
      const end = starts[slot + 1] ?? 0
      for (let row = starts[slot] ?? 0; row < end; row++) {
        const work = works[row]
        if (work === undefined) continue
        reading.input = inputs[row] ?? 0
        const what = this.#turn(memory, ats[row] ?? 0, work)
        if (what !== QUIET) this.#tell(findings, scope, row, what)
      }
    }
    return findings.length === 0 ? NOTHING : findings
  }

  heard(agent: Heard): readonly Finding[] {
    return this.#fleet.heard(agent)
  }

  /** The agent said goodbye in order. */
  stopped(agent: Heard): readonly Finding[] {
    return this.#fleet.stopped(agent)
  }

  /** What devices did, each message once and in its turn. */
  events(told: DeviceEvents): readonly Finding[] {
    return this.#fleet.devices.judge(told)
  }

  /** Something that was said in the name of an agent was not believed. */
  mistrusted(what: Mistrusted): readonly Finding[] {
    return this.#fleet.identities.mistrusted(what)
  }

  /** Something that an agent signed was believed. */
  trusted(what: Believed): readonly Finding[] {
    return this.#fleet.identities.trusted(what)
  }

  clock(reading: ClockReading): readonly Finding[] {
    return this.#fleet.clocks.judge(reading)
  }

  tick(time: number): readonly Finding[] {
    return this.#fleet.tick(time)
  }

  /** The collector hears nobody, so that no agent can be called silent. */
  deaf(): void {
    this.#fleet.deaf()
  }

  snapshot(): EngineSnapshot {
    // Agents that were saved and have not been born since are kept as they were.
    const scopes = structuredClone(this.#saved.scopes)
    for (const [key, scope] of this.#scopes) scopes[key] = saveScope(scope)
    const prints = { ...this.#saved.prints, ...Object.fromEntries(this.#sampleChecks.map(({ check, print }) => [check.id, print])) }
    return { ...emptySnapshot(), prints, scopes, ...this.#fleet.snapshot() }
  }

  /** For a new engine, before it knows or judges anything. Throws when the snapshot cannot be read. */
  restore(snapshot: unknown): void {
    this.#saved = EngineSnapshot.parse(snapshot)
    this.#fleet.restore(this.#saved)
  }

  /** False when no check judges that any more; an agent that told no birth yet may still come back to it. */
  judges(matter: Matter): boolean {
    if (this.#fleet.has(matter.rule)) return true
    const scope = this.#scopes.get(scopeKey(matter.site, matter.agent, matter.view))
    return this.#byId.has(matter.rule) && (scope === undefined || findSubject(scope, matter) !== undefined)
  }

  /** Whether that goes on, as far as samples tell; undefined when no check of samples judges it. */
  activity(matter: Matter): boolean | undefined {
    const scope = this.#scopes.get(scopeKey(matter.site, matter.agent, matter.view))
    const subject = scope === undefined ? undefined : findSubject(scope, matter)
    return scope === undefined || subject === undefined ? undefined : cell(scope.memory, subject.at + ACTIVE) === 1
  }

  /** For an engine whose memory was lost: that was active when it was last told, at this time. */
  assume(matter: Matter, time: number): void {
    if (this.#fleet.has(matter.rule)) this.#fleet.assume(matter, time)
    const scope = this.#scopes.get(scopeKey(matter.site, matter.agent, matter.view))
    const subject = scope === undefined ? undefined : findSubject(scope, matter)
    if (scope !== undefined && subject !== undefined) assume(scope.memory, subject.at, time)
  }

  checks(): readonly Check[] {
    for (const { check } of this.#sampleChecks) {
      check.subjects = 0
      for (const scope of this.#scopes.values()) check.subjects += scope.subjects.get(check.id)?.length ?? 0
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

  #turn(memory: Memory, at: number, { source, terms, staleMs }: Work): Turn {
    try {
      const score = source.rule.score(memory, at + CONDITION_CELLS, terms, this.#reading)
      // By far the most readings are right and change nothing.
      if (score < 1 && memory[at + ACTIVE] === 0 && memory[at + SINCE] === 0) return QUIET
      if (!Number.isNaN(score)) return turn(memory, at, score, this.#reading.time, source.patience, staleMs)
      source.check.notEvaluable++
    } catch {
      // Counted and shown on the page of rules; one check that fails must not stop the others.
      source.check.faults++
    }
    return QUIET
  }

  #tell(findings: Finding[], { site, agent, view, memory, feeds }: Scope, row: number, what: Turn): void {
    const subject = feeds.subjects[row]
    if (subject === undefined) return
    const { work, tags, device } = subject
    const { check } = work.source
    const { evidence, inputs } = this.#explain(memory, subject)
    // After the clock of an agent was set back an end must still not lie before its beginning, nor two findings look like one.
    const toldAt = cell(memory, subject.at + TOLD_AT)
    const time = this.#reading.time >= toldAt ? this.#reading.time : toldAt + 1
    memory[subject.at + TOLD_AT] = time
    const named = inputs?.map((input) => tags[input]?.name ?? '') ?? tags.map((tag) => tag.name)
    findings.push({
      rule: check.id,
      kind: check.kind,
      site,
      agent,
      device,
      tag: tagOf(subject),
      tags: named.slice(0, MAX_TAGS_NAMED),
      view,
      time,
      condition: what === ENDED ? 'cleared' : 'active',
      severity: check.severity,
      evidence
    })
  }

  // A finding without figures is better than none.
  #explain(memory: Memory, { work, at }: Subject): Explanation {
    const { source, terms } = work
    try {
      return source.rule.explain(memory, at + CONDITION_CELLS, terms, this.#reading)
    } catch {
      source.check.faults++
      return { evidence: {} }
    }
  }

  // The conditions stay as they are; what was being waited for is not comparable with the new time.
  #restart({ memory, feeds }: Scope, slot: number): void {
    this.#counts.restarted++
    for (const { at, cells } of feeds.subjects.slice(feeds.starts[slot], feeds.starts[slot + 1])) {
      memory[at + SINCE] = 0
      memory.fill(0, at + CONDITION_CELLS, at + cells)
    }
  }
}
