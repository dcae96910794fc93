// What the collector counts of its own work, for /metrics and the overview.
import type { Metrics } from '#runtime/metrics.ts'

export interface CountersOptions {
  metrics: Metrics
  /** Read when the metrics are told. */
  read: {
    waiting: () => { messages: number; bytes: number }
    held: () => number
    quarantined: () => ReadonlyMap<string, number>
    eventsLeftOut: () => number
    returns: () => number
    mistrusted: () => number
    watermarks: () => { published: number; failed: number }
    judgeFaults: () => { engine: number; rules: number }
  }
}

export type Counters = ReturnType<typeof createCounters>

export function createCounters({ metrics, read }: CountersOptions) {
  metrics.gauge({
    name: 'penstock_waiting_messages',
    help: 'Messages received and not yet stored.',
    collect: (gauge) => gauge.set(read.waiting().messages)
  })
  metrics.gauge({
    name: 'penstock_waiting_bytes',
    help: 'Memory taken by what waits to be stored.',
    collect: (gauge) => gauge.set(read.waiting().bytes)
  })
  metrics.gauge({
    name: 'penstock_held_messages',
    help: 'Messages stored that wait for a hole before them to be judged.',
    collect: (gauge) => gauge.set(read.held())
  })
  metrics.gauge({
    name: 'penstock_quarantined',
    help: 'Messages ever put into quarantine, by reason; REPLACED are those that had to make room.',
    labels: ['code'],
    collect: (gauge) => {
      for (const [code, count] of read.quarantined()) gauge.set({ code }, count)
    }
  })
  metrics.gauge({
    name: 'penstock_device_events_left_out',
    help: 'Device events not kept because an agent told too many in a day, on the days that are remembered.',
    collect: (gauge) => gauge.set(read.eventsLeftOut())
  })
  metrics.gauge({
    name: 'penstock_agent_returns',
    help: 'Times that a process spoke for an agent after another had taken its place; two under one name do.',
    collect: (gauge) => gauge.set(read.returns())
  })
  metrics.gauge({
    name: 'penstock_mistrusted',
    help: 'Births and health ever received that were not believed, because key, signature or order were wrong.',
    collect: (gauge) => gauge.set(read.mistrusted())
  })
  metrics.gauge({
    name: 'penstock_watermarks',
    help: 'Watermarks told to agents since the start.',
    labels: ['outcome'],
    collect: (gauge) => {
      gauge.set({ outcome: 'published' }, read.watermarks().published)
      gauge.set({ outcome: 'failed' }, read.watermarks().failed)
    }
  })
  metrics.gauge({
    name: 'penstock_judge_faults',
    help: 'Faults of rules, and of the engine itself, since the start.',
    labels: ['of'],
    collect: (gauge) => {
      gauge.set({ of: 'engine' }, read.judgeFaults().engine)
      gauge.set({ of: 'rules' }, read.judgeFaults().rules)
    }
  })
  return {
    messages: metrics.counter({
      name: 'penstock_messages_total',
      help: 'Numbered messages taken, by what became of them.',
      labels: ['outcome']
    }),
    samples: metrics.counter({ name: 'penstock_samples_stored_total', help: 'Samples stored; those sent again count again.' }),
    notJudged: metrics.counter({ name: 'penstock_samples_not_judged_total', help: 'Samples stored but too late to be judged in order.' }),
    gaps: metrics.counter({ name: 'penstock_gaps_total', help: 'Gaps noted, by reason.', labels: ['reason'] }),
    storeSeconds: metrics.histogram({
      name: 'penstock_store_seconds',
      help: 'How long the store takes for a group of messages.',
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
    }),
    storeFailures: metrics.counter({
      name: 'penstock_store_failures_total',
      help: 'Attempts to store that failed, by reason.',
      labels: ['code']
    }),
    faults: metrics.counter({
      name: 'penstock_faults_total',
      help: 'Faults in raising and telling that did not stop the spine.',
      labels: ['of']
    })
  }
}

// How many per second over the last minute, by whole seconds.
export class Rate {
  readonly #counts = new Float64Array(60)
  readonly #now: () => number
  readonly #since: number
  #second: number

  constructor({ now = Date.now }: { now?: () => number } = {}) {
    this.#now = now
    this.#since = now()
    this.#second = Math.floor(now() / 1000)
  }

  add(count: number): void {
    this.#advance()
    const at = this.#second % 60
    this.#counts[at] = (this.#counts[at] ?? 0) + count
  }

  perSecond(): number {
    this.#advance()
    const seconds = Math.min(60, Math.max(1, (this.#now() - this.#since) / 1000))
    return this.#counts.reduce((sum, count) => sum + count, 0) / seconds
  }

  #advance(): void {
    const second = Math.floor(this.#now() / 1000)
    const passed = Math.min(60, second - this.#second)
    for (let i = 1; i <= passed; i++) this.#counts[(this.#second + i) % 60] = 0
    if (passed !== 0) this.#second = second
  }
}
