// Accounts: the first one, making and changing them, and what nobody may do to them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Account } from '#contract/account.ts'
import { Passwords } from '../../../collector/api/passwords.ts'
import { permits } from '../../../collector/api/permissions.ts'
import { Refused } from '../../../collector/refused.ts'
import { type Centre, CHEAP, codeOf, cookieOf, PASSWORD, startCentre } from './centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.stop())

const change = (name: string, body: unknown, cookie: string) => centre.request(`/api/accounts/${name}`, { method: 'PATCH', body, cookie })

describe('the first start', () => {
  const forgetAll = () => centre.database.exec('DELETE FROM accounts')

  it('gives a one-time administrator who can only change the password', async () => {
    forgetAll()
    const first = await centre.accounts.firstStart()
    expect(first).toMatchObject({ name: 'admin', password: expect.stringMatching(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/) })
    expect(centre.accounts.list()).toMatchObject([{ name: 'admin', role: 'system-administrator', mustChangePassword: true }])
    const cookie = await centre.signIn('admin', first?.password)
    expect(await codeOf(await centre.request('/api/accounts', { cookie }))).toBe('PASSWORD_CHANGE_NEEDED')
    const body = { current: first?.password, next: 'chosen by the person' }
    const changed = await centre.request('/api/session/password', { method: 'POST', body, cookie })
    expect((await centre.request('/api/accounts', { cookie: cookieOf(changed) })).status).toBe(200)
    expect(await centre.accounts.firstStart()).toBeNull()
  })

  it('replaces a password that was never used, so that a lost one locks nobody out', async () => {
    forgetAll()
    const [first, second] = [await centre.accounts.firstStart(), await centre.accounts.firstStart()]
    expect(second?.password).not.toBe(first?.password)
    expect(await centre.accounts.check('admin', first?.password ?? '')).toBeUndefined()
    expect(await centre.accounts.check('admin', second?.password ?? '')).toMatchObject({ name: 'admin' })
    expect(centre.accounts.list()).toHaveLength(1)
  })

  it('leaves accounts alone that were brought along', async () => {
    expect(await centre.accounts.firstStart()).toBeNull()
    expect(centre.accounts.list().map(({ name }) => name)).toEqual(['chief', 'guard', 'witness'])
  })
})

describe('the administrator', () => {
  let chief: string
  beforeEach(async () => {
    chief = await centre.signIn('chief')
  })

  it('makes accounts of one role each, without showing passwords', async () => {
    const body = { name: 'newcomer', role: 'auditor', password: 'set by the chief' }
    const response = await centre.request('/api/accounts', { method: 'POST', body, cookie: chief })
    expect(response.status).toBe(201)
    expect(Account.parse(await response.json())).toMatchObject({
      name: 'newcomer',
      role: 'auditor',
      mustChangePassword: true,
      lastSignIn: null
    })
    expect(await codeOf(await centre.request('/api/accounts', { method: 'POST', body, cookie: chief }))).toBe('ACCOUNT_EXISTS')
    const list = await (await centre.request('/api/accounts', { cookie: chief })).text()
    expect(list).not.toContain('argon2')
    expect(centre.audit.page({ limit: 1 }).entries).toMatchObject([
      { action: 'account.create', subject: 'newcomer', account: 'chief', detail: { role: 'auditor' } }
    ])
  })

  it('sets another password, which ends the sessions and must be changed', async () => {
    const guard = await centre.signIn('guard')
    const changed = Account.parse(await (await change('guard', { password: 'set by the chief' }, chief)).json())
    expect(changed.mustChangePassword).toBe(true)
    expect((await centre.request('/api/session', { cookie: guard })).status).toBe(401)
    expect(JSON.stringify(centre.audit.page({ limit: 5 }))).not.toContain('set by the chief')
  })

  it('cannot disable the last administrator nor turn the own role', async () => {
    expect(await codeOf(await change('chief', { disabled: true }, chief))).toBe('OWN_ACCOUNT')
    expect(await codeOf(await change('chief', { role: 'auditor' }, chief))).toBe('OWN_ACCOUNT')
    await centre.accounts.ensure({ name: 'deputy', role: 'system-administrator', password: PASSWORD })
    const deputy = await centre.signIn('deputy')
    expect((await change('chief', { disabled: true }, deputy)).status).toBe(200)
    await expect(centre.accounts.change('deputy', { disabled: true }, 'somebody')).rejects.toThrow(Refused)
    await expect(centre.accounts.change('deputy', { role: 'auditor' }, 'somebody')).rejects.toMatchObject({ code: 'LAST_ADMINISTRATOR' })
    expect(centre.accounts.find('deputy')).toMatchObject({ role: 'system-administrator', disabled: false })
  })

  it('gives another role, which holds from the next sign-in on', async () => {
    const guard = await centre.signIn('guard')
    expect((await change('guard', { role: 'auditor' }, chief)).status).toBe(200)
    expect((await centre.request('/api/session', { cookie: guard })).status).toBe(401)
    expect((await centre.request('/api/audit', { cookie: await centre.signIn('guard') })).status).toBe(200)
  })
})

it('keeps acting, administering and judging the trace apart', () => {
  for (const role of ['system-administrator', 'security-operator', 'auditor'] as const) {
    const powers = [permits(role, 'act-on-alerts'), permits(role, 'change-accounts'), permits(role, 'read-audit')]
    expect(powers.filter(Boolean)).toHaveLength(1)
  }
})

describe('passwords', () => {
  it('are argon2id records with their parameters, salted', async () => {
    const passwords = new Passwords({ cost: CHEAP })
    const [one, other] = [await passwords.hash('same'), await passwords.hash('same')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/)
    expect(one).not.toBe(other)
    expect(await passwords.verify(one, 'same')).toBe(true)
    expect(await passwords.verify(one, 'Same')).toBe(false)
    expect(await passwords.verify(undefined, '')).toBe(false)
    // U+00E9 and e with U+0301 look alike and are typed alike.
    expect(await passwords.verify(await passwords.hash('caf\u00e9'), 'cafe\u0301')).toBe(true)
  })

  it('cost 64 MiB and three passes unless told otherwise, and grow at the next sign-in', async () => {
    const cheap = await new Passwords({ cost: CHEAP }).hash(PASSWORD)
    const passwords = new Passwords()
    expect(passwords.isOutdated(cheap)).toBe(true)
    const record = await passwords.hash(PASSWORD)
    expect(record).toContain('$m=65536,t=3,p=1$')
    expect(passwords.isOutdated(record)).toBe(false)
    const costly = new Passwords({ cost: { memoryKiB: 16, passes: 1 } })
    centre.database.prepare('UPDATE accounts SET password = ? WHERE name = ?').run(await costly.hash(PASSWORD), 'guard')
    await centre.signIn('guard')
    const { password } = centre.database.prepare("SELECT password FROM accounts WHERE name = 'guard'").get() ?? {}
    expect(password).toContain('$m=8,')
    await centre.signIn('guard')
  })

  it('are refused, not piled up, when too many want one at once', async () => {
    const passwords = new Passwords({ cost: CHEAP })
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.hash('x')))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length).toBe(40 - 18)
    expect(refused[0]?.reason).toMatchObject({ code: 'BUSY' })
    expect(await passwords.hash('x')).toContain('argon2id')
  })
})
