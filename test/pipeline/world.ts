// A centre in this process on a folder of its own, with what the timelines ask of it: what is stored, missing, judged and acknowledged.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from '#contract/codec.ts'
import { collectorFilters, parseTopic } from '#contract/topics.ts'
import type { Pack } from '#rules/pack.ts'
import { BrokerClient, type BrokerConfig } from '#runtime/broker.ts'
import { EmbeddedBroker } from '#runtime/embedded-broker.ts'
import { quietLog } from '#runtime/log.ts'
import { createMetrics } from '#runtime/metrics.ts'
import type { Database } from '#runtime/sqlite.ts'
import type { LiveEvent } from '../../collector/api/live.ts'
import { Audit } from '../../collector/audit.ts'
import { Limits } from '../../collector/limits.ts'
import { Spine, type SpineOptions } from '../../collector/spine.ts'
import { openCollectorDatabase } from '../../collector/store/database.ts'
import { EmbeddedStore } from '../../collector/store/embedded.ts'
import type { TelemetryStore } from '../../collector/store/telemetry.ts'
import { temporaryFolder, until } from '../parts/wait.ts'
import { TEST_PACK } from './packs.ts'
import { type Spoken, Voice } from './voice.ts'

export interface WorldOptions {
  folder?: string
  /** Opened when left out: an embedded one in the folder. */
  store?: (folder: string) => TelemetryStore
  limits?: Partial<Limits>
  packs?: readonly Pack[]
  /** In place of telling the agents their watermarks. */
  publish?: SpineOptions['publish']
  /** direct: messages are handed over as a broker would; embedded: over TCP to the broker inside; url: over an outside broker. */
  broker?: 'direct' | 'embedded' | { url: string }
  /** In place of the list of what was told live. */
  live?: SpineOptions['live']
}

export const QUICK: Limits = {
  ...Limits.parse({}),
  holdSeconds: 0.5,
  birthWaitSeconds: 0.3
}

export function brokerConfig(url: string): BrokerConfig {
  return { url, keepaliveSeconds: 30, protocolVersion: 4, allowPlaintext: false }
}

const QUICKLY = { min: 20, max: 100 }
let clients = 0

export class World implements AsyncDisposable {
  readonly folder: string
  readonly spine: Spine
  readonly store: TelemetryStore
  readonly database: Database
  readonly live: LiveEvent[] = []
  readonly #acks = new Map<string, string>()
  readonly #options: WorldOptions
  readonly #broker: EmbeddedBroker | null
  readonly #client: BrokerClient | null
  readonly #voices = new Map<Voice, BrokerClient>()

  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World({ ...options, folder: options.folder ?? (await temporaryFolder()) })
    await world.store.start()
    world.spine.restore()
    await world.#broker?.start()
    await world.#client?.start()
    await world.spine.start()
    return world
  }

  private constructor(options: WorldOptions & { folder: string }) {
    const { folder, store, limits, broker = 'direct', live } = options
    const log = quietLog()
    this.#options = options
    this.folder = folder
    this.database = openCollectorDatabase({ file: join(folder, 'collector.db') })
    this.store = store?.(folder) ?? embeddedStore(folder)
    const receive = (topic: string, payload: Buffer) => this.spine.subscriber.receive(topic, payload)
    this.#broker = broker === 'embedded' ? new EmbeddedBroker({ host: '127.0.0.1', port: 0, log, receive }) : null
    this.#client =
      typeof broker === 'object'
        ? new BrokerClient({ config: brokerConfig(broker.url), clientId: 'collector', clean: false, log, backoffMs: QUICKLY })
        : null
    this.#client?.subscribe(collectorFilters(), receive)
    this.spine = new Spine({
      database: this.database,
      store: this.store,
      packs: options.packs ?? [TEST_PACK],
      audit: new Audit({ database: this.database }),
      live: live ?? { clients: 1, publish: (event) => void this.live.push(event) },
      publish:
        options.publish ??
        (async (topic, payload, how) => {
          const { site, agent } = parseTopic(topic)
          const { boot, sequence } = decode('ack', payload)
          this.#acks.set(`${site}/${agent}`, `${boot}:${sequence}`)
          await (this.#broker ?? this.#client)?.publish(topic, payload, how)
        }),
      limits: { ...QUICK, ...limits },
      metrics: createMetrics(),
      log,
      retryMs: QUICKLY
    })
  }

  /** Of the broker inside. */
  get brokerUrl(): string {
    return `mqtt://127.0.0.1:${this.#broker?.port}`
  }

  /** Resolves when all were acknowledged, as the broker sees it. */
  async hears(voice: Voice, ...messages: Spoken[]): Promise<void> {
    await Promise.all(this.begins(voice, ...messages))
  }

  /** Hands the messages over in their order and does not wait for the acknowledgements. */
  begins(voice: Voice, ...messages: Spoken[]): Promise<void>[] {
    const send = this.#sender(voice)
    return messages.map(({ topic, payload }) => send(topic, payload))
  }

  #sender(voice: Voice): (topic: string, payload: Buffer) => Promise<void> {
    const { broker = 'direct' } = this.#options
    if (broker === 'direct') return (topic, payload) => this.spine.subscriber.receive(topic, payload)
    const known = this.#voices.get(voice)
    if (known === undefined) throw new Error('this voice is not connected')
    return (topic, payload) => known.publish(topic, payload, { retain: parseTopic(topic).kind === 'birth' })
  }

  /** An agent; over a broker it gets a connection of its own. */
  async voice(name: { site?: string; agent?: string } = {}): Promise<Voice> {
    const voice = new Voice(name)
    await this.connect(voice)
    return voice
  }

  async connect(voice: Voice): Promise<void> {
    const { broker = 'direct' } = this.#options
    if (broker === 'direct') return
    const url = broker === 'embedded' ? this.brokerUrl : broker.url
    const client = new BrokerClient({
      config: brokerConfig(url),
      clientId: `voice-${++clients}`,
      clean: true,
      log: quietLog(),
      backoffMs: { min: 20, max: 100 }
    })
    await client.start()
    await until(() => client.connected, { what: 'the connection of a voice' })
    this.#voices.set(voice, client)
  }

  /** Sends again until it is acknowledged, as an agent does while its broker is away. */
  async insists(voice: Voice, ...messages: Spoken[]): Promise<void> {
    const send = this.#sender(voice)
    for (const { topic, payload } of messages)
      await until(async () => (await send(topic, payload)) ?? true, { what: `an acknowledgement on ${topic}`, everyMs: 50 })
  }

  alerts(): string[] {
    return this.spine.alerts
      .find({ limit: 200 })
      .alerts.map(({ rule, tag, condition, count, techniques }) => `${rule} ${tag} ${condition} x${count} ${techniques.join()}`)
  }

  async gaps(): Promise<string[]> {
    const gaps = await this.spine.plant.gaps({})
    return gaps.map(({ boot, first, last, reason }) => `${boot}:${first}-${last} ${reason}`).sort()
  }

  async codes(): Promise<string[]> {
    return (await this.spine.plant.quarantine()).map(({ code }) => code).sort()
  }

  ack({ site, agent }: Pick<Voice, 'site' | 'agent'>): string | undefined {
    return this.#acks.get(`${site}/${agent}`)
  }

  async count(): Promise<number> {
    return this.store.count()
  }

  /** The values of the level in the order of time. */
  async levels({ site, agent }: Pick<Voice, 'site' | 'agent'>): Promise<unknown[]> {
    const series = this.store.series({ site, agent, tag: 'tower.level', view: 'polled' })
    return (await this.store.samples({ series, from: 0, to: Number.MAX_SAFE_INTEGER, limit: 10_000 })).map(({ value }) => value)
  }

  shows(what: string, condition: () => unknown): Promise<unknown> {
    return until(condition, { what, timeoutMs: 20_000 })
  }

  /** What a killed process leaves behind, as a new folder. */
  async killed(): Promise<string> {
    const folder = await temporaryFolder()
    cpSync(this.folder, folder, { recursive: true })
    return folder
  }

  async stop(): Promise<void> {
    await this.spine.stop()
    for (const client of this.#voices.values()) await client.stop()
    await this.#client?.stop()
    await this.#broker?.stop()
    await this.store.stop()
    if (this.database.isOpen) this.database.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

export function embeddedStore(folder: string): EmbeddedStore {
  return new EmbeddedStore({
    config: { directory: join(folder, 'samples'), synchronous: 'normal', openSamples: 100_000, openSeconds: 900 },
    log: quietLog()
  })
}
