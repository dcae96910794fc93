// One alert in two lines, for short lists.
import { Link } from 'wouter'
import type { Alert } from '#contract/alert.ts'
import { useWords } from '../words.ts'
import { AlertBadge } from './badge.tsx'
import { Ago } from './moment.tsx'
import { SeverityMark } from './severity.tsx'

export function AlertLine({ alert }: { alert: Alert }) {
  const { say } = useWords()
  return (
    <li className="alert-line">
      <SeverityMark severity={alert.severity} />
      <div>
        <Link href={`/alerts/${alert.id}`} className="strong">
          {say(alert.title)}
        </Link>
        <p className="under">{say(alert.reason)}</p>
      </div>
      <div className="alert-line-side">
        <AlertBadge alert={alert} />
        <span className="quiet">
          <Ago at={alert.lastSeen} />
        </span>
      </div>
    </li>
  )
}
