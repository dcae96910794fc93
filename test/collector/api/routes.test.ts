// What the routes answer: the shapes of the contract, alerts worked on by two people, readiness and metrics.
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AlertDetail } from '#contract/alert.ts'
import { AlertPage, AuditPage, EventPage, GapView, Overview, QuarantineEntry, RuleView, TagView, Trend } from '#contract/api.ts'
import { type Centre, codeOf, finding, PASSWORD, startCentre, tagView } from './centre.ts'

let centre: Centre
let guard: string
beforeAll(async () => {
  centre = await startCentre()
  guard = await centre.signIn('guard')
})
afterAll(() => centre.stop())

async function get<S extends z.ZodType>(schema: S, path: string, cookie = guard): Promise<z.infer<S>> {
  const response = await centre.request(path, { cookie })
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(response.status).toBe(200)
  return schema.parse(await response.json())
}

describe('the plant', () => {
  it('is told in the shapes of the contract', async () => {
    expect((await get(Overview, '/api/overview')).parts).toHaveLength(2)
    expect(await get(z.array(TagView), '/api/tags')).toEqual([tagView('tower.level')])
    expect(await get(z.array(RuleView), '/api/rules')).toMatchObject([{ rule: 'water/chlorine-setpoint' }])
    expect(await get(z.array(QuarantineEntry), '/api/quarantine')).toMatchObject([{ code: 'NOT_JSON' }])
    expect(await get(z.array(GapView), '/api/gaps')).toEqual([])
  })

  it('lists device events, and refuses a question that cannot be meant', async () => {
    const event = {
      ...{ id: 1, site: 'east-water', agent: 'edge-1', device: 'plc-1', time: 5, sourceTime: null, kind: 'identity' as const },
      ...{
        change: 'first' as const,
        severity: 200,
        source: null,
        message: 'The device says what it is.',
        details: { vendor: 'SIM' },
        keptAt: 6
      }
    } as const
    centre.plant.eventsNow = [event]
    expect(await get(EventPage, '/api/events?device=plc-1&kind=identity&from=0&to=9&limit=5')).toEqual({
      events: [event],
      next: null,
      leftOut: []
    })
    expect((await get(EventPage, '/api/events?kind=alarm')).events).toEqual([])
    for (const query of ['kind=nothing', 'limit=201', 'from=-1', 'more=1', 'device=A%20B']) {
      const response = await centre.request(`/api/events?${query}`, { cookie: guard })
      expect([response.status, await codeOf(response)]).toEqual([400, 'REQUEST_INVALID'])
    }
    expect((await centre.request('/api/events')).status).toBe(401)
  })

  it('gives a trend with the gaps in it, also those whose ends nobody knows', async () => {
    const gap = {
      site: 'east-water',
      agent: 'edge-1',
      boot: 1,
      first: 1,
      last: 2,
      reason: 'never-arrived',
      samples: null,
      device: null,
      notedAt: 70
    } as const
    centre.plant.gapsNow = [
      { ...gap, from: 10, to: 20 },
      { ...gap, from: 30, to: null },
      { ...gap, from: null, to: null }
    ]
    const trend = await get(Trend, '/api/samples?site=east-water&agent=edge-1&tag=tower.level&from=0&to=100&buckets=7')
    centre.plant.gapsNow = []
    expect(trend).toMatchObject({ from: 0, to: 100, times: [0], mean: [1.5] })
    expect(trend.gaps.map(({ from, to }) => [from, to])).toEqual([
      [10, 20],
      [30, 30],
      [70, 70]
    ])
    expect(centre.store.asked.at(-1)).toEqual({ series: 1, from: 0, to: 100, buckets: 7 })
  })

  it('knows no series of a tag that was never announced', async () => {
    const response = await centre.request('/api/samples?site=east-water&agent=edge-1&tag=no.such&from=0&to=1', { cookie: guard })
    expect([response.status, await codeOf(response)]).toEqual([404, 'SERIES_UNKNOWN'])
  })
})

describe('alerts', () => {
  let id: string
  let site = 0
  beforeEach(() => {
    id = centre.alerts.take([finding({ site: `site-${++site}` })])[0]?.id ?? ''
  })

  const act = (body: unknown, cookie = guard) => centre.request(`/api/alerts/${id}/actions`, { method: 'POST', body, cookie })

  it('are listed and shown', async () => {
    const page = await get(AlertPage, `/api/alerts?site=site-${site}&handling=open&severity=5&search=chlorine&limit=1`)
    expect(page).toMatchObject({ total: 1, next: null, alerts: [{ id }] })
    expect((await get(AlertDetail, `/api/alerts/${id}`)).history).toHaveLength(1)
  })

  it('are worked on, with the refusals of the handling', async () => {
    const detail = AlertDetail.parse(await (await act({ action: 'acknowledge', version: 1, note: '已看到' })).json())
    expect(detail.alert).toMatchObject({ handling: 'acknowledged', assignee: 'guard', version: 2 })
    expect(await codeOf(await act({ action: 'investigate', version: 1 }))).toBe('VERSION_CONFLICT')
    expect(await codeOf(await act({ action: 'resolve', version: 2 }))).toBe('DISPOSITION_NEEDED')
    expect((await act({ action: 'resolve', version: 2, disposition: 'true-attack' })).status).toBe(200)
    const alone = await act({ action: 'close', version: 3 })
    expect([alone.status, await codeOf(alone)]).toEqual([409, 'SECOND_PERSON_NEEDED'])
    await centre.accounts.ensure({ name: 'second', role: 'security-operator', password: PASSWORD })
    expect((await act({ action: 'close', version: 3 }, await centre.signIn('second'))).status).toBe(200)
    expect(await codeOf(await act({ action: 'acknowledge', version: 4 }))).toBe('ACTION_NOT_POSSIBLE')
  })

  it('cannot be decided by two at once', async () => {
    const answers = await Promise.all([act({ action: 'acknowledge', version: 1 }), act({ action: 'investigate', version: 1 })])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })
})

describe('the audit trail', () => {
  it('is told to the auditor with its verdict', async () => {
    const witness = await centre.signIn('witness')
    const page = await get(AuditPage, '/api/audit?limit=2', witness)
    expect(page).toMatchObject({ intact: true, entries: [{ action: 'session.start', subject: 'witness' }, {}] })
    const next = await get(AuditPage, `/api/audit?limit=2&before=${page.next}`, witness)
    expect(next.entries[0]?.sequence).toBe((page.next ?? 0) - 1)
    centre.database.exec("DROP TRIGGER audit_is_never_changed; UPDATE audit SET subject = 'x' WHERE sequence = 1")
    expect((await get(AuditPage, '/api/audit', witness)).intact).toBe(false)
  })
})

describe('health', () => {
  it('is ready only while broker, store and database are', async () => {
    const parts = centre.plant.partsNow
    expect((await centre.request('/readyz')).status).toBe(200)
    centre.plant.partsNow = parts.map((one) => ({ ...one, state: one.part === 'store' ? 'failing' : 'ok' }))
    const response = await centre.request('/readyz')
    expect([response.status, await response.json()]).toEqual([
      503,
      {
        ready: false,
        parts: [
          { part: 'broker', state: 'ok' },
          { part: 'store', state: 'failing' },
          { part: 'database', state: 'ok' }
        ]
      }
    ])
    centre.plant.partsNow = [...parts, { part: 'quarantine', state: 'failing', since: 1, detail: null }]
    expect((await centre.request('/readyz')).status).toBe(200)
    centre.plant.partsNow = parts
    expect((await centre.request('/healthz')).status).toBe(200)
  })

  it('tells metrics to this machine and to administrators, not to names, proxies and other roles', async () => {
    const ask = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        httpRequest(`${centre.server.url}/metrics`, { headers }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
          .on('error', reject)
          .end()
      })
    const chief = await centre.signIn('chief')
    expect(await (await centre.request('/metrics')).text()).toBe('penstock_samples_total 1\n')
    expect(await ask({ host: 'localhost:1' })).toBe(200)
    expect(await ask({ host: 'rebound.example' })).toBe(401)
    expect(await ask({ 'x-forwarded-for': '10.0.0.9' })).toBe(401)
    expect(await ask({ 'x-forwarded-for': '10.0.0.9', cookie: guard })).toBe(401)
    expect(await ask({ 'x-forwarded-for': '10.0.0.9', cookie: chief })).toBe(200)
  })
})
