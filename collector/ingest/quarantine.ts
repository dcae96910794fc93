// What could not be read is kept aside: why, where from, the first bytes, and how often. What only waits for a birth is kept whole.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { QuarantineEntry } from '#contract/api.ts'
import type { ContractFaultCode } from '#contract/fault.ts'
import { type Database, transaction } from '#runtime/sqlite.ts'
import type { Unknown } from '../known-agent.ts'
import type { Commit, Ledger } from './ledger.ts'

export type QuarantineCode =
  | ContractFaultCode
  | Unknown['code']
  | 'STORE_REFUSED'
  | 'NO_STORE_FOR_KIND'
  | 'TOO_MANY_AGENTS'
  | 'TOO_MANY_TAGS'
  | 'MISTRUSTED'

/** The place of a whole message in the stream of its agent. */
export interface Awaited {
  site: string
  agent: string
  tagMap: number
  boot: number
  first: number
  last: number
}

export interface Unreadable {
  topic: string
  code: QuarantineCode
  reason: string
  payload: Buffer
  /** Set when the message can be read once a birth comes; it is then kept whole. */
  awaited?: Awaited
}

export interface AwaitedMessage extends Awaited {
  id: number
  topic: string
  payload: Buffer
}

export const HEAD_BYTES = 64 << 10
const MAX_ENTRIES = 10_000
const MAX_BYTES = 256 << 20

const Entry = z.object({ id: z.number(), time: z.number(), topic: z.string(), code: z.string(), reason: z.string(), bytes: z.number() })
const Place = { site: z.string(), agent: z.string(), tag_map: z.number(), boot: z.number(), first: z.number(), last: z.number() }
const Row = z.object({ id: z.number(), topic: z.string(), payload: z.instanceof(Uint8Array), ...Place })
const Awaiting = z.object(Place)

export class Quarantine {
  readonly #database: Database
  readonly #ledger: Ledger
  readonly #limits: { entries: number; bytes: number }
  readonly #now: () => number
  #entries = 0
  #bytes = 0
  #lastKept: number | null = null

  constructor({
    database,
    ledger,
    limits = { entries: MAX_ENTRIES, bytes: MAX_BYTES },
    now = Date.now
  }: {
    database: Database
    ledger: Ledger
    limits?: { entries: number; bytes: number }
    now?: () => number
  }) {
    this.#database = database
    this.#ledger = ledger
    this.#limits = limits
    this.#now = now
    const row = database
      .prepare('SELECT count(*) AS entries, coalesce(sum(length(payload)), 0) AS bytes, max(time) AS last FROM quarantine')
      .get()
    this.#entries = Number(row?.['entries'] ?? 0)
    this.#bytes = Number(row?.['bytes'] ?? 0)
    this.#lastKept = row?.['last'] == null ? null : Number(row['last'])
  }

  get size(): { entries: number; bytes: number } {
    return { entries: this.#entries, bytes: this.#bytes }
  }

  get lastKept(): number | null {
    return this.#lastKept
  }

  /** Durable when it returns. */
  keep({ topic, code, reason, payload, awaited }: Unreadable): void {
    const digest = createHash('sha256').update(topic).update('\0').update(payload).digest()
    this.#lastKept = this.#now()
    transaction(this.#database, () => {
      this.#count(code, 1)
      const again = this.#database
        .prepare('UPDATE quarantine SET copies = copies + 1, time = ? WHERE digest = ? AND (tag_map IS NULL) = ?')
        .run(this.#now(), digest, Number(awaited === undefined))
      if (again.changes > 0) return
      // The same bytes for another reason: what waits for its birth must be whole, and what no longer waits must not be read again.
      this.#remove('digest', digest)
      const kept = awaited === undefined ? payload.subarray(0, HEAD_BYTES) : payload
      this.#database
        .prepare(
          `INSERT INTO quarantine (time, topic, site, agent, code, reason, bytes, payload, tag_map, boot, first, last, digest, copies)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`
        )
        .run(
          this.#now(),
          topic.slice(0, 500),
          awaited?.site ?? null,
          awaited?.agent ?? null,
          code,
          reason.slice(0, 1000),
          payload.length,
          kept,
          awaited?.tagMap ?? null,
          awaited?.boot ?? null,
          awaited?.first ?? null,
          awaited?.last ?? null,
          digest
        )
      this.#entries++
      this.#bytes += kept.length
      this.#makeRoom()
    })
  }

  entries(limit = 200): QuarantineEntry[] {
    const rows = this.#database
      .prepare('SELECT id, time, topic, code, reason, bytes FROM quarantine ORDER BY time DESC, id DESC LIMIT ?')
      .all(limit)
    return z.array(Entry).parse(rows)
  }

  /** How many messages were ever kept aside, by code; REPLACED counts those that had to make room. */
  counts(): ReadonlyMap<string, number> {
    const rows = this.#database.prepare('SELECT code, count FROM quarantine_counts').all()
    return new Map(rows.map((row) => [String(row['code']), Number(row['count'])]))
  }

  /** Oldest first, so that the stream comes in its order. */
  awaited({ site, agent, after, limit }: { site: string; agent: string; after: number; limit: number }): AwaitedMessage[] {
    const rows = this.#database
      .prepare(
        `SELECT id, topic, payload, site, agent, tag_map, boot, first, last FROM quarantine
         WHERE site = ? AND agent = ? AND tag_map IS NOT NULL AND id > ? ORDER BY id LIMIT ?`
      )
      .all(site, agent, after, limit)
    return z
      .array(Row)
      .parse(rows)
      .map(({ payload, tag_map, ...row }) => ({ ...row, tagMap: tag_map, payload: Buffer.from(payload) }))
  }

  /** The message was read after all. */
  release(id: number): void {
    this.#remove('id', id)
  }

  #remove(column: 'id' | 'digest', value: number | Buffer): void {
    const row = this.#database.prepare(`DELETE FROM quarantine WHERE ${column} = ? RETURNING length(payload) AS bytes`).get(value)
    if (row === undefined) return
    this.#entries--
    this.#bytes -= Number(row['bytes'])
  }

  // The oldest make room. What waited for its birth is lost with that, and is told as a gap.
  #makeRoom(): void {
    const remove = this.#database.prepare(
      `DELETE FROM quarantine WHERE id = (SELECT min(id) FROM quarantine)
       RETURNING length(payload) AS length, site, agent, tag_map, boot, first, last`
    )
    const gaps: Commit['gaps'][number][] = []
    while (this.#entries > 1 && (this.#entries > this.#limits.entries || this.#bytes > this.#limits.bytes)) {
      const row = remove.get()
      if (row === undefined) break
      this.#entries--
      this.#bytes -= Number(row['length'])
      this.#count('REPLACED', 1)
      const place = Awaiting.safeParse(row)
      if (!place.success) continue
      const { site, agent, boot, first, last } = place.data
      gaps.push({
        site,
        agent,
        change: { what: 'note', hole: { boot, first, last, from: null, to: null, reason: 'unreadable', samples: null } }
      })
    }
    if (gaps.length > 0) this.#ledger.commit({ streams: [], gaps, now: this.#now() })
  }

  #count(code: string, by: number): void {
    this.#database
      .prepare('INSERT INTO quarantine_counts (code, count) VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET count = count + excluded.count')
      .run(code, by)
  }
}
