// One site in the overview: open alerts by severity, agents, devices and the quality of its tags.
import { Link } from 'wouter'
import type { AgentView, SiteView } from '#contract/api.ts'
import { SEVERITIES } from '#contract/finding.ts'
import { useWords } from '../words.ts'
import { QualityBar } from './quality.tsx'
import { SeverityCount } from './severity.tsx'
import { StateMark, type StateName } from './state.tsx'

const WORST_FIRST: readonly StateName[] = ['offline', 'silent', 'unknown', 'degraded', 'stopped', 'online']

export function SiteRow({ view }: { view: SiteView }) {
  const { t, say } = useWords()
  const { site, agents, openAlerts, tags } = view
  return (
    <tr>
      <th scope="row">
        <Link href={`/tags?site=${site.id}`} className="strong">
          {say(site.title)}
        </Link>
        <span className="under">{t(`sector.${site.sector}`)}</span>
      </th>
      <td data-label={t('overview.open')}>
        <Link href={`/alerts?site=${site.id}`} className="severity-counts">
          {SEVERITIES.toReversed().map((severity) => (
            <SeverityCount key={severity} severity={severity} count={openAlerts.find((open) => open.severity === severity)?.count ?? 0} />
          ))}
        </Link>
      </td>
      <td data-label={t('overview.agents')}>
        <States states={agents.map(({ state }) => state)} />
      </td>
      <td data-label={t('overview.devices')}>
        <States states={agents.flatMap(deviceStates)} />
      </td>
      <td data-label={t('overview.quality')}>
        <QualityBar counts={tags} />
      </td>
    </tr>
  )
}

// What a silent agent last said of its devices is no longer known to be true.
export function deviceStates({ state, devices }: AgentView): StateName[] {
  return devices.map((device) => (state === 'online' ? device.state : 'unknown'))
}

function States({ states }: { states: readonly StateName[] }) {
  const { t, format } = useWords()
  if (states.length === 0) return <span className="quiet">{t('ui.none')}</span>
  const present = WORST_FIRST.filter((state) => states.includes(state))
  return (
    <span className="states">
      {present.map((state) => (
        <span key={state} className="states-one">
          <span className="states-count">{format.number(states.filter((name) => name === state).length)}</span>
          <StateMark state={state} />
        </span>
      ))}
    </span>
  )
}
