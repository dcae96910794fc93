// The file of the outbox: its tables, what a new one starts with, and what becomes of a damaged one.
import { randomInt } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import type { Text } from '#contract/text.ts'
import type { Log } from '#runtime/log.ts'
import { type Database, DatabaseDamaged, type Migration, openDatabase, setAside, transaction } from '#runtime/sqlite.ts'
import { type Boot, beginBoot } from './boots.ts'
import type { Entry } from './dropping.ts'

const TABLES = ['identity', 'tags', 'boots', 'messages']
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
  'ALTER TABLE identity ADD COLUMN samples_ever INTEGER NOT NULL DEFAULT 0',
  // What an older version had counted no further is taken as stored.
  `
  ALTER TABLE boots ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE boots ADD COLUMN after_boot INTEGER;
  ALTER TABLE boots ADD COLUMN after_sequence INTEGER;
  ALTER TABLE identity ADD COLUMN samples_stored INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE identity ADD COLUMN samples_dropped INTEGER NOT NULL DEFAULT 0;
  UPDATE identity SET samples_ever = max(samples_ever, coalesce((SELECT sum(samples) FROM messages WHERE kind = 'samples'), 0));
  UPDATE identity SET samples_stored = samples_ever - coalesce((SELECT sum(samples) FROM messages WHERE kind = 'samples'), 0);
  `
]

export interface OutboxFile {
  database: Database
  /** Names the numbering of tags; a new file has a new one, because its ids start again. */
  tagMap: number
  boot: Boot
  /** The latest time of a sample that was put in before this boot. */
  lastTime: number
  /** True when the file before this one was damaged and set aside. */
  damaged: boolean
}

export function openOutboxFile({ file, now, log }: { file: string; now: () => number; log: Log }): OutboxFile {
  const { database, damaged } = openOrSetAside(file, log)
  return transaction(database, () => ({ database, damaged, ...begin(database, now()) }))
}

/** The file is a database of some other program; it is left as it is. */
export class ForeignFile extends Error {
  readonly code = 'OUTBOX_FOREIGN'
  readonly exitCode = 78
  readonly text: Text
  constructor(file: string) {
    super(`${file} is a database of another program`)
    this.name = 'ForeignFile'
    this.text = {
      zh: `${file} 是其他程序的数据库，未作改动；请在 outbox.file 中另选文件`,
      en: `${file} is a database of another program and was left as it is; choose another outbox.file`
    }
  }
}

// A commit is on the disk when it returns (full), so a power failure loses at most the batch that is being filled.
function openOrSetAside(file: string, log: Log): { database: Database; damaged: boolean } {
  const look = (database: Database) => refuseForeign(database, file)
  const open = () => openDatabase({ file, migrations: MIGRATIONS, synchronous: 'full', look })
  try {
    // SQLite takes an empty file for a new database; here somebody emptied it, for a new outbox has no file.
    if (existsSync(file) && statSync(file).size === 0) throw new DatabaseDamaged(file, 'it is empty')
    return { database: open(), damaged: false }
  } catch (error) {
    if (!(error instanceof DatabaseDamaged)) throw error
    const aside = setAside(file, 'damaged')
    log.error({ err: error, aside }, 'The outbox is damaged and was set aside; what it still held is lost.')
    return { database: open(), damaged: true }
  }
}

function refuseForeign(database: Database, file: string): void {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  if (names.length > 0 && !TABLES.every((table) => names.some(({ name }) => name === table))) throw new ForeignFile(file)
}

function begin(database: Database, now: number): Pick<OutboxFile, 'tagMap' | 'boot' | 'lastTime'> {
  const known = database.prepare('SELECT tag_map FROM identity').get()?.['tag_map']
  const tagMap = typeof known === 'number' ? known : randomInt(1, 2 ** 47)
  if (known === undefined) database.prepare('INSERT INTO identity (tag_map) VALUES (?)').run(tagMap)
  const lastTime = Number(database.prepare('SELECT max(last_time) AS time FROM boots').get()?.['time'] ?? 0)
  return { tagMap, boot: beginBoot(database, { now, newLane: false }), lastTime }
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
