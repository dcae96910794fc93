// The first screen: is anything wrong, and where. Calm when all is normal; never calm about what it cannot see.
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { type Overview, PARTS_OF_CENTRE } from '#contract/api.ts'
import { useLiveState } from '../live-page.ts'
import { AlertLine } from '../parts/alert-line.tsx'
import { Answer, Empty } from '../parts/fault.tsx'
import { PageTitle, Section } from '../parts/page.tsx'
import { PartLine } from '../parts/part-line.tsx'
import { SiteRow } from '../parts/site-row.tsx'
import { Verdict } from '../parts/verdict.tsx'
import { judgeSituation, orderSites } from '../problems.ts'
import { overviewQuery, pressingQuery } from '../queries.ts'
import { useWords } from '../words.ts'

const PRESSING = 6

export function OverviewPage() {
  const { t, format } = useWords()
  const query = useQuery(overviewQuery)
  const live = useLiveState()
  return (
    <>
      <PageTitle title={t('nav.overview')}>
        {query.data === undefined ? null : (
          <span className="quiet">{t('overview.asOf', { time: format.time(query.data.time), zone: format.zone(query.data.time) })}</span>
        )}
      </PageTitle>
      <Answer query={query}>
        {(overview) => (
          <>
            {query.isError || live.name === 'lost' ? (
              <p className="unseen">{t('overview.unseen', { time: format.dateTime(overview.time) })}</p>
            ) : null}
            <Verdict situation={judgeSituation(overview)} overview={overview} />
            <Sites overview={overview} />
            <div className="columns">
              <Pressing />
              <Centre overview={overview} />
            </div>
          </>
        )}
      </Answer>
    </>
  )
}

function Sites({ overview }: { overview: Overview }) {
  const { t } = useWords()
  if (overview.sites.length === 0) return null
  return (
    <Section title={t('sites')}>
      <div className="scroll">
        <table className="table sites" data-testid="sites">
          <thead>
            <tr>
              <th scope="col">{t('site')}</th>
              <th scope="col">{t('overview.open')}</th>
              <th scope="col">{t('overview.agents')}</th>
              <th scope="col">{t('overview.devices')}</th>
              <th scope="col">{t('overview.quality')}</th>
            </tr>
          </thead>
          <tbody>
            {orderSites(overview.sites).map((site) => (
              <SiteRow key={site.site.id} view={site} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function Pressing() {
  const { t } = useWords()
  const query = useQuery(pressingQuery)
  return (
    <Section title={t('overview.recent')} side={<Link href="/alerts">{t('overview.allAlerts')}</Link>}>
      <Answer query={query}>
        {(alerts) =>
          alerts.length === 0 ? (
            <Empty title={t('overview.noOpen')} />
          ) : (
            <ul className="lines">
              {alerts.slice(0, PRESSING).map((alert) => (
                <AlertLine key={alert.id} alert={alert} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Section>
  )
}

function Centre({ overview }: { overview: Overview }) {
  const { t, format } = useWords()
  const { messages, bytes } = overview.waiting
  return (
    <Section title={t('overview.centre')} side={<Link href="/centre">{t('overview.allAlerts')}</Link>}>
      <ul className="lines">
        {PARTS_OF_CENTRE.map((name) => (
          <PartLine key={name} name={name} part={overview.parts.find(({ part }) => part === name)} waiting={messages} />
        ))}
      </ul>
      <dl className="figures">
        <div>
          <dt>{t('overview.rate')}</dt>
          <dd>{format.number(overview.samplesPerSecond, overview.samplesPerSecond < 10 ? 1 : 0)}</dd>
        </div>
        <div>
          <dt>{t('overview.waiting')}</dt>
          <dd>
            {messages === 0 ? t('overview.waiting.none') : t('overview.waiting.some', { count: messages, size: format.bytes(bytes) })}
          </dd>
        </div>
      </dl>
    </Section>
  )
}
