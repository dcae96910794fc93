// The trend of each tag of an alert around the event, on one common stretch of time.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Link } from 'wouter'
import type { AlertDetail } from '#contract/alert.ts'
import { bandOf, spanAround } from '../alert-span.ts'
import { useNow } from '../clock.ts'
import { tagQuery } from '../queries.ts'
import { linkOf, type Series } from '../series.ts'
import type { Band } from '../trend-data.ts'
import { type Span, writeSpan } from '../trend-span.ts'
import { useWords } from '../words.ts'
import { Empty } from './fault.tsx'
import type { Mark } from './trend-paint.ts'
import { TrendPanel } from './trend-panel.tsx'

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
        <Link href={live ? linkOf(series) : `${linkOf(series)}?${writeSpan({ kind: 'own', span })}`}>{say(tag?.title, series.tag)}</Link>
        <span className="quiet code">{series.tag}</span>
      </h3>
      <TrendPanel
        series={series}
        tag={tag}
        asked={span}
        shown={span}
        fit
        live={live}
        agreed={agreed}
        marks={marks}
        height={height}
        together={together}
      />
    </div>
  )
}
