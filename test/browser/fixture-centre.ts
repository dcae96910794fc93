// What the made-up centre knows and answers, route by route, in the words of the contract.
import type { Account, AccountRole } from '#contract/account.ts'
import { type Alert, type AlertDetail, TRANSITIONS } from '#contract/alert.ts'
import { AccountChange, AlertActionRequest, AlertQuery, type AuditEntry, NewAccount, PasswordChange, SamplesQuery } from '#contract/api.ts'
import { alerts } from './fixture-alerts.ts'
import { eventPage } from './fixture-events.ts'
import { tags, trend } from './fixture-plant.ts'
import { agentKeys, gaps, overview, quarantine, rules, type SituationKind } from './fixture-situation.ts'

export const PASSWORD = 'correct-horse-battery'

export interface Asked {
  route: string
  query: Readonly<Record<string, string>>
  body: unknown
  account: Account
  id: string
}

export type Answer = { content: unknown } | { status: number; code?: string }

const person = (name: string, role: AccountRole): Account => ({
  name,
  role,
  disabled: false,
  mustChangePassword: name === 'new.person',
  createdAt: 1_790_000_000_000,
  lastSignIn: 1_795_000_000_000
})

export class FixtureCentre {
  kind: SituationKind = 'attack'
  readonly alerts: AlertDetail[] = alerts(Date.now())
  readonly accounts: Account[] = [
    person('admin', 'system-administrator'),
    person('li.wei', 'security-operator'),
    person('auditor', 'auditor'),
    person('new.person', 'security-operator')
  ]

  raise(changes: Partial<Alert>): Alert {
    const [first] = this.alerts
    if (first === undefined) throw new Error('the fixture has no alert')
    const now = Date.now()
    const alert = {
      ...first.alert,
      id: crypto.randomUUID(),
      handling: 'new' as const,
      version: 1,
      firstSeen: now,
      lastSeen: now,
      ...changes
    }
    this.alerts.unshift({ ...first, alert, history: [{ time: now, what: 'raised', by: null, note: null, evidence: first.evidence }] })
    return alert
  }

  /** Somebody else works on an alert without the page being told. */
  changeBehind(id: string): void {
    const detail = this.#find(id)
    if (detail === undefined) throw new Error(`there is no alert ${id}`)
    detail.alert = { ...detail.alert, version: detail.alert.version + 1, handling: 'investigating', assignee: 'wang.fang' }
  }

  answer({ route, query, body, account, id }: Asked): Answer {
    const now = Date.now()
    const odd = this.kind === 'trouble' || this.kind === 'attack'
    const detail = this.#find(id)
    switch (route) {
      case 'GET /api/session':
        return { content: { account, expiresAt: now + 3_600_000 } }
      case 'DELETE /api/session':
        return { status: 204 }
      case 'POST /api/session/password':
        if (PasswordChange.parse(body).current !== PASSWORD) return { status: 400, code: 'WRONG_PASSWORD' }
        account.mustChangePassword = false
        return { status: 204 }
      case 'GET /api/overview':
        return { content: overview(now, this) }
      case 'GET /api/tags':
        return { content: tags(now, odd).filter(({ tag }) => tag.name.includes(query['search'] ?? '')) }
      case 'GET /api/samples': {
        const { tag, from, to, buckets } = SamplesQuery.parse(query)
        return { content: trend(tag, { from, to, buckets }, now, odd) }
      }
      case 'GET /api/gaps':
        return { content: odd ? gaps(now) : [] }
      case 'GET /api/events':
        return { content: odd ? eventPage(now, query) : { events: [], next: null, leftOut: [] } }
      case 'GET /api/alerts':
        return { content: this.#page(query) }
      case 'GET /api/alerts/:id':
        return detail === undefined ? { status: 404, code: 'NOT_FOUND' } : { content: detail }
      case 'POST /api/alerts/:id/actions':
        return detail === undefined ? { status: 404, code: 'NOT_FOUND' } : act(detail, body, account)
      case 'GET /api/rules':
        return { content: rules(this.alerts, this.kind === 'trouble') }
      case 'GET /api/quarantine':
        return { content: this.kind === 'trouble' ? quarantine(now) : [] }
      case 'GET /api/agent-keys':
        return { content: this.kind === 'trouble' ? agentKeys(now) : [] }
      case 'GET /api/audit':
        return { content: { entries: trail(now), next: null, intact: true } }
      case 'GET /api/accounts':
        return { content: this.accounts }
      case 'POST /api/accounts':
        return this.#addAccount(body)
      case 'PATCH /api/accounts/:id':
        return this.#changeAccount(id, body)
      default:
        return { status: 404, code: 'NOT_FOUND' }
    }
  }

  #find(id: string): AlertDetail | undefined {
    return this.alerts.find(({ alert }) => alert.id === id)
  }

  #addAccount(body: unknown): Answer {
    const { name, role } = NewAccount.parse(body)
    if (this.accounts.some((one) => one.name === name)) return { status: 409, code: 'ACCOUNT_EXISTS' }
    const account = { ...person(name, role), mustChangePassword: true, lastSignIn: null }
    this.accounts.push(account)
    return { content: account }
  }

  #changeAccount(name: string, body: unknown): Answer {
    const account = this.accounts.find((one) => one.name === name)
    if (account === undefined) return { status: 404, code: 'NOT_FOUND' }
    const { password, ...change } = AccountChange.parse(body)
    Object.assign(account, change, password === undefined ? {} : { mustChangePassword: true })
    return { content: account }
  }

  #page(asked: Readonly<Record<string, string>>): unknown {
    const { condition, handling, severity = 1, site, search = '', before = '0', limit } = AlertQuery.parse(asked)
    const sought = search.toLowerCase()
    const silent = this.kind === 'calm' || this.kind === 'empty'
    const found = (silent ? [] : this.alerts.map(({ alert }) => alert))
      .filter((alert) => condition === undefined || alert.condition === condition)
      .filter((alert) => handling === undefined || alert.handling === handling || (handling === 'open' && isOpen(alert)))
      .filter((alert) => alert.severity >= severity && (site === undefined || alert.site === site))
      .filter((alert) => [alert.title.en, alert.title.zh, alert.rule, ...alert.tags].some((word) => word.toLowerCase().includes(sought)))
      .toSorted((a, b) => b.lastSeen - a.lastSeen)
    const end = Number(before) + limit
    return { alerts: found.slice(Number(before), end), next: end < found.length ? String(end) : null, total: found.length }
  }
}

function isOpen({ handling }: Alert): boolean {
  return handling !== 'resolved' && handling !== 'closed'
}

function act(detail: AlertDetail, body: unknown, account: Account): Answer {
  const { action, version, note = null, disposition } = AlertActionRequest.parse(body)
  const { alert } = detail
  const transition = TRANSITIONS[action]
  if (account.role !== 'security-operator') return { status: 403, code: 'FORBIDDEN' }
  if (version !== alert.version || !transition.from.includes(alert.handling)) return { status: 409, code: 'VERSION_CONFLICT' }
  const handling = transition.to ?? alert.handling
  detail.alert = { ...alert, version: version + 1, handling, disposition: disposition ?? alert.disposition, assignee: account.name }
  detail.history.push({ time: Date.now(), what: action, by: account.name, note, evidence: null })
  return { content: detail }
}

function trail(now: number): AuditEntry[] {
  const actions = ['session.sign-in', 'alert.acknowledge', 'account.add', 'collector.start']
  return Array.from({ length: 24 }, (_, i) => ({
    sequence: 240 - i,
    time: now - i * 1_700_000,
    account: i % 4 === 3 ? null : 'li.wei',
    action: actions[i % 4] ?? '',
    subject: i % 4 === 1 ? 'alert 00000000' : 'li.wei',
    detail: i % 4 === 1 ? { version: 2, note: 'Called the plant' } : {},
    hash: String(i).padStart(2, '0').repeat(32)
  }))
}
