// Alerts: findings become alerts with a life, people act on them, and each change is kept with its history.
import { randomUUIDv7 } from 'node:crypto'
import type { Alert, AlertDetail, AlertEvent } from '#contract/alert.ts'
import type { AlertActionRequest, AlertPage } from '#contract/api.ts'
import type { Finding } from '#contract/finding.ts'
import type { Tag } from '#contract/tag.ts'
import type { Text } from '#contract/text.ts'
import type { Check } from '#rules/check.ts'
import { renderReason } from '#rules/reason.ts'
import { type Database, transaction } from '#runtime/sqlite.ts'
import type { Audit } from '../audit.ts'
import { Refused } from '../refused.ts'
import { type AlertSearch, AlertTable, cursorOf, type SeverityCount } from './alert-table.ts'
import { dedupKey, fingerprintOf } from './dedup.ts'
import { type AlertState, applyAction, applyFinding, type FindingEffect } from './lifecycle.ts'
import { type AlertRow, alertOf, columnsOf, detailOf, stateOf } from './rows.ts'

export interface AlertsOptions {
  database: Database
  audit: Pick<Audit, 'append'>
  /** What an alert takes over from the check that judged; later changes of the pack do not rewrite it. */
  checkOf: (rule: string) => Check | undefined
  /** The tag of a finding, for its name and unit in the sentence. */
  tagOf?: (finding: Finding) => Tag | undefined
  /** How long after its last sign a resolved alert is taken up again instead of a new one being raised. */
  reopenWithinMs?: number
  now?: () => number
}

const DAY_MS = 86_400_000
const NEWEST_EVENTS = 500
// Old events go in lots, not one by one.
const EVENTS_IN_EXCESS = 100
const PRUNED_AT_ONCE = 1000
const DEFAULT_LIMIT = 50
// A note has one language; those of people are in whatever language they write.
const NO_LONGER_JUDGED =
  '规则包或测点配置已变更，不再判断此项。 The rule or the tag is no longer configured, so this is not judged any more.'

export class Alerts {
  readonly #database: Database
  readonly #audit: Pick<Audit, 'append'>
  readonly #checkOf: (rule: string) => Check | undefined
  readonly #tagOf: (finding: Finding) => Tag | undefined
  readonly #reopenWithinMs: number
  readonly #now: () => number
  readonly #table: AlertTable

  constructor({ database, audit, checkOf, tagOf = () => undefined, reopenWithinMs = DAY_MS, now = Date.now }: AlertsOptions) {
    this.#database = database
    this.#audit = audit
    this.#checkOf = checkOf
    this.#tagOf = tagOf
    this.#reopenWithinMs = reopenWithinMs
    this.#now = now
    this.#table = new AlertTable(database)
  }

  /** All or nothing, and the same findings a second time change nothing; gives the alerts that changed, as they are now. */
  take(findings: readonly Finding[]): readonly Alert[] {
    if (findings.length === 0) return []
    const changed = new Map<number, AlertRow>()
    transaction(this.#database, () => {
      for (const finding of findings) for (const row of this.#takeOne(finding)) changed.set(row.number, row)
    })
    return [...changed.values()].map(alertOf)
  }

  find(search: AlertSearch): AlertPage {
    const limit = search.limit ?? DEFAULT_LIMIT
    const { rows, total } = this.#table.search(search, limit + 1)
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return { alerts: page.map(alertOf), next: rows.length > limit && last !== undefined ? cursorOf(last) : null, total }
  }

  detail(id: string): AlertDetail | undefined {
    const row = this.#table.byId(id)
    return row === undefined ? undefined : this.#detailOf(row)
  }

  /** Throws Refused when the alert, its version or the rules of handling do not allow it. */
  act({ id, request, account }: { id: string; request: AlertActionRequest; account: string }): AlertDetail {
    const { action, version, note = null, disposition } = request
    return transaction(this.#database, () => {
      const row = this.#table.byId(id)
      if (row === undefined) throw new Refused('ALERT_UNKNOWN')
      // Findings that only moved figures do not spoil a decision, or a chattering alert could never be acknowledged.
      if (action !== 'comment' && (version < row.decision_version || version > row.version)) throw new Refused('VERSION_CONFLICT')
      const result = applyAction(stateOf(row), { action, disposition, account })
      if ('refused' in result) throw new Refused(result.refused)
      if (action === 'reopen' && this.#table.openOfKey(row.key) !== undefined) throw new Refused('NEWER_ALERT_OPEN')
      const event: AlertEvent = { time: this.#now(), what: action, by: account, note, evidence: null }
      const after = this.#write(row, { state: result.state, event, fingerprint: null, decisive: action !== 'comment' })
      const detail = { from: row.handling, to: after.handling, version: after.version, disposition: after.disposition, note }
      this.#audit.append({ action: `alert.${action}`, subject: id, account, detail })
      return this.#detailOf(after)
    })
  }

  /** Those whose condition goes on, whatever people made of them. */
  active(): readonly Alert[] {
    return this.#table.active().map(alertOf)
  }

  /** Ends alerts of which no rule will ever tell the end. */
  endUnjudged(ids: readonly string[]): readonly Alert[] {
    return transaction(this.#database, () =>
      ids.flatMap((id) => {
        const row = this.#table.byId(id)
        return row?.condition === 'active' ? [alertOf(this.#end(row, this.#now(), NO_LONGER_JUDGED))] : []
      })
    )
  }

  /** Alerts neither resolved nor closed, worst first, of one site or of all. */
  openCounts(site?: string): SeverityCount[] {
    return this.#table.openBySeverity(site)
  }

  /** By agent/tag, of one site. */
  openCountsByTag(site: string): ReadonlyMap<string, number> {
    return this.#table.openByTag(site)
  }

  /** Forgets closed alerts last seen before that time, some at once; gives how many, so the caller goes on until 0. */
  prune(before: number): number {
    return this.#table.prune(before, PRUNED_AT_ONCE)
  }

  #takeOne(finding: Finding): AlertRow[] {
    const key = dedupKey(finding)
    const fingerprint = fingerprintOf(key, finding)
    if (this.#table.knows(fingerprint)) return []
    const row = this.#table.current(key)
    // Events that were forgotten cannot be compared; whatever is as old as they are was told before.
    if (row !== undefined && finding.time <= row.forgotten_to) return []
    const effect = applyFinding(row === undefined ? undefined : stateOf(row), finding, this.#reopenWithinMs)
    if (effect.effect === 'none') {
      this.#table.keepClear(key, finding.time)
      return []
    }
    if (row === undefined || effect.effect === 'raise') return this.#raise({ finding, key, fingerprint, effect, previous: row })
    const told = finding.condition === 'active' && finding.time >= row.last_seen ? { ...row, ...this.#wordsOf(finding) } : row
    const event: AlertEvent = { time: finding.time, what: effect.what, by: null, note: null, evidence: finding.evidence }
    return [this.#endEarly(this.#write(told, { state: effect.state, event, fingerprint, decisive: effect.news }))]
  }

  #raise(raised: {
    finding: Finding
    key: string
    fingerprint: Buffer
    effect: Exclude<FindingEffect, { effect: 'none' }>
    previous: AlertRow | undefined
  }): AlertRow[] {
    const { finding, key, fingerprint, effect, previous } = raised
    const { title, why, advice, parameters } = this.#checkOf(finding.rule) ?? unknownCheck(finding)
    const row = this.#table.insert({
      ...columnsOf(effect.state),
      ...this.#wordsOf(finding),
      id: randomUUIDv7(),
      key,
      version: 1,
      decision_version: 1,
      rule: finding.rule,
      kind: finding.kind,
      site: finding.site,
      agent: finding.agent,
      device: finding.device,
      tag: finding.tag,
      view: finding.view,
      title: JSON.stringify(title),
      why: JSON.stringify(why),
      advice: JSON.stringify(advice),
      parameters: JSON.stringify(parameters),
      previous_alert: previous?.id ?? null,
      events: 1,
      forgotten_to: 0
    })
    const event: AlertEvent = { time: finding.time, what: 'raised', by: null, note: null, evidence: finding.evidence }
    this.#table.addEvent(row.number, { fingerprint, event })
    const raisedRow = this.#endEarly(row)
    return previous?.condition === 'active' ? [this.#end(previous, finding.time), raisedRow] : [raisedRow]
  }

  // Out of order, the end may have been told first.
  #endEarly(row: AlertRow): AlertRow {
    const time = row.condition === 'active' ? this.#table.earlyClear(row.key) : undefined
    return time === undefined || time < row.last_seen ? row : this.#end(row, time)
  }

  // Also for an alert whose condition goes on in a newer one: it would stay active for ever.
  #end(row: AlertRow, time: number, note: string | null = null): AlertRow {
    const state: AlertState = { ...stateOf(row), condition: 'cleared', clearedAt: Math.max(time, row.last_seen) }
    const event: AlertEvent = { time, what: 'cleared', by: null, note, evidence: null }
    return this.#write(row, { state, event, fingerprint: null, decisive: false })
  }

  #write(row: AlertRow, change: { state: AlertState; event: AlertEvent; fingerprint: Buffer | null; decisive: boolean }): AlertRow {
    const { state, event, fingerprint, decisive } = change
    const version = row.version + 1
    const after = {
      ...row,
      ...columnsOf(state),
      version,
      decision_version: decisive ? version : row.decision_version,
      events: row.events + 1
    }
    this.#table.addEvent(row.number, { fingerprint, event })
    if (after.events > NEWEST_EVENTS + EVENTS_IN_EXCESS) {
      after.forgotten_to = Math.max(after.forgotten_to, this.#table.forgetEvents(row.number, NEWEST_EVENTS))
      after.events = NEWEST_EVENTS
    }
    this.#table.update(after)
    return after
  }

  // The latest finding gives the sentence and the figures.
  #wordsOf(finding: Finding) {
    const check = this.#checkOf(finding.rule)
    const { title, techniques } = check ?? unknownCheck(finding)
    const reason = check === undefined ? title : renderReason(check, finding, this.#tagOf(finding))
    const words = [title.zh, title.en, reason.zh, reason.en, finding.rule, finding.tag ?? '', finding.device ?? '']
    return {
      tags: JSON.stringify(finding.tags),
      techniques: JSON.stringify(techniques),
      reason: JSON.stringify(reason),
      words: words.join('\n').toLowerCase(),
      evidence: JSON.stringify(finding.evidence)
    }
  }

  #detailOf(row: AlertRow): AlertDetail {
    return detailOf(row, this.#table.history(row.number, NEWEST_EVENTS))
  }
}

// A finding is told even when the pack no longer has its check.
function unknownCheck({ rule, tag, agent }: Finding) {
  const title: Text = { zh: `规则“${rule}”命中（${tag ?? agent}）`, en: `Rule ${rule} found something on ${tag ?? agent}` }
  const why: Text = { zh: '该规则已不在规则包中，无法说明其含义。', en: 'The rule is no longer in any pack, so nothing more can be said.' }
  return { title, why, advice: [], techniques: [], parameters: {} }
}
