// Sends the outbox and keeps each message until the next place has it. What is read now goes first; after an outage the backlog is
// replayed beside it, in order and at a bounded pace. Without progress a lane is sent again from the last place that is known to be
// stored; the receiver drops what it has already.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ACKNOWLEDGE_MODES, Health } from '#contract/agent-status.ts'
import { decode } from '#contract/codec.ts'
import { comparePositions, type Position } from '#contract/envelope.ts'
import { ContractFault } from '#contract/fault.ts'
import { topicOf } from '#contract/topics.ts'
import type { BrokerClient } from '#runtime/broker.ts'
import type { Log } from '#runtime/log.ts'
import type { Outbox, StoredMessage } from './outbox.ts'
import { OutboxFull } from './outbox-full.ts'
import { Pace } from './pace.ts'
import { Sending } from './sending.ts'
import type { PublisherSettings } from './settings.ts'

export interface PublisherOptions extends PublisherSettings {
  broker: Pick<BrokerClient, 'connected' | 'onConnection' | 'publish' | 'subscribe'>
  outbox: Outbox
  site: string
  agent: string
  acknowledge: (typeof ACKNOWLEDGE_MODES)[number]
  /** The most messages that are sent and not yet known to be stored. */
  window: number
  /** The birth message, made afresh at each connect. */
  birth: () => Buffer
  log: Log
}

// The collector's retained watermark comes right after the subscription; waiting for it saves sending what it has already.
const WATERMARK_GRACE_MS = 300
// With more outages than this before the first backlog is through, live samples wait in the newest lane.
const MOST_LANES = 8

export class Publisher {
  #options: PublisherOptions
  readonly #sendings = new Map<number, Sending>()
  readonly #pace: Pace
  #pending = 0
  /** The boot that was told in the birth on this connection. */
  #bornAs: number | null = null
  /** False when that birth does not say any more what is so. */
  #isTold = false
  #connection = 0
  /** When live messages were last heard to be stored. */
  #liveAt: number | null = null
  #wake = Promise.withResolvers<void>()
  #restMs: number
  /** Resolves when a watermark was heard on this connection. */
  #heard = Promise.withResolvers<void>()
  #counts = { published: 0, resent: 0, ignoredAcks: 0, samplesLive: 0, samplesReplayed: 0 }
  #watermark: Position | null = null

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#pace = new Pace({ ...options.replay, now: performance.now() })
    this.#restMs = options.resendAfterMs / 2
  }

  get state(): Health['publisher'] {
    const { messages, samples } = this.#options.outbox.backlog
    const now = performance.now()
    const replay = { messages, samples, samplesPerSecond: round(this.#pace.replayedPerSecond(now)), limit: round(this.#pace.limit(now)) }
    return { ...this.#counts, watermark: this.#watermark, replay: messages === 0 ? null : replay }
  }

  /** True when everything in the outbox is known to be stored, or was sent where nothing comes back. */
  get drained(): boolean {
    return this.#pending === 0 && this.#lanes().every((lane) => lane.isDone(this.#isAcknowledged))
  }

  /** To be called before the broker client starts. */
  listen(): void {
    const { broker, site, agent, acknowledge } = this.#options
    broker.onConnection((connected) => this.#connected(connected))
    if (acknowledge === 'collector')
      broker.subscribe([topicOf({ site, agent, kind: 'ack' })], async (_topic, payload) => this.#hear(payload))
  }

  /** There is something new in the outbox. */
  wake(): void {
    this.#wake.resolve()
  }

  change(settings: PublisherSettings): void {
    this.#options = { ...this.#options, ...settings }
    this.#pace.change(settings.replay)
    for (const lane of this.#sendings.values()) lane.resendAfterMs = settings.resendAfterMs
  }

  /** The birth says something else now: it is told again, before anything that is put into the outbox from now on. */
  beBornAgain(): void {
    this.#isTold = false
    this.wake()
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wake(), { once: true })
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers()
      this.#restMs = this.#options.resendAfterMs / 2
      if (this.#options.broker.connected) await this.#work(signal)
      await this.#rest()
    }
  }

  get #isAcknowledged(): boolean {
    return this.#options.acknowledge !== 'none'
  }

  /** Oldest first; the last one is live. */
  #lanes(): Sending[] {
    const { outbox, resendAfterMs } = this.#options
    const { lanes } = outbox
    for (const lane of this.#sendings.keys()) if (!lanes.includes(lane)) this.#sendings.delete(lane)
    return lanes.map((lane) => {
      const sending = this.#sendings.get(lane) ?? new Sending({ lane, outbox, resendAfterMs })
      this.#sendings.set(lane, sending)
      return sending
    })
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { outbox, window } = this.#options
    if (!(await this.#beBorn(signal))) return
    const now = performance.now()
    this.#pace.live(outbox.put, now)
    const lanes = this.#lanes()
    for (const lane of lanes) this.#resendWithoutProgress(lane)
    const live = lanes.at(-1)
    const backlog = lanes.slice(0, -1).find((lane) => !lane.isDone(this.#isAcknowledged))
    const share = backlog === undefined ? window : Math.ceil(window / 2)
    if (live !== undefined) this.#sendLive(live, share)
    if (backlog !== undefined) this.#replay(backlog, Math.max(1, window - share))
  }

  #sendLive(live: Sending, share: number): void {
    const free = this.#free(live, share)
    if (free <= 0) return
    const messages = live.next(free)
    for (const message of messages) {
      const { again } = this.#send(live, message)
      if (!again) this.#counts.samplesLive += message.samples
    }
    if (messages.length < free) this.#forgetUnconfirmed(live)
  }

  #replay(backlog: Sending, share: number): void {
    const now = performance.now()
    const mayReplay = this.#pace.mayReplay(now)
    const free = mayReplay ? this.#free(backlog, share) : 0
    for (const message of free > 0 ? backlog.next(free) : []) {
      const { again } = this.#send(backlog, message)
      if (!again) this.#counts.samplesReplayed += message.samples
      this.#pace.replayed(message.samples, now)
      if (!this.#pace.mayReplay(now)) break
    }
    this.#forgetUnconfirmed(backlog)
    const waitMs = this.#pace.waitMs(now)
    if (waitMs > 0) this.#restMs = Math.min(this.#restMs, waitMs)
  }

  #free(lane: Sending, share: number): number {
    return Math.min(share - lane.waiting, this.#options.window - this.#pending)
  }

  // The birth goes first, so that whoever hears samples knows their tags; and again when the numbering has begun anew.
  async #beBorn(signal: AbortSignal): Promise<boolean> {
    const { broker, outbox, site, agent, birth, log, acknowledge } = this.#options
    if (this.#bornAs === outbox.boot && this.#isTold) return true
    const connection = this.#connection
    const first = this.#bornAs === null
    const { boot } = outbox
    this.#isTold = true
    try {
      await broker.publish(topicOf({ site, agent, kind: 'birth' }), birth(), { retain: true })
    } catch (error) {
      this.#isTold = false
      log.warn({ err: error }, 'The birth was not taken.')
      return false
    }
    const grace = new AbortController()
    const waiting = sleep(WATERMARK_GRACE_MS, undefined, { signal: AbortSignal.any([signal, grace.signal]) }).catch(() => {})
    if (first && acknowledge === 'collector') await Promise.race([this.#heard.promise, waiting])
    grace.abort()
    if (connection !== this.#connection) return false
    this.#bornAs = boot
    if (first) {
      for (const lane of this.#lanes()) lane.rewind()
      if (acknowledge === 'none') this.#letLiveOvertake()
    }
    // While waiting the numbering may have begun anew, or the birth become out of date.
    return this.#bornAs === outbox.boot && this.#isTold
  }

  #send(lane: Sending, { boot, sequence, kind, payload }: StoredMessage): { again: boolean } {
    const { broker, site, agent } = this.#options
    const { sent, again } = lane.send({ boot, sequence }, { wait: this.#isAcknowledged })
    if (again) this.#counts.resent++
    this.#counts.published++
    this.#pending++
    broker
      .publish(topicOf({ site, agent, kind }), payload)
      .then(() => {
        const taken = lane.taken(sent, { isEnough: this.#options.acknowledge === 'broker' })
        if (taken !== undefined) this.#progress(lane, taken)
      })
      // Lost connections are told by the broker client; whatever was not stored is sent again.
      .catch((error) => this.#options.log.debug({ err: error, boot, sequence }, 'A message was not acknowledged.'))
      .finally(() => {
        this.#pending--
        this.wake()
      })
    return { again }
  }

  // The only thing an agent ever hears. Two integers that name a number we gave out; all else is counted and ignored.
  #hear(payload: Buffer): void {
    const { outbox } = this.#options
    let heard: Position
    try {
      heard = decode('ack', payload)
    } catch (error) {
      if (!(error instanceof ContractFault)) throw error
      this.#counts.ignoredAcks++
      return
    }
    const { last, boot } = outbox
    if (comparePositions(heard, last ?? { boot, sequence: 0 }) > 0) {
      this.#counts.ignoredAcks++
      return
    }
    this.#watermark = heard
    this.#heard.resolve()
    const of = outbox.laneOf(heard.boot)
    const lane = this.#lanes().find(({ lane }) => lane === of)
    if (lane !== undefined) this.#progress(lane, heard)
  }

  #progress(lane: Sending, stored: Position): void {
    if (!lane.progress(stored)) return
    if (lane.lane === this.#options.outbox.lane) this.#liveMoved()
    this.wake()
  }

  // Only what moves again after a standstill begins a lane: a receiver that is merely slow gets everything in order.
  #liveMoved(): void {
    const now = performance.now()
    const stood = this.#liveAt === null || now - this.#liveAt >= this.#options.liveAfterMs
    this.#liveAt = now
    if (stood) this.#letLiveOvertake()
  }

  #letLiveOvertake(): void {
    const { outbox, liveAfterMs, log } = this.#options
    const lanes = this.#lanes()
    const oldest = lanes.at(-1)?.oldest
    if (oldest === undefined || Date.now() - oldest.madeAt < liveAfterMs || lanes.length >= MOST_LANES) return
    try {
      outbox.beginLane()
      log.info({ since: oldest.madeAt, boot: outbox.boot }, 'Live samples go first; what was kept is replayed beside them.')
    } catch (error) {
      if (!(error instanceof OutboxFull)) throw error
      log.warn({ err: error }, 'The outbox cannot be written; everything is sent in order.')
    }
  }

  #resendWithoutProgress(lane: Sending): void {
    const { stored, waiting } = lane
    if (!lane.isStuck()) return
    this.#options.log.warn({ stored, waiting }, 'No progress; sending again.')
    lane.rewind()
  }

  #forgetUnconfirmed({ cursor }: Sending): void {
    const { acknowledge, outbox, keepSentMs } = this.#options
    if (acknowledge === 'none' && cursor !== null) outbox.forgetOld(cursor, Date.now() - keepSentMs)
  }

  #connected(connected: boolean): void {
    this.#connection++
    this.#bornAs = null
    if (connected) for (const lane of this.#sendings.values()) lane.beginPatience()
    else this.#heard = Promise.withResolvers()
    this.wake()
  }

  async #rest(): Promise<void> {
    const timer = setTimeout(() => this.wake(), this.#restMs)
    await this.#wake.promise
    clearTimeout(timer)
  }
}

const round = (rate: number): number => Math.round(rate * 10) / 10
