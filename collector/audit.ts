// The audit trail: who did what, each entry chained to the one before by its hash, so that a changed entry shows itself.
import { createHash } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import type { AuditEntry } from '#contract/api.ts'
import { canonicalJson } from '#contract/canonical-json.ts'
import { type Database, type Statement, transaction } from '#runtime/sqlite.ts'

export interface AuditRecord {
  action: string
  subject: string
  /** Null when the collector itself acted. */
  account?: string | null
  /** Plain JSON without secrets. */
  detail?: Record<string, unknown>
}

export interface AuditHead {
  sequence: number
  hash: string
}

export interface AuditVerdict {
  intact: boolean
  /** How many entries were found good. */
  checked: number
  /** The first entry that is changed, missing or not ours; null when the chain is whole. */
  firstBroken: number | null
}

interface Row {
  sequence: number
  time: number
  account: string | null
  action: string
  subject: string
  detail: string
  hash: string
}

const ENTRIES_AT_ONCE = 500
const MAX_DETAIL = 16_384

export class Audit {
  readonly #database: Database
  readonly #now: () => number
  readonly #statements: Record<'head' | 'setHead' | 'insert' | 'after' | 'before', Statement>

  constructor({ database, now = Date.now }: { database: Database; now?: () => number }) {
    this.#database = database
    this.#now = now
    this.#statements = {
      head: database.prepare('SELECT sequence, hash FROM audit_head'),
      setHead: database.prepare('UPDATE audit_head SET sequence = ?, hash = ?'),
      insert: database.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)'),
      after: database.prepare('SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?'),
      before: database.prepare('SELECT * FROM audit WHERE sequence < ? ORDER BY sequence DESC LIMIT ?')
    }
  }

  /** Joins the transaction of the caller when there is one: then the act and its trace stand or fall together. */
  append({ action, subject, account = null, detail = {} }: AuditRecord): AuditEntry {
    const text = canonicalJson(detail)
    if (text.length > MAX_DETAIL)
      throw new RangeError(`audit detail of ${action} has ${text.length} characters; at most ${MAX_DETAIL} are kept`)
    return transaction(this.#database, () => {
      const head = this.head()
      // Read back from the text that is kept: what verify will read later must be what is hashed now.
      const entry = { sequence: head.sequence + 1, time: this.#now(), account, action, subject, detail: JSON.parse(text) }
      const hash = chainHash(head.hash, entry)
      this.#statements.insert.run(entry.sequence, entry.time, account, action, subject, text, hash)
      this.#statements.setHead.run(entry.sequence, hash)
      return { ...entry, hash }
    })
  }

  /** The newest entry; told to the log now and then, it anchors the chain outside the database. */
  head(): AuditHead {
    // The table has one row of exactly this shape (migration 1).
    return { ...(this.#statements.head.get() as unknown as AuditHead) }
  }

  /** Newest first. */
  page({ before = Number.MAX_SAFE_INTEGER, limit }: { before?: number | undefined; limit: number }): {
    entries: AuditEntry[]
    next: number | null
  } {
    const rows = rowsOf(this.#statements.before.all(before, limit + 1))
    const entries = rows.slice(0, limit).map(({ detail, ...row }) => ({ ...row, detail: parseDetail(detail) ?? { unreadable: detail } }))
    return { entries, next: rows.length > limit ? (entries.at(-1)?.sequence ?? null) : null }
  }

  /** Walks the chain in small steps, so that a long one does not hold up the process; goes on after `from` when given. */
  async verify({ from = { sequence: 0, hash: '' }, signal }: { from?: AuditHead; signal?: AbortSignal } = {}): Promise<AuditVerdict> {
    const head = this.head()
    let last = from
    while (last.sequence < head.sequence) {
      signal?.throwIfAborted()
      const rows = rowsOf(this.#statements.after.all(last.sequence, Math.min(ENTRIES_AT_ONCE, head.sequence - last.sequence)))
      if (rows.length === 0) return broken(last.sequence + 1)
      for (const row of rows) {
        const detail = parseDetail(row.detail)
        if (row.sequence !== last.sequence + 1 || detail === undefined || chainHash(last.hash, { ...row, detail }) !== row.hash)
          return broken(last.sequence + 1)
        last = { sequence: row.sequence, hash: row.hash }
      }
      await breathe()
    }
    if (last.sequence !== head.sequence || last.hash !== head.hash) return broken(head.sequence)
    const beyond = rowsOf(this.#statements.after.all(this.head().sequence, 1))[0]
    return beyond === undefined ? { intact: true, checked: head.sequence, firstBroken: null } : broken(beyond.sequence)
  }
}

function broken(sequence: number): AuditVerdict {
  return { intact: false, checked: sequence - 1, firstBroken: sequence }
}

function chainHash(previous: string, { sequence, time, account, action, subject, detail }: Omit<AuditEntry, 'hash'>): string {
  const entry = canonicalJson({ sequence, time, account, action, subject, detail })
  return createHash('sha256').update(previous).update('\n').update(entry).digest('hex')
}

// STRICT tables hold exactly these types.
const rowsOf = (rows: unknown[]): Row[] => rows.map((row) => ({ ...(row as Row) }))

function parseDetail(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // A record by the check before it; its keys stay unknown.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    // Only a tampered entry is not JSON; verify names it.
    return undefined
  }
}
