// Turns a recording into CSV (wide, for a spreadsheet or a notebook) or JSON lines (long, a line for each sample), in constant
// memory. The recording is read twice for CSV: its columns, and that it is whole, are known before the first line is written.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { qualityClass } from '#contract/quality.ts'
import type { View } from '#contract/sample.ts'
import { ActiveLabels } from './active-labels.ts'
import { csvRow } from './csv.ts'
import { placeFor } from './output-place.ts'
import { openRecording } from './recording-reader.ts'
import { TagDirectory } from './tag-directory.ts'
import { WideRows } from './wide-rows.ts'

export interface ExportOptions {
  file: string
  /** The view whose samples are written; both views of a tag would not fit one column. */
  view?: View
  partial?: boolean
  /** CSV only: a row every so many milliseconds. */
  everyMs?: number
  /** CSV only: how long a row waits for samples of its time that are still on their way. */
  holdMs?: number
  onDone?: (counts: ExportCounts) => void
}

export interface ExportCounts {
  /** Lines written, without a heading. */
  rows: number
  /** Samples that came when the rows of their time were written, and those of tags that no birth told of. */
  leftOut: number
}

const BLOCK_CHARACTERS = 64 << 10

/** The text of the CSV file, in blocks. A cell holds the last value that was not bad, and nothing after a bad one or a gap. */
export async function* exportCsv(options: ExportOptions): AsyncGenerator<string> {
  const { file, partial = false, view = 'polled', everyMs = 1000, holdMs = 120_000, onDone } = options
  const directory = await tagsOf({ file, partial })
  await using recording = await openRecording({ file, partial })
  const rows = new WideRows({ tags: directory.all(), view, everyMs, holdMs, startTime: recording.head.startTime })
  const block = new Block()
  block.add(csvRow(['time', ...rows.columns, 'label']))
  for await (const entry of recording) {
    for (const row of rows.take(entry)) if (block.add(csvRow(row))) yield block.pass()
  }
  for (const row of rows.rest()) if (block.add(csvRow(row))) yield block.pass()
  yield block.pass()
  onDone?.({ rows: block.lines - 1, leftOut: rows.leftOut })
}

/** The text of a JSON lines file, in blocks: a line for each sample in the order of the recording. */
export async function* exportJsonl(options: ExportOptions): AsyncGenerator<string> {
  const { file, partial = false, view, onDone } = options
  await using recording = await openRecording({ file, partial })
  const directory = new TagDirectory()
  const labels = new ActiveLabels()
  const block = new Block()
  let leftOut = 0
  for await (const entry of recording) {
    if ('label' in entry) labels.learn(entry.label)
    else if (!('message' in entry)) continue
    else if (entry.message.kind === 'birth') directory.learn(entry.message)
    else if (entry.message.kind === 'samples' && (view === undefined || view === entry.message.view)) {
      const { message } = entry
      const map = directory.mapOf(message)
      for (const [i, id] of message.tags.entries()) {
        const known = map?.get(id)
        if (known === undefined) {
          leftOut++
          continue
        }
        const time = message.base + (message.times[i] ?? 0)
        const line = {
          time,
          agent: known.agent,
          device: known.tag.device,
          tag: known.tag.name,
          view: message.view,
          value: message.values[i] ?? null,
          quality: qualityClass(message.qualities[i] ?? 0),
          labels: labels.at(time)
        }
        if (block.add(`${JSON.stringify(line)}\n`)) yield block.pass()
      }
    }
  }
  yield block.pass()
  onDone?.({ rows: block.lines, leftOut })
}

/** Writes an export under a temporary name and gives it its own only when it is whole. */
export async function writeExport(options: { blocks: AsyncIterable<string>; file: string; signal?: AbortSignal }): Promise<void> {
  const { blocks, file, signal } = options
  const place = await placeFor(file)
  try {
    await pipeline(blocks, createWriteStream(place.path), signal === undefined ? {} : { signal })
    await place.keep()
  } finally {
    await place.drop()
  }
}

async function tagsOf(options: { file: string; partial: boolean }): Promise<TagDirectory> {
  await using recording = await openRecording(options)
  const directory = new TagDirectory()
  for await (const entry of recording) if ('message' in entry && entry.message.kind === 'birth') directory.learn(entry.message)
  return directory
}

class Block {
  lines = 0
  #text = ''

  /** True when it is time to pass the block on. */
  add(line: string): boolean {
    this.lines++
    this.#text += line
    return this.#text.length >= BLOCK_CHARACTERS
  }

  pass(): string {
    const text = this.#text
    this.#text = ''
    return text
  }
}
