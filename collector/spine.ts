// Joins the rooms between broker and store: intake, sequencing, pipeline, rules, alerts, live events. Knows no HTTP and no config file.

import type { Check } from '#rules/check.ts'
import { Engine } from '#rules/engine.ts'
import type { Pack } from '#rules/pack.ts'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import type { Metrics } from '#runtime/metrics.ts'
import type { Database } from '#runtime/sqlite.ts'
import { AgentKeyTable } from './agent-key-table.ts'
import { AgentKeys } from './agent-keys.ts'
import { Alerts } from './alerts/alerts.ts'
import type { Live } from './api/live.ts'
import type { Plant } from './api/plant.ts'
import type { Audit } from './audit.ts'
import { Centre } from './centre.ts'
import { createCounters, Rate } from './counters.ts'
import { DeviceEvents } from './device-events.ts'
import { Intake } from './ingest/intake.ts'
import { Ledger } from './ingest/ledger.ts'
import { Quarantine } from './ingest/quarantine.ts'
import { type Stream, Streams } from './ingest/streams.ts'
import { Subscriber } from './ingest/subscriber.ts'
import { Waiting } from './ingest/waiting.ts'
import { Inventory } from './inventory.ts'
import { Judge } from './judge.ts'
import type { Limits } from './limits.ts'
import { Pipeline } from './pipeline.ts'
import { plantOf } from './plants.ts'
import { Replays } from './replays.ts'
import { Rounds } from './rounds.ts'
import { SelfWatch } from './self-watch.ts'
import type { TelemetryStore } from './store/telemetry.ts'
import { Tell } from './tell.ts'
import { type Publish, Watermarks } from './watermarks.ts'

export interface SpineOptions {
  database: Database
  store: TelemetryStore
  packs: readonly Pack[]
  /** The keys of agents by site/agent; null, or left out, takes the first key of each. */
  listedKeys?: ReadonlyMap<string, string> | null
  audit: Audit
  live: Pick<Live, 'publish' | 'clients'>
  publish: Publish
  limits: Limits
  metrics: Metrics
  log: Log
  now?: () => number
  retryMs?: { min: number; max: number }
  keepJudgementMs?: number
}

const DAY_MS = 86_400_000
const LAST_WATERMARKS_MS = 2000

export class Spine implements Part {
  readonly name = 'spine'
  readonly subscriber: Subscriber
  readonly plant: Plant
  readonly alerts: Alerts
  readonly agentKeys: AgentKeys
  readonly centre: Centre
  readonly #engine: Engine
  readonly #streams: Streams
  readonly #inventory: Inventory
  readonly #ledger: Ledger
  readonly #events: DeviceEvents
  readonly #judge: Judge
  readonly #intake: Intake
  readonly #pipeline: Pipeline
  readonly #watermarks: Watermarks
  readonly #rounds: Rounds
  readonly #now: () => number
  readonly #log: Log
  readonly #tell: Tell
  readonly #selfWatch: SelfWatch
  #hasLearned = false

  constructor(options: SpineOptions) {
    const { database, store, packs, audit, live, publish, limits, metrics, log, now = Date.now } = options
    this.#now = now
    this.#log = log
    const engine = new Engine({ packs })
    const alerts = new Alerts({
      database,
      audit,
      checkOf: (rule) => this.checkOf(rule),
      tagOf: ({ site, agent, tag }) => (tag === null ? undefined : inventory.tag(site, agent, tag)),
      now
    })
    const centre = new Centre({ now })
    const ledger = new Ledger({ database })
    const events = new DeviceEvents({ database, now })
    const quarantine = new Quarantine({ database, ledger, now })
    const keys = new AgentKeys({ table: new AgentKeyTable({ database }), audit, listed: options.listedKeys ?? null, now })
    const streams = new Streams({
      limits: { holdMs: limits.holdSeconds * 1000, holdMessages: limits.holdMessages, holdBytes: limits.holdMegabytes << 20 }
    })
    const waiting = new Waiting({ limits: { messages: limits.waitingMessages, bytes: limits.waitingMegabytes << 20 } })
    const judge = new Judge({ engine, database, log, now })
    const replays = new Replays({ packs, judge, alerts, birthOf: (site, agent) => inventory.find(site, agent)?.birth, log })
    const watermarks = new Watermarks({ publish })
    const rate = new Rate({ now })
    const inventory: Inventory = new Inventory({
      store,
      silentAfterMs: limits.silentAfterSeconds * 1000,
      openAlerts: { ofSite: (site) => alerts.openCounts(site), byTag: (site) => alerts.openCountsByTag(site) },
      watermark: (site, agent) => streams.find(site, agent)?.durable.at(-1)?.position ?? null,
      gaps: () => ledger.gapsSince(now() - DAY_MS),
      now
    })
    const tell = new Tell({ live, inventory, log })
    this.#tell = tell
    centre.onChange((parts) => tell.parts(parts))
    const learned = () => {
      this.#hasLearned = true
    }
    const remind = (stream: Stream) => watermarks.remind(stream)
    const changed = (site: string) => tell.siteChanged(site)
    const birthWaitMs = limits.birthWaitSeconds * 1000
    const known = { streams, waiting, inventory, judge, ledger, keys, quarantine, birthWaitMs }
    const intake = new Intake({ ...known, remind, learned, changed, log, now })
    const counters = createCounters({
      metrics,
      read: {
        waiting: () => pipeline.waiting,
        held: () => [...streams].reduce((sum, { lanes }) => sum + lanes.held.messages, 0),
        quarantined: () => quarantine.counts(),
        eventsLeftOut: () => events.leftOut,
        returns: () => intake.returns,
        mistrusted: () => keys.refused,
        watermarks: () => watermarks,
        judgeFaults: () => ({ engine: judge.faults + replays.faults, rules: this.#countRuleFaults() })
      }
    })
    const rooms = {
      streams,
      inventory,
      ledger,
      events,
      quarantine,
      waiting,
      judge,
      replays,
      watermarks,
      centre,
      rate,
      alerts,
      tell,
      counters
    }
    const pipeline: Pipeline = new Pipeline({ ...options, ...rooms, now })
    this.#rounds = new Rounds({
      log,
      rounds: [
        { what: 'waiting', everyMs: 250, work: () => intake.tick() },
        { what: 'watermarks', everyMs: 100, work: () => watermarks.flush() },
        { what: 'judging by the clock', everyMs: 1000, work: () => pipeline.tick() },
        { what: 'writing down where agents stand', everyMs: 5000, work: () => keys.save() },
        { what: 'telling', everyMs: 1000, work: () => tell.flush() },
        { what: 'looking at the centre itself', everyMs: 2000, work: () => this.#lookAtCentre() }
      ]
    })
    this.subscriber = new Subscriber({ waiting, intake })
    this.plant = plantOf({ inventory, ledger, events, quarantine, engine, store, centre, rate, waiting: () => pipeline.waiting, now })
    this.alerts = alerts
    this.agentKeys = keys
    const faults = () => this.#countRuleFaults() + judge.faults
    this.#selfWatch = new SelfWatch({ centre, quarantine, streams, faults })
    this.centre = centre
    this.#engine = engine
    this.#streams = streams
    this.#inventory = inventory
    this.#ledger = ledger
    this.#events = events
    this.#judge = judge
    this.#intake = intake
    this.#pipeline = pipeline
    this.#watermarks = watermarks
  }

  /** Remembers agents, places and the state of the rules. The store must have started, and no message have come. */
  restore(): void {
    const judgement = this.#judge.restore()
    this.#streams.restore(this.#ledger.streams(), this.#now())
    for (const { birth, tagMaps } of this.#ledger.births()) {
      this.#inventory.learn(birth, tagMaps)
      this.#judge.know(birth)
      const known = this.#inventory.find(birth.site, birth.agent)
      if (known !== undefined) known.lastHeard = this.#streams.find(birth.site, birth.agent)?.lastHeard ?? null
    }
    this.#endUnjudged()
    // What agents and devices did is not stored as samples are: alerts remember it better than a state kept earlier.
    for (const alert of this.alerts.active())
      if (judgement === null || alert.kind.startsWith('fleet/')) this.#judge.assume(alert, alert.lastSeen)
    this.#intake.start()
    this.#pipeline.resume(judgement)
  }

  // An alert whose rule or tag is gone would be active for ever.
  #endUnjudged(): void {
    const gone = this.alerts.active().filter((alert) => !this.#judge.judges(alert))
    if (gone.length > 0) {
      this.#tell.alerts(this.alerts.endUnjudged(gone.map(({ id }) => id)))
      this.#log.info({ alerts: gone.length }, 'Ended alerts that nothing judges any more.')
    }
    this.#hasLearned = false
  }

  /** Messages may have come since restore; they wait. */
  async start(): Promise<void> {
    await this.#pipeline.start()
    await this.#rounds.start()
  }

  /** Takes nothing new, finishes what it has and tells the agents a last time. */
  async stop(): Promise<void> {
    // A broker that never answers a watermark must not keep what was received from being stored.
    const rounds = this.#rounds.stop()
    await this.#pipeline.stop()
    this.agentKeys.save()
    await Promise.race([
      Promise.all([rounds, this.#watermarks.flush()]),
      new Promise((resolve) => setTimeout(resolve, LAST_WATERMARKS_MS).unref())
    ])
  }

  /** The newest event time of all that came in its turn; null when nothing came yet. */
  get newest(): number | null {
    const times = [...this.#streams].flatMap(({ lanes }) => lanes.time ?? [])
    return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b))
  }

  forgetBefore(time: number): void {
    this.#ledger.forgetGaps(time)
    this.#events.forgetBefore(time)
    while (this.alerts.prune(time) > 0);
  }

  checkOf(rule: string): Check | undefined {
    return this.#engine.check(rule)
  }

  #countRuleFaults(): number {
    return this.#engine.checks().reduce((sum, { faults }) => sum + faults, 0)
  }

  #lookAtCentre(): void {
    this.#selfWatch.look(this.#now())
    if (this.#hasLearned) this.#endUnjudged()
  }
}
