// Joins the live feed with what the page has loaded: each event changes the kept answer it belongs to.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import type { Alert, AlertDetail } from '#contract/alert.ts'
import type { LiveSamples, Overview, PartState, SiteView } from '#contract/api.ts'
import { useNow } from './clock.ts'
import { type LiveEvent, LiveFeed, type LiveState } from './live.ts'
import { isStale, LiveValues } from './live-values.ts'
import { overviewQuery, pressingQuery, queries, sessionQuery } from './queries.ts'
import { keyOf, type Series } from './series.ts'

export const values = new LiveValues()
const alertListeners = new Set<(alert: Alert) => void>()

const feed = new LiveFeed({
  onEvent: apply,
  onResync: () => void queries.invalidateQueries(),
  onRefused: () => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
})

// The shape of `data` goes with the name of the event (contract/api.ts, LIVE_EVENTS).
function apply(event: LiveEvent, data: unknown): void {
  if (event === 'samples') values.apply(data as LiveSamples)
  if (event === 'site') changeOverview((overview) => ({ ...overview, sites: withSite(overview.sites, data as SiteView) }))
  if (event === 'parts') changeOverview((overview) => ({ ...overview, parts: data as PartState[] }))
  if (event === 'events') renewEvents()
  if (event === 'alert') {
    const alert = data as Alert
    for (const tell of alertListeners) tell(alert)
    renewPressing()
    const key = ['alert', alert.id]
    if (queries.getQueryData<AlertDetail>(key) !== undefined) void queries.invalidateQueries({ queryKey: key })
  }
}

const PRESSING_MS = 1500
let pressingDue = false

// In a storm of alerts the short list is asked for now and then, not once for each.
function renewPressing(): void {
  if (pressingDue) return
  pressingDue = true
  setTimeout(() => {
    pressingDue = false
    void queries.invalidateQueries({ queryKey: pressingQuery.queryKey })
  }, PRESSING_MS)
}

let eventsDue = false

function renewEvents(): void {
  if (eventsDue) return
  eventsDue = true
  setTimeout(() => {
    eventsDue = false
    void queries.invalidateQueries({ queryKey: ['events'] })
  }, PRESSING_MS)
}

function changeOverview(change: (overview: Overview) => Overview): void {
  queries.setQueryData(overviewQuery.queryKey, (overview) => (overview === undefined ? undefined : change(overview)))
}

function withSite(sites: readonly SiteView[], changed: SiteView): SiteView[] {
  const known = sites.some(({ site }) => site.id === changed.site.id)
  return known ? sites.map((view) => (view.site.id === changed.site.id ? changed : view)) : [...sites, changed]
}

// What one person saw must not wait in memory for the next.
export function forgetAll(): void {
  values.clear()
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] })
}

export function useLiveFeed(): void {
  useEffect(() => {
    feed.start()
    return () => feed.stop()
  }, [])
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(feed.subscribe, feed.get)
}

export function useLiveAlerts(onAlert: (alert: Alert) => void): void {
  useEffect(() => {
    alertListeners.add(onAlert)
    return () => {
      alertListeners.delete(onAlert)
    }
  }, [onAlert])
}

export function useLiveValue(series: Series, heartbeatMs: number) {
  const key = keyOf(series)
  const subscribe = useCallback((listener: () => void) => values.subscribe(key, listener), [key])
  const value = useSyncExternalStore(subscribe, () => values.get(key))
  useNow()
  return { value, stale: value !== undefined && isStale(value, heartbeatMs) }
}

export function useSession() {
  return useQuery(sessionQuery).data ?? null
}
