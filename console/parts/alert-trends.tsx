// The trend of each tag of an alert around the event, on one common stretch of time.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Link } from 'wouter'
import type { AlertDetail } from '#contract/alert.ts'
import { useNow } from '../clock.ts'
import { type Span, tagQuery } from '../queries.ts'
import { linkOf, type Series } from '../series.ts'
import type { Band } from '../trend-data.ts'
import { useWords } from '../words.ts'
import { Empty } from './fault.tsx'
import type { Mark } from './trend-paint.ts'
import { TrendPanel } from './trend-panel.tsx'

const MINUTE = 60_000
const BEFORE_MS = 20 * MINUTE
const AFTER_MS = 10 * MINUTE
const LONGEST_MS = 6 * 60 * MINUTE
const STEP_MS = 15_000
const MOST = 6

export function AlertTrends({ detail }: { detail: AlertDetail }) {
  const { t } = useWords()
  const { alert, evidence } = detail
  const now = useNow()
  const { span, live } = spanAround(alert, now)
  const marks = useMemo<Mark[]>(
    () => [
      { at: alert.firstSeen, label: t('alert.event') },
      ...(alert.clearedAt === null ? [] : [{ at: alert.clearedAt, label: t('alert.cleared') }])
    ],
    [alert.firstSeen, alert.clearedAt, t]
  )
  const agreed = useMemo(() => bandOf(evidence), [evidence])
  if (alert.tags.length === 0) return <Empty title={t('alert.trend.none')} />
  return alert.tags
    .slice(0, MOST)
    .map((tag, place) => (
      <OneTrend
        key={tag}
        series={{ site: alert.site, agent: alert.agent, view: alert.view, tag }}
        span={span}
        live={live}
        marks={marks}
        agreed={place === 0 ? agreed : undefined}
        together={alert.id}
        height={place === 0 ? 240 : 150}
      />
    ))
}

// From some time before the first sight to some time after the end, or until now; long ones show their beginning.
export function spanAround(
  { firstSeen, clearedAt }: { firstSeen: number; clearedAt: number | null },
  now: number
): { span: Span; live: boolean } {
  const from = firstSeen - BEFORE_MS
  const end = clearedAt === null ? now : clearedAt + AFTER_MS
  const to = Math.min(end, from + LONGEST_MS)
  const live = to > now - STEP_MS
  return { span: { from, to: live ? Math.ceil(now / STEP_MS) * STEP_MS : to }, live }
}

// The limits that the rule judged with, as the finding told them.
export function bandOf({ low, high }: Readonly<Record<string, unknown>>): Band | undefined {
  const band = { low: typeof low === 'number' ? low : null, high: typeof high === 'number' ? high : null }
  return band.low === null && band.high === null ? undefined : band
}

interface OneProps {
  series: Series
  span: Span
  live: boolean
  marks: readonly Mark[]
  agreed: Band | undefined
  together: string
  height: number
}

function OneTrend({ series, span, live, marks, agreed, together, height }: OneProps) {
  const { say } = useWords()
  const { data } = useQuery(tagQuery(series))
  const tag = data?.find((view) => view.tag.name === series.tag && view.view === series.view)?.tag
  return (
    <div className="alert-trend">
      <h3>
        <Link href={linkOf(series)}>{say(tag?.title, series.tag)}</Link>
        <span className="quiet code">{series.tag}</span>
      </h3>
      <TrendPanel
        series={series}
        tag={tag}
        asked={span}
        shown={span}
        live={live}
        agreed={agreed}
        marks={marks}
        height={height}
        together={together}
      />
    </div>
  )
}
