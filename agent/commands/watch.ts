// `penstock agent watch`: a live table in place on a terminal, and one JSON line for each sample anywhere else.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Language, pick } from '#contract/language.ts'
import type { SampleValue } from '#contract/sample.ts'
import { interruption, print, type Say, sayIn } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { clipped, consoleTable } from '#runtime/console-table.ts'
import { AgentConfig } from '../config.ts'
import { planOf } from '../resolve.ts'
import { refuseSecondConnection } from './own-connections.ts'
import { readDevices, type TagSample } from './reading.ts'
import { qualityCell, readingOf, valueText } from './reading-text.ts'
import { chosen } from './selection.ts'

export interface WatchOptions {
  file: string
  device?: readonly string[]
  tag?: readonly string[]
  json?: boolean
  secondConnection?: boolean
  language: Language
  /** Ends the watching, as Ctrl-C does. */
  signal?: AbortSignal
  output?: NodeJS.WriteStream
}

const REDRAW_MS = 500

/** Runs until Ctrl-C. */
export async function watch(options: WatchOptions): Promise<void> {
  const { file, device, tag, language, output = process.stdout } = options
  const { config: whole } = await readConfig({ file, language, schema: AgentConfig })
  const config = chosen(whole, { devices: device, tags: tag })
  if (options.secondConnection !== true) await refuseSecondConnection(config)
  using interrupted = interruption()
  const signal = options.signal === undefined ? interrupted.signal : AbortSignal.any([interrupted.signal, options.signal])
  if (options.json || !output.isTTY) {
    const onSample = (sample: TagSample) => print(JSON.stringify(readingOf(sample.tag, sample, language, true)))
    await readDevices({ config, signal, onSample })
    return
  }
  const rows = new LiveRows(config)
  await Promise.all([readDevices({ config, signal, onSample: (sample) => rows.add(sample) }), redraw(rows, output, language, signal)])
}

async function redraw(rows: LiveRows, output: NodeJS.WriteStream, language: Language, signal: AbortSignal): Promise<void> {
  // The other screen of the terminal: what stood there before is back when the watching ends, and nothing scrolls away.
  output.write('\u001b[?1049h\u001b[?25l')
  try {
    while (!signal.aborted) {
      const lines = rows.table(sayIn(language), language, output).split('\n')
      // A serial console says that it has no rows and columns.
      const shown = lines.slice(0, Math.max(1, (output.rows || 24) - 1)).map((line) => `${clippedLine(line, output.columns || 80)}\u001b[K`)
      output.write(`\u001b[H${shown.join('\r\n')}\u001b[J`)
      await sleep(REDRAW_MS, undefined, { signal }).catch(() => {})
    }
  } finally {
    output.write('\u001b[?25h\u001b[?1049l')
  }
}

// A line that would wrap is cut, and then without its colours, because a cut colour would not end.
function clippedLine(line: string, width: number): string {
  const cut = clipped(line, width)
  return cut === line ? line : clipped(line.replace(COLOURS, ''), width)
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

interface LiveRow {
  sample: TagSample | undefined
  before: SampleValue | undefined
  changedAt: number | undefined
  times: number[]
}

// Enough for a rate, few enough for ten thousand tags.
const RATE_OVER = 10

/** What a person sees of each tag: value, quality, change, rate, age. */
export class LiveRows {
  readonly #rows = new Map<string, LiveRow>()
  readonly #tags

  constructor(config: AgentConfig) {
    this.#tags = config.devices.flatMap((device) => planOf(device, config.defaults).resolved.tags.map(({ tag }) => ({ ...tag, id: 0 })))
    for (const { name } of this.#tags) this.#rows.set(name, { sample: undefined, before: undefined, changedAt: undefined, times: [] })
  }

  add(sample: TagSample): void {
    const row = this.#rows.get(sample.tag.name)
    if (row === undefined) return
    if (row.sample !== undefined && row.sample.value !== sample.value) {
      row.before = row.sample.value
      row.changedAt = sample.time
    }
    row.sample = sample
    row.times.push(sample.time)
    if (row.times.length > RATE_OVER) row.times.shift()
  }

  table(say: Say, language: Language, stream: NodeJS.WriteStream, now: number = Date.now()): string {
    const columns = [
      { title: say('测点', 'tag') },
      { title: say('名称', 'title') },
      { title: say('数值', 'value'), align: 'right' as const },
      { title: say('变化', 'change'), align: 'right' as const },
      { title: say('质量', 'quality') },
      { title: say('每秒', 'per s'), align: 'right' as const },
      { title: say('距今', 'age'), align: 'right' as const }
    ]
    const rows = this.#tags.map((tag) => {
      const row = this.#rows.get(tag.name)
      const reading = readingOf(tag, row?.sample, language)
      const isFresh = row?.changedAt !== undefined && now - row.changedAt < 2000
      return [
        tag.name,
        tag.title === undefined ? '' : pick(tag.title, language),
        isFresh ? { text: valueText(reading), style: 'bold' as const } : valueText(reading),
        changeText(row),
        row?.sample === undefined ? say('等待中', 'waiting') : qualityCell(reading),
        rateText(row?.times ?? []),
        row?.sample === undefined ? '' : `${((now - row.sample.time) / 1000).toFixed(1)} s`
      ]
    })
    return consoleTable({ columns, rows, stream })
  }
}

function changeText(row: LiveRow | undefined): string {
  if (row?.sample === undefined || row.before === undefined) return ''
  const { value } = row.sample
  if (typeof value !== 'number' || typeof row.before !== 'number') return '≠'
  const change = Number((value - row.before).toPrecision(6))
  return change > 0 ? `+${change}` : String(change)
}

function rateText(times: readonly number[]): string {
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined || last <= first) return ''
  return ((1000 * (times.length - 1)) / (last - first)).toFixed(2)
}
