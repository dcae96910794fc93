// The journal: what was written is read again, cut-off and spoilt pieces are told, and the rest is not lost with them.
import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLog } from '#runtime/log.ts'
import { Journal } from '../../../collector/store/journal.ts'
import { decodeEntry, type Entry, encodeEntry, entriesOf } from '../../../collector/store/journal-entry.ts'
import type { StoredSample } from '../../../collector/store/telemetry.ts'
import { temporaryFolder } from '../../parts/wait.ts'

const OWNER = '0123456789abcdef'
const SERIES = 9

const entryOf = (values: readonly (number | string | null)[], time = 1000): Uint8Array =>
  encodeEntry(
    [
      {
        series: values.map((_, i) => i % SERIES),
        times: values.map((_, i) => time + i),
        values,
        qualities: values.map((value) => (value === null ? 0x80000000 : 0))
      }
    ],
    SERIES
  )

function samplesOf(entry: Entry): StoredSample[] {
  return Array.from({ length: entry.count }, (_, i) => {
    const value = entry.values[i] as number
    return {
      time: entry.base + (entry.times[i] as number),
      value: Number.isNaN(value) ? (entry.texts.get(i) ?? null) : value,
      quality: entry.qualities?.[i] ?? 0
    }
  })
}

async function journalIn(directory: string) {
  const lines: string[] = []
  const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } })
  const journal = new Journal({ directory, owner: OWNER, sync: true, log })
  const numbers = await journal.open()
  const read = async () => {
    const found: (number | string | null)[][] = []
    for (const number of numbers)
      for (const entry of await journal.read(number, SERIES)) found.push(samplesOf(entry).map(({ value }) => value))
    return found
  }
  return { journal, numbers, read, lines }
}

async function writtenJournal(...entries: Uint8Array[]): Promise<{ directory: string; file: string }> {
  const directory = await temporaryFolder()
  const { journal } = await journalIn(directory)
  await journal.write(entries)
  await journal.close()
  const [file = ''] = await readdir(directory)
  return { directory, file: join(directory, file) }
}

describe('entries', () => {
  it('come back as they were', () => {
    const sample = fc.record({
      time: fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: -9e12, max: 9e12 })),
      value: fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }), fc.string({ unit: 'binary' })),
      quality: fc.constantFrom(0, 0, 0x40940000)
    })
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (given) => {
        const samples = given.map((one) => ({ ...one, value: typeof one.value === 'number' ? one.value + 0 : one.value }))
        const bytes = encodeEntry(
          [
            {
              series: samples.map((_, i) => i % SERIES),
              times: samples.map(({ time }) => time),
              values: samples.map(({ value }) => value),
              qualities: samples.map(({ quality }) => quality)
            }
          ],
          SERIES
        )
        expect(samplesOf(decodeEntry(bytes))).toEqual(samples)
        expect([...entriesOf(bytes, SERIES)].map((found) => 'entry' in found && samplesOf(found.entry))).toEqual([samples])
      })
    )
  })

  it('are never made of spoilt bytes, and those around stay', () => {
    const entries = [entryOf([1, 2, 3]), entryOf(['open', null, 5]), entryOf([6])]
    const bytes = new Uint8Array(Buffer.concat(entries))
    const sound = entries.map((entry) => samplesOf(decodeEntry(entry)))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(bytes.length), (at, change, length) => {
        const spoilt = bytes.slice(0, length)
        if (at < length) spoilt[at] = (spoilt[at] as number) ^ change
        const ends = entries.map((_, i) => entries.slice(0, i + 1).reduce((sum, { length: one }) => sum + one, 0))
        const whole = sound.filter((_, i) => {
          const end = ends[i] as number
          return end <= length && !(at < length && at >= end - (entries[i] as Uint8Array).length && at < end)
        })
        const found = [...entriesOf(spoilt, SERIES)].flatMap((one) => ('entry' in one ? [samplesOf(one.entry)] : []))
        expect(found).toEqual(whole)
      })
    )
  })

  it('of series that nobody knows are not taken for those of others', () => {
    const found = [...entriesOf(new Uint8Array(Buffer.concat([entryOf([1, 2, 3]), entryOf([4])])), 2)]
    expect(found.map((one) => ('entry' in one ? one.entry.count : one.bad.torn))).toEqual([false, 1])
  })
})

describe('journal', () => {
  it('gives back what was written, file by file', async () => {
    const directory = await temporaryFolder()
    const { journal } = await journalIn(directory)
    await journal.write([entryOf([1]), entryOf([2])])
    const second = await journal.startFile()
    await journal.write([entryOf([3])])
    await journal.close()
    const again = await journalIn(directory)
    expect(await again.read()).toEqual([[1], [2], [3]])
    await again.journal.removeBefore(second)
    await again.journal.write([entryOf([4])])
    await again.journal.close()
    expect(await (await journalIn(directory)).read()).toEqual([[3], [4]])
  })

  it('tells of a write that was cut off, and goes on without it', async () => {
    const { directory, file } = await writtenJournal(entryOf([1, 2]), entryOf([3, 4]))
    await truncate(file, (await readFile(file)).length - 5)
    const { read, journal, lines } = await journalIn(directory)
    expect(await read()).toEqual([[1, 2]])
    expect(journal.faults).toEqual({ torn: 1, spoilt: 0, foreign: 0 })
    expect(lines.join()).toContain('cut off')
  })

  it('takes zeros at the end, as a power cut leaves them, for a write that was cut off', async () => {
    const { directory, file } = await writtenJournal(entryOf([1, 2]))
    await appendFile(file, Buffer.alloc(4096))
    const { read, journal } = await journalIn(directory)
    expect(await read()).toEqual([[1, 2]])
    expect(journal.faults).toEqual({ torn: 1, spoilt: 0, foreign: 0 })
  })

  it('sets a spoilt entry aside, tells of it, and keeps the others', async () => {
    const entries = [entryOf([1, 2]), entryOf([3, 4]), entryOf([5, 6])]
    const { directory, file } = await writtenJournal(...entries)
    const bytes = await readFile(file)
    const at = (entries[0] as Uint8Array).length
    bytes[at + 40] = (bytes[at + 40] as number) ^ 1
    await writeFile(file, bytes)
    const { read, journal, lines } = await journalIn(directory)
    expect(await read()).toEqual([
      [1, 2],
      [5, 6]
    ])
    expect(journal.faults).toEqual({ torn: 0, spoilt: 1, foreign: 0 })
    expect(lines.some((line) => line.includes('"level":"error"') && line.includes('set aside'))).toBe(true)
    expect(await readFile(`${file}.spoilt-${at}`)).toEqual(bytes.subarray(at, at + (entries[1] as Uint8Array).length))
  })

  it('never reads a file of another database', async () => {
    const { directory, file } = await writtenJournal(entryOf([1]))
    await writeFile(file.replace(OWNER, 'fedcba9876543210'), entryOf([2]))
    const { read, journal } = await journalIn(directory)
    expect(await read()).toEqual([[1]])
    expect(journal.faults).toEqual({ torn: 0, spoilt: 0, foreign: 1 })
    expect((await readdir(directory)).filter((name) => name.endsWith('.foreign'))).toHaveLength(1)
  })
})
