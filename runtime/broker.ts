// The only door to mqtt: a connection to the broker that comes back by itself, and acknowledges a message only when it was taken.
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type IClientOptions } from 'mqtt'
import { MAX_MESSAGE_BYTES } from '#contract/codec.ts'
import { type BrokerAccess, type BrokerConfig, readAccess } from './broker-config.ts'
import { BrokerFault } from './broker-fault.ts'
import { Link } from './broker-link.ts'
import { Room } from './intake.ts'
import type { Part } from './lifecycle.ts'
import type { Log } from './log.ts'

export type { IPublishPacket, MqttClient, Packet } from 'mqtt'
export { BrokerConfig } from './broker-config.ts'
export { BrokerFault } from './broker-fault.ts'

/** Settles when the message may be acknowledged. A rejection leaves it with the broker, which sends it again on the next connection. */
export type Receive = (topic: string, payload: Buffer) => Promise<void>

export interface BrokerClientOptions {
  config: BrokerConfig
  clientId: string
  /** False keeps the session at the broker while the client is away. */
  clean: boolean
  log: Log
  will?: { topic: string; payload: Buffer; retain: boolean }
  /** Publishes that may wait for their PUBACK at a time; further ones wait their turn. */
  maxInFlight?: number
  /** The wait before connecting again is random, below a bound that doubles from min to max. */
  backoffMs?: { min: number; max: number }
}

const MAX_RECEIVING = { messages: 500, bytes: 32 << 20 }
const STABLE_MS = 10_000
const CONNECT_MS = 10_000
const KEEP_SESSION_SECONDS = 7 * 24 * 3600

interface Subscription {
  filters: readonly string[]
  receive: Receive
}

export class BrokerClient implements Part {
  readonly name = 'broker client'
  readonly #options: BrokerClientOptions
  readonly #subscriptions: Subscription[] = []
  readonly #listeners: ((connected: boolean) => void)[] = []
  // Shared by all connections: work of a lost one still counts, so memory stays bounded however often the broker goes.
  readonly #room = new Room(MAX_RECEIVING)
  readonly #ending = new AbortController()
  #running: Promise<void> | undefined
  #link: Link | undefined
  #toldAway = false
  #toldUnasked = false

  constructor(options: BrokerClientOptions) {
    this.#options = options
  }

  /** True when messages can be published and all subscriptions stand. */
  get connected(): boolean {
    return this.#link?.ready === true && !this.#ending.signal.aborted
  }

  onConnection(listener: (connected: boolean) => void): void {
    this.#listeners.push(listener)
  }

  /** To be called before start; kept over reconnects. */
  subscribe(filters: readonly string[], receive: Receive): void {
    if (this.#running !== undefined) throw new Error('subscribe before start: messages of a kept session come at once')
    this.#subscriptions.push({ filters, receive })
  }

  /** Returns at once and connects in the background; rejects only when a secret or a certificate cannot be used. */
  async start(): Promise<void> {
    await readAccess(this.#options.config)
    this.#running = this.#run(this.#ending.signal)
  }

  /** Waits a bounded time for what is in flight, then says goodbye, so that the last will is not sent. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#link?.end()
    await this.#running
  }

  /** QoS 1: resolves at PUBACK; rejects with BrokerFault when there is no connection or it is lost before. */
  async publish(topic: string, payload: Buffer, { retain = false }: { retain?: boolean } = {}): Promise<void> {
    if (payload.length > MAX_MESSAGE_BYTES)
      throw new BrokerFault('MESSAGE_TOO_LARGE', `${payload.length} bytes for ${topic}; at most ${MAX_MESSAGE_BYTES} are sent`)
    if (this.#link === undefined || !this.connected) throw new BrokerFault('BROKER_AWAY', `no connection to ${this.#options.config.url}`)
    await this.#link.publish(topic, payload, retain)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { min, max } = this.#options.backoffMs ?? { min: 1000, max: 60_000 }
    let failures = 0
    while (!signal.aborted) {
      const livedMs = await this.#live()
      failures = livedMs > STABLE_MS ? 0 : failures + 1
      // Full jitter: after a power cut a thousand agents shall not come back in step.
      const bound = Math.min(max, min * 2 ** Math.min(failures, 16))
      await sleep(Math.random() * bound, undefined, { signal }).catch(() => undefined)
    }
  }

  /** One connection from its beginning to its end; gives how long it stood. */
  async #live(): Promise<number> {
    const { log, config } = this.#options
    const link = await this.#open().catch((err: unknown) => {
      if (!this.#ending.signal.aborted)
        log[this.#toldAway ? 'debug' : 'warn']({ err, broker: config.url }, 'No connection to the broker; trying again.')
      this.#toldAway = true
    })
    if (link === undefined) return 0
    const since = performance.now()
    log.info({ broker: config.url }, 'Connected to the broker.')
    this.#toldAway = false
    this.#tell(true)
    const err = await link.closed
    this.#link = undefined
    if (!this.#ending.signal.aborted) log.warn({ err, broker: config.url }, 'Lost the broker; connecting again.')
    this.#tell(false)
    return performance.now() - since
  }

  async #open(): Promise<Link> {
    const { maxInFlight = 32 } = this.#options
    const client = connect(clientOptions(this.#options, await readAccess(this.#options.config)))
    const link = new Link({ client, maxInFlight, room: this.#room, receive: (topic, payload) => this.#dispatch(topic, payload) })
    this.#link = link
    try {
      if (this.#ending.signal.aborted) await link.end()
      await link.open(this.#subscriptions.flatMap(({ filters }) => filters))
      return link
    } catch (error) {
      this.#link = undefined
      throw error
    }
  }

  #tell(connected: boolean): void {
    for (const listener of this.#listeners) listener(connected)
  }

  async #dispatch(topic: string, payload: Buffer): Promise<void> {
    const receivers = this.#subscriptions.filter(({ filters }) => filters.some((filter) => matches(filter, topic)))
    if (receivers.length === 0 && !this.#toldUnasked) {
      this.#toldUnasked = true
      this.#options.log.warn(
        { topic },
        'Messages come that nobody asked for; an older session may have subscribed to them. They are dropped.'
      )
    }
    await Promise.all(receivers.map(({ receive }) => receive(topic, payload)))
  }
}

function clientOptions({ config, clientId, clean, will }: BrokerClientOptions, access: BrokerAccess): IClientOptions {
  const { protocol, hostname, port } = new URL(config.url)
  return {
    ...access,
    protocol: protocol === 'mqtts:' ? 'mqtts' : 'mqtt',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'mqtts:' ? 8883 : 1883) : Number(port),
    rejectUnauthorized: true,
    clientId,
    clean,
    keepalive: config.keepaliveSeconds,
    protocolVersion: config.protocolVersion,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // Else mqtt-packet makes 65,536 small buffers beforehand: 8 MB, in an agent that is to be small.
    writeCache: false,
    ...(will === undefined ? {} : { will: { ...will, qos: 1 as const } }),
    ...(config.protocolVersion === 5
      ? { properties: { sessionExpiryInterval: clean ? 0 : KEEP_SESSION_SECONDS, receiveMaximum: MAX_RECEIVING.messages } }
      : {})
  }
}

// MQTT 3.1.1, 4.7: + stands for one level, # for all that follow. A shared subscription names its group first (MQTT 5.0, 4.8.2).
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.replace(/^\$share\/[^/]+\//, '').split('/')
  const levels = topic.split('/')
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true
    if (level !== '+' && level !== levels[index]) return false
    if (index >= levels.length) return false
  }
  return wanted.length === levels.length
}
