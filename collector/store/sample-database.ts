// Opens the database file of the embedded store for this process alone. A damaged file is set aside, never thrown away.
import type { Log } from '#runtime/log.ts'
import { type Database, DatabaseDamaged, openDatabase, setAside, transaction } from '#runtime/sqlite.ts'
import { migrations } from './chunk-table.ts'
import { StoreFault } from './telemetry.ts'

export function openSampleDatabase(file: string, log: Log): Database {
  try {
    return openAlone(file)
  } catch (error) {
    if (!(error instanceof DatabaseDamaged)) throw error
    const aside = setAside(file, 'damaged')
    log.error({ err: error, aside }, 'the sample database is damaged; it was set aside and a new one begun')
    return openAlone(file)
  }
}

// The journal has one writer only, and the lock of the database stands for the whole folder.
function openAlone(file: string): Database {
  let database: Database | undefined
  try {
    database = openDatabase({ file, migrations, synchronous: 'normal', check: 'after-crash' })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA wal_autocheckpoint = 256; BEGIN EXCLUSIVE; COMMIT')
    widenPages(database)
    return database
  } catch (cause) {
    database?.close()
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY)
      throw new StoreFault('STORE_AWAY', `the sample database ${file} is in use by another process`, { cause })
    throw cause
  }
}

const SQLITE_BUSY = 5
const PAGE_BYTES = 16_384

// Chunks have some hundred to some thousand bytes; in pages of 4096 a fifth of the file would be the rests between them.
function widenPages(database: Database): void {
  if (database.prepare('PRAGMA page_size').get()?.['page_size'] === PAGE_BYTES) return
  if (database.prepare('SELECT 1 FROM series').get() !== undefined) return
  database.exec(`PRAGMA journal_mode = DELETE; PRAGMA page_size = ${PAGE_BYTES}; VACUUM; PRAGMA journal_mode = WAL`)
}

/** A transaction that a power cut does not undo, and none before it either: its sync covers the whole log. */
export function durably(database: Database, work: () => void): void {
  database.exec('PRAGMA synchronous = FULL')
  try {
    transaction(database, work)
  } finally {
    database.exec('PRAGMA synchronous = NORMAL')
  }
}
