// Counters, gauges and histograms of one process, in a registry of its own, told in the Prometheus text format.
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
  host?: string
  /** Whether the process does its work; the text names what is missing. */
  ready?: () => { ready: boolean; detail?: string }
}

export class MetricsServer implements Part {
  readonly name = 'metrics server'
  constructor(_options: MetricsServerOptions) {}
  /** The port that was taken; known after start. */
  get port(): number {
    return 0
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}
