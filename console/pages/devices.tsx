// All devices: do they answer, how fast, and the proof that they were only ever read.
import { useQuery } from '@tanstack/react-query'
import type { Overview } from '#contract/api.ts'
import { DeviceCard } from '../parts/device-card.tsx'
import { Answer, Empty } from '../parts/fault.tsx'
import { Icon } from '../parts/icon.tsx'
import { PageTitle } from '../parts/page.tsx'
import { deviceStates } from '../parts/site-row.tsx'
import { gapsQuery, overviewQuery } from '../queries.ts'
import { proofOf } from '../read-only-proof.ts'
import { useWords } from '../words.ts'

export function DevicesPage() {
  const { t } = useWords()
  const query = useQuery(overviewQuery)
  return (
    <>
      <PageTitle title={t('devices.title')} />
      <Answer query={query}>{(overview) => <Devices overview={overview} />}</Answer>
    </>
  )
}

function Devices({ overview }: { overview: Overview }) {
  const { t } = useWords()
  const gaps = useQuery(gapsQuery).data ?? []
  const rows = overview.sites.flatMap(({ site, agents }) =>
    agents.flatMap((agent) =>
      agent.devices.map(({ device }, place) => ({
        site,
        agent,
        device,
        state: deviceStates(agent)[place] ?? 'unknown',
        health: agent.health?.devices.find(({ id }) => id === device.id),
        gaps: gaps.filter((gap) => gap.site === site.id && gap.agent === agent.agent && gap.device === device.id).length
      }))
    )
  )
  if (rows.length === 0) return <Empty title={t('devices.none')} hint={t('centre.agents.none')} />
  return (
    <>
      <ProofLine overview={overview} />
      <ul className="cards">
        {rows.map((row) => (
          <DeviceCard key={`${row.site.id}/${row.agent.agent}/${row.device.id}`} {...row} />
        ))}
      </ul>
    </>
  )
}

function ProofLine({ overview }: { overview: Overview }) {
  const { t } = useWords()
  const proof = proofOf(overview.sites.flatMap(({ agents }) => agents.flatMap(({ health }) => health?.devices ?? [])))
  const broken = proof !== null && (proof.others > 0 || proof.refused > 0)
  return (
    <section className={broken ? 'proof broken' : 'proof'} data-testid="proof" aria-label={t('devices.proof')}>
      <Icon name="shield" />
      <div>
        <h2>{t('devices.proof')}</h2>
        <p>
          {proof === null
            ? t('devices.proof.none')
            : broken
              ? t('devices.proof.broken', { others: proof.others, refused: proof.refused })
              : t('devices.proof.clean', { count: proof.reads, functions: proof.functions.join(', ') })}
        </p>
      </div>
    </section>
  )
}
