// Our own health: parts of the centre, agents, gaps in the data and messages kept aside.
import { useQuery } from '@tanstack/react-query'
import { PARTS_OF_CENTRE } from '#contract/api.ts'
import { AgentCard } from '../parts/agent-card.tsx'
import { AgentKeys } from '../parts/agent-keys.tsx'
import { Answer, Empty } from '../parts/fault.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageTitle, Section } from '../parts/page.tsx'
import { PartLine } from '../parts/part-line.tsx'
import { DeviceName, SiteName } from '../parts/site-name.tsx'
import { gapsQuery, overviewQuery, quarantineQuery } from '../queries.ts'
import { useWords } from '../words.ts'

export function CentrePage() {
  const { t } = useWords()
  const query = useQuery(overviewQuery)
  return (
    <>
      <PageTitle title={t('centre.title')} />
      <Answer query={query}>
        {({ parts, waiting, sites }) => (
          <>
            <Section title={t('centre.parts')}>
              <ul className="lines">
                {PARTS_OF_CENTRE.map((name) => (
                  <PartLine key={name} name={name} part={parts.find(({ part }) => part === name)} waiting={waiting.messages} />
                ))}
              </ul>
            </Section>
            <Section title={t('centre.agents')}>
              {sites.every(({ agents }) => agents.length === 0) ? <Empty title={t('centre.agents.none')} /> : null}
              <ul className="cards">
                {sites.flatMap(({ site, agents }) =>
                  agents.map((agent) => <AgentCard key={`${site.id}/${agent.agent}`} site={site} agent={agent} />)
                )}
              </ul>
            </Section>
          </>
        )}
      </Answer>
      <AgentKeys />
      <Gaps />
      <Quarantine />
    </>
  )
}

function Gaps() {
  const { t, format } = useWords()
  const query = useQuery(gapsQuery)
  return (
    <Section title={t('centre.gaps')} lead={t('centre.gaps.lead')}>
      <Answer query={query}>
        {(gaps) =>
          gaps.length === 0 ? (
            <Empty title={t('centre.gaps.none')} />
          ) : (
            <div className="scroll">
              <table className="table dense" data-testid="gaps">
                <thead>
                  <tr>
                    <th scope="col">{t('centre.gaps.span')}</th>
                    <th scope="col">{t('centre.gaps.reason')}</th>
                    <th scope="col" className="number">
                      {t('centre.gaps.samples')}
                    </th>
                    <th scope="col">{t('column.agent')}</th>
                    <th scope="col">{t('centre.gaps.device')}</th>
                    <th scope="col" className="number">
                      {t('centre.gaps.numbers')}
                    </th>
                    <th scope="col">{t('centre.gaps.noted')}</th>
                  </tr>
                </thead>
                <tbody>
                  {gaps.map((gap) => (
                    <tr key={`${gap.site}/${gap.agent}/${gap.boot}/${gap.first}`}>
                      <td>
                        {gap.from === null ? <span className="quiet">{t('ui.unknown')}</span> : <Moment at={gap.from} />}
                        {gap.to === null ? null : (
                          <>
                            {' – '}
                            <Moment at={gap.to} />
                          </>
                        )}
                      </td>
                      <td>{t(`gap.${gap.reason}`)}</td>
                      <td className="number">{gap.samples === null ? t('ui.unknown') : format.number(gap.samples)}</td>
                      <td>
                        <SiteName id={gap.site} /> <code>{gap.agent}</code>
                      </td>
                      <td>{gap.device === null ? t('ui.all') : <DeviceName site={gap.site} agent={gap.agent} id={gap.device} />}</td>
                      <td className="number">{gap.first === gap.last ? String(gap.first) : `${gap.first}–${gap.last}`}</td>
                      <td>
                        <Moment at={gap.notedAt} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </Section>
  )
}

function Quarantine() {
  const { t, format } = useWords()
  const query = useQuery(quarantineQuery)
  return (
    <Section title={t('quarantine.title')} lead={t('quarantine.lead')}>
      <Answer query={query}>
        {(entries) =>
          entries.length === 0 ? (
            <Empty title={t('quarantine.none')} />
          ) : (
            <div className="scroll">
              <table className="table dense">
                <thead>
                  <tr>
                    <th scope="col">{t('column.time')}</th>
                    <th scope="col">{t('quarantine.code')}</th>
                    <th scope="col">{t('quarantine.reason')}</th>
                    <th scope="col">{t('quarantine.topic')}</th>
                    <th scope="col" className="number">
                      {t('quarantine.size')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {entries.map((entry) => (
                    <tr key={entry.id}>
                      <td>
                        <Moment at={entry.time} />
                      </td>
                      <td>
                        <code>{entry.code}</code>
                      </td>
                      <td>{entry.reason}</td>
                      <td>
                        <code className="break">{entry.topic}</code>
                      </td>
                      <td className="number">{format.bytes(entry.bytes)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </Section>
  )
}
