// The alerts on the page: loaded in pages, kept right by live events, never moved under a person's eyes.
import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import type { Alert } from '#contract/alert.ts'
import type { AlertPage } from '#contract/api.ts'
import { type AlertFilter, matches, queryOf } from './alert-filter.ts'
import { useLiveAlerts } from './live-page.ts'
import { alertsQuery, queries } from './queries.ts'

export function useAlertList(filter: AlertFilter) {
  const options = useMemo(() => alertsQuery(queryOf(filter)), [filter])
  const query = useInfiniteQuery(options)
  const [fresh, setFresh] = useState<{ of: unknown; ids: ReadonlySet<string> }>({ of: options, ids: new Set() })

  const change = useCallback(
    (alert: Alert): boolean => {
      let known = false
      queries.setQueryData<InfiniteData<AlertPage, string | undefined>>(options.queryKey, (data) => {
        if (data === undefined) return undefined
        const pages = data.pages.map((page) => ({
          ...page,
          alerts: page.alerts.map((old) => {
            if (old.id !== alert.id) return old
            known = true
            return alert.version >= old.version ? alert : old
          })
        }))
        return known ? { ...data, pages } : data
      })
      return known
    },
    [options]
  )

  const onAlert = useCallback(
    (alert: Alert) => {
      if (change(alert) || !matches(filter, alert)) return
      setFresh((old) => ({ of: options, ids: new Set(old.of === options ? old.ids : []).add(alert.id) }))
    },
    [change, filter, options]
  )
  useLiveAlerts(onAlert)

  const show = useCallback(async () => {
    setFresh({ of: options, ids: new Set() })
    await queries.resetQueries({ queryKey: options.queryKey })
  }, [options])

  const seen = new Set<string>()
  const alerts = (query.data?.pages ?? []).flatMap((page) => page.alerts).filter(({ id }) => !seen.has(id) && seen.add(id))
  return { query, alerts, total: query.data?.pages[0]?.total ?? 0, fresh: fresh.of === options ? fresh.ids.size : 0, change, show }
}
