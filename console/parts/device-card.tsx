// One device: its state, how it answers, and each kind of request that was sent to it.
import { Link } from 'wouter'
import type { DeviceHealth } from '#contract/agent-status.ts'
import type { AgentView } from '#contract/api.ts'
import type { Device } from '#contract/device.ts'
import type { Site } from '#contract/site.ts'
import { isPlainWord } from '../i18n.ts'
import { isRead } from '../read-only-proof.ts'
import { useWords } from '../words.ts'
import { Ago } from './moment.tsx'
import { StateMark, type StateName } from './state.tsx'

interface Props {
  site: Site
  agent: AgentView
  device: Device
  state: StateName
  health: DeviceHealth | undefined
  /** Times of which data of this device are missing. */
  gaps: number
}

export function DeviceCard({ site, agent, device, state, health, gaps }: Props) {
  const { t, say } = useWords()
  return (
    <li className="card" data-testid={`device-${device.id}`}>
      <div className="card-head">
        <h2>{say(device.title, device.id)}</h2>
        <StateMark state={state} />
      </div>
      <p className="quiet">
        {say(site.title)} · <code>{agent.agent}</code> · <code>{device.id}</code>
      </p>
      <p className="quiet">
        {t('device.endpoint')} <code>{device.endpoint}</code>
      </p>
      {health === undefined ? (
        <p className="quiet">{t('device.noHealth')}</p>
      ) : (
        <Health health={health} gaps={gaps} protocol={device.protocol} />
      )}
      <p className="links">
        <Link href={`/tags?site=${site.id}&device=${device.id}`}>{t('device.tags')}</Link> ·{' '}
        <Link href={`/events?site=${site.id}&device=${device.id}`}>{t('device.events')}</Link>
      </p>
    </li>
  )
}

type HealthProps = Pick<Props, 'gaps'> & { health: DeviceHealth; protocol: Device['protocol'] }

function Health({ health, gaps, protocol }: HealthProps) {
  const { t, format } = useWords()
  const { roundTripP50Ms: p50, roundTripP95Ms: p95 } = health
  const failures = Object.values(health.failures).reduce((sum, count) => sum + count, 0)
  return (
    <>
      <dl className="figures compact">
        <Limits health={health} protocol={protocol} />
        <div className={gaps > 0 ? 'doubtful' : undefined}>
          <dt>{t('device.gaps')}</dt>
          <dd>{format.number(gaps)}</dd>
        </div>
        <div>
          <dt>{t('device.roundTrip.p50')}</dt>
          <dd>{p50 === null ? t('ui.unknown') : format.milliseconds(p50)}</dd>
        </div>
        <div>
          <dt>{t('device.roundTrip.p95')}</dt>
          <dd>{p95 === null ? t('ui.unknown') : format.milliseconds(p95)}</dd>
        </div>
        <div>
          <dt>{t('device.lastGood')}</dt>
          <dd>
            <Ago at={health.lastGoodAt} />
          </dd>
        </div>
        <div className={health.refused > 0 ? 'wrong' : undefined}>
          <dt>{t('device.refused')}</dt>
          <dd>{format.number(health.refused)}</dd>
        </div>
        <div>
          <dt>{t('device.connects')}</dt>
          <dd>{format.number(health.connects)}</dd>
        </div>
        <div>
          <dt>{t('device.staleReplies')}</dt>
          <dd>{format.number(health.staleReplies)}</dd>
        </div>
        <div>
          <dt>{t('device.failures')}</dt>
          <dd>{format.number(failures)}</dd>
        </div>
      </dl>
      <table className="table dense">
        <thead>
          <tr>
            <th scope="col">{t('device.requests')}</th>
            <th scope="col" className="number">
              {t('alerts.column.count')}
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(health.requests).map(([name, count]) => (
            <tr key={name}>
              <td>
                <code>{name}</code> <FunctionName name={name} />
              </td>
              <td className="number">{format.number(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {failures === 0 ? null : (
        <details className="disclosure">
          <summary>{t('device.failures')}</summary>
          <ul className="plain-list">
            {Object.entries(health.failures).map(([code, count]) => (
              <li key={code}>
                <code>{code}</code> {format.number(count)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

// What only newer agents tell is left out when it was not told.
function Limits({ health, protocol }: Pick<HealthProps, 'health' | 'protocol'>) {
  const { t, format } = useWords()
  const { availability, budgetUse, slowedTo, security } = health
  const unprotected = security === 'none'
  return (
    <>
      {availability === undefined ? null : (
        <div className={availability !== null && availability < 0.99 ? 'doubtful' : undefined}>
          <dt>{t('device.availability')}</dt>
          <dd>{availability === null ? t('ui.unknown') : format.share(availability)}</dd>
        </div>
      )}
      {budgetUse === undefined ? null : (
        <div className={budgetUse !== null && budgetUse > 1 ? 'wrong' : undefined}>
          <dt>{t('device.budgetUse')}</dt>
          <dd>{budgetUse === null ? t('ui.none') : format.share(budgetUse)}</dd>
        </div>
      )}
      {slowedTo === undefined || slowedTo >= 1 ? null : (
        <div className="doubtful">
          <dt>{t('device.slowedTo')}</dt>
          <dd>{format.share(slowedTo)}</dd>
        </div>
      )}
      {security === undefined ? null : (
        // Modbus knows no protection, so that it has none is no news of the device.
        <div className={unprotected && protocol === 'opcua' ? 'doubtful' : undefined}>
          <dt>{t('device.security')}</dt>
          <dd>{unprotected ? t('device.security.none') : <code className="break">{security}</code>}</dd>
        </div>
      )}
    </>
  )
}

function FunctionName({ name }: { name: string }) {
  const { t } = useWords()
  const word = `function.${name}`
  if (isPlainWord(word)) return t(word)
  return isRead(name) ? t('function.service') : t('function.other')
}
