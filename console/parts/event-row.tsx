// One event of a device as a row, with its figures behind it.
import type { EventView } from '#contract/api.ts'
import { useWords } from '../words.ts'
import { Moment } from './moment.tsx'
import { DeviceName, SiteName } from './site-name.tsx'

// A device has any severity it likes to give; from here on OPC 10000-5, 6.4.2 calls it high.
const HIGH = 667

const LOOKS = { first: 'calm', changed: 'doubt', worse: 'fail', better: 'calm', told: 'calm' } as const

export function EventRow({ event }: { event: EventView }) {
  const { t, format } = useWords()
  const { site, agent, device, time, sourceTime, kind, change, severity, source, message, details } = event
  const figures = Object.entries(details)
  return (
    <tr>
      <td>
        <Moment at={time} />
        {sourceTime === null || Math.abs(sourceTime - time) < 1000 ? null : (
          <div className="quiet">{t('events.said', { time: format.moment(sourceTime) })}</div>
        )}
      </td>
      <td className="event-what">
        <div className="event-kind">
          {t(`event.kind.${kind}`)}{' '}
          <span className={`state ${LOOKS[change]}`}>
            <span className="state-dot" aria-hidden="true" />
            {t(`event.change.${change}`)}
          </span>
        </div>
        <span className="break">{message}</span>
        {source === null ? null : (
          <div className="quiet">
            <code className="break">{source}</code>
          </div>
        )}
        {figures.length === 0 ? null : (
          <details className="disclosure">
            <summary>{t('events.details')}</summary>
            <dl className="figures compact">
              {figures.map(([name, value]) => (
                <div key={name}>
                  <dt>
                    <code>{name}</code>
                  </dt>
                  <dd className="break">
                    {value === null ? '–' : typeof value === 'boolean' ? t(value ? 'ui.yes' : 'ui.no') : String(value)}
                  </dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </td>
      <td>
        <DeviceName site={site} agent={agent} id={device} />
        <div className="quiet">
          <SiteName id={site} /> · <code>{device}</code>
        </div>
      </td>
      <td className={severity >= HIGH ? 'number wrong' : 'number'}>{format.number(severity)}</td>
    </tr>
  )
}
