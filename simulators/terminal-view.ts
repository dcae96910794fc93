// The live view in the terminal: the tags of a plant, what is being played on it, and who asks its PLC.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Language, pick } from '#contract/text.ts'
import { consoleTable, displayWidth } from '#runtime/console-table.ts'
import type { Part } from '#runtime/lifecycle.ts'
import { readTag } from './plc/tag-map.ts'
import type { Simulator } from './simulator.ts'
import { clockOf, shownValue } from './value-text.ts'

const REFRESH_MS = 500
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
const CLEAR = '\u001b[2J'
const GAP = '   '

export interface TerminalViewOptions {
  simulators: readonly Simulator[]
  language: Language
  stream?: NodeJS.WriteStream
}

export class TerminalView implements Part {
  readonly name = 'view'
  readonly #options: TerminalViewOptions
  readonly #stopping = new AbortController()
  #drawing: Promise<void> = Promise.resolve()

  constructor(options: TerminalViewOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#drawing = this.#draw(this.#options.stream ?? process.stdout)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#drawing
  }

  // On a terminal the picture is drawn over itself; elsewhere it is written once a minute.
  async #draw(stream: NodeJS.WriteStream): Promise<void> {
    const { signal } = this.#stopping
    const isTerminal = stream.isTTY === true
    if (isTerminal) stream.write(CLEAR)
    while (!signal.aborted) {
      const lines = viewLines({ ...this.#options, columns: stream.columns ?? 120, rows: isTerminal ? stream.rows - 1 : 1000 })
      stream.write(isTerminal ? `${HOME}${lines.map((line) => line + CLEAR_LINE).join('\n')}\n${CLEAR_BELOW}` : `${lines.join('\n')}\n\n`)
      await sleep(isTerminal ? REFRESH_MS : 60_000, undefined, { signal }).catch(() => {})
    }
  }
}

export interface ViewSize {
  columns: number
  rows: number
}

/** The picture as lines, no more and no wider than the terminal shows. */
export function viewLines({ simulators, language, columns, rows }: TerminalViewOptions & ViewSize): string[] {
  const lines =
    simulators.length === 1 && simulators[0] !== undefined ? plantLines(simulators[0], language, columns) : townLines(simulators, language)
  return lines.slice(0, Math.max(1, rows))
}

function plantLines(simulator: Simulator, language: Language, columns: number): string[] {
  const { scene, counts, site, speed, modbusPort } = simulator
  if (scene === undefined) return [site]
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  const { map, plc, player, plant } = scene
  const head = `${site}  ${clockOf(plant.seconds, language)}  x${speed}  Modbus :${modbusPort}  ${say('请求', 'requests')} ${counts.requests}  ${say('连接', 'connections')} ${counts.connections}`
  const playing = player.playing
  const cells = Object.entries(map.tags).map(
    ([tag, row]) => [pick(row.title, language), shownValue(row, readTag(plc.image, row), language), tag] as const
  )
  const table = consoleTable({
    columns: [{ title: say('测点', 'tag') }, { title: say('值', 'value'), align: 'right' }],
    rows: cells.map(([title, value]) => [title, value])
  }).split('\n')
  return [
    head,
    playing.length === 0 ? say('无攻击或故障', 'nothing is being played') : `${say('正在播放', 'being played')}: ${playing.join(', ')}`,
    '',
    ...inColumns(table, columns)
  ]
}

// As many columns side by side as the terminal is wide.
function inColumns(table: readonly string[], columns: number): string[] {
  const [title = '', ...rows] = table
  const width = Math.max(...table.map(displayWidth))
  const count = Math.max(1, Math.floor((columns + GAP.length) / (width + GAP.length)))
  const height = Math.ceil(rows.length / count)
  const padded = (text: string) => text + ' '.repeat(width - displayWidth(text))
  const line = (cells: readonly string[]) => cells.map(padded).join(GAP).trimEnd()
  return [
    line(Array.from({ length: Math.min(count, rows.length) }, () => title)),
    ...Array.from({ length: height }, (_, y) => line(Array.from({ length: count }, (_, x) => rows[x * height + y] ?? '')))
  ]
}

function townLines(simulators: readonly Simulator[], language: Language): string[] {
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  return consoleTable({
    columns: [
      { title: say('站点', 'site') },
      { title: say('端口', 'port'), align: 'right' },
      { title: say('厂内时间', 'plant time') },
      { title: say('请求', 'requests'), align: 'right' },
      { title: say('正在播放', 'being played') }
    ],
    rows: simulators.map(({ site, modbusPort, scene, counts }) => [
      site,
      String(modbusPort),
      scene === undefined ? '' : clockOf(scene.plant.seconds, language),
      String(counts.requests),
      scene?.player.playing.join(', ') ?? ''
    ])
  }).split('\n')
}
