// Sends the outbox in order and keeps each message until the next place has it. After a lost connection, or without progress,
// it starts again from the last place that is known to be stored; the receiver drops what it has already.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ACKNOWLEDGE_MODES } from '#contract/agent-status.ts'
import { decode } from '#contract/codec.ts'
import { comparePositions, type Position } from '#contract/envelope.ts'
import { ContractFault } from '#contract/fault.ts'
import { topicOf } from '#contract/topics.ts'
import type { BrokerClient } from '#runtime/broker.ts'
import type { Log } from '#runtime/log.ts'
import type { Outbox, StoredMessage } from './outbox.ts'

export interface PublisherOptions {
  broker: Pick<BrokerClient, 'connected' | 'onConnection' | 'publish' | 'subscribe'>
  outbox: Outbox
  site: string
  agent: string
  acknowledge: (typeof ACKNOWLEDGE_MODES)[number]
  /** The most messages that are sent and not yet known to be stored. */
  window: number
  resendAfterMs: number
  /** With acknowledge none: how long a message is kept after it was made. */
  keepSentMs: number
  /** The birth message, made afresh at each connect. */
  birth: () => Buffer
  log: Log
}

interface Sent extends Position {
  acknowledged: boolean
}

// A collector that is away for long is not asked more often than this.
const LONGEST_RESEND_MS = 300_000
// The collector's retained watermark comes right after the subscription; waiting for it saves sending what it has already.
const WATERMARK_GRACE_MS = 300

export class Publisher {
  readonly #options: PublisherOptions
  /** Everything up to here is known to be stored. */
  #stored: Position | null = null
  #cursor: Position | null = null
  #sent: Sent[] = []
  #pending = 0
  #born = false
  #connection = 0
  #progressAt = performance.now()
  #patienceMs: number
  #wake = Promise.withResolvers<void>()
  /** Resolves when a watermark was heard on this connection. */
  #heard = Promise.withResolvers<void>()
  #counts = { published: 0, resent: 0, ignoredAcks: 0 }
  #watermark: Position | null = null
  #furthest: Position | null = null

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#patienceMs = options.resendAfterMs
  }

  get state(): { published: number; resent: number; watermark: Position | null; ignoredAcks: number } {
    return { ...this.#counts, watermark: this.#watermark }
  }

  /** True when everything in the outbox is known to be stored, or was sent where nothing comes back. */
  get drained(): boolean {
    const { outbox, acknowledge } = this.#options
    const done = acknowledge === 'none' ? this.#cursor : this.#stored
    return outbox.after(done, 1).length === 0 && this.#pending === 0
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

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wake(), { once: true })
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers()
      if (this.#options.broker.connected) await this.#work(signal)
      await this.#rest()
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    if (!this.#born) await this.#beBorn(signal)
    if (!this.#born) return
    this.#resendWithoutProgress()
    const { outbox, window } = this.#options
    const free = window - Math.max(this.#sent.length, this.#pending)
    if (free <= 0) return
    const messages = outbox.after(this.#cursor, free)
    for (const message of messages) this.#send(message)
    if (messages.length < free) this.#forgetUnconfirmed()
  }

  // The birth goes first, so that whoever hears samples knows their tags.
  async #beBorn(signal: AbortSignal): Promise<void> {
    const { broker, site, agent, birth, log, acknowledge } = this.#options
    const connection = this.#connection
    try {
      await broker.publish(topicOf({ site, agent, kind: 'birth' }), birth(), { retain: true })
    } catch (error) {
      log.warn({ err: error }, 'The birth was not taken.')
      return
    }
    const grace = new AbortController()
    const waiting = sleep(WATERMARK_GRACE_MS, undefined, { signal: AbortSignal.any([signal, grace.signal]) }).catch(() => {})
    if (acknowledge === 'collector') await Promise.race([this.#heard.promise, waiting])
    grace.abort()
    if (connection !== this.#connection) return
    this.#born = true
    this.#rewind()
  }

  #send({ boot, sequence, kind, payload }: StoredMessage): void {
    const { broker, site, agent, acknowledge } = this.#options
    const sent: Sent = { boot, sequence, acknowledged: false }
    this.#cursor = { boot, sequence }
    if (acknowledge !== 'none') this.#sent.push(sent)
    if (this.#furthest !== null && comparePositions(sent, this.#furthest) <= 0) this.#counts.resent++
    else this.#furthest = this.#cursor
    this.#counts.published++
    this.#pending++
    broker
      .publish(topicOf({ site, agent, kind }), payload)
      .then(() => this.#acknowledged(sent))
      // Lost connections are told by the broker client; whatever was not stored is sent again.
      .catch((error) => this.#options.log.debug({ err: error, boot, sequence }, 'A message was not acknowledged.'))
      .finally(() => {
        this.#pending--
        this.wake()
      })
  }

  #acknowledged(sent: Sent): void {
    sent.acknowledged = true
    if (this.#options.acknowledge !== 'broker') return
    let last: Sent | undefined
    while (this.#sent[0]?.acknowledged) last = this.#sent.shift()
    if (last !== undefined) this.#progress({ boot: last.boot, sequence: last.sequence })
  }

  // The only thing an agent ever hears. Two integers that name a number we gave out; all else is counted and ignored.
  #hear(payload: Buffer): void {
    let heard: Position
    try {
      heard = decode('ack', payload)
    } catch (error) {
      if (!(error instanceof ContractFault)) throw error
      this.#counts.ignoredAcks++
      return
    }
    const { last, boot } = this.#options.outbox
    if (comparePositions(heard, last ?? { boot, sequence: 0 }) > 0) {
      this.#counts.ignoredAcks++
      return
    }
    this.#watermark = heard
    this.#heard.resolve()
    if (this.#stored === null || comparePositions(heard, this.#stored) > 0) this.#progress(heard)
  }

  #progress(stored: Position): void {
    this.#stored = stored
    this.#options.outbox.forget(stored)
    this.#sent = this.#sent.filter((sent) => comparePositions(sent, stored) > 0)
    if (this.#cursor === null || comparePositions(this.#cursor, stored) < 0) this.#cursor = stored
    this.#progressAt = performance.now()
    this.#patienceMs = this.#options.resendAfterMs
    this.wake()
  }

  #resendWithoutProgress(): void {
    if (this.#sent.length === 0) this.#progressAt = performance.now()
    if (performance.now() - this.#progressAt < this.#patienceMs) return
    this.#options.log.warn({ stored: this.#stored, waiting: this.#sent.length }, 'No progress; sending again.')
    this.#patienceMs = Math.min(LONGEST_RESEND_MS, this.#patienceMs * 2)
    this.#progressAt = performance.now()
    this.#rewind()
  }

  #rewind(): void {
    this.#sent = []
    this.#cursor = this.#stored
  }

  #forgetUnconfirmed(): void {
    const { acknowledge, outbox, keepSentMs } = this.#options
    if (acknowledge === 'none' && this.#cursor !== null) outbox.forgetOld(this.#cursor, Date.now() - keepSentMs)
  }

  #connected(connected: boolean): void {
    this.#connection++
    this.#born = false
    if (connected) {
      this.#progressAt = performance.now()
      this.#patienceMs = this.#options.resendAfterMs
    } else this.#heard = Promise.withResolvers()
    this.wake()
  }

  async #rest(): Promise<void> {
    const timer = setTimeout(() => this.wake(), this.#options.resendAfterMs / 2)
    await this.#wake.promise
    clearTimeout(timer)
  }
}
