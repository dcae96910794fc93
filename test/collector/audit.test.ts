// The audit chain on a real database: what is appended stays, and whatever is changed behind its back is named.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuditEntry } from '#contract/api.ts'
import { canonicalJson } from '#contract/canonical-json.ts'
import { type Database, transaction } from '#runtime/sqlite.ts'
import { Audit } from '../../collector/audit.ts'
import { openCollectorDatabase } from '../../collector/store/database.ts'

let folder: string
let database: Database
let audit: Audit

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-audit-'))
  database = openCollectorDatabase({ file: join(folder, 'collector.db') })
  audit = new Audit({ database, now: () => 1000 })
})
afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

const fill = (count: number) => {
  for (let i = 1; i <= count; i++)
    audit.append({ action: 'alert.acknowledge', subject: `a${i}`, account: 'guard', detail: { i, note: '已核对' } })
}
const tamper = (sql: string) => {
  database.exec('DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted')
  database.exec(sql)
}

describe('the chain', () => {
  it('is whole when nobody touched it, also when it is long and after a restart', async () => {
    expect(await audit.verify()).toEqual({ intact: true, checked: 0, firstBroken: null })
    transaction(database, () => fill(1200))
    expect(await new Audit({ database }).verify()).toEqual({ intact: true, checked: 1200, firstBroken: null })
  })

  it('goes on from where it was verified before', async () => {
    fill(5)
    const from = audit.head()
    fill(5)
    expect(await audit.verify({ from })).toEqual({ intact: true, checked: 10, firstBroken: null })
    expect(await audit.verify({ from: { ...from, hash: 'f'.repeat(64) } })).toMatchObject({ intact: false, firstBroken: 6 })
  })

  it.each([
    ['a changed subject', "UPDATE audit SET subject = 'other' WHERE sequence = 7", 7],
    ['a changed detail', `UPDATE audit SET detail = '{"i":7,"note":"x"}' WHERE sequence = 7`, 7],
    ['a detail that is not JSON', "UPDATE audit SET detail = 'x' WHERE sequence = 7", 7],
    ['a changed account', "UPDATE audit SET account = 'somebody' WHERE sequence = 7", 7],
    ['a changed time', 'UPDATE audit SET time = 999 WHERE sequence = 7', 7],
    ['a changed hash', "UPDATE audit SET hash = 'ff' WHERE sequence = 7", 7],
    ['a removed entry', 'DELETE FROM audit WHERE sequence = 7', 7],
    ['a removed beginning', 'DELETE FROM audit WHERE sequence <= 3', 1],
    ['a removed end', 'DELETE FROM audit WHERE sequence > 9', 10],
    [
      'exchanged entries',
      'UPDATE audit SET sequence = 99 WHERE sequence = 7; UPDATE audit SET sequence = 7 WHERE sequence = 8; UPDATE audit SET sequence = 8 WHERE sequence = 99',
      7
    ],
    [
      'a head set back',
      'UPDATE audit_head SET sequence = 9, hash = (SELECT hash FROM audit WHERE sequence = 9); DELETE FROM audit WHERE sequence = 12',
      10
    ]
  ])('names the first broken entry after %s', async (_what, sql, sequence) => {
    fill(12)
    tamper(sql)
    expect(await audit.verify()).toMatchObject({ intact: false, firstBroken: sequence })
  })

  it('refuses to change or delete by mistake', () => {
    fill(1)
    expect(() => database.exec("UPDATE audit SET subject = 'x'")).toThrow('never changed')
    expect(() => database.exec('DELETE FROM audit')).toThrow('never deleted')
  })

  it('stands or falls with the act it tells of', async () => {
    fill(1)
    expect(() =>
      transaction(database, () => {
        audit.append({ action: 'x', subject: 'y' })
        throw new Error('the act failed')
      })
    ).toThrow('the act failed')
    fill(1)
    expect(await audit.verify()).toMatchObject({ intact: true, checked: 2 })
  })

  it('stops when it is told to', async () => {
    fill(3)
    await expect(audit.verify({ signal: AbortSignal.abort() })).rejects.toThrow()
  })

  it('is whole for whatever detail it is given', async () => {
    const detail = fc.dictionary(fc.string(), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(detail, fc.string(), async (one, subject) => {
        const from = audit.head()
        const entry = audit.append({ action: 'x', subject, detail: one })
        expect(AuditEntry.safeParse(entry).success).toBe(true)
        expect(await audit.verify({ from })).toMatchObject({ intact: true })
        expect(audit.page({ limit: 1 }).entries[0]).toEqual(entry)
      }),
      { numRuns: 50 }
    )
  })

  it('refuses a detail without bounds', () => {
    expect(() => audit.append({ action: 'x', subject: 'y', detail: { text: 'x'.repeat(20_000) } })).toThrow(RangeError)
  })
})

describe('pages', () => {
  it('lists all entries once, latest first', () => {
    fill(7)
    const first = audit.page({ limit: 3 })
    expect(first.entries.map(({ sequence }) => sequence)).toEqual([7, 6, 5])
    const second = audit.page({ before: first.next ?? 0, limit: 3 })
    const third = audit.page({ before: second.next ?? 0, limit: 3 })
    expect([...second.entries, ...third.entries].map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1])
    expect(third.next).toBeNull()
  })
})

describe('canonical JSON', () => {
  it('has one spelling for one value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(turned)).toBe(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      })
    )
  })

  it('sorts keys, leaves out what is undefined and refuses what JSON cannot say', () => {
    expect(canonicalJson({ b: 1, a: [undefined, { d: undefined, c: '€' }] })).toBe('{"a":[null,{"c":"€"}],"b":1}')
    expect(() => canonicalJson(() => 1)).toThrow(TypeError)
  })
})
