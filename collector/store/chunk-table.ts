// The tables of the embedded store. A series has at most one tail, its newest chunk, which grows until it is full; full
// chunks are only added at the end of their table, so that they lie close together, and are rewritten only for late samples.
import type { SampleValue, View } from '#contract/sample.ts'
import type { Database, Migration, SQLOutputValue, Statement } from '#runtime/sqlite.ts'
import type { ChunkSummary } from './chunk.ts'
import type { SeriesKey } from './telemetry.ts'

export const migrations: readonly Migration[] = [
  `CREATE TABLE owner (id TEXT NOT NULL, sealed INTEGER NOT NULL) STRICT;
   INSERT INTO owner VALUES (lower(hex(randomblob(8))), 0);
   CREATE TABLE series (
     id INTEGER PRIMARY KEY, site TEXT NOT NULL, agent TEXT NOT NULL, tag TEXT NOT NULL, view TEXT NOT NULL,
     UNIQUE (site, agent, tag, view)
   ) STRICT;
   CREATE TABLE chunk (
     id INTEGER PRIMARY KEY, series INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
     numbers INTEGER NOT NULL, minimum REAL, maximum REAL, total REAL, worst INTEGER NOT NULL, last_value ANY,
     last_quality INTEGER NOT NULL, data BLOB NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX chunk_of_series ON chunk (series, first);
   CREATE TABLE tail (
     series INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
     numbers INTEGER NOT NULL, minimum REAL, maximum REAL, total REAL, worst INTEGER NOT NULL, last_value ANY,
     last_quality INTEGER NOT NULL, before INTEGER NOT NULL, data BLOB NOT NULL
   ) STRICT;
   CREATE TABLE spoilt (series INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL) STRICT;`
]

// A chunk by its id in the table, or the tail when it has none.
export interface ChunkPlace {
  id: number | undefined
  last: number
  count: number
}

export type ChunkRow = ChunkSummary & ChunkPlace

export interface TailRow extends ChunkRow {
  id: undefined
  series: number
  /** Samples of the series in full chunks. */
  before: number
}

const SUMMARY = 'first, last, count, numbers, minimum, maximum, total, worst, last_value, last_quality'
const MARKS = '?, ?, ?, ?, ?, ?, ?, ?, ?, ?'

// Texts that are made once, so that their statements are found quickly.
const TAIL = `SELECT ${SUMMARY}, before FROM tail WHERE series = ?`
const OVERLAPPING = `SELECT ${SUMMARY}, id FROM chunk WHERE series = ?1 AND first < ?3 AND last >= ?2
  AND first >= coalesce((SELECT max(first) FROM chunk WHERE series = ?1 AND first <= ?2), -9e15) ORDER BY first`
const LAST_BEFORE = `SELECT ${SUMMARY}, id FROM chunk WHERE series = ? AND first <= ? ORDER BY first DESC LIMIT 1`
const FIRST_OF_ALL = `SELECT ${SUMMARY}, id FROM chunk WHERE series = ? ORDER BY first LIMIT 1`
const INSERT = `INSERT INTO chunk (series, ${SUMMARY}, data) VALUES (?, ${MARKS}, ?)`
const PUT_TAIL = `REPLACE INTO tail (series, before, ${SUMMARY}, data) VALUES (?, ?, ${MARKS}, ?)`
const ARCHIVE_TAIL = `INSERT INTO chunk (series, ${SUMMARY}, data) SELECT series, ${SUMMARY}, data FROM tail WHERE series = ?`
const PROMOTE_NEWEST = `INSERT INTO tail (series, before, ${SUMMARY}, data) SELECT series, ? - count, ${SUMMARY}, data FROM chunk
  WHERE series = ? ORDER BY first DESC LIMIT 1`

export class ChunkTable {
  readonly #database: Database
  readonly #statements = new Map<string, Statement>()

  constructor(database: Database) {
    this.#database = database
  }

  owner(): string {
    return String(this.#sql('SELECT id FROM owner').get()?.['id'])
  }

  /** Notes up to which journal file all samples are in chunks. */
  noteSealed(journalFile: number): void {
    this.#sql('UPDATE owner SET sealed = ?').run(journalFile)
  }

  allSeries(): { id: number; key: SeriesKey }[] {
    return this.#sql('SELECT id, site, agent, tag, view FROM series ORDER BY id')
      .all()
      .map((row) => ({
        id: Number(row['id']),
        key: { site: String(row['site']), agent: String(row['agent']), tag: String(row['tag']), view: viewOf(row['view']) }
      }))
  }

  addSeries(id: number, { site, agent, tag, view }: SeriesKey): void {
    this.#sql('INSERT INTO series (id, site, agent, tag, view) VALUES (?, ?, ?, ?, ?)').run(id, site, agent, tag, view)
  }

  *tails(): Generator<TailRow> {
    for (const row of this.#sql(`SELECT ${SUMMARY}, series, before FROM tail`).iterate())
      yield { ...summaryOf(row), id: undefined, series: Number(row['series']), before: Number(row['before']) }
  }

  tail(series: number): TailRow | undefined {
    const row = this.#sql(TAIL).get(series)
    return row === undefined ? undefined : { ...summaryOf(row), id: undefined, series, before: Number(row['before']) }
  }

  /** Chunks that may hold samples of [from, to), in order; the tail, when it is one of them, is the last. */
  overlapping(series: number, from: number, to: number): ChunkRow[] {
    const rows: ChunkRow[] = this.#sql(OVERLAPPING)
      .all(series, from, to)
      .map((row) => ({ ...summaryOf(row), id: Number(row['id']) }))
    const tail = this.tail(series)
    if (tail !== undefined && tail.first < to && tail.last >= from) rows.push(tail)
    return rows
  }

  oldest(series: number): ChunkRow | undefined {
    const row = this.#sql(FIRST_OF_ALL).get(series)
    return row === undefined ? this.tail(series) : { ...summaryOf(row), id: Number(row['id']) }
  }

  /** The chunk that a late sample belongs to: the last that begins before it, else the first of all. And where the next begins. */
  placeOf(series: number, time: number): { chunk: ChunkRow; next: number } | undefined {
    const tail = this.tail(series)
    if (tail !== undefined && tail.first <= time) return { chunk: tail, next: Number.POSITIVE_INFINITY }
    const row = this.#sql(LAST_BEFORE).get(series, time)
    const chunk = row === undefined ? this.oldest(series) : { ...summaryOf(row), id: Number(row['id']) }
    if (chunk === undefined) return undefined
    const next = this.#sql('SELECT min(first) AS next FROM chunk WHERE series = ? AND first > ?').get(series, chunk.first)?.['next']
    const followed = chunk.id === undefined ? undefined : tail?.first
    return { chunk, next: typeof next === 'number' ? next : (followed ?? Number.POSITIVE_INFINITY) }
  }

  data(series: number, { id }: ChunkPlace): Uint8Array {
    const row =
      id === undefined
        ? this.#sql('SELECT data FROM tail WHERE series = ?').get(series)
        : this.#sql('SELECT data FROM chunk WHERE id = ?').get(id)
    const data = row?.['data']
    return data instanceof Uint8Array ? data : new Uint8Array(0)
  }

  insert(series: number, summary: ChunkSummary, data: Uint8Array): void {
    this.#sql(INSERT).run(series, ...parametersOf(summary), data)
  }

  putTail(series: number, before: number, summary: ChunkSummary, data: Uint8Array): void {
    this.#sql(PUT_TAIL).run(series, before, ...parametersOf(summary), data)
  }

  setBefore(series: number, before: number): void {
    this.#sql('UPDATE tail SET before = ? WHERE series = ?').run(before, series)
  }

  /** Makes the tail a full chunk; a new tail must follow in the same transaction. */
  archiveTail(series: number): void {
    this.#sql(ARCHIVE_TAIL).run(series)
  }

  remove(series: number, chunk: ChunkPlace): void {
    if (chunk.id !== undefined) {
      this.#sql('DELETE FROM chunk WHERE id = ?').run(chunk.id)
      this.#sql('UPDATE tail SET before = before - ? WHERE series = ?').run(chunk.count, series)
    } else this.#removeTail(series)
  }

  /** Keeps bytes that cannot be read where they trouble no query. */
  setAside(series: number, chunk: ChunkPlace): void {
    const place = chunk.id === undefined ? 'tail WHERE series = ?' : 'chunk WHERE id = ?'
    this.#sql(`INSERT INTO spoilt SELECT series, first, last, count, data FROM ${place}`).run(chunk.id ?? series)
    this.remove(series, chunk)
  }

  // A series with chunks always has a tail: the newest full chunk takes its place.
  #removeTail(series: number): void {
    const before = this.tail(series)?.before ?? 0
    this.#sql('DELETE FROM tail WHERE series = ?').run(series)
    this.#sql(PROMOTE_NEWEST).run(before, series)
    this.#sql('DELETE FROM chunk WHERE id = (SELECT id FROM chunk WHERE series = ? ORDER BY first DESC LIMIT 1)').run(series)
  }

  #sql(text: string): Statement {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const statement = this.#database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}

type Parameter = number | string | null

function parametersOf(
  summary: ChunkSummary
): [number, number, number, number, Parameter, Parameter, Parameter, number, SampleValue, number] {
  const { first, last, count, numbers, minimum, maximum, total, worst, lastValue, lastQuality } = summary
  return [first, last, count, numbers, minimum, maximum, total, worst, lastValue, lastQuality]
}

function summaryOf(row: Record<string, SQLOutputValue>): ChunkSummary {
  const { first, last, count, numbers, minimum, maximum, total, worst, last_value: value, last_quality } = row
  return {
    first: Number(first),
    last: Number(last),
    count: Number(count),
    numbers: Number(numbers),
    minimum: Number(minimum),
    maximum: Number(maximum),
    total: Number(total),
    worst: Number(worst),
    lastValue: typeof value === 'number' || typeof value === 'string' ? value : null,
    lastQuality: Number(last_quality)
  }
}

const viewOf = (value: SQLOutputValue | undefined): View => (value === 'wire' ? 'wire' : 'polled')
