// Migrations, damage and transactions on real files.
import { open, readdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type Database,
  DatabaseDamaged,
  DatabaseVersionFault,
  type Migration,
  openDatabase,
  setAside,
  transaction
} from '#runtime/sqlite.ts'
import { temporaryFolder } from '../parts/wait.ts'

const PEOPLE: Migration = 'CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT'
const ROOMS: Migration = (database) => {
  database.exec('CREATE TABLE room (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES person (id)) STRICT')
  database.prepare('INSERT INTO person (name) VALUES (?)').run('Li')
}

const fileIn = async (...parts: string[]) => join(await temporaryFolder(), ...parts, 'plant.db')
const names = (database: Database) =>
  database
    .prepare('SELECT name FROM person ORDER BY id')
    .all()
    .map(({ name }) => name)

describe('opening', () => {
  test('makes folder and file for the owner alone, in WAL mode with foreign keys', async () => {
    const file = await fileIn('data', 'deep')
    const database = openDatabase({ file, migrations: [PEOPLE, ROOMS] })
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
    expect([pragma('journal_mode'), pragma('foreign_keys'), pragma('busy_timeout'), pragma('synchronous'), pragma('user_version')]).toEqual(
      ['wal', 1, 5000, 2, 2]
    )
    expect(() => database.exec('INSERT INTO room (owner) VALUES (99)')).toThrow('FOREIGN KEY')
    for (const name of await readdir(dirname(file))) expect((await stat(join(dirname(file), name))).mode & 0o077).toBe(0)
    database.close()
  })

  test('applies only the migrations that are new', async () => {
    const file = await fileIn()
    openDatabase({ file, migrations: [PEOPLE] }).close()
    openDatabase({ file, migrations: [PEOPLE, ROOMS] }).close()
    const database = openDatabase({ file, migrations: [PEOPLE, ROOMS], synchronous: 'normal' })
    expect(names(database)).toEqual(['Li'])
    database.close()
  })

  test('a migration that fails changes nothing', async () => {
    const file = await fileIn()
    const half: Migration = (database) => {
      database.exec("INSERT INTO person (name) VALUES ('half')")
      throw new Error('no further')
    }
    expect(() => openDatabase({ file, migrations: [PEOPLE, half] })).toThrow('no further')
    const database = openDatabase({ file, migrations: [PEOPLE] })
    expect(names(database)).toEqual([])
    database.close()
  })

  test('a migration may rebuild a table that others refer to, but leave no dangling row', async () => {
    const file = await fileIn()
    const rebuild: Migration = `INSERT INTO room (owner) SELECT id FROM person;
      CREATE TABLE person_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, badge INTEGER) STRICT;
      INSERT INTO person_new SELECT id, name, NULL FROM person;
      DROP TABLE person; ALTER TABLE person_new RENAME TO person`
    const lose: Migration = 'DELETE FROM person'
    const migrations = [PEOPLE, ROOMS, rebuild]
    const database = openDatabase({ file, migrations })
    expect(names(database)).toEqual(['Li'])
    expect(() => database.exec('DELETE FROM person')).toThrow('FOREIGN KEY')
    database.close()
    expect(() => openDatabase({ file, migrations: [...migrations, lose] })).toThrow('migration 4')
  })

  test('a database of a newer program is refused and left alone', async () => {
    const file = await fileIn()
    openDatabase({ file, migrations: [PEOPLE, ROOMS] }).close()
    expect(() => openDatabase({ file, migrations: [PEOPLE] })).toThrow(DatabaseVersionFault)
    expect(() => openDatabase({ file, migrations: [PEOPLE] })).toThrow('newer Penstock')
  })

  test('for reading only nothing is made, migrated or written', async () => {
    const file = await fileIn()
    expect(() => openDatabase({ file, migrations: [PEOPLE], readOnly: true })).toThrow('unable to open')
    openDatabase({ file, migrations: [PEOPLE] }).close()
    expect(() => openDatabase({ file, migrations: [PEOPLE, ROOMS], readOnly: true })).toThrow('reading only')
    const database = openDatabase({ file, migrations: [PEOPLE], readOnly: true })
    expect(() => database.exec("INSERT INTO person (name) VALUES ('x')")).toThrow('readonly')
    database.close()
  })
})

describe('damage', () => {
  async function filled() {
    const file = await fileIn()
    const database = openDatabase({ file, migrations: [PEOPLE] })
    const insert = database.prepare('INSERT INTO person (name) VALUES (?)')
    transaction(database, () => {
      for (let i = 0; i < 2000; i++) insert.run(`person ${i} ${'x'.repeat(100)}`)
    })
    database.close()
    return file
  }

  async function spoil(file: string, from: number, to: number) {
    await using handle = await open(file, 'r+')
    await handle.write(Buffer.alloc(to - from, 0xa5), 0, to - from, from)
  }

  test('pages of nonsense are found at opening', async () => {
    const file = await filled()
    await spoil(file, 8192, 20_480)
    expect(() => openDatabase({ file, migrations: [PEOPLE] })).toThrow(DatabaseDamaged)
    expect(() => openDatabase({ file, migrations: [PEOPLE], check: 'after-crash' }).close()).not.toThrow()
  })

  test('a file that is no database, set aside with its log, makes room for a new one', async () => {
    const file = await filled()
    await spoil(file, 0, 100)
    const fault = await Promise.resolve()
      .then(() => openDatabase({ file, migrations: [PEOPLE] }))
      .catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'DATABASE_DAMAGED', file })
    await writeFile(`${file}-wal`, 'left behind')
    const aside = setAside(file, 'Damaged!')
    expect(basename(aside)).toMatch(/^plant\.db\.damaged-\d{8}T\d{9}Z$/)
    expect((await readdir(dirname(file))).sort()).toEqual([basename(aside), `${basename(aside)}-wal`])
    const database = openDatabase({ file, migrations: [PEOPLE] })
    expect(names(database)).toEqual([])
    database.close()
  })
})

describe('a transaction', () => {
  test('is all or nothing, and an inner one can fail alone', async () => {
    const database = openDatabase({ file: ':memory:', migrations: [PEOPLE] })
    const add = (name: string) => database.prepare('INSERT INTO person (name) VALUES (?)').run(name)
    const fail = () => {
      throw new Error('enough')
    }
    expect(() => transaction(database, () => [add('lost'), fail()])).toThrow('enough')
    const result = transaction(database, () => {
      add('outer')
      expect(() => transaction(database, () => [add('inner'), fail()])).toThrow('enough')
      transaction(database, () => add('second inner'))
      return 'done'
    })
    expect(result).toBe('done')
    expect(names(database)).toEqual(['outer', 'second inner'])
    database.close()
  })

  test('refuses asynchronous work', () => {
    const database = openDatabase({ file: ':memory:', migrations: [PEOPLE] })
    expect(() => transaction(database, async () => database.exec("INSERT INTO person (name) VALUES ('late')"))).toThrow(TypeError)
    expect(names(database)).toEqual([])
    database.close()
  })
})
