// The keys that agents sign their health with; a security operator accepts another one here, after comparing it with the agent.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AgentKeyView } from '#contract/agent-key.ts'
import { api } from '../api.ts'
import { useSession } from '../live-page.ts'
import { agentKeysQuery, queries } from '../queries.ts'
import { useWords } from '../words.ts'
import { Dialog } from './dialog.tsx'
import { Answer, Empty, faultText } from './fault.tsx'
import { Moment } from './moment.tsx'
import { Section } from './page.tsx'
import { tell } from './say.tsx'
import { SiteName } from './site-name.tsx'

export function AgentKeys() {
  const { t } = useWords()
  const query = useQuery(agentKeysQuery)
  const mayAccept = useSession()?.account.role === 'security-operator'
  const [asked, setAsked] = useState<AgentKeyView | null>(null)
  return (
    <Section title={t('keys.title')} lead={t('keys.lead')}>
      <Answer query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <Empty title={t('keys.none')} />
          ) : (
            <div className="scroll">
              <table className="table dense" data-testid="agent-keys">
                <thead>
                  <tr>
                    <th scope="col">{t('column.agent')}</th>
                    <th scope="col">{t('keys.state')}</th>
                    <th scope="col">{t('keys.key')}</th>
                    <th scope="col">{t('keys.basis')}</th>
                    <th scope="col" className="number">
                      {t('keys.refused')}
                    </th>
                    <th scope="col">{t('alerts.column.action')}</th>
                  </tr>
                </thead>
                <tbody>
                  {keys.map((view) => (
                    <Row key={`${view.site}/${view.agent}`} view={view} onAccept={mayAccept ? () => setAsked(view) : undefined} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
      {asked === null ? null : <Acceptance view={asked} onClose={() => setAsked(null)} />}
    </Section>
  )
}

function Row({ view, onAccept }: { view: AgentKeyView; onAccept: (() => void) | undefined }) {
  const { t, format } = useWords()
  const { site, agent, state, key, basis, since, by, offered, refused, lastRefused } = view
  return (
    <tr>
      <td>
        <SiteName id={site} /> <code>{agent}</code>
      </td>
      <td>{t(`keys.state.${state}`)}</td>
      <td>
        {key === null ? t('ui.none') : <code className="break">{key}</code>}
        {offered === null ? null : (
          <span className="under">
            {t('keys.offered')} <code className="break">{offered.key}</code> <Moment at={offered.at} />
          </span>
        )}
      </td>
      <td>
        {basis === null ? null : t(`keys.basis.${basis}`, { by: by ?? '' })}
        {since === null ? null : (
          <span className="under">
            <Moment at={since} />
          </span>
        )}
      </td>
      <td className="number">
        {format.number(refused)}
        {lastRefused === null ? null : (
          <span className="under">
            {t(`keys.why.${lastRefused.why}`)} <Moment at={lastRefused.at} />
          </span>
        )}
      </td>
      <td className="cell-action">
        {offered === null || onAccept === undefined || basis === 'listed' ? null : (
          <button type="button" className="button" onClick={onAccept}>
            {t('keys.accept')}
          </button>
        )}
      </td>
    </tr>
  )
}

function Acceptance({ view, onClose }: { view: AgentKeyView; onClose: () => void }) {
  const { t } = useWords()
  const [busy, setBusy] = useState(false)
  const { site, agent, offered } = view
  const name = `${site}/${agent}`
  const accept = async () => {
    setBusy(true)
    try {
      await api.acceptKey(site, agent, offered?.key ?? '')
      tell(t('keys.accepted', { name }))
    } catch (fault) {
      tell(faultText(fault, t))
    }
    void queries.invalidateQueries({ queryKey: agentKeysQuery.queryKey })
    onClose()
  }
  return (
    <Dialog title={t('keys.accept.title', { name })} onClose={onClose}>
      <p>{t('keys.accept.compare')}</p>
      <p>
        <code className="break" data-testid="offered-key">
          {offered?.key}
        </code>
      </p>
      <div className="buttons">
        <button type="button" className="button primary" disabled={busy} onClick={() => void accept()}>
          {t('keys.accept.confirm')}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {t('ui.cancel')}
        </button>
      </div>
    </Dialog>
  )
}
