// One agent: whether it is heard, what it read and sent, what still waits in its queue.
import type { Health } from '#contract/agent-status.ts'
import type { AgentView } from '#contract/api.ts'
import type { Site } from '#contract/site.ts'
import { useWords } from '../words.ts'
import { Ago } from './moment.tsx'
import { StateMark } from './state.tsx'

export function AgentCard({ site, agent }: { site: Site; agent: AgentView }) {
  const { t, say, format } = useWords()
  const { health, watermark } = agent
  return (
    <li className="card" data-testid={`agent-${agent.agent}`}>
      <div className="card-head">
        <h3>
          <code>{agent.agent}</code>
        </h3>
        <StateMark state={agent.state} />
      </div>
      <p className="quiet">
        {say(site.title)} · {t('centre.version')} {agent.version}
      </p>
      <dl className="figures compact">
        <div className={agent.state === 'silent' ? 'wrong' : undefined}>
          <dt>{t('centre.heard')}</dt>
          <dd>
            <Ago at={agent.lastHeard} />
          </dd>
        </div>
        <div className={agent.gaps > 0 ? 'wrong' : undefined}>
          <dt>{t('centre.gaps24')}</dt>
          <dd>{format.number(agent.gaps)}</dd>
        </div>
        <div>
          <dt>{t('centre.watermark')}</dt>
          <dd>
            {watermark === null ? (
              t('ui.unknown')
            ) : (
              <span title={t('centre.boot', { boot: String(watermark.boot) })}>
                {t('centre.watermark.value', { sequence: watermark.sequence })}
              </span>
            )}
          </dd>
        </div>
        {health === null ? null : (
          <>
            <div>
              <dt>{t('centre.uptime')}</dt>
              <dd>{format.duration(health.uptimeSeconds * 1000)}</dd>
            </div>
            <div>
              <dt>{t('centre.read')}</dt>
              <dd>{format.number(health.samplesRead)}</dd>
            </div>
            <div>
              <dt>{t('centre.queued')}</dt>
              <dd>{format.number(health.samplesQueued)}</dd>
            </div>
            <div>
              <dt>{t('centre.outbox')}</dt>
              <dd>
                {health.outbox.messages === 0
                  ? t('ui.none')
                  : t('centre.outbox.value', { count: health.outbox.messages, size: format.bytes(health.outbox.bytes) })}
              </dd>
            </div>
            <div>
              <dt>{t('centre.outbox.oldest')}</dt>
              <dd>{health.outbox.oldestAt === null ? t('ui.none') : <Ago at={health.outbox.oldestAt} />}</dd>
            </div>
            {health.publisher.replay ? (
              <div>
                <dt>{t('centre.replay')}</dt>
                <dd>
                  {t('centre.replay.value', {
                    count: health.publisher.replay.samples,
                    rate: format.number(Math.round(health.publisher.replay.samplesPerSecond))
                  })}
                </dd>
              </div>
            ) : null}
            <div className={health.outbox.droppedMessages > 0 ? 'wrong' : undefined}>
              <dt>{t('centre.dropped')}</dt>
              <dd>{format.number(health.outbox.droppedMessages)}</dd>
            </div>
            <div>
              <dt>{t('centre.resent')}</dt>
              <dd>{format.number(health.publisher.resent)}</dd>
            </div>
            <div className={health.pollsLate > 0 ? 'doubtful' : undefined}>
              <dt>{t('centre.late')}</dt>
              <dd>{format.number(health.pollsLate)}</dd>
            </div>
            <Clock clock={health.clock} />
            {health.configHash === undefined ? null : (
              <div>
                <dt>{t('centre.config')}</dt>
                <dd>
                  <code title={health.configHash}>{health.configHash.slice(0, 12)}</code>
                </dd>
              </div>
            )}
            <div>
              <dt>{t('centre.memory')}</dt>
              <dd>{format.bytes(health.rssBytes)}</dd>
            </div>
          </>
        )}
      </dl>
    </li>
  )
}

const OFF_MS = 1000

function Clock({ clock }: { clock: Health['clock'] }) {
  const { t, format } = useWords()
  if (clock === undefined) return null
  const { offsetMs, synchronised } = clock
  const off = offsetMs === null ? synchronised === false : Math.abs(offsetMs) > OFF_MS
  const kept = synchronised === null ? t('ui.unknown') : t(synchronised ? 'centre.clock.kept' : 'centre.clock.notKept')
  return (
    <div className={off ? 'doubtful' : undefined}>
      <dt>{t('centre.clock')}</dt>
      <dd>{offsetMs === null ? kept : `${offsetMs < 0 ? '−' : '+'}${format.duration(Math.abs(offsetMs))}`}</dd>
    </div>
  )
}
