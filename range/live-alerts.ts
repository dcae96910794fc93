// What the collector of a live run raised, asked for over its API as a person would, once for each time an alert became active.
import type { z } from 'zod'
import { type Alert, AlertDetail, type AlertEvent } from '#contract/alert.ts'
import { AlertPage, ROUTES } from '#contract/api.ts'
import type { ScoredAlert } from '#rules/score.ts'

const PAGE = 200
const ANSWER_WITHIN_MS = 20_000
// The API bears 1,200 requests a minute, and a run with more alerts than that has shown what it is worth.
const MOST_ALERTS = 1000

export interface ApiLogin {
  url: string
  name: string
  password: string
}

export async function fetchAlerts(login: ApiLogin, signal: AbortSignal): Promise<{ alerts: ScoredAlert[]; unscored: number }> {
  const api = await signIn(login, signal)
  const found: Alert[] = []
  let total = 0
  let next: string | null = ''
  while (next !== null && found.length < MOST_ALERTS) {
    const before: string = next === '' ? '' : `&before=${encodeURIComponent(next)}`
    const page: AlertPage = await api(`${ROUTES.alerts}?limit=${PAGE}${before}`, AlertPage)
    found.push(...page.alerts)
    total = page.total
    next = page.next
  }
  const scored: ScoredAlert[] = []
  for (const alert of found) {
    const { history } = await api(`${ROUTES.alerts}/${alert.id}`, AlertDetail)
    scored.push(...activationsOf(alert, history))
  }
  return { alerts: scored.sort((a, b) => a.firstSeen - b.firstSeen), unscored: total - found.length }
}

/** Each time that it became active, with the time of that. */
export function activationsOf(alert: Alert, history: readonly AlertEvent[]): ScoredAlert[] {
  const activations: ScoredAlert[] = []
  let active = false
  for (const { what, time } of history) {
    if (what === 'cleared') active = false
    else if ((what === 'raised' || what === 'worse') && !active) {
      active = true
      activations.push({ ...alert, firstSeen: time })
    }
  }
  // The history of one that came and went very often begins after its first time.
  return activations.length === 0 ? [alert] : activations
}

type Api = <S extends z.ZodType>(path: string, schema: S) => Promise<z.output<S>>

async function signIn({ url, name, password }: ApiLogin, signal: AbortSignal): Promise<Api> {
  const stop = () => AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
  const reply = await fetch(`${url}${ROUTES.session}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name, password }),
    signal: stop()
  })
  if (!reply.ok) throw new Error(`signing in at ${url} answered ${reply.status}`)
  const cookie = reply.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  return async (path, schema) => {
    const answer = await fetch(`${url}${path}`, { headers: { cookie }, signal: stop() })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return schema.parse(await answer.json())
  }
}
