// One alert: what happened, why it matters, the evidence, what to do, and what people did so far.
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { AlertDetail } from '#contract/alert.ts'
import { AlertActions } from '../parts/alert-actions.tsx'
import { AlertFacts } from '../parts/alert-facts.tsx'
import { AlertHistory } from '../parts/alert-history.tsx'
import { AlertTrends } from '../parts/alert-trends.tsx'
import { AlertBadge } from '../parts/badge.tsx'
import { Answer } from '../parts/fault.tsx'
import { Figures } from '../parts/figures.tsx'
import { Icon } from '../parts/icon.tsx'
import { Ago } from '../parts/moment.tsx'
import { PageTitle, Section } from '../parts/page.tsx'
import { SeverityMark } from '../parts/severity.tsx'
import { SiteName } from '../parts/site-name.tsx'
import { unitText } from '../parts/tag-value.tsx'
import { alertQuery, tagQuery } from '../queries.ts'
import { useWords } from '../words.ts'

export function AlertPage({ id }: { id: string }) {
  const { t } = useWords()
  const query = useQuery(alertQuery(id))
  return (
    <>
      <Link href="/alerts" className="back">
        <Icon name="left" />
        {t('nav.alerts')}
      </Link>
      <Answer query={query}>{(detail) => <Detail detail={detail} />}</Answer>
    </>
  )
}

function Detail({ detail }: { detail: AlertDetail }) {
  const { t, say } = useWords()
  const { alert } = detail
  const unit = useUnit(detail)
  return (
    <article>
      <div className="alert-head">
        <div className="alert-marks">
          <SeverityMark severity={alert.severity} />
          <AlertBadge alert={alert} />
          <span className="quiet">
            <SiteName id={alert.site} /> · {t(`view.${alert.view}`)} · <Ago at={alert.lastSeen} />
          </span>
        </div>
        <PageTitle title={say(alert.title)} />
        <p className="alert-reason" data-testid="reason">
          {say(alert.reason)}
        </p>
      </div>
      <div className="detail">
        <div className="column side-column">
          <Section title={t('action')}>
            <AlertActions key={alert.id} detail={detail} />
          </Section>
          <Section title={t('alert.advice')}>
            {detail.advice.length === 0 ? (
              <p className="quiet">{t('alert.advice.none')}</p>
            ) : (
              <ol className="advice">
                {detail.advice.map((step) => (
                  <li key={step.en}>{say(step)}</li>
                ))}
              </ol>
            )}
          </Section>
        </div>
        <div className="column">
          <Section title={t('alert.why')}>
            <p className="prose">{say(detail.why)}</p>
          </Section>
          <Section title={t('alert.trend')}>
            <AlertTrends detail={detail} />
          </Section>
          <Section title={t('alert.evidence')}>
            <Figures figures={detail.evidence} unit={unit} />
            <details className="disclosure">
              <summary>{t('alert.parameters')}</summary>
              <Figures figures={detail.parameters} unit={unit} />
            </details>
          </Section>
          <Section title={t('alert.facts')}>
            <AlertFacts alert={alert} />
          </Section>
          <Section title={t('alert.history')}>
            <AlertHistory history={detail.history} />
          </Section>
        </div>
      </div>
    </article>
  )
}

// Evidence is in the unit of the tag that was judged first.
function useUnit({ alert }: AlertDetail): string | undefined {
  const tag = alert.tag ?? ''
  const { data } = useQuery({ ...tagQuery({ site: alert.site, agent: alert.agent, tag }), enabled: tag !== '' })
  const unit = data?.find((view) => view.tag.name === tag)?.tag.unit
  return unit === undefined ? undefined : unitText(unit)
}
