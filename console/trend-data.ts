// A trend as columns for the chart. A line is drawn only through what is known: it breaks at bad samples and at missing ones.
import type { Trend } from '#contract/api.ts'
import { isBad, qualityClass } from '#contract/quality.ts'
import type { LiveValue } from './live-values.ts'
import type { Span } from './trend-span.ts'

export interface Plot {
  times: number[]
  low: (number | null)[]
  high: (number | null)[]
  last: (number | null)[]
  /** Stretches that are not good, for the strip below the line. */
  doubts: { from: number; to: number; quality: 'uncertain' | 'bad' }[]
  /** Text values have no line; they are shown as a table. */
  hasText: boolean
}

export type TailValue = Pick<LiveValue, 'time' | 'value' | 'quality'>

// More than this many buckets without a sample are a hole, however fast the tag is.
const HOLE_IN_BUCKETS = 2.5

export function plotOf(trend: Trend, { holdMs, tail = [] }: { holdMs: number; tail?: readonly TailValue[] }): Plot {
  const plot: Plot = { times: [], low: [], high: [], last: [], doubts: [], hasText: false }
  const hole = Math.max(holdMs, HOLE_IN_BUCKETS * trend.bucketMs)
  let before: number | undefined

  const put = (time: number, low: number | null, high: number | null, last: Trend['last'][number], quality: number, width: number) => {
    if (before !== undefined && time - before > hole) push(plot, before + width, null, null, null)
    before = time
    if (typeof last === 'string') plot.hasText = true
    push(plot, time, low, high, typeof last === 'number' ? last : null)
    doubt(plot, time, width, quality)
  }

  for (const [i, time] of trend.times.entries())
    put(time, trend.min[i] ?? null, trend.max[i] ?? null, trend.last[i] ?? null, trend.quality[i] ?? 0, trend.bucketMs)
  const known = before ?? trend.from
  for (const { time, value, quality } of tail) {
    if (time <= known + trend.bucketMs) continue
    const number = typeof value === 'number' && !isBad(quality) ? value : null
    put(time, number, number, number === null ? null : value, quality, Math.min(trend.bucketMs, 1000))
  }
  return plot
}

function push(plot: Plot, time: number, low: number | null, high: number | null, last: number | null): void {
  plot.times.push(time)
  plot.low.push(low)
  plot.high.push(high)
  plot.last.push(last)
}

function doubt(plot: Plot, from: number, width: number, code: number): void {
  const quality = qualityClass(code)
  if (quality === 'good') return
  const last = plot.doubts.at(-1)
  if (last !== undefined && last.quality === quality && from - last.to <= width) last.to = from + width
  else plot.doubts.push({ from, to: from + width, quality })
}

export interface Band {
  low: number | null
  high: number | null
}

// The vertical extent: all values, the agreed limits, and the declared range only when it does not flatten the line.
export function extentOf(plot: Plot, agreed: Band | undefined, range: Band | undefined): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  const take = (value: number | null | undefined) => {
    if (value === null || value === undefined) return
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  for (const column of [plot.low, plot.high, plot.last]) for (const value of column) take(value)
  take(agreed?.low)
  take(agreed?.high)
  if (min > max) return { min: range?.low ?? 0, max: range?.high ?? 1 }
  const span = max - min
  for (const limit of [range?.low, range?.high]) {
    if (limit !== null && limit !== undefined && limit > min - span && limit < max + span) take(limit)
  }
  const room = Math.max((max - min) * 0.08, leastRoom(max - min, max, range))
  return { min: min - room, max: max + room }
}

// The noise of a steady value must not look like a drama: the picture spans at least a twentieth of the declared range.
function leastRoom(span: number, max: number, range: Band | undefined): number {
  const { low = null, high = null } = range ?? {}
  if (low !== null && high !== null) return Math.max(0, (high - low) / 20 - span) / 2
  return span > 0 ? 0 : Math.abs(max) * 0.05 || 0.5
}

// An alert of a young series: the stretch before its first sample, when nothing is known to be missing there, is not drawn.
export function fitted({ from, to }: Span, trend: Trend, leadMs: number): Span {
  const first = Math.min(trend.times[0] ?? from, ...trend.gaps.map((gap) => gap.from))
  return { from: Math.min(Math.max(from, first - leadMs), to - leadMs), to }
}
