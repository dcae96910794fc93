// The spine: store, know, judge, raise, tell - for each message, in that order. What waits goes to the store as one group;
// acknowledgement and watermark come only after the store has it and the place is written down.
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Alert } from '#contract/alert.ts'
import type { Finding } from '#contract/finding.ts'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import { type Database, transaction } from '#runtime/sqlite.ts'
import type { Alerts } from './alerts/alerts.ts'
import { catchUp, catchUpEvents } from './catch-up.ts'
import type { Centre } from './centre.ts'
import type { Counters, Rate } from './counters.ts'
import type { DeviceEvents, KeptEvents } from './device-events.ts'
import { reachedIn } from './ingest/lanes.ts'
import type { Commit, Ledger } from './ingest/ledger.ts'
import type { Quarantine } from './ingest/quarantine.ts'
import type { Stream, Streams } from './ingest/streams.ts'
import { bytesOf, type Waiting, type Work } from './ingest/waiting.ts'
import type { Inventory } from './inventory.ts'
import type { Judge, Judgement } from './judge.ts'
import { Patience } from './patience.ts'
import type { Replays } from './replays.ts'
import type { TelemetryStore } from './store/telemetry.ts'
import { Storing } from './storing.ts'
import type { Tell } from './tell.ts'
import type { Watermarks } from './watermarks.ts'

export interface PipelineOptions {
  waiting: Waiting
  streams: Streams
  store: TelemetryStore
  inventory: Inventory
  judge: Judge
  replays: Replays
  alerts: Pick<Alerts, 'take'>
  ledger: Ledger
  events: DeviceEvents
  quarantine: Quarantine
  database: Database
  tell: Tell
  watermarks: Watermarks
  centre: Centre
  counters: Counters
  rate: Rate
  log: Log
  /** About how many samples go to the store at once. */
  groupSamples?: number
  /** How long to wait for more before a small group goes to the store. */
  gatherMs?: number
  keepJudgementMs?: number
  retryMs?: { min: number; max: number }
  now?: () => number
}

const ENOUGH_AT_ONCE = 32

export class Pipeline implements Part {
  readonly name = 'pipeline'
  readonly #options: PipelineOptions & Required<Pick<PipelineOptions, 'groupSamples' | 'gatherMs' | 'keepJudgementMs' | 'now'>>
  readonly #end = new AbortController()
  readonly #patience: Patience
  readonly #storing: Storing
  #inHand = { messages: 0, bytes: 0 }
  #judgement: Judgement | null = null
  #keepAgainAt = 0
  #running: Promise<void> = Promise.resolve()

  constructor(options: PipelineOptions) {
    this.#options = { groupSamples: 20_000, gatherMs: 10, keepJudgementMs: 10_000, now: Date.now, ...options }
    const { centre, log, retryMs } = options
    this.#patience = new Patience({ centre, log, signal: this.#end.signal, ...(retryMs === undefined ? {} : { retryMs }) })
    this.#storing = new Storing({ ...options, patience: this.#patience })
  }

  /** What was received and is not yet stored. */
  get waiting(): { messages: number; bytes: number } {
    const { waiting } = this.#options
    return { messages: waiting.messages + this.#inHand.messages, bytes: waiting.bytes + this.#inHand.bytes }
  }

  /** What the rules remembered from before; to be called before start. */
  resume(judgement: Judgement | null): void {
    this.#judgement = judgement
  }

  /** Judges by the clock; to be called every second or so. */
  tick(): void {
    const { judge, waiting, centre, now } = this.#options
    // Without its broker, or with no room for what comes, the centre itself is deaf; that is no silence of the agents.
    if (centre.isFailing('broker') || waiting.isFull) judge.deaf()
    else judge.tick(now())
    waiting.wake()
  }

  async start(): Promise<void> {
    this.#running = this.#run()
  }

  /** Takes nothing new, finishes what waits as far as the store allows, and keeps the state of the rules. */
  async stop(): Promise<void> {
    this.#options.waiting.close(new Error('the collector is stopping'))
    this.#end.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { waiting, groupSamples, judge } = this.#options
    try {
      await this.#judgeMissed()
      while (!this.#end.signal.aborted || waiting.messages > 0) {
        await waiting.next()
        await this.#gather()
        const group = waiting.take(groupSamples)
        if (group.length > 0 || judge.hasFound) await this.#do(group)
        this.#keepJudgement()
      }
      this.#keepJudgement({ now: true })
    } catch (err) {
      // Only when stopping: everything else is tried again. What is not acknowledged comes again.
      if (!this.#end.signal.aborted) throw err
      this.#options.log.warn(
        { err, waiting: this.waiting.messages },
        'Stopped with messages that could not be stored; they stay with the broker.'
      )
    }
  }

  // Each group costs a write to disk or a request: a little patience makes one of many. Under load nobody waits.
  async #gather(): Promise<void> {
    const { waiting, gatherMs } = this.#options
    if (waiting.messages >= ENOUGH_AT_ONCE) await turn()
    else await sleep(gatherMs, undefined, { signal: this.#end.signal }).catch(() => undefined)
  }

  async #do(group: readonly Work[]): Promise<void> {
    this.#inHand = { messages: group.length, bytes: group.reduce((sum, work) => sum + bytesOf(work), 0) }
    await this.#storing.store(group.filter(({ store, samples }) => store && samples !== null))
    const findings = this.#judge(group)
    const { alerts, told } = await this.#patience.untilDone(() => this.#writeDown(group, findings))
    this.#inHand = { messages: 0, bytes: 0 }
    this.#options.tell.alerts(alerts)
    this.#options.tell.events(told)
    this.#settle(group)
    const { replays } = this.#options
    // The lanes may have met already with messages that still wait here; this group ends the backlog when its own state says so.
    const isOver = ({ stream, state }: Work) => state !== null && (state.beside ?? []).length === 0 && replays.has(stream)
    const over = group.filter(isOver).map(({ stream }) => stream)
    if (over.length > 0) replays.end(over)
  }

  #judge(group: readonly Work[]): readonly Finding[] {
    const { inventory, judge, replays, counters } = this.#options
    for (const { samples, events, store, judge: when, stream } of group) {
      // Each event stands for itself and has its own time, so those of a backlog need no rules of their own.
      if (events !== null && when !== 'no') judge.events(events)
      if (samples === null || samples.isRefused) continue
      if (store) inventory.know(samples)
      if (when === 'no') continue
      if (when === 'replay') {
        if (!replays.judge(stream, samples)) counters.notJudged.inc(samples.slots.length)
        continue
      }
      // What comes out of turn is judged only when it is newer than all that was judged: rules see time go forward.
      if (when === 'late' && (samples.from ?? 0) <= stream.judgedTo) {
        counters.notJudged.inc(samples.slots.length)
        continue
      }
      judge.judge(samples)
      if (samples.to !== null && samples.to > stream.judgedTo) stream.judgedTo = samples.to
    }
    return [...judge.found(), ...replays.found()]
  }

  #writeDown(group: readonly Work[], findings: readonly Finding[]): { alerts: readonly Alert[]; told: readonly KeptEvents[] } {
    const { database, ledger, events, now } = this.#options
    const places = new Map<Stream, Commit['streams'][number]>()
    const gaps: Commit['gaps'][number][] = []
    for (const { stream, state, gap, refused } of group) {
      const { site, agent, lastHeard } = stream
      if (state !== null) places.set(stream, { site, agent, state, lastHeard })
      if (gap !== null) gaps.push({ site, agent, change: gap })
      if (refused !== undefined) gaps.push(refused)
    }
    const written = transaction(database, () => {
      const alerts = this.#raise(findings)
      const told = group.flatMap((work) => (work.events === null ? [] : events.keep(work.events, { inTurn: work.judge !== 'no' })))
      ledger.commit({ streams: [...places.values()], gaps, now: now() })
      return { alerts, told }
    })
    for (const [stream, { state }] of places) stream.durable = reachedIn(state)
    return written
  }

  #raise(findings: readonly Finding[]): readonly Alert[] {
    if (findings.length === 0) return []
    const { alerts, counters, log } = this.#options
    try {
      return alerts.take(findings)
    } catch (err) {
      if (isDatabaseAway(err)) throw err
      const [only] = findings
      if (findings.length > 1) return findings.flatMap((finding) => this.#raise([finding]))
      counters.faults.inc({ of: 'raise' })
      log.error({ err, rule: only?.rule, finding: only }, 'A finding could not be made an alert.')
      return []
    }
  }

  #settle(group: readonly Work[]): void {
    const { watermarks, counters, log } = this.#options
    for (const { stream, reached, settled, outcome, gap, refused } of group) {
      for (const place of reached) watermarks.mark(stream, place)
      if (outcome !== null) counters.messages.inc({ outcome })
      if (gap?.what === 'note') counters.gaps.inc({ reason: gap.hole.reason })
      if (refused !== undefined) counters.gaps.inc({ reason: 'unreadable' })
      try {
        settled()
      } catch (err) {
        counters.faults.inc({ of: 'settle' })
        log.error({ err }, 'What was stored could not be taken off the quarantine.')
      }
    }
  }

  async #judgeMissed(): Promise<void> {
    const { streams, judge, replays, log } = this.#options
    const judgement = this.#judgement
    for (const [name, judgedTo] of judgement?.judgedTo ?? []) {
      const [site = '', agent = ''] = name.split('/')
      const stream = streams.find(site, agent)
      if (stream !== undefined) stream.judgedTo = judgedTo
    }
    if (judgement === null) return
    const signal = this.#end.signal
    const samples = await this.#patience.untilDone(() =>
      catchUp({ ...this.#options, judgement, signal, until: (site, agent) => judgedUntil(streams.find(site, agent)) })
    )
    const events = catchUpEvents(this.#options)
    if (samples > 0 || events > 0) log.info({ samples, events }, 'Judged again what was stored since the rules last kept their state.')
    if (judge.hasFound) await this.#do([])
    replays.end([...streams])
  }

  // Never while findings wait to be written: a state that knows of them would not find them again.
  #keepJudgement({ now: atOnce = false } = {}): void {
    const { judge, streams, events, database, keepJudgementMs, log } = this.#options
    const begin = performance.now()
    if (judge.hasFound || (!atOnce && begin < this.#keepAgainAt)) return
    try {
      const judged = [...streams].filter(({ judgedTo }) => judgedTo > Number.NEGATIVE_INFINITY)
      transaction(database, () => {
        judge.keep(new Map(judged.map(({ site, agent, judgedTo }) => [`${site}/${agent}`, judgedTo])))
        events.markJudged()
      })
    } catch (err) {
      log.error({ err }, 'The state of the rules could not be kept.')
    }
    // The state of a large centre takes its time; it may take a fiftieth of all time and no more.
    const end = performance.now()
    this.#keepAgainAt = end + Math.max(keepJudgementMs, 50 * (end - begin))
  }
}

// SQLite's primary result codes for a file that cannot be used now: busy, locked, no memory, read-only, I/O error, damaged, full,
// cannot be opened, not a database. All others are about what was to be written, which is no better the next time.
const AWAY: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 11, 13, 14, 26])

function isDatabaseAway(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && AWAY.has(error.errcode & 0xff)
}

// What is stored ahead of a hole comes again, since the watermark stands before it; judged now, the messages before it would be too late.
function judgedUntil(stream: Stream | undefined): number {
  const state = stream?.lanes.state()
  const live = state?.beside?.at(-1) ?? state
  return live === undefined || live.ahead.length === 0 ? Number.MAX_SAFE_INTEGER : (live.time ?? 0) + 1
}
