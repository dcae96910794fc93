// What devices did, newest first: kind, change, time, message and details, by site, device and kind.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import type { EventPage, EventView } from '#contract/api.ts'
import { EVENT_KINDS } from '#contract/event.ts'
import { type EventFilter, readEventFilter, writeEventFilter } from '../event-filter.ts'
import { EventRow } from '../parts/event-row.tsx'
import { Empty, FaultBox, Loading } from '../parts/fault.tsx'
import { Select } from '../parts/field.tsx'
import { PageTitle } from '../parts/page.tsx'
import { eventsQuery, overviewQuery } from '../queries.ts'
import { useWords } from '../words.ts'

export function EventsPage() {
  const { t, say } = useWords()
  const [address, setAddress] = useSearchParams()
  const text = address.toString()
  const filter = useMemo(() => readEventFilter(new URLSearchParams(text)), [text])
  const setFilter = (change: Partial<EventFilter>) => setAddress(writeEventFilter({ ...filter, ...change }), { replace: true })
  const sites = useQuery(overviewQuery).data?.sites ?? []
  const all = { value: '', label: t('ui.all') }
  const devices = sites
    .filter(({ site }) => filter.site === '' || site.id === filter.site)
    .flatMap(({ agents }) => agents.flatMap((agent) => agent.devices.map(({ device }) => device)))
  return (
    <>
      <PageTitle title={t('events.title')} />
      <p className="section-lead">{t('events.lead')}</p>
      <search className="filters" aria-label={t('alerts.filters')}>
        <Select
          label={t('site')}
          value={filter.site}
          onChange={(event) => setFilter({ site: event.target.value, device: '' })}
          choices={[all, ...sites.map(({ site }) => ({ value: site.id, label: say(site.title) }))]}
        />
        <Select
          label={t('device')}
          value={filter.device}
          onChange={(event) => setFilter({ device: event.target.value })}
          choices={[
            all,
            ...[...new Map(devices.map((one) => [one.id, one])).values()].map(({ id, title }) => ({ value: id, label: say(title, id) }))
          ]}
        />
        <Select
          label={t('events.kind')}
          value={filter.kind}
          onChange={(event) => setFilter({ kind: event.target.value })}
          choices={[all, ...EVENT_KINDS.map((value) => ({ value, label: t(`event.kind.${value}`) }))]}
        />
      </search>
      <Found filter={filter} />
    </>
  )
}

function Found({ filter }: { filter: EventFilter }) {
  const { t } = useWords()
  const query = useInfiniteQuery(eventsQuery(filter))
  if (query.data === undefined) return query.isPending ? <Loading /> : <FaultBox fault={query.error} onRetry={() => void query.refetch()} />
  const events = query.data.pages.flatMap((page) => page.events)
  return (
    <>
      <LeftOut days={query.data.pages[0]?.leftOut ?? []} />
      {events.length === 0 ? <Empty title={t('events.none')} /> : <Rows events={events} />}
      {query.hasNextPage ? (
        <div className="table-foot">
          <button type="button" className="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('ui.more')}
          </button>
        </div>
      ) : null}
    </>
  )
}

function Rows({ events }: { events: readonly EventView[] }) {
  const { t } = useWords()
  return (
    <div className="scroll">
      <table className="table dense" data-testid="events">
        <thead>
          <tr>
            <th scope="col">{t('column.time')}</th>
            <th scope="col">{t('events.message')}</th>
            <th scope="col">{t('device')}</th>
            <th scope="col" className="number">
              {t('events.severity')}
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function LeftOut({ days }: { days: EventPage['leftOut'] }) {
  const { t, format } = useWords()
  if (days.length === 0) return null
  return (
    <ul className="plain-list" data-testid="events-left-out">
      {days.map(({ site, agent, day, events }) => (
        <li key={`${site}/${agent}/${day}`} className="doubtful">
          {t('events.leftOut', { agent, count: events, day: format.day(day) })}
        </li>
      ))}
    </ul>
  )
}
