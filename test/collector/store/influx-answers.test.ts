// The store in InfluxDB and whatever a server may answer; and that no error ever carries the password.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '#runtime/log.ts'
import { InfluxConfig } from '../../../collector/store/influx.ts'
import { StoreFault } from '../../../collector/store/telemetry.ts'
import { freePort } from '../../parts/wait.ts'
import { counted, faultOf, Opening } from './influx-parts.ts'
import { batchOf, key } from './suite-parts.ts'

const PASSWORD = 'hunter2-correct-horse'

let stores: Opening
const closing: (() => Promise<void>)[] = []
beforeEach(() => {
  stores = new Opening()
})
afterEach(async () => {
  await stores[Symbol.asyncDispose]()
  for (const close of closing.splice(0)) await close()
})

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
    const store = await stores.open({ url })
    const fault = await faultOf(store.append([batchOf(store.series(key('level')), counted(0, 1))]))
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
    const store = await stores.open({ url, timeoutMs: 300 })
    const series = store.series(key('level'))
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
    const store = await stores.open({ url })
    const outcome = await store.count(store.series(key('level'))).catch((fault: unknown) => fault)
    if (outcome !== 0) expect(outcome).toBeInstanceOf(StoreFault)
  })

  it('never lets the password out with an error', async () => {
    const base64 = Buffer.from(`somebody:${PASSWORD}`).toString('base64')
    process.env['PENSTOCK_TEST_INFLUX'] = PASSWORD
    const settings = { username: 'somebody', password: { env: 'PENSTOCK_TEST_INFLUX' }, timeoutMs: 300 }
    const lines: string[] = []
    const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } })
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
      const store = await stores.open({ url, ...settings })
      const series = store.series(key('level'))
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
    const store = await stores.open({ url })
    await store.append([batchOf(store.series(key('level')), counted(0, 1))])
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
    const store = await stores.open({ url, batchPoints: 100, concurrency: 3 })
    await store.append([batchOf(store.series(key('level')), counted(0, 950)), batchOf(store.series(key('level')), counted(950, 60))])
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
