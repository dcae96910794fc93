// The live view in the terminal: the tags of a plant, what is being played on it, and who asks its PLC.
import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { type Language, pick } from '#contract/text.ts'
import { clipped, consoleTable, displayWidth } from '#runtime/console-table.ts'
import type { Part } from '#runtime/lifecycle.ts'
import { readTag } from './plc/tag-map.ts'
import type { Simulator } from './simulator.ts'
import { clockOf, shownAlarms, shownValue } from './value-text.ts'

const REFRESH_MS = 500
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
const GAP = '   '
const NARROWEST_TITLE = 8

export interface TerminalViewOptions {
  simulators: readonly Simulator[]
  language: Language
  stream?: NodeJS.WriteStream
}

export class TerminalView implements Part {
  readonly name = 'view'
  readonly #options: TerminalViewOptions
  readonly #stream: NodeJS.WriteStream
  readonly #stopping = new AbortController()
  #redraw = new AbortController()
  #drawing: Promise<void> = Promise.resolve()

  constructor(options: TerminalViewOptions) {
    this.#options = options
    this.#stream = options.stream ?? process.stdout
  }

  async start(): Promise<void> {
    this.#drawing = this.#isScreen ? this.#drawScreen() : this.#writeDown()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#drawing
  }

  get #isScreen(): boolean {
    return this.#stream.isTTY === true && process.env['TERM'] !== 'dumb'
  }

  // On the second screen of the terminal, so that the first one is as it was afterwards, however the process ends.
  async #drawScreen(): Promise<void> {
    const stream = this.#stream
    const resized = () => this.#redraw.abort()
    const leave = () => stream.write(LEAVE)
    stream.on('resize', resized)
    process.once('exit', leave)
    stream.write(ENTER)
    while (!this.#stopping.signal.aborted) {
      const lines = viewLines({ ...this.#options, stream, columns: stream.columns, rows: stream.rows })
      stream.write(`${HOME}${lines.map((line) => line + CLEAR_LINE).join('\n')}${CLEAR_BELOW}`)
      this.#redraw = new AbortController()
      const signal = AbortSignal.any([this.#redraw.signal, this.#stopping.signal])
      await sleep(REFRESH_MS, undefined, { signal }).catch(() => {})
    }
    stream.off('resize', resized)
    process.off('exit', leave)
    leave()
  }

  // Elsewhere it is written once a minute.
  async #writeDown(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const lines = viewLines({ ...this.#options, stream: this.#stream, columns: 120, rows: Number.POSITIVE_INFINITY })
      this.#stream.write(`${lines.join('\n')}\n\n`)
      await sleep(60_000, undefined, { signal }).catch(() => {})
    }
  }
}

export interface ViewSize {
  columns: number
  rows: number
}

interface Words extends ViewSize {
  language: Language
  stream: NodeJS.WriteStream
  say: (zh: string, en: string) => string
}

/** The picture as lines, no more and no wider than the terminal shows. */
export function viewLines(options: TerminalViewOptions & ViewSize): string[] {
  const { simulators, language, stream = process.stdout, columns, rows } = options
  const words = { language, stream, columns, rows, say: (zh: string, en: string) => pick({ zh, en }, language) }
  const [only] = simulators
  const lines = simulators.length === 1 && only !== undefined ? plantLines(only, words) : townLines(simulators, words)
  if (lines.length <= rows) return lines
  const most = Math.max(1, rows - 1)
  const more = words.say(`… 窗口还差 ${lines.length - most} 行`, `… ${lines.length - most} lines more than the window has`)
  return [...lines.slice(0, most), clipped(more, columns)].slice(0, Math.max(1, rows))
}

function plantLines(simulator: Simulator, words: Words): string[] {
  const { language, stream, columns, say } = words
  const { scene, counts, site, speed, modbusPort } = simulator
  if (scene === undefined) return [clipped(site, columns)]
  const { map, plc, player, plant } = scene
  const head = `${site}  ${clockOf(plant.seconds, language)}  x${speed}  Modbus :${modbusPort}  ${say('请求', 'requests')} ${counts.requests}  ${say('连接', 'connections')} ${counts.connections}`
  const playing = player.playing
  const played = playing.length === 0 ? say('无攻击或故障', 'nothing is played') : `${say('正在播放', 'played')}: ${playing.join(', ')}`
  const alarms = shownAlarms(scene.works, language)
  const alarmed = alarms.length === 0 ? say('无报警', 'no alarm') : `${say('报警', 'alarm')}: ${alarms.map(({ text }) => text).join('; ')}`
  const wrong = new Set(alarms.map(({ tag }) => tag))
  const cells = Object.entries(map.tags).map(([tag, row]) => ({
    title: pick(row.title, language),
    value: shownValue(row, readTag(plc.image, row), language),
    wrong: wrong.has(tag)
  }))
  const loud = (text: string, isLoud: boolean) => (isLoud ? styleText(['bold', 'red'], text, { stream }) : text)
  return [
    clipped(head, columns),
    loud(clipped(played, columns), playing.length > 0),
    loud(clipped(alarmed, columns), alarms.length > 0),
    '',
    ...inColumns(cells, words)
  ]
}

// As many columns side by side as the terminal is wide; titles are cut where not even one has room.
function inColumns(cells: readonly { title: string; value: string; wrong: boolean }[], { columns, stream, say }: Words): string[] {
  const valueWidth = Math.max(...cells.map(({ value }) => displayWidth(value)))
  const room = Math.max(NARROWEST_TITLE, columns - valueWidth - 2)
  const rows = cells.map(({ title, value, wrong }) => {
    const style = wrong ? ({ style: 'red' } as const) : {}
    return [
      { text: clipped(title, room), ...style },
      { text: value, ...style }
    ]
  })
  const titles = [{ title: say('测点', 'tag') }, { title: say('值', 'value'), align: 'right' as const }]
  const [title = '', ...table] = consoleTable({ columns: titles, rows, stream }).split('\n')
  const width = Math.max(...[title, ...table].map(displayWidth))
  const count = Math.max(1, Math.floor((columns + GAP.length) / (width + GAP.length)))
  const height = Math.ceil(table.length / count)
  const padded = (text: string) => text + ' '.repeat(width - displayWidth(text))
  const line = (parts: readonly string[]) => parts.map(padded).join(GAP).trimEnd()
  return [
    line(Array.from({ length: Math.min(count, table.length) }, () => title)),
    ...Array.from({ length: height }, (_, y) => line(Array.from({ length: count }, (_, x) => table[x * height + y] ?? '')))
  ]
}

function townLines(simulators: readonly Simulator[], { language, stream, columns, say }: Words): string[] {
  const rows = simulators.map(({ site, modbusPort, scene, counts }) => {
    const alarms = scene === undefined ? [] : shownAlarms(scene.works, language)
    const clock = scene === undefined ? '' : clockOf(scene.plant.seconds, language)
    return { first: [site, String(modbusPort), clock, String(counts.requests), String(alarms.length)], scene, alarmed: alarms.length > 0 }
  })
  const titles = [say('站点', 'site'), say('端口', 'port'), say('厂内时间', 'plant time'), say('请求', 'requests'), say('报警', 'alarms')]
  const widths = titles.map((title, i) => Math.max(displayWidth(title), ...rows.map(({ first }) => displayWidth(first[i] ?? ''))))
  const room = Math.max(NARROWEST_TITLE, columns - widths.reduce((sum, width) => sum + width + 2, 0))
  return consoleTable({
    columns: [
      ...titles.map((title, i) => ({ title, align: i === 0 || i === 2 ? ('left' as const) : ('right' as const) })),
      { title: clipped(say('正在播放', 'played'), room) }
    ],
    rows: rows.map(({ first, scene, alarmed }) => [
      ...first.slice(0, -1),
      { text: first.at(-1) ?? '', ...(alarmed ? { style: 'red' as const } : {}) },
      clipped(scene?.player.playing.join(', ') ?? '', room)
    ]),
    stream
  }).split('\n')
}
