// Where, when, how often and by which rule: the plain facts of one alert.
import { Link } from 'wouter'
import type { Alert } from '#contract/alert.ts'
import { linkOf } from '../series.ts'
import { useWords } from '../words.ts'
import { Moment } from './moment.tsx'
import { DeviceName, SiteName } from './site-name.tsx'
import { Technique } from './technique.tsx'

export function AlertFacts({ alert }: { alert: Alert }) {
  const { t, format } = useWords()
  const { site, agent, device, tags, view, techniques } = alert
  return (
    <dl className="facts two">
      <dt>{t('site')}</dt>
      <dd>
        <SiteName id={site} />
      </dd>
      <dt>{t('device')}</dt>
      <dd>{device === null ? <span className="quiet">{t('ui.none')}</span> : <DeviceName site={site} agent={agent} id={device} />}</dd>
      <dt>{t('column.agent')}</dt>
      <dd>
        <code>{agent}</code>
      </dd>
      <dt>{t('tag')}</dt>
      <dd>
        {tags.length === 0 ? <span className="quiet">{t('ui.none')}</span> : null}
        {tags.map((tag) => (
          <Link key={tag} href={linkOf({ site, agent, view, tag })} className="code block">
            {tag}
          </Link>
        ))}
      </dd>
      <dt>{t('alert.view')}</dt>
      <dd>{t(`view.${view}`)}</dd>
      <dt>{t('alert.technique')}</dt>
      <dd>
        {techniques.length === 0 ? <span className="quiet">{t('alert.technique.none')}</span> : null}
        {techniques.map((id) => (
          <Technique key={id} id={id} />
        ))}
      </dd>
      <dt>{t('alert.rule')}</dt>
      <dd>
        <code>{alert.rule}</code>
      </dd>
      <dt>{t('alert.firstSeen')}</dt>
      <dd>
        <Moment at={alert.firstSeen} form="dateTime" />
      </dd>
      <dt>{t('alert.lastSeen')}</dt>
      <dd>
        <Moment at={alert.lastSeen} form="dateTime" />
      </dd>
      {alert.clearedAt === null ? null : (
        <>
          <dt>{t('alert.clearedAt')}</dt>
          <dd>
            <Moment at={alert.clearedAt} form="dateTime" />
          </dd>
        </>
      )}
      <dt>{t('alert.count')}</dt>
      <dd>{format.number(alert.count)}</dd>
      <dt>{t('alert.episode')}</dt>
      <dd>{format.number(alert.episode)}</dd>
      <dt>{t('alert.assignee')}</dt>
      <dd>{alert.assignee ?? <span className="quiet">{t('ui.none')}</span>}</dd>
      {alert.disposition === null ? null : (
        <>
          <dt>{t('alert.disposition')}</dt>
          <dd>{t(`disposition.${alert.disposition}`)}</dd>
        </>
      )}
      {alert.previousAlert === null ? null : (
        <>
          <dt>{t('alert.previous')}</dt>
          <dd>
            <Link href={`/alerts/${alert.previousAlert}`} className="code">
              {alert.previousAlert.slice(0, 8)}
            </Link>
          </dd>
        </>
      )}
    </dl>
  )
}
