// What the page asks the collector for, under which key it is kept, and how often it asks again without being told.
import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query'
import { ApiFault, api } from './api.ts'
import { setServerTime } from './clock.ts'
import type { Series } from './series.ts'
import type { Span } from './trend-span.ts'

const DAY = 86_400_000
const GAP_DAYS = 7

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // A refusal is an answer; only what did not arrive is asked again.
      retry: (count, fault) => count < 2 && fault instanceof ApiFault && (fault.status === 0 || fault.status >= 500)
    },
    mutations: { retry: false }
  }
})

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await api.session(signal)
    } catch (fault) {
      if (fault instanceof ApiFault && fault.status === 401) return null
      throw fault
    }
  },
  staleTime: 60_000,
  refetchInterval: 5 * 60_000
})

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: async ({ signal }) => {
    const overview = await api.overview(signal)
    setServerTime(overview.time)
    return overview
  },
  refetchInterval: 10_000
})

export type AlertFilter = Readonly<{ condition?: string; handling?: string; severity?: string; site?: string; search?: string }>

export const alertsQuery = (filter: AlertFilter, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filter, limit],
    queryFn: ({ pageParam, signal }) => api.alerts({ ...filter, limit, before: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    // Live events keep the list right; asking again by itself would move the line under a person's eyes.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    // While another page was shown nobody kept it right.
    refetchOnMount: 'always'
  })

// Open alerts, worst first. The centre lists by time, so the grave ones are asked for by themselves.
export const pressingQuery = queryOptions({
  queryKey: ['pressing'],
  queryFn: async ({ signal }) => {
    const [grave, recent] = await Promise.all([
      api.alerts({ handling: 'open', severity: 4, limit: 50 }, signal),
      api.alerts({ handling: 'open', limit: 20 }, signal)
    ])
    const known = new Map([...grave.alerts, ...recent.alerts].map((alert) => [alert.id, alert]))
    return [...known.values()].toSorted((a, b) => b.severity - a.severity || b.lastSeen - a.lastSeen)
  },
  refetchInterval: 15_000
})

export const alertQuery = (id: string) => queryOptions({ queryKey: ['alert', id], queryFn: ({ signal }) => api.alert(id, signal) })

export const tagsQuery = (site?: string) =>
  queryOptions({ queryKey: ['tags', site ?? ''], queryFn: ({ signal }) => api.tags({ site }, signal), refetchInterval: 30_000 })

export const tagQuery = ({ site, agent, tag }: Omit<Series, 'view'>) =>
  queryOptions({
    queryKey: ['tags', site, agent, tag],
    queryFn: ({ signal }) => api.tags({ site, agent, search: tag }, signal),
    refetchInterval: 30_000
  })

export const trendQuery = (series: Series, span: Span, { buckets, refreshMs }: { buckets: number; refreshMs: number | false }) =>
  queryOptions({
    queryKey: ['trend', series, span, buckets],
    queryFn: ({ signal }) => api.trend(series, { ...span, buckets }, signal),
    placeholderData: keepPreviousData,
    staleTime: refreshMs === false ? 60_000 : 0,
    refetchInterval: refreshMs
  })

export const gapsQuery = queryOptions({
  queryKey: ['gaps'],
  queryFn: ({ signal }) => api.gaps({ from: Date.now() - GAP_DAYS * DAY, to: Date.now() + DAY }, signal),
  refetchInterval: 30_000
})

export const eventsQuery = (filter: Readonly<Record<'site' | 'device' | 'kind', string>>) =>
  infiniteQueryOptions({
    queryKey: ['events', filter],
    queryFn: ({ pageParam, signal }) => {
      const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
      return api.events({ ...given, limit: 50, before: pageParam }, signal)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData
  })

export const rulesQuery = queryOptions({ queryKey: ['rules'], queryFn: ({ signal }) => api.rules(signal), refetchInterval: 30_000 })

export const quarantineQuery = queryOptions({
  queryKey: ['quarantine'],
  queryFn: ({ signal }) => api.quarantine(signal),
  refetchInterval: 30_000
})

export const agentKeysQuery = queryOptions({
  queryKey: ['agent-keys'],
  queryFn: ({ signal }) => api.agentKeys(signal),
  refetchInterval: 15_000
})

export const auditQuery = infiniteQueryOptions({
  queryKey: ['audit'],
  queryFn: ({ pageParam, signal }) => api.audit({ before: pageParam, limit: 100 }, signal),
  initialPageParam: undefined as number | undefined,
  getNextPageParam: (page) => page.next ?? undefined
})

export const accountsQuery = queryOptions({ queryKey: ['accounts'], queryFn: ({ signal }) => api.accounts(signal) })
