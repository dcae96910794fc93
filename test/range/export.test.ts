// Exports of recordings on real files, compared cell by cell.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { Gap } from '#contract/gap.ts'
import { csvRow } from '../../range/csv.ts'
import { type ExportCounts, type ExportOptions, exportCsv, exportJsonl, writeExport } from '../../range/export.ts'
import type { RecordedMessage } from '../../range/recording.ts'
import { RecordingWriter } from '../../range/recording-writer.ts'
import { batch, birth, HEAD, label } from './parts.ts'

const folder = mkdtempSync(join(tmpdir(), 'penstock-export-'))
afterAll(() => rmSync(folder, { recursive: true }))
const BAD = 0x800a0000
let files = 0

async function record(
  messages: readonly (readonly [number, RecordedMessage])[],
  labels = [label({ start: 2000, end: 4000 })]
): Promise<string> {
  const file = join(folder, `${++files}.jsonl`)
  await using writer = await RecordingWriter.create({ file, head: HEAD })
  for (const one of labels) await writer.label(0, one)
  for (const [time, message] of messages) await writer.message(time, message)
  await writer.finish()
  return file
}

async function csv(options: ExportOptions): Promise<{ rows: string[][]; counts: ExportCounts | undefined }> {
  let counts: ExportCounts | undefined
  let text = ''
  for await (const block of exportCsv({ ...options, onDone: (done) => (counts = done) })) text += block
  return {
    rows: text
      .split('\r\n')
      .slice(0, -1)
      .map((row) => row.split(',')),
    counts
  }
}

const one = (time: number, tag: number, value: number | null, quality = 0) =>
  batch({ tags: [tag], times: [0], values: [value], qualities: [quality] }, time)
const gap = (more: Partial<Gap>) =>
  Gap.parse({
    ...{
      kind: 'gap',
      schema: 1,
      site: 'east',
      agent: 'edge-1',
      boot: 1,
      sequence: 2,
      from: null,
      to: null,
      reason: 'device-silent',
      samples: null
    },
    ...more
  })

describe('CSV', () => {
  it('holds the last value that was not bad, and nothing before the first or after a bad one', async () => {
    const file = await record([
      [0, birth()],
      [1000, one(1000, 1, 1.5)],
      [2000, one(1999, 2, 7, 0x40940000)],
      [3000, one(3000, 1, null, BAD)],
      [5000, one(4001, 1, 2)]
    ])
    expect(await csv({ file })).toEqual({
      rows: [
        ['time', 'level', 'flow', 'label'],
        ['1970-01-01T00:00:00.000Z', '', '', ''],
        ['1970-01-01T00:00:01.000Z', '1.5', '', ''],
        ['1970-01-01T00:00:02.000Z', '1.5', '7', 'setpoint-tamper'],
        ['1970-01-01T00:00:03.000Z', '', '7', 'setpoint-tamper'],
        ['1970-01-01T00:00:04.000Z', '', '7', ''],
        ['1970-01-01T00:00:05.000Z', '2', '7', '']
      ],
      counts: { rows: 6, leftOut: 0 }
    })
  })

  it('puts samples that come late into their own time, and counts those that come too late', async () => {
    const file = await record([
      [0, birth()],
      [4000, one(1000, 1, 5)],
      [10_000, one(9000, 1, 6)],
      [10_000, one(2000, 2, 9)],
      [10_000, batch({ tags: [99], times: [0], values: [1], qualities: [0] }, 9500)]
    ])
    const { rows, counts } = await csv({ file, holdMs: 5000, everyMs: 2000 })
    expect(rows.map((row) => row[1])).toEqual(['level', '', '5', '5', '5', '5', '6'])
    expect(rows.map((row) => row[2])).toEqual(['flow', '', '', '', '', '', ''])
    expect(counts).toEqual({ rows: 6, leftOut: 2 })
  })

  it('shows nothing during a gap or after a death', async () => {
    const file = await record([
      [0, birth()],
      [1000, one(0, 1, 1)],
      [2000, gap({ from: 1000, device: 'plc-1' })],
      [3000, one(3000, 1, 3)],
      [4000, { kind: 'death', schema: 1, site: 'east', agent: 'edge-1', boot: 1, reason: 'stopped', time: 4000 }]
    ])
    expect((await csv({ file })).rows.map((row) => row[1])).toEqual(['level', '1', '', '', '3', ''])
  })

  it('tells tags of two agents apart', async () => {
    const file = await record([
      [0, birth(['level'])],
      [0, { ...birth(['level', 'flow']), agent: 'edge-2' }],
      [1000, { ...one(500, 1, 4), agent: 'edge-2' }]
    ])
    const { rows } = await csv({ file })
    expect(rows[0]).toEqual(['time', 'edge-1/level', 'edge-2/level', 'flow', 'label'])
    expect(rows[2]?.slice(1, 4)).toEqual(['', '4', ''])
  })

  it('quotes as RFC 4180 has it', () => {
    expect(csvRow(['a', 'b,c', 'd"e', 'f\r\ng', ''])).toBe('a,"b,c","d""e","f\r\ng",\r\n')
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 }), (cells) => {
        expect(parse(csvRow(cells), { record_delimiter: '\r\n' })).toEqual([cells])
      })
    )
  })
})

describe('JSON lines', () => {
  it('are one for each sample, with quality and labels', async () => {
    const file = await record([
      [0, birth()],
      [3000, batch({ tags: [1, 2], times: [0, 2000], values: [1, null], qualities: [0, BAD] })]
    ])
    let text = ''
    for await (const block of exportJsonl({ file })) text += block
    const where = { agent: 'edge-1', device: 'plc-1', view: 'polled' }
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    ).toEqual([
      { ...where, time: 1000, tag: 'level', value: 1, quality: 'good', labels: [] },
      { ...where, time: 3000, tag: 'flow', value: null, quality: 'bad', labels: ['setpoint-tamper'] }
    ])
  })
})

describe('an export', () => {
  it('has its name only when it is whole', async () => {
    const file = await record([[0, birth()]])
    const out = join(folder, 'out.csv')
    await writeExport({ blocks: exportCsv({ file }), file: out })
    expect(readFileSync(out, 'utf8')).toContain('time,level,flow,label\r\n')
    const before = readdirSync(folder)
    await expect(writeExport({ blocks: exportCsv({ file: join(folder, 'none') }), file: join(folder, 'bad.csv') })).rejects.toThrow(
      'ENOENT'
    )
    expect(readdirSync(folder)).toEqual(before)
  })
})
