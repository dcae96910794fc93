// The only door to the collector's HTTP API. What comes back was built by the contract's schemas on the other side.
import type { Account, AccountRole } from '#contract/account.ts'
import type { AgentKeyView } from '#contract/agent-key.ts'
import type { AlertDetail } from '#contract/alert.ts'
import {
  type AlertActionRequest,
  type AlertPage,
  type AuditPage,
  type EventPage,
  type Fault,
  type GapView,
  type Overview,
  type QuarantineEntry,
  ROUTES,
  type RuleView,
  type Session,
  type TagView,
  type Trend
} from '#contract/api.ts'
import type { Series } from './series.ts'
import { language } from './settings.ts'

const TIMEOUT_MS = 20_000

export class ApiFault extends Error {
  /** 0: the collector was not reached; 408: it did not answer in time. */
  readonly status: number
  readonly code: string
  readonly faults: Fault['error']['faults']
  constructor(status: number, code: string, message: string, options: ErrorOptions & { faults?: Fault['error']['faults'] } = {}) {
    super(message, options)
    this.name = 'ApiFault'
    this.status = status
    this.code = code
    this.faults = options.faults ?? []
  }
}

// Somebody, or a rule, changed the alert while a person was deciding.
export function isConflict(fault: unknown): boolean {
  return fault instanceof ApiFault && (fault.code === 'VERSION_CONFLICT' || fault.code === 'ACTION_NOT_POSSIBLE')
}

type Query = Readonly<Record<string, string | number | undefined>>
interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  query?: Query
  body?: unknown
  signal?: AbortSignal
}

async function call<T>(path: string, { method = 'GET', query = {}, body, signal }: Call = {}): Promise<T> {
  const limit = AbortSignal.timeout(TIMEOUT_MS)
  let response: Response
  let text: string
  try {
    response = await fetch(path + search(query), {
      method,
      headers: {
        'accept-language': language.get(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' })
      },
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    text = await response.text()
  } catch (cause) {
    if (limit.aborted) throw new ApiFault(408, 'TIMEOUT', `${method} ${path} was not answered in time`, { cause })
    if (signal?.aborted) throw cause
    throw new ApiFault(0, 'UNREACHABLE', `${method} ${path} could not be sent`, { cause })
  }
  const content = parse(text)
  if (!response.ok) throw faultOf(response.status, content)
  // The collector builds every answer with the contract's schema of the route, so it is trusted here.
  return content as T
}

function search(query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') parameters.set(name, String(value))
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // A proxy in between may answer with a page of its own; the status code says enough.
    return undefined
  }
}

function faultOf(status: number, content: unknown): ApiFault {
  if (typeof content === 'object' && content !== null && 'error' in content) {
    // Checked to be an object with `error`; the collector's error route is built by the contract's Fault.
    const { error } = content as Fault
    if (typeof error === 'object') return new ApiFault(status, error.code, error.message, { faults: error.faults })
  }
  return new ApiFault(status, 'UNKNOWN', `status ${status}`)
}

export const api = {
  session: (signal?: AbortSignal) => call<Session>(ROUTES.session, signal ? { signal } : {}),
  signIn: (name: string, password: string) => call<Session>(ROUTES.session, { method: 'POST', body: { name, password } }),
  signOut: () => call<void>(ROUTES.session, { method: 'DELETE' }),
  changePassword: (current: string, next: string) => call<void>(ROUTES.password, { method: 'POST', body: { current, next } }),
  overview: (signal: AbortSignal) => call<Overview>(ROUTES.overview, { signal }),
  tags: (query: Query, signal: AbortSignal) => call<TagView[]>(ROUTES.tags, { query, signal }),
  trend: (series: Series, span: { from: number; to: number; buckets: number }, signal: AbortSignal) =>
    call<Trend>(ROUTES.samples, { query: { ...series, ...span }, signal }),
  gaps: (query: Query, signal: AbortSignal) => call<GapView[]>(ROUTES.gaps, { query, signal }),
  alerts: (query: Query, signal: AbortSignal) => call<AlertPage>(ROUTES.alerts, { query, signal }),
  alert: (id: string, signal: AbortSignal) => call<AlertDetail>(`${ROUTES.alerts}/${encodeURIComponent(id)}`, { signal }),
  act: (id: string, request: AlertActionRequest) =>
    call<AlertDetail>(`${ROUTES.alerts}/${encodeURIComponent(id)}/actions`, { method: 'POST', body: request }),
  events: (query: Query, signal: AbortSignal) => call<EventPage>(ROUTES.events, { query, signal }),
  rules: (signal: AbortSignal) => call<RuleView[]>(ROUTES.rules, { signal }),
  quarantine: (signal: AbortSignal) => call<QuarantineEntry[]>(ROUTES.quarantine, { signal }),
  agentKeys: (signal: AbortSignal) => call<AgentKeyView[]>(ROUTES.agentKeys, { signal }),
  acceptKey: (site: string, agent: string, key: string) =>
    call<AgentKeyView>(`${ROUTES.agentKeys}/${encodeURIComponent(site)}/${encodeURIComponent(agent)}/accept`, {
      method: 'POST',
      body: { key }
    }),
  audit: (query: Query, signal: AbortSignal) => call<AuditPage>(ROUTES.audit, { query, signal }),
  accounts: (signal: AbortSignal) => call<Account[]>(ROUTES.accounts, { signal }),
  addAccount: (account: { name: string; role: AccountRole; password: string }) =>
    call<Account>(ROUTES.accounts, { method: 'POST', body: account }),
  changeAccount: (name: string, change: { disabled?: boolean; role?: AccountRole; password?: string }) =>
    call<Account>(`${ROUTES.accounts}/${encodeURIComponent(name)}`, { method: 'PATCH', body: change })
}
