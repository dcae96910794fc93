// The file of the outbox: its tables, what a new one starts with, and what becomes of a damaged one.
import { randomInt } from 'node:crypto'
import type { Position } from '#contract/envelope.ts'
import type { Log } from '#runtime/log.ts'
import { type Database, DatabaseDamaged, type Migration, openDatabase, setAside, transaction } from '#runtime/sqlite.ts'
import type { Entry } from './dropping.ts'

const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE identity (tag_map INTEGER NOT NULL) STRICT;
  CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL
  ) STRICT;
  CREATE TABLE boots (
    boot INTEGER PRIMARY KEY,
    follows_boot INTEGER,
    follows_sequence INTEGER,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    last_time INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE messages (
    boot INTEGER NOT NULL,
    first INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    samples INTEGER,
    from_time INTEGER,
    to_time INTEGER,
    made_at INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (boot, sequence)
  ) STRICT;
  `,
  'ALTER TABLE identity ADD COLUMN samples_ever INTEGER NOT NULL DEFAULT 0'
]

export interface OutboxFile {
  database: Database
  /** Names the numbering of tags; a new file has a new one, because its ids start again. */
  tagMap: number
  boot: number
  /** The last number of an earlier boot, or null when the file knows of none. */
  follows: Position | null
  /** The latest time of a sample that was put in before this boot. */
  lastTime: number
  /** True when the file before this one was damaged and set aside. */
  damaged: boolean
}

export function openOutboxFile({ file, now, log }: { file: string; now: () => number; log: Log }): OutboxFile {
  const { database, damaged } = openOrSetAside(file, log)
  return transaction(database, () => ({ database, damaged, ...beginBoot(database, now()) }))
}

// A commit is on the disk when it returns (full), so a power failure loses at most the batch that is being filled.
function openOrSetAside(file: string, log: Log): { database: Database; damaged: boolean } {
  const open = () => openDatabase({ file, migrations: MIGRATIONS, synchronous: 'full' })
  try {
    return { database: open(), damaged: false }
  } catch (error) {
    if (!(error instanceof DatabaseDamaged)) throw error
    const aside = setAside(file, 'damaged')
    log.error({ err: error, aside }, 'The outbox is damaged and was set aside; what it still held is lost.')
    return { database: open(), damaged: true }
  }
}

function beginBoot(database: Database, now: number): Pick<OutboxFile, 'tagMap' | 'boot' | 'follows' | 'lastTime'> {
  const known = database.prepare('SELECT tag_map FROM identity').get()?.['tag_map']
  const tagMap = typeof known === 'number' ? known : randomInt(1, 2 ** 47)
  if (known === undefined) database.prepare('INSERT INTO identity (tag_map) VALUES (?)').run(tagMap)
  const ever = database.prepare('SELECT max(boot) AS boot, max(last_time) AS time FROM boots').get()
  const last = database.prepare('SELECT boot, last_sequence FROM boots WHERE last_sequence > 0 ORDER BY boot DESC LIMIT 1').get()
  const follows = last === undefined ? null : { boot: Number(last['boot']), sequence: Number(last['last_sequence']) }
  const boot = Math.max(Number(ever?.['boot'] ?? 0) + 1, now)
  database
    .prepare('INSERT INTO boots (boot, follows_boot, follows_sequence) VALUES (?, ?, ?)')
    .run(boot, follows?.boot ?? null, follows?.sequence ?? null)
  // Boots are only needed while messages of them are kept; two are always left, for `follows`.
  database
    .prepare('DELETE FROM boots WHERE boot < ? AND boot <> ? AND boot NOT IN (SELECT boot FROM messages)')
    .run(boot, follows?.boot ?? 0)
  return { tagMap, boot, follows, lastTime: Number(ever?.['time'] ?? 0) }
}

export function countOf(database: Database): { messages: number; bytes: number } {
  const all = database.prepare('SELECT count(*) AS n, coalesce(sum(length(payload)), 0) AS bytes FROM messages').get()
  return { messages: Number(all?.['n']), bytes: Number(all?.['bytes']) }
}

/** All messages without their payload, oldest first. */
export function* entriesOf(database: Database): Iterable<Entry> {
  const rows = database.prepare(
    `SELECT boot, first, sequence, kind, reason, samples, from_time, to_time, made_at, length(payload) AS bytes
     FROM messages ORDER BY boot, sequence`
  )
  const nullable = (value: unknown) => (value === null ? null : Number(value))
  for (const row of rows.iterate())
    yield {
      boot: Number(row['boot']),
      first: Number(row['first']),
      sequence: Number(row['sequence']),
      kind: String(row['kind']),
      reason: row['reason'] === null ? null : String(row['reason']),
      samples: nullable(row['samples']),
      from: nullable(row['from_time']),
      to: nullable(row['to_time']),
      madeAt: Number(row['made_at']),
      bytes: Number(row['bytes'])
    }
}
