// The embedded store when things go wrong around it: killed processes, full disks, spoilt files, a second process.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import { createLog } from '#runtime/log.ts'
import { openDatabase } from '#runtime/sqlite.ts'
import { migrations } from '../../../collector/store/chunk-table.ts'
import { EmbeddedConfig, EmbeddedStore } from '../../../collector/store/embedded.ts'
import type { SeriesKey } from '../../../collector/store/telemetry.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'
import { batchOf } from './suite-parts.ts'

const T = 1_760_000_000_000
const level: SeriesKey = { site: 's', agent: 'a', tag: 'level', view: 'polled' }
const everything = { from: 0, to: T * 2, limit: 1e6 }

const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

async function opened(directory: string, settings: Partial<EmbeddedConfig> = {}) {
  const lines: string[] = []
  const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } })
  const store = new EmbeddedStore({ config: EmbeddedConfig.parse({ directory, ...settings }), log })
  await store.start()
  return { store, lines, told: (words: string) => lines.filter((line) => line.includes(words)).length }
}

const counted = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ time: T + (from + i) * 1000, value: from + i, quality: 0 }))

// Runs the appender; `stored` is the number up to which it said that all is durable, in order and without holes.
function appender(directory: string, { from = 0, openSamples = 1000 }: { from?: number; openSamples?: number }) {
  const script = new URL('./appender.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, directory, String(from), String(openSamples)], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.add(child)
  const ends = new Set<number>()
  const state = { child, stored: from, refused: 0 }
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [what, number] = line.split(' ')
    if (what === 'stored') ends.add(Number(number))
    else state.refused++
    while (ends.delete(state.stored + 50)) state.stored += 50
  })
  return state
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await Promise.all([once(child, 'exit'), once(child, 'close')])
  children.delete(child)
}

// All up to `stored` must be there; of what came after it some may be, whatever is there must be right, and nothing twice.
async function expectAll(directory: string, stored: number): Promise<void> {
  const { store } = await opened(directory)
  const found = new Set<number>()
  for (let i = 0; i < 7; i++) {
    const series = store.series({ site: 's', agent: 'a', tag: `tag-${i}`, view: 'polled' })
    const samples = await store.samples({ series, ...everything })
    expect(await store.count(series)).toBe(samples.length)
    for (const { time, value, quality } of samples) {
      const n = time - T
      if (n % 7 !== i || found.has(n) || quality !== 0 || value !== Math.round(Math.sin(n) * 1000) / 8)
        expect.fail(`sample ${n} is wrong in series ${i}`)
      found.add(n)
    }
  }
  expect(await store.count()).toBe(found.size)
  const missing = Array.from({ length: stored }, (_, n) => n).filter((n) => !found.has(n))
  expect(missing).toEqual([])
  expect(store.faults.spoilt).toBe(0)
  await store.stop()
}

describe('a killed process', () => {
  it('loses nothing that it had said to be stored, and doubles nothing, however often it is killed', { timeout: 120_000 }, async () => {
    const directory = await temporaryFolder()
    let stored = 0
    for (let round = 0; round < 6; round++) {
      // From somewhat before, as an agent sends again what it has no answer for.
      const running = appender(directory, { from: Math.max(0, stored - 300) })
      const goal = stored + 400 + round * 700
      await until(() => running.stored >= goal, { what: `sample ${goal}`, timeoutMs: 60_000, everyMs: 1 })
      await kill(running.child)
      stored = running.stored
      await expectAll(directory, stored)
    }
  })
})

describe('a full disk', () => {
  const cases = [
    ['in the journal', 1_000_000],
    ['in the database', 1000]
  ] as const

  it.each(cases)(
    '%s is told, nothing that was stored is lost, and when there is room it goes on',
    { timeout: 60_000 },
    async (_, openSamples) => {
      const directory = await temporaryFolder()
      const running = appender(directory, { openSamples })
      const limit = (size: string) => execFileSync('prlimit', [`--pid=${running.child.pid}`, `--fsize=${size}`])
      await until(() => running.stored >= 1000, { what: 'the first samples', timeoutMs: 30_000 })
      limit('300000:unlimited')
      await until(() => running.refused >= 4, { what: 'a refused append', timeoutMs: 30_000 })
      const before = running.stored
      running.child.stdin?.write('again\n')
      await until(() => running.refused >= 8, { what: 'another refusal', timeoutMs: 30_000 })
      limit('unlimited:unlimited')
      const goesOn = () => {
        running.child.stdin?.write('again\n')
        return running.stored >= before + 3000
      }
      await until(goesOn, { what: 'appends to go on', timeoutMs: 30_000, everyMs: 50 })
      await kill(running.child)
      await expectAll(directory, running.stored)
    }
  )
})

describe('the embedded store', () => {
  it('keeps the first of two different samples of the same time', async () => {
    const directory = await temporaryFolder()
    const { store } = await opened(directory)
    const series = store.series(level)
    const [first, second] = [counted(0, 2000), counted(0, 2000).map((sample) => ({ ...sample, value: -1 }))]
    await store.append([batchOf(series, first)])
    await store.append([batchOf(series, second)])
    expect(await store.samples({ series, ...everything })).toEqual(first)
    await store.seal()
    await store.append([batchOf(series, second)])
    await store.seal()
    expect(await store.samples({ series, ...everything })).toEqual(first)
    await store.stop()
  })

  it('seals beside the appends when enough has gathered, and keeps full chunks full', async () => {
    const directory = await temporaryFolder()
    const { store } = await opened(directory, { openSamples: 1000, synchronous: 'normal' })
    const series = store.series(level)
    for (let from = 0; from < 30_000; from += 100) await store.append([batchOf(series, counted(from, 100))])
    expect(await store.count()).toBe(30_000)
    expect(await store.samples({ series, ...everything })).toEqual(counted(0, 30_000))
    await store.seal()
    expect((await readdir(directory)).filter((name) => name.startsWith('journal'))).toEqual([])
    await store.stop()
    const database = openDatabase({ file: join(directory, 'samples.db'), migrations })
    const { chunks } = database.prepare('SELECT count(*) AS chunks FROM chunk').get() ?? {}
    database.close()
    expect(Number(chunks)).toBeLessThanOrEqual(40)
  })

  it('gives up space for new samples when old ones are forgotten', async () => {
    const directory = await temporaryFolder()
    const sizes: number[] = []
    for (let day = 0; day < 6; day++) {
      const { store } = await opened(directory)
      const series = Array.from({ length: 20 }, (_, i) => store.series({ ...level, tag: `tag-${i}` }))
      for (const one of series) await store.append([batchOf(one, counted(day * 5000, 5000))])
      await store.retain(T + (day - 1) * 5_000_000)
      await store.seal()
      expect(await store.count()).toBe(20 * 5000 * Math.min(day + 1, 2))
      await store.stop()
      sizes.push((await readFile(join(directory, 'samples.db'))).length)
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual((sizes[2] as number) * 1.2)
  })

  it('starts with a spoilt piece of journal set aside and counted', async () => {
    const directory = await temporaryFolder()
    const first = await opened(directory)
    const series = first.store.series(level)
    for (let from = 0; from < 300; from += 100) await first.store.append([batchOf(series, counted(from, 100))])
    await first.store.stop()
    const [name = ''] = (await readdir(directory)).filter((file) => file.startsWith('journal'))
    const bytes = await readFile(join(directory, name))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0xff
    await writeFile(join(directory, name), bytes)
    const { store, told } = await opened(directory)
    expect(await store.samples({ series: store.series(level), ...everything })).toEqual([...counted(0, 100), ...counted(200, 100)])
    expect(store.faults).toEqual({ torn: 0, spoilt: 1, foreign: 0, chunks: 0 })
    expect(told('set aside')).toBe(1)
    // What was lost can be sent again.
    await store.append([batchOf(store.series(level), counted(0, 300))])
    expect(await store.count()).toBe(300)
    await store.stop()
  })

  it('answers without a chunk that cannot be read, tells of it, and takes it out of the way of new samples', async () => {
    const directory = await temporaryFolder()
    const first = await opened(directory)
    const handle = first.store.series(level)
    await first.store.append([batchOf(handle, counted(0, 2500))])
    await first.store.seal()
    await first.store.stop()
    const database = openDatabase({ file: join(directory, 'samples.db'), migrations })
    database.exec(`UPDATE chunk SET data = zeroblob(100) WHERE first = ${T}; UPDATE tail SET data = zeroblob(100)`)
    database.close()
    const { store, told } = await opened(directory)
    const series = store.series(level)
    const middle = counted(1024, 1024)
    expect(await store.samples({ series, ...everything })).toEqual(middle)
    expect(await store.samples({ series, ...everything })).toEqual(middle)
    expect(told('cannot be read')).toBe(2)
    expect(store.faults.chunks).toBe(2)
    const late = [{ time: T + 500, value: 0.5, quality: 0 }]
    await store.append([batchOf(series, [...late, ...counted(2500, 10)])])
    await store.seal()
    expect(await store.samples({ series, ...everything })).toEqual([...late, ...middle, ...counted(2500, 10)])
    expect(await store.count(series)).toBe(1 + 1024 + 10)
    await store.stop()
  })

  it('sets a damaged database aside and never gives its journal to another', async () => {
    const directory = await temporaryFolder()
    const first = await opened(directory)
    await first.store.append([batchOf(first.store.series(level), counted(0, 10))])
    await first.store.stop()
    await writeFile(join(directory, 'samples.db'), 'this is no database, and it is longer than a header'.repeat(100))
    const { store, told } = await opened(directory)
    const series = store.series({ ...level, tag: 'another' })
    expect(await store.count()).toBe(0)
    expect(told('is damaged')).toBe(1)
    expect(store.faults.foreign).toBe(1)
    await store.append([batchOf(series, counted(0, 5))])
    expect(await store.samples({ series, ...everything })).toEqual(counted(0, 5))
    await store.stop()
    expect((await readdir(directory)).filter((name) => /damaged|foreign/.test(name)).length).toBeGreaterThanOrEqual(2)
  })

  it('refuses a folder that another store has open', async () => {
    const directory = await temporaryFolder()
    const { store } = await opened(directory)
    await expect(opened(directory)).rejects.toThrow(/in use by another process/)
    await store.append([batchOf(store.series(level), counted(0, 5))])
    expect(await store.count()).toBe(5)
    await store.stop()
    await expect(store.append([batchOf(0, counted(5, 1))])).rejects.toMatchObject({ code: 'STORE_AWAY' })
  })
})
