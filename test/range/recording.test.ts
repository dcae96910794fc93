// Recordings on real files: same bytes for the same messages, and no cut or changed file goes unnoticed.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { RecordedMessage, RecordingEntry } from '../../range/recording.ts'
import { openRecording } from '../../range/recording-reader.ts'
import { RecordingWriter } from '../../range/recording-writer.ts'
import { NOT_PLAYED } from './board-parts.ts'
import { batch, birth, HEAD, label } from './parts.ts'

const folder = mkdtempSync(join(tmpdir(), 'penstock-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const fresh = (ending = 'jsonl') => join(folder, `${++files}.${ending}`)

const ENTRIES: RecordingEntry[] = [
  { time: 1000, message: birth() },
  { time: 2000, label: label({ end: null }) },
  { time: 2000, message: batch({ times: [0, 1], values: [1.5, null], qualities: [0, 0x800a0000], tags: [1, 2] }) },
  { time: 3000, label: label({ end: 3000 }) },
  { time: 3000, notPlayed: { ...NOT_PLAYED, label: 'a1' } }
]

async function write(file: string, entries: readonly RecordingEntry[] = ENTRIES) {
  await using writer = await RecordingWriter.create({ file, head: HEAD })
  for (const entry of entries) {
    if ('label' in entry) await writer.label(entry.time, entry.label)
    else if ('message' in entry) await writer.message(entry.time, entry.message)
    else await writer.notPlayed(entry.time, entry.notPlayed)
  }
  return await writer.finish()
}

async function read(file: string, partial = false) {
  await using recording = await openRecording({ file, partial })
  const entries: RecordingEntry[] = []
  for await (const entry of recording) entries.push(entry)
  return { head: recording.head, entries, end: recording.end }
}

describe.each(['jsonl', 'jsonl.zst'])('a .%s file', (ending) => {
  it('is read as it was written, and has the same bytes each time', async () => {
    const [one, two] = [fresh(ending), fresh(ending)]
    const end = await write(one)
    await write(two)
    expect(await read(one)).toEqual({ head: { recording: 1, ...HEAD }, entries: ENTRIES, end })
    expect(end).toMatchObject({ messages: 2, samples: 2, labels: 2 })
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true)
  })

  it('is refused wherever it was cut, and read so far when asked', async () => {
    const file = fresh(ending)
    await write(file)
    const whole = readFileSync(file)
    for (let length = whole.length - 1; length >= 0; length -= 7) {
      const cut = fresh(ending)
      writeFileSync(cut, whole.subarray(0, length))
      await expect(read(cut), `${length} bytes`).rejects.toMatchObject({ name: 'RecordingFault' })
      const part = await read(cut, true).catch((fault: unknown) => fault)
      if (part instanceof Error) expect(part).toMatchObject({ name: 'RecordingFault', line: 1 })
      else expect(part).toMatchObject({ end: undefined })
    }
  })

  it('of a hundred thousand samples holds them all', async () => {
    const file = fresh(ending)
    const many = Array.from({ length: 100 }, (_, i): RecordingEntry => ({ time: 5000 + i, message: long(i) }))
    expect(await write(file, many)).toMatchObject({ messages: 100, samples: 100_000 })
    expect((await read(file)).entries).toEqual(many)
  })
})

const long = (i: number): RecordedMessage =>
  batch({
    tags: Array.from({ length: 1000 }, () => 1),
    times: Array.from({ length: 1000 }, (_, n) => n),
    values: Array.from({ length: 1000 }, (_, n) => n * i),
    qualities: Array.from({ length: 1000 }, () => 0)
  })

describe('a recording', () => {
  const lines = async () => {
    const file = fresh()
    await write(file)
    return readFileSync(file, 'utf8').trimEnd().split('\n')
  }
  const changed = (all: readonly string[]) => {
    const file = fresh()
    writeFileSync(file, `${all.join('\n')}\n`)
    return file
  }

  it('vouches for every byte before its last line', async () => {
    const all = await lines()
    const before = `${all.slice(0, -1).join('\n')}\n`
    expect(JSON.parse(all.at(-1) ?? '').end.sha256).toBe(createHash('sha256').update(before).digest('hex'))
  })

  it.each([
    ['a changed value', 7, 'RECORDING_DAMAGED', (all: string[]) => all.map((one) => one.replace('1.5', '1.6'))],
    ['a missing line', 6, 'RECORDING_DAMAGED', (all: string[]) => all.toSpliced(2, 1)],
    ['a line that is no JSON', 3, 'RECORDING_DAMAGED', (all: string[]) => all.toSpliced(2, 1, '{"time":')],
    ['an unknown kind', 2, 'RECORDING_DAMAGED', (all: string[]) => all.toSpliced(1, 0, '{"time":1,"message":{"kind":"ack"}}')],
    ['a time that goes back', 5, 'RECORDING_DAMAGED', (all: string[]) => all.toSpliced(4, 1, all[1] ?? '')],
    ['more after the end', 8, 'RECORDING_DAMAGED', (all: string[]) => [...all, '{}']],
    ['no last line', 7, 'RECORDING_CUT', (all: string[]) => all.slice(0, -1)],
    [
      'a time before its start',
      2,
      'RECORDING_DAMAGED',
      (all: string[]) => all.map((one) => one.replace('"startTime":0', '"startTime":9000'))
    ],
    [
      'a time long after its end',
      3,
      'RECORDING_DAMAGED',
      (all: string[]) => all.map((one) => one.replace('"time":2000', '"time":3660001'))
    ],
    ['no end to it', 1, 'RECORDING_DAMAGED', (all: string[]) => all.map((one) => one.replace('Seconds":60', 'Seconds":1e12'))],
    ['a newer version', 1, 'RECORDING_UNREADABLE', (all: string[]) => ['{"recording":2}', ...all]],
    ['something else', 1, 'RECORDING_UNREADABLE', () => ['{"a":1}']]
  ])('with %s is refused at line %i', async (_, line, code, change) => {
    const file = changed(change(await lines()))
    const fault = await read(file).catch((error: unknown) => error)
    expect(fault).toMatchObject({ code, line })
    expect(fault).toHaveProperty('message', expect.stringContaining(`${file}:${line}: `))
  })

  it.each([
    ['another recording', (file: Buffer) => file],
    ['half a frame', (file: Buffer) => file.subarray(0, 40)],
    ['other bytes', () => Buffer.from('more')]
  ])('with %s behind its compressed frame is refused', async (_, more) => {
    const file = fresh('jsonl.zst')
    await write(file)
    const whole = readFileSync(file)
    writeFileSync(file, Buffer.concat([whole, more(whole)]))
    const fault = { code: 'RECORDING_UNREADABLE', message: expect.stringContaining('there is more behind the compressed frame') }
    await expect(read(file)).rejects.toMatchObject(fault)
  })

  it.each([1, 100_000])('in two compressed frames of %i lines and more is not taken for a cut one', async (many) => {
    const file = fresh('jsonl.zst')
    const all = await lines()
    const parts = [
      all.slice(0, 2),
      Array.from({ length: many }, (_, i) => JSON.stringify({ time: 1000 + i, label: label({ id: `a${i}` }) }))
    ]
    writeFileSync(file, Buffer.concat(parts.map((part) => zstdCompressSync(`${part.join('\n')}\n`))))
    await expect(read(file)).rejects.toMatchObject({ code: 'RECORDING_UNREADABLE' })
  })

  it('that is not there is told by name', async () => {
    await expect(read(fresh())).rejects.toMatchObject({ code: 'RECORDING_UNREADABLE', message: expect.stringContaining('ENOENT') })
  })

  it('that was not finished leaves nothing behind', async () => {
    const before = readdirSync(folder)
    {
      await using writer = await RecordingWriter.create({ file: fresh(), head: HEAD })
      await writer.label(1, label())
      await expect(writer.label(0, label())).rejects.toThrow(RangeError)
    }
    expect(readdirSync(folder)).toEqual(before)
  })

  it('in a folder that is not there is refused when it is written', async () => {
    await expect(write(join(folder, 'nowhere', 'a.jsonl'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('of any bytes is a fault with a place and never a crash', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ maxLength: 300 }).map((text) => Buffer.from(text))
    )
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('jsonl', 'jsonl.zst'), async (content, ending) => {
        const file = fresh(ending)
        writeFileSync(file, content)
        await expect(read(file)).rejects.toMatchObject({ name: 'RecordingFault', exitCode: 1 })
      }),
      { numRuns: 50 }
    )
  })
})
