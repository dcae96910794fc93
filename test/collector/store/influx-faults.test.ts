// The store in InfluxDB when the server is away, slow, killed or unwilling; and that no error ever carries the password.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLog, quietLog } from '#runtime/log.ts'
import { InfluxConfig, InfluxStore } from '../../../collector/store/influx.ts'
import { linePrefix, quoted } from '../../../collector/store/influx-lines.ts'
import { type SeriesKey, StoreFault } from '../../../collector/store/telemetry.ts'
import { type Influxd, startInfluxd } from '../../parts/influxd.ts'
import { freePort, until } from '../../parts/wait.ts'
import { batchOf } from './suite.ts'

const T = 1_760_000_000_000
const PASSWORD = 'hunter2-correct-horse'
const level: SeriesKey = { site: 's', agent: 'a', tag: 'level', view: 'polled' }
const counted = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ time: T + (from + i) * 1000, value: from + i, quality: 0 }))

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function opened(settings: Record<string, unknown>): Promise<InfluxStore> {
  const store = new InfluxStore({ config: InfluxConfig.parse(settings), log: quietLog() })
  await store.start()
  closing.push(() => store.stop())
  return store
}

const write = (influxd: Influxd, database: string, lines: string) =>
  fetch(`${influxd.url}/write?db=${database}`, { method: 'POST', body: lines })
const query = (influxd: Influxd, q: string) => fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })

async function faultOf(work: Promise<unknown>): Promise<StoreFault> {
  const fault = await work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error
  )
  if (!(fault instanceof StoreFault)) expect.fail(`not a StoreFault: ${inspect(fault)}`)
  return fault
}

// A server in the place of InfluxDB that answers as the test says; the database can always be created.
async function pretending(answer: (request: IncomingMessage, response: ServerResponse, body: string) => unknown) {
  const headers: (string | undefined)[] = []
  const server = createServer(async (request, response) => {
    headers.push(request.headers.authorization)
    let body = ''
    for await (const piece of request) body += piece
    if (body.startsWith('q=CREATE')) response.end('{"results":[{}]}')
    else await answer(request, response, body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}`, headers }
}

const saying =
  (status: number, body = '{"error":"as you wish"}') =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }

describe('a real InfluxDB', () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.stop())

  it('may be away at the start; samples go in when it is there', async () => {
    await influxd.kill()
    const store = await opened({ url: influxd.url, database: 'later', timeoutMs: 2000 })
    const series = store.series(level)
    expect(await faultOf(store.append([batchOf(series, counted(0, 3))]))).toMatchObject({ code: 'STORE_AWAY' })
    expect(await faultOf(store.latest([series]))).toMatchObject({ code: 'STORE_AWAY' })
    expect(await faultOf(store.range({ series, from: T, to: T + 1, buckets: 1 }))).toMatchObject({ code: 'STORE_AWAY' })
    await influxd.restart()
    expect(await store.count()).toBe(0)
    await store.append([batchOf(series, counted(0, 3))])
    expect(await store.count()).toBe(3)
    expect(await store.latest([series])).toEqual([counted(2, 1)[0]])
  })

  it('may be killed in the middle of appends; tried again, each sample is there once', { timeout: 60_000 }, async () => {
    const store = await opened({ url: influxd.url, database: 'killed', timeoutMs: 2000, batchPoints: 100 })
    const series = store.series(level)
    let appended = 0
    let failures = 0
    const appending = (async () => {
      for (let from = 0; from < 40_000; from += 1000) {
        while (
          !(await store.append([batchOf(series, counted(from, 1000))]).then(
            () => true,
            (fault: unknown) => {
              expect(fault).toMatchObject({ code: 'STORE_AWAY' })
              failures++
              return false
            }
          ))
        )
          await sleep(10)
        appended = from + 1000
      }
    })()
    for (const goal of [5000, 20_000]) {
      await until(() => appended >= goal, { what: `${goal} samples`, everyMs: 1 })
      await influxd.kill()
      await until(() => failures > 0, { what: 'a failed append' })
      failures = 0
      await influxd.restart()
    }
    await appending
    expect(await store.count()).toBe(40_000)
    expect(await store.samples({ series, from: T + 19_990_000, to: T + 20_010_000, limit: 50 })).toEqual(counted(19_990, 20))
  })

  it('tells what it refuses and why', async () => {
    const store = await opened({ url: influxd.url, database: 'conflict' })
    await write(influxd, 'conflict', `${linePrefix(level)}value="a text",quality=0i ${T}000000`)
    const fault = await faultOf(store.append([batchOf(store.series(level), counted(0, 2))]))
    expect(fault.code).toBe('STORE_REFUSED')
    expect(fault.message).toContain('field type conflict')
  })

  it('has its database created again when somebody dropped it', async () => {
    const store = await opened({ url: influxd.url, database: 'dropped' })
    await query(influxd, 'DROP DATABASE "dropped"')
    expect(await store.latest([store.series(level)])).toEqual([null])
    await store.append([batchOf(store.series(level), counted(0, 2))])
    expect(await store.count()).toBe(2)
  })

  it('is used with the retention policy of the config, and what is older than that is not asked for again', async () => {
    await query(influxd, 'CREATE DATABASE "kept"')
    await query(influxd, 'CREATE RETENTION POLICY "a-day" ON "kept" DURATION 1d REPLICATION 1')
    const lines: string[] = []
    const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } })
    const store = new InfluxStore({ config: InfluxConfig.parse({ url: influxd.url, database: 'kept', retention: 'a-day' }), log })
    await store.start()
    closing.push(() => store.stop())
    const now = Date.now()
    const series = store.series(level)
    await store.append([batchOf(series, [{ time: now, value: 1, quality: 0 }])])
    await store.append([
      batchOf(series, [
        { time: now - 7 * 86_400_000, value: 2, quality: 0 },
        { time: now + 1, value: 3, quality: 0 }
      ])
    ])
    expect(lines.filter((line) => line.includes('older than it keeps'))).toHaveLength(1)
    expect(await store.samples({ series, from: 0, to: now * 2, limit: 9 })).toEqual([
      { time: now, value: 1, quality: 0 },
      { time: now + 1, value: 3, quality: 0 }
    ])
    const raw = await query(influxd, 'SELECT count(quality) FROM "kept"."a-day"."sample"')
    expect(await raw.text()).toContain('[["1970-01-01T00:00:00Z",2]]')
  })
})

describe('the InfluxDB store', () => {
  it.each([
    [400, 'STORE_REFUSED'],
    [401, 'STORE_AWAY'],
    [403, 'STORE_AWAY'],
    [404, 'STORE_AWAY'],
    [413, 'STORE_REFUSED'],
    [429, 'STORE_AWAY'],
    [500, 'STORE_AWAY'],
    [503, 'STORE_AWAY']
  ])('takes the answer %i for %s', async (status, code) => {
    const { url } = await pretending(saying(status))
    const store = await opened({ url })
    const fault = await faultOf(store.append([batchOf(store.series(level), counted(0, 1))]))
    expect(fault.code).toBe(code)
    if (status < 500) expect(fault.message).toContain('as you wish')
  })

  it.each([
    ['never answers', () => {}],
    ['hangs up', (_: IncomingMessage, response: ServerResponse) => response.destroy()],
    ['stops in the middle of its answer', (_: IncomingMessage, response: ServerResponse) => response.write('{"results":')],
    [
      'dies in the middle of its answer',
      (_: IncomingMessage, response: ServerResponse) => response.write('{"results":', () => response.destroy())
    ]
  ])('settles when the server %s', async (_, answer) => {
    const { url } = await pretending(answer)
    const store = await opened({ url, timeoutMs: 300 })
    const series = store.series(level)
    expect(await faultOf(store.append([batchOf(series, counted(0, 1))]))).toMatchObject({ code: 'STORE_AWAY' })
    expect(await faultOf(store.count(series))).toMatchObject({ code: 'STORE_AWAY' })
  })

  it.each([
    '',
    'not JSON',
    '[]',
    '{"results":7}',
    '{"results":[{"series":[{"columns":1}]}]}',
    '{"results":[{"error":"no"}]}',
    '{"error":"no"}'
  ])('does not trip over the answer %j', async (body) => {
    const { url } = await pretending(saying(200, body))
    const store = await opened({ url })
    const outcome = await store.count(store.series(level)).catch((fault: unknown) => fault)
    if (outcome !== 0) expect(outcome).toBeInstanceOf(StoreFault)
  })

  it('never lets the password out with an error', async () => {
    const base64 = Buffer.from(`somebody:${PASSWORD}`).toString('base64')
    process.env['PENSTOCK_TEST_INFLUX'] = PASSWORD
    const settings = { username: 'somebody', password: { env: 'PENSTOCK_TEST_INFLUX' }, timeoutMs: 300 }
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => void lines.push(line) })
    const answers = [
      saying(400),
      saying(401),
      saying(404, '{"error":"database not found: \\"x\\""}'),
      saying(500),
      () => {},
      saying(200, '{"error":"no"}')
    ]
    const sent: (string | undefined)[] = []
    for (const answer of [...answers, undefined]) {
      const { url, headers } =
        answer === undefined ? { url: `http://127.0.0.1:${await freePort()}`, headers: [] } : await pretending(answer)
      const store = await opened({ url, ...settings })
      const series = store.series(level)
      const works = [store.append([batchOf(series, counted(0, 1))]), store.count(), store.latest([series]), store.retain(1)]
      for (const outcome of await Promise.allSettled(works)) {
        if (outcome.status === 'fulfilled') continue
        const fault: unknown = outcome.reason
        log.error({ err: fault, fault, cause: fault instanceof Error ? fault.cause : undefined }, 'failed')
        log.error(fault)
        lines.push(inspect(fault, { depth: 20, showHidden: true }), JSON.stringify(fault))
      }
      sent.push(...headers)
    }
    expect(lines.length).toBeGreaterThan(40)
    expect(new Set(sent)).toEqual(new Set([`Basic ${base64}`]))
    for (const line of lines) {
      expect(line).not.toContain(PASSWORD)
      expect(line).not.toContain(base64)
    }
  })

  it('sends no account when the config has none', async () => {
    const { url, headers } = await pretending(saying(204, ''))
    const store = await opened({ url })
    await store.append([batchOf(store.series(level), counted(0, 1))])
    expect(headers.length).toBeGreaterThan(1)
    expect(new Set(headers)).toEqual(new Set([undefined]))
  })

  it('parts a large append, and has only so many requests on their way', async () => {
    const sizes: number[] = []
    let now = 0
    let most = 0
    const { url } = await pretending(async (_, response, body) => {
      most = Math.max(most, ++now)
      sizes.push(body.trimEnd().split('\n').length)
      await sleep(5)
      now--
      response.writeHead(204).end()
    })
    const store = await opened({ url, batchPoints: 100, concurrency: 3 })
    await store.append([batchOf(store.series(level), counted(0, 950)), batchOf(store.series(level), counted(950, 60))])
    expect(sizes.sort((a, b) => a - b)).toEqual([10, ...Array.from({ length: 10 }, () => 100)])
    expect(most).toBeLessThanOrEqual(3)
  })

  it('takes no credentials in the address and no odd names in the config', () => {
    const refused = [
      { url: 'http://u:p@host:8086' },
      { url: 'ftp://host' },
      { url: 'http://host', database: 'a"; DROP' },
      { url: 'http://host', x: 1 }
    ]
    for (const config of refused) expect(InfluxConfig.safeParse(config).success, JSON.stringify(config)).toBe(false)
    expect(InfluxConfig.parse({ url: 'https://host:8086' })).toMatchObject({ database: 'penstock', batchPoints: 5000 })
  })
})

describe('names in line protocol and InfluxQL', () => {
  const name = fc.string({ unit: 'binary' })

  it('cannot add a tag, a field or a line', () => {
    fc.assert(
      fc.property(name, name, name, (site, agent, tag) => {
        const prefix = linePrefix({ site, agent, tag, view: 'polled' })
        expect(prefix).toMatch(/^sample,agent=[^ ,=\\\n]+,name=[^ ,=\\\n]+,site=[^ ,=\\\n]+,view=polled $/)
      })
    )
  })

  it('stay different when they are different', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const same = linePrefix({ ...level, tag: a }) === linePrefix({ ...level, tag: b })
        expect(same).toBe(a.toWellFormed() === b.toWellFormed())
      })
    )
  })

  it('cannot end the literal they stand in', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(quoted(text)).toMatch(/^'(?:[^'\\\n]|\\['\\n])*'$/)
      })
    )
  })
})
