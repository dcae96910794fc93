// Counters, gauges and histograms of one process, in a registry of its own, told in the Prometheus text format.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Part } from './lifecycle.ts'
import type { Log } from './log.ts'

export type { Counter, Gauge, Histogram } from 'prom-client'

interface MetricOptions<L extends string> {
  /** Begins with penstock_; a counter ends with _total, a quantity with its unit. */
  name: string
  help: string
  labels?: readonly L[]
}

export class Metrics {
  readonly #registry = new Registry()
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  counter<L extends string = never>({ name, help, labels = [] }: MetricOptions<L>): Counter<L> {
    return new Counter({ name, help, labelNames: labels, registers: [this.#registry] })
  }

  /** A count that is kept elsewhere since the start of the process: read before each telling, one figure for each set of labels. */
  total<L extends string = never>(
    options: MetricOptions<L> & { read: () => Iterable<readonly [labels: Record<L, string>, count: number]> }
  ): void {
    const { name, help, labels = [], read } = options
    new Counter({
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect() {
        this.reset()
        // A reset figure without labels stands at 0, which would be told while nobody knows it.
        if (labels.length === 0) this.remove()
        for (const [named, count] of read()) this.inc(named, count)
      }
    })
  }

  /** `collect` is called before each telling and sets the gauge. */
  gauge<L extends string = never>({
    name,
    help,
    labels = [],
    collect
  }: MetricOptions<L> & { collect?: (gauge: Gauge<L>) => void }): Gauge<L> {
    return new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
      ...(collect === undefined
        ? {}
        : {
            collect() {
              collect(this)
            }
          })
    })
  }

  histogram<L extends string = never>({
    name,
    help,
    labels = [],
    buckets
  }: MetricOptions<L> & { buckets: readonly number[] }): Histogram<L> {
    return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [this.#registry] })
  }

  /** Memory, CPU time and event loop lag of the process; for the one registry that is served. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry })
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

export function createMetrics(): Metrics {
  return new Metrics()
}

export interface MetricsServerOptions {
  metrics: Metrics
  log: Log
  port: number
  /** Loopback, unless told otherwise. */
  host?: string
  /** Whether the process does its work; detail names what is missing. */
  ready?: () => { ready: boolean; detail?: string }
}

// For processes without an API of their own: GET /metrics, /healthz (alive) and /readyz (doing its work).
export class MetricsServer implements Part {
  readonly name = 'metrics server'
  readonly #options: MetricsServerOptions
  readonly #server: Server

  constructor(options: MetricsServerOptions) {
    this.#options = options
    this.#server = createServer({ requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 5000, maxHeaderSize: 8192 })
    this.#server.maxConnections = 50
  }

  /** The port that was taken; known after start. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#options.port
  }

  async start(): Promise<void> {
    const { host = '127.0.0.1', port, log } = this.#options
    this.#server.on('request', (request, response) => {
      this.#answer(request, response).catch((err: unknown) => {
        log.error({ err }, 'The metrics could not be told.')
        response.destroy()
      })
    })
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    log.info({ host, port: this.port }, 'Serving metrics.')
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, text: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(request.method === 'HEAD' ? '' : text)
    if (request.method !== 'GET' && request.method !== 'HEAD') return void send(405, 'only GET is answered\n')
    const { metrics, ready } = this.#options
    switch (request.url) {
      case '/metrics':
        return void send(200, await metrics.text(), metrics.contentType)
      case '/healthz':
        return void send(200, 'ok\n')
      case '/readyz': {
        const state = ready?.() ?? { ready: true }
        return void send(state.ready ? 200 : 503, `${state.detail ?? (state.ready ? 'ready' : 'not ready')}\n`)
      }
      default:
        return void send(404, 'there are /metrics, /healthz and /readyz\n')
    }
  }
}
