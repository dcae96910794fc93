// The SQL of alerts: one row per alert, its newest events, and the searches over them.
import type { z } from 'zod'
import type { AlertEvent } from '#contract/alert.ts'
import type { AlertQuery } from '#contract/api.ts'
import type { Severity } from '#contract/finding.ts'
import type { Database, SQLInputValue, SQLOutputValue, Statement } from '#runtime/sqlite.ts'
import { Refused } from '../refused.ts'
import type { AlertRow, EventRow } from './rows.ts'

export type AlertSearch = Omit<z.infer<typeof AlertQuery>, 'limit'> & { limit?: number | undefined }

export interface SeverityCount {
  severity: Severity
  count: number
}

const OPEN = "handling NOT IN ('resolved', 'closed')"
const CONSTANT_COLUMNS = [
  'id',
  'key',
  'rule',
  'kind',
  'site',
  'agent',
  'device',
  'tag',
  'view',
  'title',
  'why',
  'advice',
  'parameters',
  'previous_alert'
] as const
const MUTABLE_COLUMNS = [
  'version',
  'decision_version',
  'severity',
  'condition',
  'handling',
  'disposition',
  'assignee',
  'resolved_by',
  'first_seen',
  'last_seen',
  'cleared_at',
  'count',
  'episode',
  'tags',
  'techniques',
  'reason',
  'words',
  'evidence',
  'events',
  'forgotten_to'
] as const
const COLUMNS = [...CONSTANT_COLUMNS, ...MUTABLE_COLUMNS]

export interface NewEvent {
  fingerprint: Buffer | null
  event: AlertEvent
}

export class AlertTable {
  readonly #database: Database
  readonly #insert: Statement
  readonly #update: Statement
  readonly #current: Statement
  readonly #openOfKey: Statement
  readonly #byId: Statement
  readonly #active: Statement
  readonly #known: Statement
  readonly #addEvent: Statement
  readonly #history: Statement
  readonly #oldEvents: Statement
  readonly #forget: Statement
  readonly #keepClear: Statement
  readonly #earlyClear: Statement
  readonly #pruneClears: Statement
  readonly #openByTag: Statement
  readonly #prune: Statement

  constructor(database: Database) {
    this.#database = database
    this.#insert = database.prepare(`INSERT INTO alerts (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `:${name}`).join(', ')})`)
    this.#update = database.prepare(
      `UPDATE alerts SET ${MUTABLE_COLUMNS.map((name) => `${name} = :${name}`).join(', ')} WHERE number = :number`
    )
    // The open one comes first: a person may have reopened an older alert of the key.
    this.#current = database.prepare(`SELECT * FROM alerts WHERE key = ? ORDER BY ${OPEN} DESC, number DESC LIMIT 1`)
    this.#openOfKey = database.prepare(`SELECT id FROM alerts WHERE key = ? AND ${OPEN}`)
    this.#byId = database.prepare('SELECT * FROM alerts WHERE id = ?')
    this.#active = database.prepare("SELECT * FROM alerts WHERE condition = 'active' ORDER BY number")
    this.#known = database.prepare('SELECT 1 FROM alert_events WHERE fingerprint = ?')
    this.#addEvent = database.prepare(
      'INSERT INTO alert_events (alert, fingerprint, time, what, by, note, evidence) VALUES (?, ?, ?, ?, ?, ?, ?)'
    )
    this.#history = database.prepare('SELECT * FROM alert_events WHERE alert = ? ORDER BY number DESC LIMIT ?')
    this.#oldEvents = database.prepare(
      'SELECT number, time, fingerprint IS NOT NULL AS of_finding FROM alert_events WHERE alert = ? ORDER BY number DESC LIMIT -1 OFFSET ?'
    )
    this.#forget = database.prepare('DELETE FROM alert_events WHERE alert = ? AND number <= ?')
    this.#keepClear = database.prepare(
      'INSERT INTO early_clears VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET time = max(time, excluded.time)'
    )
    this.#earlyClear = database.prepare('SELECT time FROM early_clears WHERE key = ?')
    this.#pruneClears = database.prepare('DELETE FROM early_clears WHERE time < ?')
    this.#openByTag = database.prepare(
      `SELECT agent, tag, count(*) AS count FROM alerts WHERE site = ? AND tag IS NOT NULL AND ${OPEN} GROUP BY agent, tag`
    )
    this.#prune = database.prepare(
      `DELETE FROM alerts WHERE number IN
         (SELECT number FROM alerts WHERE handling = 'closed' AND max(last_seen, coalesce(cleared_at, 0)) < ? ORDER BY last_seen LIMIT ?)`
    )
  }

  /** The alert that a finding of this key belongs to. */
  current(key: string): AlertRow | undefined {
    return rowOf(this.#current.get(key))
  }

  openOfKey(key: string): string | undefined {
    const { id } = this.#openOfKey.get(key) ?? {}
    return id === undefined ? undefined : String(id)
  }

  byId(id: string): AlertRow | undefined {
    return rowOf(this.#byId.get(id))
  }

  /** Whatever people made of them. */
  active(): AlertRow[] {
    return this.#active.all().flatMap((row) => rowOf(row) ?? [])
  }

  knows(fingerprint: Buffer): boolean {
    return this.#known.get(fingerprint) !== undefined
  }

  insert(row: Omit<AlertRow, 'number'>): AlertRow {
    const { lastInsertRowid } = this.#insert.run(pickColumns(row, COLUMNS))
    return { ...row, number: Number(lastInsertRowid) }
  }

  update(row: AlertRow): void {
    this.#update.run({ number: row.number, ...pickColumns(row, MUTABLE_COLUMNS) })
  }

  addEvent(alert: number, { fingerprint, event }: NewEvent): void {
    const evidence = event.evidence === null ? null : JSON.stringify(event.evidence)
    this.#addEvent.run(alert, fingerprint, event.time, event.what, event.by, event.note, evidence)
  }

  /** Oldest first. */
  history(alert: number, newest: number): EventRow[] {
    // STRICT tables hold exactly these types.
    return (this.#history.all(alert, newest) as unknown as EventRow[]).reverse()
  }

  /** Keeps the newest events; gives the latest event time among the findings that were forgotten. */
  forgetEvents(alert: number, keep: number): number {
    // The columns that the statement names, all integers.
    const old = this.#oldEvents.all(alert, keep) as unknown as { number: number; time: number; of_finding: number }[]
    const [newest] = old
    if (newest === undefined) return 0
    this.#forget.run(alert, newest.number)
    return old.reduce((latest, row) => (row.of_finding === 1 ? Math.max(latest, row.time) : latest), 0)
  }

  /** Remembers an end that had nothing to end yet. */
  keepClear(key: string, time: number): void {
    this.#keepClear.run(key, time)
  }

  earlyClear(key: string): number | undefined {
    const { time } = this.#earlyClear.get(key) ?? {}
    return time === undefined ? undefined : Number(time)
  }

  /** By agent/tag; tags without an open alert are left out. */
  openByTag(site: string): Map<string, number> {
    return new Map(this.#openByTag.all(site).map(({ agent, tag, count }) => [`${agent}/${tag}`, Number(count)]))
  }

  /** Worst first; severities without an open alert are left out. */
  openBySeverity(site?: string): SeverityCount[] {
    // Naming all severities lets the index answer alone, for one site as well as for all.
    const where = `${OPEN} AND severity IN (1, 2, 3, 4, 5)${site === undefined ? '' : ' AND site = :site'}`
    const rows = this.#database
      .prepare(
        `SELECT severity, count(*) AS count FROM alerts INDEXED BY open_alerts_by_severity WHERE ${where} GROUP BY severity ORDER BY severity DESC`
      )
      .all(site === undefined ? {} : { site })
    // The check constraint of the column holds severity to 1..5.
    return rows.map(({ severity, count }) => ({ severity: severity as Severity, count: Number(count) }))
  }

  /** Latest first. */
  search(search: AlertSearch, limit: number): { rows: AlertRow[]; total: number } {
    const { where, values } = conditionsOf(search)
    const total = this.#database.prepare(`SELECT count(*) AS count FROM alerts WHERE ${where}`).get(values)
    const after = search.before === undefined ? undefined : parseCursor(search.before)
    const page = after === undefined ? where : `${where} AND (last_seen, number) < (:last_seen, :number)`
    const rows = this.#database
      .prepare(`SELECT * FROM alerts WHERE ${page} ORDER BY last_seen DESC, number DESC LIMIT :limit`)
      .all({ ...values, ...after, limit })
    return { rows: rows.flatMap((row) => rowOf(row) ?? []), total: countOf(total) }
  }

  prune(before: number, atMost: number): number {
    this.#pruneClears.run(before)
    return Number(this.#prune.run(before, atMost).changes)
  }
}

export const cursorOf = (row: AlertRow): string => `${row.last_seen}.${row.number}`

function parseCursor(cursor: string): { last_seen: number; number: number } {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor)
  if (match === null) {
    const text = { zh: '不是有效的翻页标记', en: 'is not a cursor of a page' }
    throw new Refused('REQUEST_INVALID', { faults: [{ path: 'before', text }] })
  }
  return { last_seen: Number(match[1]), number: Number(match[2]) }
}

function conditionsOf({ condition, handling, severity, site, search }: AlertSearch) {
  const parts = ['1 = 1']
  const values: Record<string, SQLInputValue> = {}
  const add = (sql: string, name: string, value: SQLInputValue) => {
    parts.push(sql)
    values[name] = value
  }
  if (condition !== undefined) add('condition = :condition', 'condition', condition)
  if (handling === 'open') parts.push(OPEN)
  else if (handling !== undefined) add('handling = :handling', 'handling', handling)
  if (severity !== undefined) add('severity >= :severity', 'severity', severity)
  if (site !== undefined) add('site = :site', 'site', site)
  if (search !== undefined && search !== '') add('instr(words, :search) > 0', 'search', search.toLowerCase())
  return { where: parts.join(' AND '), values }
}

function pickColumns(row: Omit<AlertRow, 'number'>, names: readonly (keyof Omit<AlertRow, 'number'>)[]): Record<string, SQLInputValue> {
  return Object.fromEntries(names.map((name) => [name, row[name]]))
}

// STRICT tables hold exactly these types; the spread gives the row an ordinary prototype.
const rowOf = (row: unknown): AlertRow | undefined => (row === undefined ? undefined : { ...(row as AlertRow) })

const countOf = ({ count }: Record<string, SQLOutputValue> = {}): number => Number(count ?? 0)
