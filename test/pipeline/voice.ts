// An agent's voice: makes the messages that an agent of this contract would send, number by number.
import type { Birth, Health } from '#contract/agent-status.ts'
import { encode } from '#contract/codec.ts'
import type { Position } from '#contract/envelope.ts'
import type { DeviceEvent } from '#contract/event.ts'
import type { Gap } from '#contract/gap.ts'
import type { SampleBatch } from '#contract/sample.ts'
import { type Kind, topicOf } from '#contract/topics.ts'

export interface Spoken {
  topic: string
  payload: Buffer
}

export const START = Date.UTC(2026, 0, 5, 8)
export const TAG_NAMES = ['tower.level', 'pump.speed', 'mode'] as const

export class Voice {
  readonly site: string
  readonly agent: string
  boot = 1
  tagMap = 1
  follows: Position | null = null

  constructor({ site = 'east', agent = 'edge-1' }: { site?: string; agent?: string } = {}) {
    this.site = site
    this.agent = agent
  }

  get #sender() {
    return { schema: 1, site: this.site, agent: this.agent, boot: this.boot } as const
  }

  /** A later start of the same agent. */
  reboot(lastOfBefore: number): void {
    this.follows = { boot: this.boot, sequence: lastOfBefore }
    this.boot++
  }

  birth(change: Partial<Birth> = {}): Spoken {
    const text = { zh: '东区水厂', en: 'East Waterworks' }
    const birth: Birth = {
      kind: 'birth',
      ...this.#sender,
      tagMap: this.tagMap,
      startedAt: START + this.boot,
      version: '0.1.0',
      configHash: 'abc',
      acknowledge: 'collector',
      siteInfo: { id: this.site, title: text, sector: 'water' },
      devices: [{ id: 'plc-1', protocol: 'modbus-tcp', endpoint: '10.0.0.5:502 unit 1' }],
      tags: TAG_NAMES.map((name, i) => tagOf(i + 1, name)),
      ...change
    }
    return this.#say('birth', encode('birth', birth))
  }

  /** A birth that tells one tag more. */
  birthWith(name: string, id: number): Spoken {
    return this.birth({ tags: [...TAG_NAMES.map((known, i) => tagOf(i + 1, known)), tagOf(id, name)] })
  }

  /** The batch of a number: one sample of each tag, taken in the second of that number. */
  samples(sequence: number, { level = 3, change = {} }: { level?: number; change?: Partial<SampleBatch> } = {}): Spoken {
    const batch: SampleBatch = {
      kind: 'samples',
      ...this.#sender,
      sequence,
      ...(sequence === 1 ? { follows: this.follows } : {}),
      view: 'polled',
      tagMap: this.tagMap,
      base: START + this.boot * 3_600_000 + sequence * 1000,
      tags: [1, 2, 3],
      times: [0, 1, 2],
      values: [level, 40 + (sequence % 7), sequence % 2 === 0 ? 'auto' : 'hand'],
      qualities: [0, 0, 0],
      ...change
    }
    return this.#say('samples', encode('samples', batch))
  }

  /** Numbers first to last were dropped by the agent itself. */
  gap(first: number, last: number, change: Partial<Gap> = {}): Spoken {
    const at = (n: number) => START + this.boot * 3_600_000 + n * 1000
    const gap: Gap = {
      kind: 'gap',
      ...this.#sender,
      sequence: last,
      first,
      from: at(first),
      to: at(last),
      reason: 'outbox-size',
      samples: 3 * (last - first + 1),
      ...change
    }
    return this.#say('gap', encode('gap', gap))
  }

  /** Events of devices in the second of that number; a certificate that changed where nothing else is said. */
  events(sequence: number, ...events: Partial<DeviceEvent>[]): Spoken {
    const usual: DeviceEvent = {
      device: 'plc-1',
      time: START + this.boot * 3_600_000 + sequence * 1000,
      sourceTime: null,
      kind: 'certificate',
      change: 'changed',
      severity: 800,
      source: null,
      message: 'The server shows another certificate than before.',
      details: { before: 'a1b2', after: 'c3d4' }
    }
    const told = (events.length === 0 ? [{}] : events).map((change) => ({ ...usual, ...change }))
    const numbers = { sequence, ...(sequence === 1 ? { follows: this.follows } : {}) }
    return this.#say('events', encode('events', { kind: 'events', ...this.#sender, ...numbers, events: told }))
  }

  health(change: Partial<Health> = {}): Spoken {
    const health: Health = {
      kind: 'health',
      ...this.#sender,
      time: Date.now(),
      uptimeSeconds: 10,
      samplesRead: 1,
      samplesQueued: 1,
      pollsLate: 0,
      devices: [],
      outbox: { messages: 0, bytes: 0, oldestAt: null, droppedMessages: 0 },
      publisher: { published: 1, resent: 0, watermark: null, ignoredAcks: 0 },
      rssBytes: 1,
      ...change
    }
    return this.#say('health', encode('health', health))
  }

  death(reason: 'lost' | 'stopped'): Spoken {
    return this.#say('death', encode('death', { kind: 'death', ...this.#sender, reason, time: null }))
  }

  raw(kind: Kind, payload: Buffer | string): Spoken {
    return this.#say(kind, Buffer.from(payload))
  }

  #say(kind: Kind, payload: Buffer): Spoken {
    return { topic: topicOf({ site: this.site, agent: this.agent, kind }), payload }
  }
}

function tagOf(id: number, name: string): Birth['tags'][number] {
  const isMode = name === 'mode'
  return {
    id,
    name,
    device: 'plc-1',
    role: isMode ? 'status' : 'measurement',
    dataType: isMode ? 'string' : 'float',
    address: `input-register ${2 * id} of unit 1`,
    cadenceMs: 1000,
    heartbeatMs: 10_000
  }
}
