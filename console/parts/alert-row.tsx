// One alert as a row of the queue; on a narrow screen the row becomes a card.
import { Link } from 'wouter'
import type { Alert } from '#contract/alert.ts'
import { useWords } from '../words.ts'
import { AlertBadge } from './badge.tsx'
import { Ago } from './moment.tsx'
import { SeverityMark } from './severity.tsx'
import { SiteName } from './site-name.tsx'

export function AlertRow({ alert, onAcknowledge }: { alert: Alert; onAcknowledge: (() => void) | undefined }) {
  const { t, say, format } = useWords()
  const pressing = alert.handling === 'new' && alert.condition === 'active'
  return (
    <tr className={pressing ? `pressing s${alert.severity}` : undefined}>
      <td className="cell-severity">
        <SeverityMark severity={alert.severity} />
      </td>
      <td className="cell-alert">
        <Link href={`/alerts/${alert.id}`} className="strong" data-alert={alert.id}>
          {say(alert.title)}
        </Link>
        <span className="under">{say(alert.reason)}</span>
      </td>
      <td className="cell-where">
        <SiteName id={alert.site} />
        <span className="under code">{alert.tag ?? alert.device ?? alert.agent}</span>
      </td>
      <td className="cell-state">
        <AlertBadge alert={alert} />
      </td>
      <td className="cell-seen">
        <Ago at={alert.lastSeen} />
      </td>
      <td className="cell-count number" data-label={t('alerts.column.count')}>
        {format.number(alert.count)}
      </td>
      {onAcknowledge === undefined ? null : (
        <td className="cell-action">
          {alert.handling === 'new' ? (
            <button type="button" className="button" onClick={onAcknowledge}>
              {t('action.acknowledge')}
            </button>
          ) : null}
        </td>
      )}
    </tr>
  )
}
