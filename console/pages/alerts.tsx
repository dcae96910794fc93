// The alert queue: filtered by the address, worked on by keyboard or pointer, live without losing one's place.
import { useCallback, useMemo, useRef } from 'react'
import { useSearchParams } from 'wouter'
import type { Alert } from '#contract/alert.ts'
import { type AlertFilter, isFiltered, readFilter, writeFilter } from '../alert-filter.ts'
import { useAlertKeys } from '../alert-keys.ts'
import { useAlertList } from '../alert-list.ts'
import { api, isConflict } from '../api.ts'
import { useSession } from '../live-page.ts'
import { AlertFilters } from '../parts/alert-filters.tsx'
import { AlertRow } from '../parts/alert-row.tsx'
import { Empty, FaultBox, faultText, Loading } from '../parts/fault.tsx'
import { PageTitle } from '../parts/page.tsx'
import { tell } from '../parts/say.tsx'
import { alertQuery, queries } from '../queries.ts'
import { useWords } from '../words.ts'

export function AlertsPage() {
  const { t, say } = useWords()
  const [address, setAddress] = useSearchParams()
  const text = address.toString()
  const filter = useMemo(() => readFilter(new URLSearchParams(text)), [text])
  const setFilter = (change: Partial<AlertFilter>) => setAddress(writeFilter({ ...filter, ...change }), { replace: true })
  const { query, alerts, total, fresh, change, show } = useAlertList(filter)
  const mayAct = useSession()?.account.role === 'security-operator'

  const busy = useRef(new Set<string>())
  const acknowledge = useCallback(
    async (alert: Alert) => {
      if (busy.current.has(alert.id)) return
      busy.current.add(alert.id)
      try {
        change((await api.act(alert.id, { action: 'acknowledge', version: alert.version })).alert)
        tell(t('alerts.acknowledged', { title: say(alert.title) }))
      } catch (fault) {
        tell(isConflict(fault) ? t('alerts.conflict') : faultText(fault, t))
        if (isConflict(fault)) change((await queries.fetchQuery({ ...alertQuery(alert.id), staleTime: 0 })).alert)
      } finally {
        busy.current.delete(alert.id)
      }
      await queries.invalidateQueries({ queryKey: ['overview'] })
    },
    [change, t, say]
  )

  const more = query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined
  const table = useAlertKeys({ alerts, onEnd: more, onAcknowledge: mayAct ? (alert) => void acknowledge(alert) : undefined })

  return (
    <>
      <PageTitle title={t('alerts.title')}>
        <span className="quiet" data-testid="alert-count">
          {query.data === undefined ? '' : t('alerts.count', { count: total })}
        </span>
      </PageTitle>
      <AlertFilters filter={filter} onFilter={setFilter} />
      <div aria-live="polite">
        {fresh === 0 ? null : (
          <p className="fresh" data-testid="fresh">
            {t('alerts.new', { count: fresh })}
            <button type="button" className="button" onClick={() => void show()}>
              {t('alerts.show')}
            </button>
          </p>
        )}
      </div>
      {query.isPending ? <Loading /> : null}
      {query.isError && alerts.length === 0 ? <FaultBox fault={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isSuccess && alerts.length === 0 ? (
        <Empty title={isFiltered(filter) ? t('alerts.empty') : t('alerts.empty.open')} hint={t('alerts.empty.hint')} />
      ) : null}
      {alerts.length === 0 ? null : (
        <>
          <table ref={table} className="table alerts" data-testid="alerts">
            <thead>
              <tr>
                <th scope="col">{t('severity')}</th>
                <th scope="col">{t('alerts.column.alert')}</th>
                <th scope="col">{t('alerts.column.where')}</th>
                <th scope="col">{t('alerts.column.state')}</th>
                <th scope="col">{t('alerts.column.seen')}</th>
                <th scope="col" className="number">
                  {t('alerts.column.count')}
                </th>
                {mayAct ? <th scope="col">{t('alerts.column.action')}</th> : null}
              </tr>
            </thead>
            <tbody>
              {alerts.map((alert) => (
                <AlertRow key={alert.id} alert={alert} onAcknowledge={mayAct ? () => void acknowledge(alert) : undefined} />
              ))}
            </tbody>
          </table>
          <div className="table-foot">
            <span className="quiet">{t('ui.shown', { shown: alerts.length, total: Math.max(total, alerts.length) })}</span>
            {query.hasNextPage ? (
              <button type="button" className="button" onClick={more} disabled={query.isFetchingNextPage}>
                {query.isFetchingNextPage ? t('ui.loading') : t('ui.more')}
              </button>
            ) : null}
            <span className="quiet keys">{mayAct ? t('alerts.keys') : t('alerts.readonly')}</span>
          </div>
        </>
      )}
    </>
  )
}
