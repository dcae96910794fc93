// Bad requests over real HTTP: each gets a clear answer with its place, in the reader's language, and harms nothing.
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '#contract/api.ts'
import { type Centre, codeOf, finding, PASSWORD, startCentre } from './centre.ts'

let centre: Centre
let guard: string
let chief: string
beforeAll(async () => {
  centre = await startCentre()
  guard = await centre.signIn('guard')
  chief = await centre.signIn('chief')
})
afterAll(() => centre.stop())

const faultOf = async (response: Response) => Fault.parse(await response.json()).error
const SPAN = 'site=east-water&agent=edge-1&tag=tower.level'

describe('unknown and wrong keys', () => {
  it.each([
    ['GET', '/api/alerts?colour=red', undefined, ['colour']],
    ['GET', '/api/alerts?severity=6&limit=0&site=UPPER', undefined, ['limit', 'severity', 'site']],
    ['GET', '/api/alerts?severity=1&severity=2', undefined, ['severity']],
    ['GET', '/api/alerts?before=nonsense', undefined, ['before']],
    ['GET', '/api/tags?search=a&extra=b', undefined, ['extra']],
    ['GET', '/api/gaps?from=yesterday', undefined, ['from']],
    ['GET', '/api/samples?site=east-water', undefined, ['agent', 'from', 'tag', 'to']],
    ['GET', `/api/samples?${SPAN}&from=5&to=5`, undefined, ['to']],
    ['GET', `/api/samples?${SPAN}&from=1&to=5&buckets=2001`, undefined, ['buckets']],
    ['GET', '/api/alerts/not-a-uuid', undefined, ['id']],
    ['POST', '/api/accounts', { name: 'Bad Name', role: 'king', password: 'short', shoe: 44 }, ['name', 'password', 'role', 'shoe']],
    ['POST', '/api/accounts', { name: 'two', role: ['auditor', 'security-operator'], password: PASSWORD }, ['role']],
    ['POST', '/api/accounts', [], ['body']],
    ['POST', '/api/accounts', undefined, ['body']],
    ['PATCH', '/api/accounts/guard', { name: 'other' }, ['name']],
    ['POST', '/api/session', { name: 'guard', password: PASSWORD, remember: true }, ['remember']],
    ['POST', '/api/session', { name: 'guard', password: 'x'.repeat(201) }, ['password']]
  ])('%s %s is refused with each path', async (method, path, body, paths) => {
    const response = await centre.request(path, { method, body, cookie: chief })
    const { code, faults } = await faultOf(response)
    expect([response.status, code]).toEqual([400, 'REQUEST_INVALID'])
    expect(faults.map((fault) => fault.path).toSorted()).toEqual(paths)
  })

  it('acts on nothing when one key is wrong', async () => {
    const [alert] = centre.alerts.take([finding()])
    const body = { action: 'acknowledge', version: 1, handling: 'closed' }
    const response = await centre.request(`/api/alerts/${alert?.id}/actions`, { method: 'POST', body, cookie: guard })
    expect((await faultOf(response)).faults).toEqual([{ path: 'handling', message: 'is not a known key' }])
    expect(centre.alerts.detail(alert?.id ?? '')?.alert.handling).toBe('new')
  })
})

describe('languages', () => {
  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', /[一-鿿]/],
    ['zh', /[一-鿿]/],
    ['fr, zh-TW;q=0.3, en;q=0.2', /[一-鿿]/],
    ['en-GB,en;q=0.9,zh;q=0.1', /^[\x20-\x7e]+$/],
    ['zh;q=0, en', /^[\x20-\x7e]+$/],
    ['', /^[\x20-\x7e]+$/],
    [';;;q=x,,zh;q=abc', /^[\x20-\x7e]+$/]
  ])('answers %j in the right one', async (wanted, words) => {
    const ask = (path: string) => centre.request(path, { cookie: guard, headers: { 'accept-language': wanted } })
    const { message, faults } = await faultOf(await ask('/api/alerts?severity=9&limit=0&site=NO&x=1'))
    for (const text of [message, ...faults.map((fault) => fault.message)]) expect(text).toMatch(words)
    expect((await faultOf(await ask('/api/nowhere'))).message).toMatch(words)
  })

  it('says the words of the contract in Chinese too', async () => {
    const body = { name: 'X', role: 'auditor', password: 'short' }
    const response = await centre.request('/api/accounts', { method: 'POST', body, cookie: chief, headers: { 'accept-language': 'zh-CN' } })
    const { faults } = await faultOf(response)
    expect(faults).toEqual([
      { path: 'name', message: '须为 2 至 32 个小写字母、数字或 . _ -，以字母开头' },
      { path: 'password', message: '至少须有 12 个字符' }
    ])
  })
})

describe('bodies', () => {
  const post = (body: string, type: string) => centre.request('/api/session', { method: 'POST', body, headers: { 'content-type': type } })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense'])(
    'are not taken as %s',
    async (type) => {
      const response = await post('{"name":"guard","password":"x"}', type)
      expect([response.status, await codeOf(response)]).toEqual([415, 'NOT_JSON'])
    }
  )

  it.each(['{', '', 'null null', '{"name":"guard","__proto__":{"admin":true}}', '{"name":"guard","constructor":{"prototype":{}}}', '﻿{'])(
    '%j is not JSON that is taken',
    async (body) => {
      const response = await post(body, 'application/json')
      expect([response.status, await codeOf(response)]).toEqual([400, 'REQUEST_INVALID'])
    }
  )

  it('are bounded', async () => {
    const response = await post(JSON.stringify({ name: 'guard', password: 'x'.repeat(70_000) }), 'application/json')
    expect([response.status, await codeOf(response)]).toEqual([413, 'BODY_TOO_LARGE'])
  })
})

describe('other origins', () => {
  const ownOrigin = () => new URL(centre.server.url).origin
  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'SELF' }, 403],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://127.0.0.1:1' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ origin: 'SELF' }, 200],
    [{}, 200]
  ])('with %j get %i', async (headers, status) => {
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value === 'SELF' ? ownOrigin() : value]))
    // fetch does not let these headers be set, so the request is made by hand.
    const got = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(
        `${centre.server.url}/api/session`,
        { method: 'POST', headers: { 'content-type': 'application/json', ...own } },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        }
      )
      request.on('error', reject)
      request.end(JSON.stringify({ name: 'guard', password: PASSWORD }))
    })
    expect(got).toBe(status)
  })

  it('cannot order by a session that they have', async () => {
    const response = await centre.request('/api/session', { method: 'DELETE', cookie: guard, headers: { origin: 'http://evil.example' } })
    expect(await codeOf(response)).toBe('FOREIGN_ORIGIN')
    expect((await centre.request('/api/session', { cookie: guard })).status).toBe(200)
  })
})

describe('strange requests', () => {
  it.each([
    '/api/nowhere',
    '/api/session/',
    '/api',
    '/API/session',
    '/api/%ff',
    '/%00',
    '/api/alerts/..%2f..%2fetc',
    `/api/alerts/${'a'.repeat(500)}`
  ])('%s is answered in the shape of a fault', async (path) => {
    const response = await centre.request(path, { cookie: guard })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    Fault.parse(await response.json())
  })

  it('refuses other methods', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      expect((await centre.request('/api/alerts', { method, cookie: guard })).status).toBe(404)
  })

  it('survives raw nonsense on the socket', async () => {
    for (const bytes of [
      '\x16\x03\x01\x02\x00\x01',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      'GET / HTTP/1.1\r\n\r\n'
    ]) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(centre.server.port, '127.0.0.1', () => socket.write(bytes))
        socket.on('data', () => socket.end())
        socket.on('error', reject)
        socket.on('close', () => resolve())
      })
    }
    expect((await centre.request('/healthz')).status).toBe(200)
  })

  it('tells a store that is away, and nothing of what lies behind other faults', async () => {
    centre.store.away = true
    const away = await centre.request(`/api/samples?${SPAN}&from=0&to=9`, { cookie: guard })
    expect([away.status, await codeOf(away), away.headers.get('retry-after')]).toEqual([503, 'STORE_AWAY', '10'])
    centre.store.away = false
    const overview = centre.plant.overview.bind(centre.plant)
    centre.plant.overview = () => {
      throw new Error('secret path /var/lib')
    }
    const broken = await centre.request('/api/overview', { cookie: guard })
    centre.plant.overview = overview
    const text = await broken.text()
    expect(broken.status).toBe(500)
    expect(text).toContain('INTERNAL')
    expect(text).not.toContain('secret')
  })

  it('does not let an answer out that breaks its schema', async () => {
    const parts = centre.plant.partsNow
    // A planted field must neither leak nor pass.
    const leak = { part: 'broker', state: 'ok', since: 1, detail: null, password: 'hidden' } as const
    centre.plant.partsNow = [leak]
    const response = await centre.request('/api/overview', { cookie: guard })
    centre.plant.partsNow = parts
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('hidden')
  })
})

it('refuses an address that asks too often, and says for how long', async () => {
  const busy = await startCentre({ requestsPerMinute: 5 })
  try {
    const statuses: number[] = []
    for (let i = 0; i < 7; i++) statuses.push((await busy.request('/healthz')).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
    // Also one who is not signed in, and for what does not exist.
    const others = ['/api/overview', '/api/nowhere', '/docs/json']
    expect(await Promise.all(others.map(async (path) => (await busy.request(path)).status))).toEqual([429, 429, 429])
    const refused = await busy.request('/healthz')
    expect([await codeOf(refused), Number(refused.headers.get('retry-after')) > 0]).toEqual(['TOO_MANY_REQUESTS', true])
  } finally {
    await busy.stop()
  }
})
