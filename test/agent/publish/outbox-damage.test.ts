// Outbox files that were damaged, emptied, torn or never ours: set aside with a gap record, or left as they are.
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '#runtime/sqlite.ts'
import { ForeignFile } from '../../../agent/publish/outbox-file.ts'
import { close, freshFile, noise, openAt, read, samples, T } from '../../parts/outbox-file.ts'

describe('a damaged file', () => {
  it.each([
    ['is no database any more', (file: string) => writeFileSync(file, Buffer.alloc(8192, 0x55))],
    ['is cut off', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['is empty', (file: string) => truncateSync(file, 0)],
    ['is text', (file: string) => writeFileSync(file, 'agent: edge-1\n'.repeat(1000))]
  ])('that %s is set aside, and the new one begins with a gap', async (_how, damage) => {
    const file = await freshFile()
    const first = openAt(file)
    for (let i = 0; i < 20; i++) first.putSamples(noise(T + 1000 * i, 1000))
    const { tagMap } = first
    close(first)
    damage(file)
    const second = openAt(file)
    expect(second.tagMap).not.toBe(tagMap)
    expect(second.after(null, 10).map(read)).toMatchObject([
      { kind: 'gap', boot: second.boot, sequence: 1, follows: null, reason: 'outbox-damaged', samples: null, from: null, to: null }
    ])
    expect(second.putSamples(samples(T))).toEqual({ boot: second.boot, sequence: 2 })
    const folder = join(file, '..')
    expect(readdirSync(folder).some((name) => /damaged/.test(name))).toBe(true)
    expect(existsSync(file)).toBe(true)
  })

  it('that is a database of another program is left as it is, and told in both languages', async () => {
    const file = await freshFile()
    const other = openDatabase({ file, migrations: ['CREATE TABLE tags (one TEXT); INSERT INTO tags VALUES (7)'] })
    other.close()
    const before = readFileSync(file)
    expect(() => openAt(file)).toThrow(ForeignFile)
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(join(file, '..'))).toEqual(['outbox.db'])
    expect(new ForeignFile(file)).toMatchObject({
      exitCode: 78,
      text: { zh: expect.stringMatching(/其他程序/), en: expect.stringMatching(/another/) }
    })
  })

  it('whose log is torn keeps what is whole, and gives no number twice', async () => {
    const file = await freshFile()
    const first = openAt(file)
    for (let i = 0; i < 20; i++) first.putSamples(noise(T + 1000 * i, 100))
    // As a power failure leaves it on a disk that lied: the database as it was, and a log with a page that never came.
    const torn = await freshFile()
    copyFileSync(file, torn)
    const log = readFileSync(`${file}-wal`)
    log.fill(0xaa, Math.floor(log.length * 0.6), Math.floor(log.length * 0.6) + 500)
    writeFileSync(`${torn}-wal`, log)
    const second = openAt(torn, { now: () => T + 60_000 })
    const kept = second.after(null, 100)
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.length).toBeLessThan(20)
    expect(kept.map(({ sequence }) => sequence)).toEqual(kept.map((_, i) => i + 1))
    expect(second.boot).toBeGreaterThan(first.boot)
    // What was lost lies after this, where the gap of the time without an agent begins.
    expect(second.lastTime).toBe(T + 1000 * (kept.length - 1) + 99)
    const { put, stored, kept: left } = second.state.samples
    expect({ put, stored, left }).toEqual({ put: 100 * kept.length, stored: 0, left: 100 * kept.length })
  })

  it('in a place that cannot be written stops the start with a clear error', () => {
    expect(() => openAt('/proc/penstock/outbox.db')).toThrow(/ENOENT|EACCES|EROFS/)
  })
})
