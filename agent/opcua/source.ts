// One OPC UA server: connects, subscribes or polls, and turns whatever comes, or does not come, into samples, gaps and events.
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeviceHealth } from '#contract/agent-status.ts'
import type { Device, DeviceState } from '#contract/device.ts'
import { isBad } from '#contract/quality.ts'
import type { Log } from '#runtime/log.ts'
import type { Backoff } from '../backoff.ts'
import { Budget } from '../budget.ts'
import type { AgentClock } from '../clock.ts'
import type { Sink, Source } from '../source.ts'
import { Caller } from './caller.ts'
import type { OpcUaDevice } from './config.ts'
import { connectServer } from './connect.ts'
import { BAD, faultOf, OpcUaFault } from './fault.ts'
import { HeldValues } from './held-values.ts'
import type { Identity } from './link-options.ts'
import { securityText } from './plan-lines.ts'
import { PolledReading } from './polled-reading.ts'
import type { OpcUaTagPlan } from './resolve.ts'
import { readFacts } from './server-facts.ts'
import { ServerWatch } from './server-watch.ts'
import type { OpcUaSession } from './session.ts'
import { SubscribedReading } from './subscribed-reading.ts'
import { ServerTally } from './tally.ts'
import { decode, timeOf } from './values.ts'

export interface OpcUaSourceOptions {
  device: Device
  config: OpcUaDevice
  tags: readonly (OpcUaTagPlan & { id: number })[]
  folder: string
  identity: Identity
  clock: AgentClock
  backoff: Backoff
  log: Log
}

/** What both ways of reading have in common. */
export interface ReadingContext {
  config: OpcUaDevice
  tags: readonly OpcUaTagPlan[]
  caller: Caller
  held: HeldValues
  clock: AgentClock
  watch: ServerWatch
  sink: Sink
  /** Aborted when the connection is given up; what comes after that counts for nothing. */
  signal: AbortSignal
  /** Told of each sign of life, after what it brought has been kept. */
  alive: (roundTripMs?: number) => void
  /** Told of each new subscription. */
  subscribed: (id: number) => void
}

const SWEEP_MS = 500
const SETTLED_MS = 30_000

export class OpcUaSource implements Source {
  readonly device: Device
  readonly #options: OpcUaSourceOptions
  readonly #held: HeldValues
  readonly #tally = new ServerTally()
  readonly #budget: Budget
  #lastGoodAt: number | null = null
  /** The agent time of the last sign of life before the connection was lost. */
  #aliveAt: number | undefined
  #missing = false
  #online = false
  /** Whether the first attempt to connect has come to an end; until then there is nothing to tell. */
  #attempted = false
  #onlineSince = 0
  #subscription: number | undefined
  #reading: { readonly late: number; run(): Promise<void> } | undefined
  #lateBefore = 0

  constructor(options: OpcUaSourceOptions) {
    const { device, tags, config } = options
    this.device = device
    this.#options = options
    this.#held = new HeldValues(
      tags.map(({ id, tag }) => ({ id, heartbeatMs: tag.heartbeatMs })),
      BAD.notConnected.value
    )
    this.#budget = new Budget({ ...config.budget, registersPerSecond: Number.POSITIVE_INFINITY })
  }

  get late(): number {
    return this.#lateBefore + (this.#reading?.late ?? 0)
  }

  health(): DeviceHealth {
    const { tags, config } = this.#options
    const bad = tags.filter((_, place) => isBad(this.#held.qualityOf(place))).length
    const state: DeviceState = !this.#online || bad === tags.length ? 'offline' : bad > 0 ? 'degraded' : 'online'
    return {
      id: this.device.id,
      state,
      lastGoodAt: this.#lastGoodAt,
      ...this.#tally.health(),
      budgetUse: this.#budget.use,
      security: securityText(config)
    }
  }

  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const { config, folder, clock, backoff, device } = this.#options
    const watch = new ServerWatch({ device: device.id, folder, choice: config.events, clock, sink })
    await watch.load()
    const sweeping = this.#sweep(sink, signal)
    while (!signal.aborted) {
      await this.#connectOnce(watch, sink, signal)
      await sleep(backoff.next(), undefined, { signal }).catch(() => {})
    }
    await sweeping
  }

  // From connecting to the loss of the connection, which is the only way out but the signal.
  async #connectOnce(watch: ServerWatch, sink: Sink, signal: AbortSignal): Promise<void> {
    const { config, folder, identity, backoff, log, device } = this.#options
    const ending = new AbortController()
    let late = false
    const deadline = setTimeout(() => {
      late = true
      ending.abort()
    }, config.connectTimeoutMs)
    const stop = () => ending.abort()
    signal.addEventListener('abort', stop, { once: true })
    let session: OpcUaSession | undefined
    const reading = new AbortController()
    try {
      session = await connectServer({
        config,
        folder,
        identity,
        tally: this.#tally,
        signal: ending.signal,
        offered: (endpoints) => watch.offered(endpoints)
      })
      await watch.offered(await session.endpoints())
      clearTimeout(deadline)
      signal.removeEventListener('abort', stop)
      const life = AbortSignal.any([signal, session.ended, reading.signal])
      const caller = new Caller({ session, budget: this.#budget, tally: this.#tally, timeoutMs: config.timeoutMs, signal: life })
      const facts = await readFacts(caller)
      await watch.connected(facts)
      log.info({ device: device.id, endpoint: config.endpoint }, 'The OPC UA server is connected.')
      const context = this.#context(caller, watch, sink, life, backoff)
      this.#reading = config.read === 'poll' ? new PolledReading(context, facts) : new SubscribedReading(context, facts)
      await this.#reading.run()
      reading.abort()
      // Its nodes may have other numbers now; what it tells until they are asked for anew is missed.
      this.#missing = true
      await session.close()
    } catch (error) {
      reading.abort()
      if (signal.aborted) return
      const fault = late
        ? new OpcUaFault('OPCUA_TIMEOUT', BAD.timeout, `no session within ${config.connectTimeoutMs} ms`, { cause: error })
        : faultOf(error, 'OPC UA')
      this.#down(fault, watch, sink, log)
      // A server that has stopped answering is not waited for; one that answers is told goodbye, and keeps no session for us.
      if (fault.code !== 'OPCUA_TIMEOUT' && fault.code !== 'OPCUA_CLOSED') await session?.close()
    } finally {
      this.#lateBefore = this.late
      this.#reading = undefined
      clearTimeout(deadline)
      signal.removeEventListener('abort', stop)
      await (signal.aborted ? session?.close() : session?.kill())
    }
  }

  #context(caller: Caller, watch: ServerWatch, sink: Sink, signal: AbortSignal, backoff: Backoff): ReadingContext {
    const { config, tags, clock } = this.#options
    this.#held.keepAll(BAD.waiting.value, clock.now())
    const alive = (roundTripMs = 0) => {
      if (signal.aborted) return
      const now = clock.now()
      if (!this.#online) {
        this.#online = true
        this.#attempted = true
        this.#onlineSince = performance.now()
        this.#tally.answers(true)
      }
      // A server that lets us in and drops us again is given more and more time.
      if (performance.now() - this.#onlineSince > SETTLED_MS) backoff.reset()
      const reading = this.#held.reading(now, Math.round(roundTripMs * 1000))
      if (reading !== undefined) {
        this.#tellMissing(sink, now)
        if (reading.qualities.some((quality) => !isBad(quality))) this.#lastGoodAt = now
        sink.read(reading)
      }
      this.#aliveAt = now
    }
    const subscribed = (id: number) => {
      if (this.#subscription !== undefined) watch.replaced(this.#subscription, id)
      this.#subscription = id
    }
    return { config, tags, caller, held: this.#held, clock, watch, sink, signal, alive, subscribed }
  }

  #down(fault: OpcUaFault, watch: ServerWatch, sink: Sink, log: Log): void {
    const { clock, device } = this.#options
    const { code, status } = fault
    if (this.#online || this.#held.qualityOf(0) !== status)
      log.warn({ device: device.id, code, err: fault }, 'The OPC UA server is not read.')
    if (this.#online) this.#missing = true
    this.#online = false
    this.#attempted = true
    this.#tally.answers(false)
    this.#tally.failed(fault)
    watch.refused(fault)
    const news = this.#options.tags.some((_, place) => this.#held.qualityOf(place) !== status)
    if (!news) return
    this.#held.addAll(status)
    const reading = this.#held.reading(clock.now())
    if (reading !== undefined) sink.read(reading)
  }

  #tellMissing(sink: Sink, now: number): void {
    const { device, config } = this.#options
    if (this.#missing && this.#aliveAt !== undefined)
      sink.missed({
        device: device.id,
        from: this.#aliveAt,
        to: now,
        samples: null,
        reason: config.read === 'poll' ? 'device-silent' : 'subscription-replaced'
      })
    this.#missing = false
  }

  // What has not changed is so at the last sign of life, not later; what is bad for want of a connection is so now.
  async #sweep(sink: Sink, signal: AbortSignal): Promise<void> {
    const { clock, config } = this.#options
    while (!signal.aborted) {
      await sleep(SWEEP_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      if (!this.#attempted || (this.#online && config.read === 'poll')) continue
      const time = this.#online ? (this.#aliveAt ?? 0) : clock.now()
      this.#held.addDue(time)
      const reading = this.#held.reading(time)
      if (reading !== undefined) sink.read(reading)
    }
  }
}

/** Keeps what the server said of a tag for the next reading. */
export function take(
  { tags, held, signal }: Pick<ReadingContext, 'tags' | 'held' | 'signal'>,
  place: number,
  from: Parameters<typeof decode>[0]
): void {
  const plan = tags[place]
  if (plan === undefined || signal.aborted) return
  const { tag, scale, offset, indexRange } = plan
  const { value, quality } = decode(from, { dataType: tag.dataType, indexed: indexRange !== null, scale, offset, range: tag.range })
  held.add(place, value, quality, timeOf(from.sourceTimestamp), timeOf(from.serverTimestamp))
}
