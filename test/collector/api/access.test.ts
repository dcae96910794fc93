// Every route against every role: who gets in and who does not, and that no route was forgotten.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, codeOf, finding, PASSWORD, startCentre } from './centre.ts'

type Who = 'nobody' | 'newcomer' | 'chief' | 'guard' | 'witness'
const EVERYBODY: readonly Who[] = ['nobody', 'newcomer', 'chief', 'guard', 'witness']
const SIGNED_IN: readonly Who[] = ['chief', 'guard', 'witness']

interface Case {
  method: string
  path: string
  body?: unknown
  /** Who may; the others get 401 or 403. */
  may: readonly Who[]
  /** What comes when one may. */
  status: number
}

const ALERT = '0198a000-0000-7000-8000-000000000000'
const SPAN = 'site=east-water&agent=edge-1&tag=tower.level&from=0&to=100'
const CASES: readonly Case[] = [
  { method: 'GET', path: '/api/session', may: ['newcomer', ...SIGNED_IN], status: 200 },
  { method: 'POST', path: '/api/session', body: { name: 'guard', password: PASSWORD }, may: EVERYBODY, status: 200 },
  {
    method: 'POST',
    path: '/api/session/password',
    body: { current: 'wrong', next: 'another small fish' },
    may: ['newcomer', ...SIGNED_IN],
    status: 400
  },
  { method: 'GET', path: '/api/accounts', may: ['chief', 'witness'], status: 200 },
  {
    method: 'POST',
    path: '/api/accounts',
    body: { name: 'guard', role: 'auditor', password: 'twelve of them' },
    may: ['chief'],
    status: 409
  },
  { method: 'PATCH', path: '/api/accounts/nobody-here', body: { disabled: false }, may: ['chief'], status: 404 },
  { method: 'GET', path: '/api/overview', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: '/api/tags?search=tower', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: `/api/samples?${SPAN}`, may: SIGNED_IN, status: 200 },
  { method: 'GET', path: '/api/gaps?site=east-water&from=1', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: '/api/rules', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: '/api/quarantine', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: '/api/alerts', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: `/api/alerts/${ALERT}`, may: SIGNED_IN, status: 404 },
  { method: 'POST', path: `/api/alerts/${ALERT}/actions`, body: { action: 'comment', version: 1 }, may: ['guard'], status: 404 },
  { method: 'GET', path: '/api/audit', may: ['witness'], status: 200 },
  { method: 'GET', path: '/api/events', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: '/api/agent-keys', may: SIGNED_IN, status: 200 },
  { method: 'POST', path: '/api/agent-keys/some-site/some-agent/accept', body: { key: `${'A'.repeat(43)}=` }, may: ['guard'], status: 409 },
  { method: 'GET', path: '/api/live', may: SIGNED_IN, status: 200 },
  { method: 'GET', path: '/healthz', may: EVERYBODY, status: 200 },
  { method: 'GET', path: '/readyz', may: EVERYBODY, status: 200 },
  { method: 'GET', path: '/metrics', may: EVERYBODY, status: 200 },
  { method: 'DELETE', path: '/api/session', may: ['newcomer', ...SIGNED_IN], status: 204 }
]

let centre: Centre
const cookies: Partial<Record<Who, string>> = {}

beforeAll(async () => {
  centre = await startCentre()
  await centre.accounts.create({ name: 'newcomer', role: 'security-operator', password: PASSWORD }, 'chief')
  centre.alerts.take([finding()])
})
afterAll(() => centre.stop())

describe.each(CASES)('$method $path', ({ method, path, body, may, status }) => {
  it.each(EVERYBODY)('as %s', async (who) => {
    if (who !== 'nobody') cookies[who] ??= await centre.signIn(who)
    const response = await centre.request(path, { method, body, cookie: cookies[who] })
    if (may.includes(who)) {
      expect(response.status).toBe(status)
      await response.body?.cancel()
    } else if (who === 'nobody') {
      expect([response.status, await codeOf(response)]).toEqual([401, 'NOT_SIGNED_IN'])
    } else {
      const needed = who === 'newcomer' ? 'PASSWORD_CHANGE_NEEDED' : 'NOT_PERMITTED'
      expect([response.status, await codeOf(response)]).toEqual([403, needed])
    }
    // A wrong password and a sign-out are in the table too; whoever comes next starts afresh.
    if (path.startsWith('/api/session') && method !== 'GET') delete cookies[who]
  })
})

it('leaves no route of the document out of the table', async () => {
  const document: unknown = await (await centre.request('/docs/json')).json()
  const { paths } = document as { paths: Record<string, Record<string, unknown>> }
  const told = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  const tried = CASES.map(
    ({ method, path }) =>
      `${method} ${(path.split('?')[0] ?? '').replace(ALERT, '{id}').replace('nobody-here', '{name}').replace('some-site/some-agent', '{site}/{agent}')}`
  )
  expect(tried.toSorted()).toEqual(told.toSorted())
})
