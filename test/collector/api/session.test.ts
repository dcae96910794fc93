// Signing in and out over real HTTP: cookies, wrong passwords, waiting times, expiry and revocation.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Session } from '#contract/api.ts'
import { Refused } from '../../../collector/refused.ts'
import { type Centre, codeOf, cookieOf, PASSWORD, startCentre } from './centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.stop())

const post = (path: string, body: unknown, cookie?: string) => centre.request(path, { method: 'POST', body, cookie })
const attempt = (name: string, password: string) => post('/api/session', { name, password })
const MINUTE = 60_000

describe('signing in', () => {
  it('gives a session in a cookie that scripts and other sites cannot use', async () => {
    const response = await attempt('guard', PASSWORD)
    const { account } = Session.parse(await response.json())
    expect(account).toMatchObject({ name: 'guard', role: 'security-operator', mustChangePassword: false })
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(response.headers.getSetCookie()[0]).toMatch(/^penstock=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    const again = await centre.request('/api/session', { cookie: cookieOf(response) })
    expect(Session.parse(await again.json()).account.name).toBe('guard')
  })

  it('keeps only a hash of the token', async () => {
    const token = (await centre.signIn('guard')).split('=')[1] ?? ''
    const rows = centre.database.prepare('SELECT * FROM sessions').all()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(token)
    expect(JSON.stringify(centre.database.prepare('SELECT * FROM accounts').all())).not.toContain(PASSWORD)
  })

  it('answers alike for a wrong password, an unknown name and a disabled account', async () => {
    await centre.accounts.change('guard', { disabled: true }, 'chief')
    const answers = await Promise.all([attempt('chief', 'not the password'), attempt('stranger', PASSWORD), attempt('guard', PASSWORD)])
    const bodies = await Promise.all(answers.map((answer) => answer.text()))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(new Set(bodies).size).toBe(1)
  })

  it('tells the audit trail, but not what was typed into the name field', async () => {
    await attempt('guard', 'wrong')
    await attempt('My Secret Password 1', 'wrong')
    await attempt('stranger', 'wrong')
    await (await attempt('guard', PASSWORD)).arrayBuffer()
    const { entries } = centre.audit.page({ limit: 4 })
    expect(entries.map(({ action, subject, account }) => [action, subject, account])).toEqual([
      ['session.start', 'guard', 'guard'],
      ['session.failed', '(unknown)', null],
      ['session.failed', '(unknown)', null],
      ['session.failed', 'guard', null]
    ])
    expect(JSON.stringify(entries)).not.toContain('Secret')
  })

  it('makes guessing slow, longer each time, and lets the right one in after the wait', async () => {
    for (let i = 0; i < 6; i++) expect((await attempt('guard', 'wrong')).status).toBe(401)
    const refused = await attempt('guard', PASSWORD)
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'TOO_MANY_ATTEMPTS'])
    expect(Number(refused.headers.get('retry-after'))).toBe(1)
    expect((await attempt('chief', PASSWORD)).status).toBe(200)
    centre.clock.offset += 1500
    expect((await attempt('guard', 'wrong')).status).toBe(401)
    expect(Number((await attempt('guard', PASSWORD)).headers.get('retry-after'))).toBe(2)
    centre.clock.offset += 2500
    expect((await attempt('guard', PASSWORD)).status).toBe(200)
    expect((await attempt('guard', 'wrong')).status).toBe(401)
    expect((await attempt('guard', PASSWORD)).status).toBe(200)
  })

  it('forgets no wrong guess because others could not be looked at', async () => {
    for (let i = 0; i < 5; i++) expect((await attempt('guard', 'wrong')).status).toBe(401)
    const check = centre.accounts.check
    centre.accounts.check = () => Promise.reject(new Refused('BUSY'))
    expect((await attempt('guard', 'wrong')).status).toBe(503)
    centre.accounts.check = check
    expect((await attempt('guard', 'wrong')).status).toBe(401)
    expect((await attempt('guard', PASSWORD)).status).toBe(429)
  })

  it('makes an address wait that tries many names', async () => {
    for (let i = 0; i < 21; i++) expect((await attempt(`name${i}`, 'wrong')).status).toBe(401)
    expect(await codeOf(await attempt('guard', PASSWORD))).toBe('TOO_MANY_ATTEMPTS')
  })

  it('counts attempts side by side', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => attempt('guard', 'wrong')))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(6)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(6)
  })
})

describe('a session', () => {
  it.each(['penstock=', 'penstock=x', 'penstock=%00%ff', `penstock=${'A'.repeat(43)}`, `penstock=${'x'.repeat(4000)}`, 'other=1', ';;;=;'])(
    'is not opened by the cookie %s',
    async (cookie) => {
      const response = await centre.request('/api/session', { cookie })
      expect([response.status, await codeOf(response)]).toEqual([401, 'NOT_SIGNED_IN'])
    }
  )

  it('ends by signing out', async () => {
    const cookie = await centre.signIn('guard')
    const response = await centre.request('/api/session', { method: 'DELETE', cookie })
    expect(response.status).toBe(204)
    expect(response.headers.getSetCookie()[0]).toMatch(/^penstock=;.*Expires=Thu, 01 Jan 1970/)
    expect((await centre.request('/api/session', { cookie })).status).toBe(401)
  })

  it('ends when nobody asks for half an hour, and goes on when somebody does', async () => {
    const cookie = await centre.signIn('guard')
    for (let i = 0; i < 4; i++) {
      centre.clock.offset += 20 * MINUTE
      expect((await centre.request('/api/session', { cookie })).status).toBe(200)
    }
    centre.clock.offset += 31 * MINUTE
    expect((await centre.request('/api/session', { cookie })).status).toBe(401)
  })

  it('does not last longer because the clock was set back', async () => {
    const cookie = await centre.signIn('guard')
    centre.clock.offset -= 31 * MINUTE
    expect((await centre.request('/api/session', { cookie })).status).toBe(401)
  })

  it('ends after twelve hours in any case', async () => {
    const cookie = await centre.signIn('guard')
    const statuses: number[] = []
    for (let i = 0; i < 40; i++) {
      centre.clock.offset += 20 * MINUTE
      statuses.push((await centre.request('/api/session', { cookie })).status)
    }
    expect(statuses.indexOf(401)).toBe(35)
  })

  it('ends with the account, at once', async () => {
    const cookie = await centre.signIn('guard')
    const chief = await centre.signIn('chief')
    await centre.request('/api/accounts/guard', { method: 'PATCH', body: { disabled: true }, cookie: chief })
    expect((await centre.request('/api/overview', { cookie })).status).toBe(401)
  })

  it('is one of twenty at most for an account', async () => {
    const first = await centre.signIn('guard')
    for (let i = 0; i < 20; i++) centre.sessions.open('guard')
    const { count } = centre.database.prepare('SELECT count(*) AS count FROM sessions').get() ?? {}
    expect(count).toBe(20)
    expect((await centre.request('/api/session', { cookie: first })).status).toBe(401)
  })
})

describe('the own password', () => {
  it('must be changed first when somebody else has set it', async () => {
    await centre.accounts.create({ name: 'newcomer', role: 'auditor', password: 'set by the chief' }, 'chief')
    const cookie = await centre.signIn('newcomer', 'set by the chief')
    expect(await codeOf(await centre.request('/api/overview', { cookie }))).toBe('PASSWORD_CHANGE_NEEDED')
    const changed = await post('/api/session/password', { current: 'set by the chief', next: 'chosen by myself' }, cookie)
    expect(changed.status).toBe(204)
    expect((await centre.request('/api/overview', { cookie: cookieOf(changed) })).status).toBe(200)
    expect((await attempt('newcomer', 'set by the chief')).status).toBe(401)
    expect((await attempt('newcomer', 'chosen by myself')).status).toBe(200)
  })

  it('ends all sessions of the account but gives a new one', async () => {
    const [here, elsewhere] = [await centre.signIn('guard'), await centre.signIn('guard')]
    const changed = await post('/api/session/password', { current: PASSWORD, next: 'ten bigger fish' }, here)
    const statuses = await Promise.all(
      [here, elsewhere, cookieOf(changed)].map(async (cookie) => (await centre.request('/api/session', { cookie })).status)
    )
    expect(statuses).toEqual([401, 401, 200])
  })

  it.each([
    ['the wrong current one', { current: 'wrong', next: 'ten bigger fish' }, 'WRONG_PASSWORD'],
    ['the same again', { current: PASSWORD, next: PASSWORD }, 'PASSWORD_UNCHANGED'],
    ['one with the name in it', { current: PASSWORD, next: 'I am the GUARD here' }, 'PASSWORD_HOLDS_NAME'],
    ['a short one', { current: PASSWORD, next: 'short' }, 'REQUEST_INVALID']
  ])('refuses %s', async (_what, body, code) => {
    const cookie = await centre.signIn('guard')
    const response = await post('/api/session/password', body, cookie)
    expect([response.status, await codeOf(response)]).toEqual([400, code])
    expect((await centre.request('/api/session', { cookie })).status).toBe(200)
  })
})

it('asks for TLS on the cookie when browsers come over TLS', async () => {
  await centre.stop()
  centre = await startCentre({ behindTls: true })
  const response = await attempt('guard', PASSWORD)
  expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-penstock=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  expect((await centre.request('/api/session', { cookie: cookieOf(response) })).status).toBe(200)
})
