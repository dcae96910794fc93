// The line of one tag: min-max band, last value, and around it what trend-paint.ts adds. Drag zooms, double-click goes back.
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { extentOf } from '../trend-data.ts'
import { useWords, type Words } from '../words.ts'
import { type Palette, usePalette } from './palette.ts'
import { paintBefore, paintBehind, type Scene } from './trend-paint.ts'

export interface ChartProps {
  scene: Scene
  from: number
  to: number
  label: string
  kind: 'line' | 'step' | 'bool'
  height: number
  /** Charts with one name move their cursors together. */
  together?: string | undefined
  onZoom?: ((from: number, to: number) => void) | undefined
  onBack?: (() => void) | undefined
  onCursor?: ((index: number | null) => void) | undefined
}

export function TrendChart(props: ChartProps) {
  const words = useWords()
  const palette = usePalette()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(null)
  const latest = useRef(props)
  latest.current = props
  const { scene, from, to, kind, height, together } = props

  useEffect(() => {
    const element = place.current
    if (element === null) return
    const options = optionsOf({ latest, palette, words, width: element.clientWidth, height, kind, together })
    const made = new uPlot(options, columnsOf(latest.current.scene), element)
    chart.current = made
    show(made, latest.current)
    const back = () => latest.current.onBack?.()
    made.over.addEventListener('dblclick', back)
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [palette, words, height, kind, together])

  useEffect(() => {
    if (chart.current !== null) show(chart.current, { scene, from, to, kind })
  }, [scene, from, to, kind])

  return <div ref={place} className="chart" role="img" aria-label={props.label} data-testid="chart" />
}

function show(made: uPlot, { scene, from, to, kind }: Pick<ChartProps, 'scene' | 'from' | 'to' | 'kind'>): void {
  made.batch(() => {
    made.setData(columnsOf(scene), false)
    made.setScale('x', { min: from, max: to })
    made.setScale('y', kind === 'bool' ? { min: -0.15, max: 1.15 } : extentOf(scene.plot, scene.agreed, scene.range))
  })
  // Gaps and marks may have changed though the line has not.
  made.redraw(false)
}

function columnsOf({ plot }: Scene): uPlot.AlignedData {
  return [plot.times, plot.high, plot.low, plot.last]
}

interface Made {
  latest: { readonly current: ChartProps }
  palette: Palette
  words: Words
  width: number
  height: number
  kind: ChartProps['kind']
  together: string | undefined
}

function optionsOf({ latest, palette, words, width, height, kind, together }: Made): uPlot.Options {
  const { t, format } = words
  const axis = {
    stroke: palette['ink-3'],
    font: `11px ${palette.font}`,
    grid: { stroke: palette.line, width: 1 },
    ticks: { stroke: palette.line, width: 1, size: 4 }
  }
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  const path = kind === 'line' || stepped === undefined ? {} : { paths: stepped }
  const edge = { stroke: 'transparent', width: 0, points: { show: false }, ...path }
  return {
    width,
    height,
    ms: 1,
    legend: { show: false },
    padding: [12, 24, 0, 0],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
      ...(together === undefined ? {} : { sync: { key: together, setSeries: false } })
    },
    scales: { x: { auto: false, time: true }, y: { auto: false } },
    axes: [
      { ...axis, space: 70, size: 42, values: (_u, splits, _axis, _space, step) => timesOf(splits, step, words) },
      {
        ...axis,
        size: 56,
        ...(kind === 'bool' ? { splits: () => [0, 1] } : {}),
        values: (_u, splits) => splits.map((value) => (kind === 'bool' ? yesNo(value, t) : format.figure(value)))
      }
    ],
    series: [{}, edge, edge, { stroke: palette.trend, width: 1.6, points: { size: 5 }, ...path }],
    bands: [{ series: [1, 2], fill: palette['trend-band'] }],
    hooks: {
      drawClear: [(u) => paintBehind(u, latest.current.scene, palette)],
      draw: [(u) => paintBefore(u, latest.current.scene, palette)],
      setSelect: [
        (u) => {
          const { left, width: wide } = u.select
          if (wide < 8) return
          latest.current.onZoom?.(Math.round(u.posToVal(left, 'x')), Math.round(u.posToVal(left + wide, 'x')))
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        }
      ],
      setCursor: [(u) => latest.current.onCursor?.(u.cursor.left === undefined || u.cursor.left < 0 ? null : (u.cursor.idx ?? null))]
    }
  }
}

function yesNo(value: number, t: Words['t']): string {
  if (value === 0) return t('ui.no')
  return value === 1 ? t('ui.yes') : ''
}

// Clock times, with the day below the first one and wherever a new day begins.
function timesOf(splits: number[], step: number, { format }: Words): string[] {
  let day = ''
  return splits.map((at) => {
    const today = format.day(at)
    const clock = step < 60_000 ? format.time(at) : format.hourMinute(at)
    const text = step >= 86_400_000 ? today : today === day ? clock : `${clock}\n${today}`
    day = today
    return text
  })
}
