// A trend with all that belongs to it: reading under the cursor, line, legend, gaps in words, and the same as a table.
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Trend } from '#contract/api.ts'
import type { Tag } from '#contract/tag.ts'
import { trendQuery } from '../queries.ts'
import { HEARTBEATS_TO_STALE, type Series } from '../series.ts'
import { type Band, fitted, plotOf } from '../trend-data.ts'
import { useTail } from '../trend-live.ts'
import type { Span } from '../trend-span.ts'
import { useWords } from '../words.ts'
import { Answer, Empty } from './fault.tsx'
import { TrendChart } from './trend-chart.tsx'
import { TrendLegend } from './trend-legend.tsx'
import type { Mark } from './trend-paint.ts'
import { TrendReading } from './trend-reading.tsx'
import { TrendTable } from './trend-table.tsx'

export const BUCKETS = 480

export interface TrendPanelProps {
  series: Series
  tag: Tag | undefined
  asked: Span
  shown: Span
  /** True: begin with the first sample when the series is younger than the span. */
  fit?: boolean
  /** True while the span ends now: live values are added at its end. */
  live: boolean
  agreed?: Band | undefined
  marks?: readonly Mark[]
  height: number
  together?: string
  onZoom?: (from: number, to: number) => void
  onBack?: () => void
}

// A long span changes slowly on the page: a quarter of a point's width is soon enough.
const SOONEST_MS = 15_000

export function TrendPanel(props: TrendPanelProps) {
  const { from, to } = props.asked
  const refreshMs = props.live ? Math.max(SOONEST_MS, (to - from) / BUCKETS / 4) : false
  const query = useQuery(trendQuery(props.series, props.asked, { buckets: BUCKETS, refreshMs }))
  return <Answer query={query}>{(trend) => <Drawn {...props} trend={trend} />}</Answer>
}

const NO_MARKS: readonly Mark[] = []
const LEAD_MS = 15_000

function Drawn(props: TrendPanelProps & { trend: Trend }) {
  const { trend, series, tag, live, agreed, marks = NO_MARKS, height, together, onZoom, onBack } = props
  const { t, format } = useWords()
  const tail = useTail(series, live)
  const [index, setIndex] = useState<number | null>(null)
  const holdMs = HEARTBEATS_TO_STALE * (tag?.heartbeatMs ?? 0)
  const plot = useMemo(() => plotOf(trend, { holdMs, tail }), [trend, holdMs, tail])
  const scene = useMemo(() => ({ plot, agreed, range: tag?.range, gaps: trend.gaps, marks }), [plot, agreed, tag?.range, trend.gaps, marks])
  const shown = props.fit === true ? fitted(props.shown, trend, LEAD_MS) : props.shown
  const label = t('trend.label', { tag: series.tag, from: format.dateTime(shown.from), to: format.dateTime(shown.to) })
  const kind = tag?.dataType === 'bool' ? 'bool' : tag === undefined || tag.role === 'measurement' ? 'line' : 'step'
  const empty = plot.times.length === 0
  return (
    <div className="trend">
      {plot.hasText || tag?.dataType === 'string' ? (
        <p className="quiet">{t('trend.text')}</p>
      ) : (
        <>
          <TrendReading plot={plot} index={index} tag={tag} bucketMs={trend.bucketMs} />
          {empty && trend.gaps.length === 0 ? <Empty title={t('trend.empty')} /> : null}
          <TrendChart
            scene={scene}
            from={shown.from}
            to={shown.to}
            label={label}
            kind={kind}
            height={height}
            together={together}
            onZoom={onZoom}
            onBack={onBack}
            onCursor={setIndex}
          />
          <TrendLegend scene={scene} />
        </>
      )}
      {trend.gaps.length === 0 ? null : (
        <p className="trend-gaps">
          {t('trend.gaps', {
            count: trend.gaps.length,
            list: trend.gaps
              .slice(0, 3)
              .map((gap) => `${format.moment(gap.from)} – ${format.moment(gap.to)} ${t(`gap.${gap.reason}`)}`)
              .join(t('list.between'))
          })}
        </p>
      )}
      <TrendTable trend={trend} tag={tag} />
    </div>
  )
}
