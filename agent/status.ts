// What the agent says of itself: birth, health and death.
import type { Birth, Death, Health } from '#contract/agent-status.ts'
import { encode } from '#contract/codec.ts'
import { SCHEMA_VERSION } from '#contract/envelope.ts'
import type { Tag } from '#contract/tag.ts'
import type { AgentClock } from './clock.ts'
import type { ClockState } from './clock-check.ts'
import type { AgentConfig } from './config.ts'
import type { Intake } from './publish/intake.ts'
import type { Outbox } from './publish/outbox.ts'
import type { Publisher } from './publish/publisher.ts'
import type { RunningDevices } from './running-devices.ts'
import type { SigningKey } from './signing-key.ts'

/** What the agent reads, which may change. */
export interface Subject {
  config: AgentConfig
  /** The hash of the config. */
  hash: string
  tags: readonly Tag[]
}

// What a birth message may list.
const MOST_TAGS = 100_000

export interface StatusOptions {
  version: string
  outbox: Outbox
  devices: Pick<RunningDevices, 'sources' | 'late'>
  intake: Intake
  publisher: () => Publisher['state']
  clock: Pick<AgentClock, 'aheadMs'>
  /** How right the clock of the machine is. */
  clockState: () => ClockState
  /** Told in the birth; signs each health. */
  key: SigningKey
  now?: () => number
}

export class Status {
  readonly #options: StatusOptions
  readonly #now: () => number
  readonly #startedAt: number
  readonly #begun = performance.now()
  #subject: Subject
  #hasChanged = false

  constructor({ config, hash, tags, ...options }: StatusOptions & Subject) {
    this.#options = options
    this.#subject = { config, hash, tags }
    this.#now = options.now ?? Date.now
    this.#startedAt = this.#now()
  }

  /** The agent reads something else now; it has begun when it began. */
  change(subject: Subject): void {
    this.#subject = subject
    this.#hasChanged = true
  }

  birth(): Buffer {
    const { version, outbox, devices } = this.#options
    const { config, hash, tags } = this.#subject
    const retired = outbox.retired(tags, { sameBoot: this.#hasChanged })
    const birth: Birth = {
      kind: 'birth',
      ...this.#sender,
      tagMap: outbox.tagMap,
      startedAt: this.#startedAt,
      ...(outbox.firstBoot < outbox.boot ? { firstBoot: outbox.firstBoot } : {}),
      version,
      configHash: hash,
      acknowledge: config.acknowledge,
      siteInfo: config.site,
      devices: devices.sources.map((source) => source.device),
      // Those retired last are the likeliest to be in what is kept.
      tags: [...tags, ...retired.slice(Math.max(0, tags.length + retired.length - MOST_TAGS))],
      key: this.#options.key.publicKey
    }
    return encode('birth', birth)
  }

  health(): Health {
    const { version, outbox, devices, intake, publisher, clock, clockState } = this.#options
    return {
      kind: 'health',
      ...this.#sender,
      time: this.#now(),
      uptimeSeconds: Math.round((performance.now() - this.#begun) / 100) / 10,
      samplesRead: intake.counts.read,
      samplesQueued: intake.counts.queued,
      pollsLate: devices.late,
      devices: devices.sources.map((source) => source.health()),
      outbox: outbox.state,
      publisher: publisher(),
      rssBytes: process.memoryUsage.rss(),
      version,
      configHash: this.#subject.hash,
      clock: { ...clockState(), aheadMs: clock.aheadMs }
    }
  }

  /** The health as it is sent: signed as the very last step. */
  signedHealth(): Health {
    return this.#options.key.sign(this.health())
  }

  /** The goodbye of an agent that stops, or its last will, which the broker says for it and which knows no time. */
  death(reason: Death['reason']): Buffer {
    return encode('death', { kind: 'death', ...this.#sender, reason, time: reason === 'stopped' ? this.#now() : null })
  }

  get #sender() {
    const { config } = this.#subject
    const { outbox } = this.#options
    return { schema: SCHEMA_VERSION, site: config.site.id, agent: config.agent, boot: outbox.boot } as const
  }
}
