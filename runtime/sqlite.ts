// Opens SQLite database files: write-ahead log, integrity check, numbered migrations. The only door to node:sqlite.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type Database = DatabaseSync
export type { SQLInputValue, SQLOutputValue, StatementSync as Statement } from 'node:sqlite'

/** SQL or a function; the first in the list makes version 1. Never changed once released, only added to. */
export type Migration = string | ((database: Database) => void)

export interface DatabaseOptions {
  file: string
  migrations: readonly Migration[]
  /** full (the default): a commit survives a power cut; normal: it survives a killed process. */
  synchronous?: 'full' | 'normal'
  readOnly?: boolean
  /** always (the default) reads the whole file at each opening; after-crash only when it was not closed in order. */
  check?: 'always' | 'after-crash'
  /** Looks at the file before anything in it is changed, and throws when it is not to be touched. */
  look?: (database: Database) => void
}

export class DatabaseDamaged extends Error {
  readonly code = 'DATABASE_DAMAGED'
  readonly file: string
  constructor(file: string, detail: string, options?: ErrorOptions) {
    super(`database ${file} is damaged: ${detail}`, options)
    this.name = 'DatabaseDamaged'
    this.file = file
  }
}

export class DatabaseVersionFault extends Error {
  readonly code = 'DATABASE_VERSION'
  constructor(message: string) {
    super(message)
    this.name = 'DatabaseVersionFault'
  }
}

/** Throws DatabaseDamaged, so that the caller may set the file aside, and DatabaseVersionFault when a newer Penstock made it. */
export function openDatabase(options: DatabaseOptions): Database {
  const { file, migrations, synchronous = 'full', readOnly = false, check = 'always', look } = options
  if (!readOnly && file !== ':memory:') createPrivately(file)
  const crashed = existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0
  const database = new DatabaseSync(file, { readOnly, timeout: 5000 })
  try {
    look?.(database)
    if (!readOnly) database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`)
    if (check === 'always' || crashed) quickCheck(database, file)
    migrate(database, { file, migrations, readOnly })
    return database
  } catch (error) {
    database.close()
    throw isDamage(error) ? new DatabaseDamaged(file, error.message, { cause: error }) : error
  }
}

/** Renames a damaged file and its companions out of the way; gives the new path. */
export function setAside(file: string, reason: string): string {
  const stamp = new Date().toISOString().replace(/[-:.]/g, '')
  const slug = reason
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const target = `${file}.${slug}-${stamp}`
  // The log goes first: left behind, it would be replayed into the next database of this name.
  for (const companion of ['-wal', '-shm', '']) {
    if (existsSync(`${file}${companion}`)) renameSync(`${file}${companion}`, `${target}${companion}`)
  }
  return target
}

/** All or nothing; inside another transaction the inner one can fail alone. The work must not be asynchronous. */
export function transaction<T>(database: Database, work: () => T): T {
  const nested = database.isTransaction
  database.exec(nested ? 'SAVEPOINT inner_work' : 'BEGIN IMMEDIATE')
  try {
    const result = work()
    if (result instanceof Promise) throw new TypeError('a transaction cannot wait for a promise')
    database.exec(nested ? 'RELEASE inner_work' : 'COMMIT')
    return result
  } catch (error) {
    // SQLite itself rolls back on some errors (disk full, for one), and then there is nothing left to do.
    if (database.isTransaction) database.exec(nested ? 'ROLLBACK TO inner_work; RELEASE inner_work' : 'ROLLBACK')
    throw error
  }
}

/** Like mkdirSync with `recursive`, which never returns where a file system answers ENOENT in a folder that is there, as /proc does. */
export function makeFolder(folder: string): void {
  if (existsSync(folder) || dirname(folder) === folder) return void mkdirSync(folder, { recursive: true })
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(folder)) throw error
  }
}

// Accounts and alerts are nobody else's business; SQLite gives its companion files the same mode.
function createPrivately(file: string): void {
  makeFolder(dirname(file))
  closeSync(openSync(file, 'a', 0o600))
}

function quickCheck(database: Database, file: string): void {
  const { quick_check: verdict } = database.prepare('PRAGMA quick_check(1)').get() ?? {}
  if (verdict !== 'ok') throw new DatabaseDamaged(file, String(verdict))
}

function migrate(
  database: Database,
  { file, migrations, readOnly }: { file: string; migrations: readonly Migration[]; readOnly: boolean }
): void {
  const known = migrations.length
  const version = versionOf(database)
  if (version > known)
    throw new DatabaseVersionFault(
      `database ${file} has version ${version}, made by a newer Penstock; this one knows versions up to ${known}`
    )
  if (version === known) return
  if (readOnly)
    throw new DatabaseVersionFault(`database ${file} has version ${version} and needs ${known}, but was opened for reading only`)
  // Tables can be rebuilt only without the check of each step; it is made up for before each commit.
  database.exec('PRAGMA foreign_keys = OFF')
  for (const [index, migration] of migrations.entries()) {
    transaction(database, () => {
      // Looked at again under the lock: another process may have been quicker.
      if (versionOf(database) > index) return
      if (typeof migration === 'string') database.exec(migration)
      else migration(database)
      const orphan = database.prepare('PRAGMA foreign_key_check').get()
      if (orphan !== undefined) throw new Error(`migration ${index + 1} of ${file} leaves dangling references: ${JSON.stringify(orphan)}`)
      database.exec(`PRAGMA user_version = ${index + 1}`)
    })
  }
  database.exec('PRAGMA foreign_keys = ON')
}

function versionOf(database: Database): number {
  const { user_version } = database.prepare('PRAGMA user_version').get() ?? {}
  return Number(user_version)
}

// Primary result codes of SQLite: 11 SQLITE_CORRUPT, 26 SQLITE_NOTADB.
function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  const primary = error.errcode & 0xff
  return primary === 11 || primary === 26
}
