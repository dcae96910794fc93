// The agent as one part of a process: reads, publishes and tells its health until it is stopped, and then says goodbye.
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '#contract/codec.ts'
import { type Kind, topicOf } from '#contract/topics.ts'
import type { Part } from '#runtime/lifecycle.ts'
import { type AgentOptions, type Assembly, assemble, type ReadConfig } from './assembly.ts'
import type { AgentConfig } from './config.ts'
import type { Outbox } from './publish/outbox.ts'
import { OutboxFull } from './publish/outbox-full.ts'
import { settle } from './reload-settings.ts'
import type { Changes } from './running-devices.ts'
import type { Status } from './status.ts'

export type { AgentOptions } from './assembly.ts'

/** What became of the devices, and what of the new config only a restart can change. */
export interface Reloaded extends Changes {
  needRestart: readonly string[]
}

// How long a stop waits for the last samples to be taken, and then for the goodbye.
const FAREWELL_MS = 2000
const SHORTEST_DOWNTIME_MS = 1000

export class Agent implements Part {
  readonly name = 'agent'
  readonly #options: Omit<AgentOptions, 'config'>
  readonly #reading = new AbortController()
  readonly #publishing = new AbortController()
  #config: AgentConfig
  #healthPause = new AbortController()
  #reloading: Promise<unknown> = Promise.resolve()
  #assembly: Assembly | undefined
  #work: { read: Promise<void>; publish: Promise<void>; health: Promise<void> } | undefined

  constructor({ config, ...options }: AgentOptions) {
    this.#options = options
    this.#config = config
  }

  /** What the agent says of itself, while it runs. */
  get status(): Status | undefined {
    return this.#assembly?.status
  }

  /** Resolves when reading has begun; broker and devices may be away. */
  async start(): Promise<void> {
    const assembly = await assemble({ ...this.#options, config: this.#config })
    this.#assembly = assembly
    const { clock, outbox, publisher, broker } = assembly
    const { log } = this.#options
    if (clock.aheadMs > 1000)
      log.warn({ aheadMs: clock.aheadMs }, 'The clock is behind the last samples; agent time goes on slowly until it has caught up.')
    this.#tellDowntime(outbox)
    publisher.listen()
    await broker.start()
    this.#work = {
      read: assembly.read(this.#reading.signal),
      publish: publisher.run(this.#publishing.signal),
      health: this.#tellHealth(assembly, this.#publishing.signal)
    }
    // These take the faults of the world as they come. What rejects is a fault of ours: the process ends and is started again.
    for (const task of Object.values(this.#work)) task.catch(crash)
    log.info({ boot: outbox.boot, tagMap: outbox.tagMap, kept: outbox.state.messages }, 'The agent reads.')
  }

  /**
   * Makes ready to take another config over; what it resolves to does so, and does not touch devices that did not change. Rejects,
   * before anything has changed, when something cannot be read or written. Undefined when the agent does not run, or stops.
   */
  async prepare(next: ReadConfig): Promise<(() => Promise<Reloaded | undefined>) | undefined> {
    const assembly = this.#assembly
    if (assembly === undefined || this.#isStopping) return undefined
    const { config, needRestart } = settle(this.#config, next.config)
    const take = await this.#beforeStop(assembly.prepare({ config, hash: next.hash }))
    return async () => {
      if (this.#isStopping) return undefined
      const changes = await this.#beforeStop(take())
      this.#config = config
      // Health is told at the new pace from now on.
      this.#healthPause.abort()
      return { ...changes, needRestart }
    }
  }

  async stop(): Promise<void> {
    this.#reading.abort()
    await this.#reloading
    const { broker, intake, outbox } = this.#assembly ?? {}
    await this.#work?.read
    intake?.close()
    await this.#farewell()
    this.#publishing.abort()
    await Promise.all([this.#work?.publish, this.#work?.health])
    await broker?.stop()
    outbox?.close()
    this.#assembly = undefined
  }

  get #isStopping(): boolean {
    return this.#reading.signal.aborted
  }

  // A stop waits for it, and closes nothing that it still needs.
  #beforeStop<T>(work: Promise<T>): Promise<T> {
    this.#reloading = work.catch(() => {})
    return work
  }

  // From the last sample of the boot before until now nobody read; whoever looks at a trend shall know why it has a hole.
  #tellDowntime(outbox: Outbox): void {
    const { lastTime: from } = outbox
    const to = Date.now()
    if (from > 0 && to - from > SHORTEST_DOWNTIME_MS) outbox.putGap({ from, to, samples: null, reason: 'agent-down' })
  }

  async #farewell(): Promise<void> {
    const { broker, publisher, status } = this.#assembly ?? {}
    const deadline = performance.now() + FAREWELL_MS
    while (broker?.connected && publisher?.drained === false && performance.now() < deadline) await sleep(20)
    if (broker?.connected && status !== undefined)
      await Promise.race([this.#publish('death', status.death('stopped')), sleep(FAREWELL_MS, undefined, { ref: false })])
  }

  async #tellHealth({ status, outbox, broker }: Assembly, signal: AbortSignal): Promise<void> {
    const { log } = this.#options
    signal.addEventListener('abort', () => this.#healthPause.abort(), { once: true })
    while (!signal.aborted) {
      this.#healthPause = new AbortController()
      await sleep(this.#config.healthSeconds * 1000, undefined, { signal: this.#healthPause.signal }).catch(() => {})
      if (signal.aborted) return
      try {
        outbox.tidy()
      } catch (error) {
        if (!(error instanceof OutboxFull)) throw error
        log.warn({ err: error }, 'The outbox cannot be tidied.')
      }
      if (broker.connected) await this.#publish('health', encode('health', status.signedHealth()))
    }
  }

  // What is only true for the moment is not sent again when it could not be sent.
  async #publish(kind: Kind, payload: Buffer): Promise<void> {
    const { log } = this.#options
    const config = this.#config
    const topic = topicOf({ site: config.site.id, agent: config.agent, kind })
    await this.#assembly?.broker.publish(topic, payload).catch((err) => log.debug({ err, kind }, 'A message was not taken.'))
  }
}

function crash(error: unknown): never {
  throw error
}
