// One tag: its value now, its trend over a chosen span, and what the agent says of it.
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Link, useSearchParams } from 'wouter'
import type { TagView } from '#contract/api.ts'
import { useLiveValue, values } from '../live-page.ts'
import { FaultBox, Loading, MissingPage } from '../parts/fault.tsx'
import { Icon } from '../parts/icon.tsx'
import { Ago } from '../parts/moment.tsx'
import { PageTitle, Section } from '../parts/page.tsx'
import { QualityMark, qualityName } from '../parts/quality.tsx'
import { DeviceName, SiteName } from '../parts/site-name.tsx'
import { SpanBar } from '../parts/span-bar.tsx'
import { TagValue, unitText } from '../parts/tag-value.tsx'
import { BUCKETS, TrendPanel } from '../parts/trend-panel.tsx'
import { tagQuery } from '../queries.ts'
import type { Series } from '../series.ts'
import { useLiveSpan } from '../trend-live.ts'
import { type Chosen, LENGTHS, readSpan, writeSpan } from '../trend-span.ts'
import { useWords } from '../words.ts'

export function TagPage({ series }: { series: Series }) {
  const { t, say } = useWords()
  const query = useQuery(tagQuery(series))
  const view = query.data?.find((one) => one.tag.name === series.tag && one.view === series.view)
  useEffect(() => {
    if (query.data !== undefined) values.seed(query.data)
  }, [query.data])
  return (
    <>
      <Link href="/tags" className="back">
        <Icon name="left" />
        {t('nav.tags')}
      </Link>
      <PageTitle title={say(view?.tag.title, series.tag)}>
        <span className="quiet code">{series.tag}</span>
      </PageTitle>
      {query.isPending ? <Loading /> : null}
      {query.isError && view === undefined ? <FaultBox fault={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isSuccess && view === undefined ? <MissingPage /> : null}
      {view === undefined ? null : (
        <>
          <Now view={view} series={series} />
          <div className="column">
            <Trending view={view} series={series} />
            <Section title={t('tag.facts')}>
              <Facts view={view} />
            </Section>
          </div>
        </>
      )}
    </>
  )
}

function Now({ view, series }: { view: TagView; series: Series }) {
  const { t } = useWords()
  const { value, stale } = useLiveValue(series, view.tag.heartbeatMs)
  const latest = value ?? view.latest
  const old = value === undefined ? view.stale : stale
  return (
    <div className={old ? 'now stale' : 'now'} data-testid="now">
      <TagValue value={latest?.value ?? null} tag={view.tag} />
      <div>
        {latest === null ? <QualityMark name="none" /> : <QualityMark name={qualityName(latest.quality, old)} quality={latest.quality} />}
        <p className="quiet">
          {t('tag.age')} <Ago at={latest?.time} />
        </p>
      </div>
      {view.openAlerts === 0 ? null : (
        <Link href={`/alerts?site=${view.site}&search=${view.tag.name}`} className="now-alerts">
          {t('tag.alerts', { count: view.openAlerts })}
        </Link>
      )}
    </div>
  )
}

function Trending({ view, series }: { view: TagView; series: Series }) {
  const { t } = useWords()
  const [address, setAddress] = useSearchParams()
  const chosen = readSpan(address)
  const choose = (next: Chosen) => setAddress(writeSpan(next))
  const live = useLiveSpan(chosen.kind === 'live' ? LENGTHS[chosen.name] : LENGTHS['1h'], BUCKETS)
  const shown = chosen.kind === 'own' ? chosen.span : live.shown
  return (
    <Section title={t('trend.title')} side={<span className="quiet wide-only">{t('trend.hint')}</span>}>
      <SpanBar chosen={chosen} shown={shown} onChoose={choose} />
      <TrendPanel
        series={series}
        tag={view.tag}
        asked={chosen.kind === 'own' ? chosen.span : live.asked}
        shown={shown}
        live={chosen.kind === 'live'}
        height={320}
        onZoom={(from, to) => choose({ kind: 'own', span: { from, to } })}
        onBack={() => choose({ kind: 'live', name: '1h' })}
      />
    </Section>
  )
}

function Facts({ view }: { view: TagView }) {
  const { t, format } = useWords()
  const { tag } = view
  const unit = tag.unit === undefined ? '' : ` ${unitText(tag.unit)}`
  return (
    <dl className="facts two">
      <dt>{t('site')}</dt>
      <dd>
        <SiteName id={view.site} />
      </dd>
      <dt>{t('device')}</dt>
      <dd>
        <DeviceName site={view.site} agent={view.agent} id={tag.device} />
      </dd>
      <dt>{t('view')}</dt>
      <dd>{t(`view.${view.view}`)}</dd>
      <dt>{t('tags.role')}</dt>
      <dd>{t(`role.${tag.role}`)}</dd>
      <dt>{t('tag.address')}</dt>
      <dd>
        <code>{tag.address}</code>
      </dd>
      {tag.range === undefined ? null : (
        <>
          <dt>{t('tag.range')}</dt>
          <dd>{t('tag.range.value', { low: format.figure(tag.range.low), high: format.figure(tag.range.high) }) + unit}</dd>
        </>
      )}
      <dt>{t('tag.cadence')}</dt>
      <dd>{format.duration(tag.cadenceMs)}</dd>
      <dt>{t('tag.heartbeat')}</dt>
      <dd>{format.duration(tag.heartbeatMs)}</dd>
    </dl>
  )
}
