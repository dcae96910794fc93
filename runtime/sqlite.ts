// Opens SQLite database files; the only door to node:sqlite.
import type { DatabaseSync } from 'node:sqlite'

export type Database = DatabaseSync
export type { SQLInputValue, SQLOutputValue, StatementSync as Statement } from 'node:sqlite'

/** SQL or a function; the first in the list makes version 1. Never changed once released, only added to. */
export type Migration = string | ((database: Database) => void)

export class DatabaseDamaged extends Error {
  readonly code = 'DATABASE_DAMAGED'
  readonly file: string
  constructor(file: string, detail: string, options?: ErrorOptions) {
    super(`database ${file} is damaged: ${detail}`, options)
    this.name = 'DatabaseDamaged'
    this.file = file
  }
}

export class DatabaseTooNew extends Error {
  readonly code = 'DATABASE_TOO_NEW'
  constructor(file: string, version: number, known: number) {
    super(`database ${file} has version ${version}, made by a newer Penstock; this one knows versions up to ${known}`)
    this.name = 'DatabaseTooNew'
  }
}

/** Throws DatabaseDamaged or DatabaseTooNew. */
export function openDatabase(_options: {
  file: string
  migrations: readonly Migration[]
  synchronous?: 'full' | 'normal'
  readOnly?: boolean
}): Database {
  throw new Error('not there yet')
}

/** Renames a damaged file and its companions out of the way; gives the new path. */
export function setAside(_file: string, _reason: string): string {
  throw new Error('not there yet')
}

export function transaction<T>(_database: Database, _work: () => T): T {
  throw new Error('not there yet')
}
