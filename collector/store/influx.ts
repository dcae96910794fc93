// The store in InfluxDB (HTTP API of version 1); the only door to the influx package. Its point objects cost six times the
// writing of a line, so lines are written here and sent through its connection pool. Whatever fails becomes a StoreFault
// of words alone: the errors of the package carry the request with its credentials.
import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Pool, RequestError } from 'influx/lib/src/pool.js'
import { z } from 'zod'
import { bilingual, FilePath, readSecret, Secret } from '#runtime/config-file.ts'
import type { Log } from '#runtime/log.ts'
import { layOut } from './buckets.ts'
import { type Row, rowsOf } from './influx-answer.ts'
import { lineBodies, linePrefix } from './influx-lines.ts'
import { bucketsOf, hasBad, InfluxQueries, isMixed, storedSampleOf } from './influx-queries.ts'
import { Latest } from './latest.ts'
import { SeriesNames } from './series-names.ts'
import { storedQuality } from './stored.ts'
import {
  type Buckets,
  type RangeQuery,
  type SeriesKey,
  type StoreBatch,
  type StoredSample,
  StoreFault,
  type TelemetryStore
} from './telemetry.ts'

const Name = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, bilingual('应为 1 至 64 个字母、数字、_ 或 -', 'must be 1 to 64 letters, digits, _ or -'))

export const InfluxConfig = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => !/^[^/]*\/\/[^/]*@/.test(url),
      bilingual('账号请写入 username 与 password', 'credentials belong into username and password')
    )
    .describe('Where InfluxDB listens, for example http://127.0.0.1:8086.'),
  database: Name.default('penstock').describe('The database; it is created when it is missing and the account may do so.'),
  username: z.string().min(1).max(200).optional().describe('The account at InfluxDB; left out when it asks for none.'),
  password: Secret.optional().describe('The password of the account.'),
  ca: FilePath.optional().describe('The certificate authority of the server, as PEM, when it is not a public one.'),
  retention: Name.optional().describe('The retention policy to write to and read from; the default one of the database when left out.'),
  timeoutMs: z.int().min(100).max(600_000).default(10_000).describe('How long a request may take, in milliseconds.'),
  batchPoints: z.int().min(1).max(50_000).default(5000).describe('How many samples one write request holds at most.'),
  concurrency: z.int().min(1).max(16).default(2).describe('How many write requests may be on their way at once.')
})
export type InfluxConfig = z.infer<typeof InfluxConfig>

const LATEST_AT_ONCE = 200
// Answers for the time, the account or the place of the request, not for what is in it.
const NOT_ABOUT_CONTENT = [401, 403, 404, 408, 429]

interface Request {
  path: '/write' | '/query'
  query: Record<string, string | undefined>
  body: string
}

export class InfluxStore implements TelemetryStore {
  readonly kind = 'influx'
  readonly #config: InfluxConfig
  readonly #log: Log
  readonly #queries: InfluxQueries
  readonly #names = new SeriesNames()
  readonly #prefixes: string[] = []
  readonly #latest = new Latest()
  readonly #asked = new Set<number>()
  readonly #stopping = new AbortController()
  #pool: Pool | undefined
  #agent: HttpAgent | undefined
  #account: string | undefined

  constructor({ config, log }: { config: InfluxConfig; log: Log }) {
    this.#config = config
    this.#log = log
    this.#queries = new InfluxQueries({ retention: config.retention })
  }

  async start(): Promise<void> {
    const { url, username, password, ca, timeoutMs } = this.#config
    if (username !== undefined) this.#account = `${username}:${password === undefined ? '' : await readSecret(password)}`
    const options = { keepAlive: true, maxSockets: 16 }
    this.#agent = url.startsWith('https:')
      ? new HttpsAgent({ ...options, ...(ca === undefined ? {} : { ca: await readFile(ca) }) })
      : new HttpAgent(options)
    // The pool would shut a failing server out for some time of its own and try again unasked; both are the caller's business.
    const always = { getDelay: () => 0, next: () => always, reset: () => always }
    this.#pool = new Pool({ maxRetries: 0, requestTimeout: timeoutMs, backoff: always })
    this.#pool.addHost(url, { agent: this.#agent })
    try {
      await this.#createDatabase()
    } catch (error) {
      this.#log.warn({ err: error, url }, 'InfluxDB cannot be prepared now; it is tried again with the first write')
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#pool = undefined
    this.#agent?.destroy()
  }

  series(key: SeriesKey): number {
    const number = this.#names.numberOf(key)
    if (number === this.#prefixes.length) this.#prefixes.push(linePrefix(key))
    return number
  }

  async append(batches: readonly StoreBatch[]): Promise<void> {
    const { batchPoints, concurrency } = this.#config
    const bodies = lineBodies({ batches, prefixes: this.#prefixes, most: batchPoints })
    const faults: unknown[] = []
    const send = async (): Promise<void> => {
      for (let body = bodies.shift(); body !== undefined && faults.length === 0; body = bodies.shift()) {
        await this.#write(body).catch((fault: unknown) => faults.push(fault))
      }
    }
    await Promise.all(Array.from({ length: Math.min(concurrency, bodies.length) }, send))
    if (faults.length > 0) throw faults.find((fault) => !(fault instanceof StoreFault) || fault.code === 'STORE_AWAY') ?? faults[0]
    this.#noteLatest(batches)
  }

  /** Asked for once; after that this store has written whatever is newer. */
  async latest(series: readonly number[]): Promise<(StoredSample | null)[]> {
    const unknown = [...new Set(series)].filter((one) => !this.#asked.has(one))
    for (let start = 0; start < unknown.length; start += LATEST_AT_ONCE) {
      const some = unknown.slice(start, start + LATEST_AT_ONCE)
      const answers = await this.#ask(some.map((one) => this.#queries.latest(this.#keyOf(one))))
      this.#latest.reserve(this.#names.count)
      for (const [i, one] of some.entries()) {
        const [row] = answers[i] ?? []
        if (row !== undefined) this.#noteStored(one, storedSampleOf(row))
        this.#asked.add(one)
      }
    }
    return series.map((one) => this.#latest.of(one))
  }

  async samples({ series, from, to, limit }: RangeQuery & { limit: number }): Promise<StoredSample[]> {
    if (limit < 1 || to <= from) return []
    const [rows = []] = await this.#ask([this.#queries.samples(this.#keyOf(series), { from, to, limit })])
    return rows.map(storedSampleOf)
  }

  async range(query: RangeQuery & { buckets: number }): Promise<Buckets> {
    const layout = layOut(query)
    const key = this.#keyOf(query.series)
    if (layout.length === 0) return bucketsOf([], layout)
    let rows = (await this.#ask(this.#queries.sums(key, layout))).flat().filter((row) => Number(row['count']) > 0)
    if (rows.some(hasBad)) {
      const lasts = new Map((await this.#ask(this.#queries.lasts(key, layout))).flat().map((row) => [row['time'], row]))
      rows = rows.map((row) => ({ ...row, ...lasts.get(row['time'] ?? null) }))
    }
    const buckets = bucketsOf(rows, layout)
    const mixed = rows.flatMap((row, i) => (isMixed(row) ? [i] : []))
    if (mixed.length === 0) return buckets
    const spans = mixed.map((i) => ({
      from: buckets.times[i] as number,
      to: Math.min(query.to, (buckets.times[i] as number) + layout.bucketMs)
    }))
    const lasts = await this.#ask(spans.map((span) => this.#queries.latest(key, span)))
    for (const [i, at] of mixed.entries()) for (const row of lasts[i] ?? []) buckets.last[at] = storedSampleOf(row).value
    return buckets
  }

  async count(series?: number): Promise<number> {
    const [rows = []] = await this.#ask([this.#queries.count(series === undefined ? undefined : this.#keyOf(series))])
    return Number(rows[0]?.['count'] ?? 0)
  }

  async retain(before: number): Promise<null> {
    await this.#ask([this.#queries.retain(before)])
    for (let series = 0; series < this.#names.count; series++)
      if ((this.#latest.of(series)?.time ?? before) < before) this.#latest.forget(series)
    return null
  }

  #keyOf(series: number): SeriesKey {
    const key = this.#names.keyOf(series)
    if (key === undefined) throw new RangeError(`series ${series} is not known`)
    return key
  }

  #noteLatest(batches: readonly StoreBatch[]): void {
    this.#latest.reserve(this.#names.count)
    for (const { series, times, values, qualities } of batches)
      for (let i = 0; i < times.length; i++) {
        const value = values[i] as StoredSample['value']
        const quality = storedQuality(value, qualities[i] as number)
        this.#latest.note(series[i] as number, times[i] as number, value, quality)
      }
  }

  #noteStored(series: number, { time, value, quality }: StoredSample): void {
    this.#latest.note(series, time, value, quality)
  }

  async #write(body: string): Promise<void> {
    const { database, retention } = this.#config
    const request: Request = { path: '/write', query: { db: database, rp: retention, precision: 'ms' }, body }
    try {
      await this.#send(request)
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault
      if (fault.message.includes('database not found')) {
        await this.#createDatabase()
        await this.#send(request)
      } else if (/partial write: points beyond retention policy/.test(fault.message)) {
        this.#log.warn({ reason: fault.message }, 'InfluxDB did not take samples that are older than it keeps them')
      } else throw fault
    }
  }

  async #createDatabase(): Promise<void> {
    await this.#ask([`CREATE DATABASE "${this.#config.database}"`])
  }

  async #ask(statements: readonly string[]): Promise<Row[][]> {
    const body = new URLSearchParams({ q: statements.join('; ') }).toString()
    return rowsOf(await this.#send({ path: '/query', query: { db: this.#config.database, epoch: 'ms' }, body }))
  }

  async #send({ path, query, body }: Request): Promise<string> {
    const pool = this.#pool
    if (pool === undefined) throw new StoreFault('STORE_AWAY', 'the store is not open')
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#config.timeoutMs)])
    const auth = this.#account === undefined ? {} : { auth: this.#account }
    try {
      // A server that dies in the middle of its answer leaves the pool waiting for ever.
      return await untilAborted(pool.text({ method: 'POST', path, query: defined(query), body, signal, ...auth }), signal)
    } catch (error) {
      throw faultOf(error, this.#config.url)
    }
  }
}

function defined(query: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: settled, resolve, reject } = Promise.withResolvers<T>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return settled
}

// Nothing of the error but its words goes on, and it is no cause either: it holds the request with its credentials.
function faultOf(error: unknown, url: string): StoreFault {
  if (error instanceof RequestError) {
    const status = error.res.statusCode ?? 0
    const said = error.message.slice(error.message.indexOf('occurred: ') + 'occurred: '.length).trim()
    const code = NOT_ABOUT_CONTENT.includes(status) ? 'STORE_AWAY' : 'STORE_REFUSED'
    return new StoreFault(code, `InfluxDB at ${url} answered ${status}: ${said.slice(0, 500)}`)
  }
  const reason = error instanceof Error ? ('code' in error && typeof error.code === 'string' ? error.code : error.message) : 'unknown'
  return new StoreFault('STORE_AWAY', `InfluxDB at ${url} cannot be used (${reason.slice(0, 200)})`)
}
