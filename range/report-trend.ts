// One tag over one scenario as SVG: the range between lowest and highest value of each bucket, under bands of what was played and
// over marks of what was raised. A line ends where values were bad; it is never drawn across.
import type { Label } from '#contract/label.ts'
import type { Text } from '#contract/text.ts'
import type { Span } from '#rules/score.ts'
import type { ListedAlert } from '#rules/score-result.ts'
import { html, offsetText } from './report-html.ts'

/** Lowest and highest value from this time on; null from where nobody knows. */
export type TrendPoint = readonly [time: number, low: number | null, high: number | null]

export interface Trend {
  tag: string
  title: Text
  unit: string
  points: readonly TrendPoint[]
}

export interface TrendOptions {
  trend: Trend
  span: Span
  labels: readonly Label[]
  /** Numbered as in the list below the trends. */
  marks: readonly (ListedAlert & { number: number })[]
}

const WIDTH = 1000
const LEFT = 62
const RIGHT = 8
const TOP = 18
const HEIGHT = 130
const FOOT = 16
// As wide as a letter is at most where the type is largest.
const LETTER = 10

export function trendSvg({ trend, span, labels, marks }: TrendOptions): string {
  const known = trend.points.flatMap(([, low, high]) => (low === null || high === null ? [] : [low, high]))
  const [low, high] = bounds(known)
  const x = (time: number) => LEFT + clamp((time - span.start) / Math.max(1, span.end - span.start)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => TOP + clamp((high - value) / (high - low)) * (HEIGHT - TOP - FOOT)
  const name = `${trend.title.zh} / ${trend.title.en} (${trend.tag})`
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${html(name)}">`,
    ...labels.map((label) => band(label, x, span)),
    `<path class="frame" d="M${LEFT} ${TOP}V${HEIGHT - FOOT}H${WIDTH - RIGHT}"/>`,
    `<text x="${LEFT - 5}" y="${TOP + 9}" text-anchor="end">${figure(high)}</text>`,
    `<text x="${LEFT - 5}" y="${HEIGHT - FOOT}" text-anchor="end">${figure(low)}</text>`,
    ...[0, 1, 2, 3, 4].map((quarter) => timeText(quarter / 4, span)),
    ...runsOf(trend.points).map((run) => `<path class="line" d="${outline(run, x, y)}"/>`),
    ...marks.map((mark) => alertMark(mark, x(mark.firstSeen), span)),
    '</svg>'
  ].join('')
}

function timeText(share: number, { start, end }: Span): string {
  const at = short(LEFT + share * (WIDTH - LEFT - RIGHT))
  const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle'
  return `<text x="${at}" y="${HEIGHT - 3}" text-anchor="${anchor}">${offsetText(share * (end - start))}</text>`
}

type Scale = (of: number) => number
type KnownPoint = readonly [time: number, low: number, high: number]

const clamp = (share: number): number => Math.min(1, Math.max(0, share))
const short = (n: number): string => String(Math.round(n * 10) / 10)
const figure = (n: number): string => String(Number(n.toPrecision(4)))

// A tag that never moved still gets a line in the middle.
function bounds(known: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of known) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (low > high) return [0, 1]
  if (low === high) return [low - Math.max(1, Math.abs(low) * 0.1), high + Math.max(1, Math.abs(high) * 0.1)]
  return [low, high]
}

// A value holds until the next one is told, so the points of a run close it with a time at which it ended.
function runsOf(points: readonly TrendPoint[]): KnownPoint[][] {
  const runs: KnownPoint[][] = []
  let run: KnownPoint[] = []
  const close = (time?: number) => {
    const last = run.at(-1)
    if (last !== undefined) runs.push(time === undefined ? run : [...run, [time, last[1], last[2]]])
    run = []
  }
  for (const [time, low, high] of points) {
    if (low === null || high === null) close(time)
    else run.push([time, low, high])
  }
  close()
  return runs
}

// Along the highest values to the end and back along the lowest; equal neighbours are left out, they are on the way.
function outline(run: readonly KnownPoint[], x: Scale, y: Scale): string {
  const told = run.filter(([, low, high], i) => i === 0 || i === run.length - 1 || low !== run[i - 1]?.[1] || high !== run[i - 1]?.[2])
  const there = told.map(([time, , high], i) => (i === 0 ? `M${short(x(time))} ${short(y(high))}` : `H${short(x(time))}V${short(y(high))}`))
  return `${there.join('')}${wayBack(told, x, y)}Z`
}

// On the way back a value begins at its own time, so the level changes after going left.
function wayBack(told: readonly KnownPoint[], x: Scale, y: Scale): string {
  return told
    .toReversed()
    .map(([time, low], i, all) => {
      const earlier = all[i + 1]
      const level = i === 0 ? `V${short(y(low))}` : `H${short(x(time))}`
      return earlier === undefined ? level : `${level}V${short(y(earlier[1]))}`
    })
    .join('')
}

function band({ kind, name, technique, start, end }: Label, x: Scale, span: Span): string {
  const from = x(start)
  const width = Math.max(2, x(end ?? span.end) - from)
  const what = html(`${name}${technique === null ? '' : ` ${technique}`} ${offsetText(start - span.start)}`)
  const area = `x="${short(from)}" y="${TOP}" width="${short(width)}" height="${HEIGHT - TOP - FOOT}"`
  // A name that would reach beyond its band is told by the title alone.
  const fits = name.length * LETTER < width
  const told = fits ? `<text x="${short(from + 4)}" y="${TOP + 14}">${html(name)}</text>` : ''
  return `<g class="${kind}"><title>${what}</title><rect ${area}/><path d="M${short(from)} ${TOP}h${short(width)}"/>${told}</g>`
}

function alertMark({ number, rule, title, verdict, firstSeen }: ListedAlert & { number: number }, at: number, span: Span): string {
  const told = title === undefined ? '' : ` ${title.zh} / ${title.en}`
  const what = html(`${number}. ${rule}${told} ${offsetText(firstSeen - span.start)}`)
  const left = short(at)
  return (
    `<g class="mark ${verdict === 'hit' ? 'hit' : 'other'}"><title>${what}</title><path class="stem" d="M${left} ${TOP}V${HEIGHT - FOOT}"/>` +
    `<path class="flag" d="M${left} ${TOP}l-5 -7h10z"/><text x="${short(Math.min(at + 7, WIDTH - 14))}" y="${TOP - 3}">${number}</text></g>`
  )
}
