// The load of bench/pipeline.ts: an agent with many tags, its messages as bytes, and a pack with five rules on each tag.
import { encode } from '#contract/codec.ts'
import type { SampleBatch } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import { topicOf } from '#contract/topics.ts'
import { type Pack, parsePack } from '#rules/pack.ts'

export interface Load {
  agent: string
  tags: number
  samplesPerMessage: number
  messages: number
}

export const SITE = 'bench'
// A whole hour, some time ago, so that every run stores the same.
const START = 1_760_000_400_000
const text = { zh: '测速', en: 'bench' }

export function benchPack(): Pack {
  const check = (id: string, rule: string, parameters: Record<string, unknown>) => ({
    ...{ id, rule, severity: 3, parameters },
    ...{ title: text, why: text, reason: text, advice: [text] }
  })
  return parsePack({
    id: 'bench',
    version: '1',
    title: text,
    sector: 'any',
    checks: [
      check('range', 'process/range', { low: 0, high: 30_000 }),
      check('high', 'process/range', { high: 25_000, forSeconds: 10 }),
      check('rate', 'process/rate', { rise: 5000, fall: 5000 }),
      check('stuck', 'process/stuck', { forSeconds: 600 }),
      check('quality', 'process/quality', { forSeconds: 60 })
    ]
  })
}

export function birthOf({ agent, tags }: Load): Buffer {
  return encode('birth', {
    ...{ kind: 'birth', schema: 1, site: SITE, agent, boot: 1, tagMap: 1, startedAt: START, version: '0', configHash: '0' },
    acknowledge: 'collector',
    siteInfo: { id: SITE, title: text, sector: 'water' },
    devices: [{ id: 'plc-1', protocol: 'modbus-tcp', endpoint: '127.0.0.1:502 unit 1' }],
    tags: Array.from({ length: tags }, (_, i) => tagOf(i))
  })
}

function tagOf(index: number): Tag {
  const read = { address: `holding-register ${index} of unit 1`, cadenceMs: 1000, heartbeatMs: 10_000 }
  return { id: index + 1, name: `tag.${index}`, device: 'plc-1', role: 'measurement', dataType: 'float', ...read }
}

export const topicOfSamples = ({ agent }: Load): string => topicOf({ site: SITE, agent, kind: 'samples' })
export const topicOfBirth = ({ agent }: Load): string => topicOf({ site: SITE, agent, kind: 'birth' })

/** Every tag once a second; half of them whole numbers as raw registers are, half with two decimals. */
export function batchOf({ agent, tags, samplesPerMessage }: Load, sequence: number): SampleBatch {
  const first = (sequence - 1) * samplesPerMessage
  const second = (n: number) => Math.floor(n / tags)
  const base = START + second(first) * 1000
  const numbers = Array.from({ length: samplesPerMessage }, (_, i) => first + i)
  return {
    ...{ kind: 'samples', schema: 1, site: SITE, agent, boot: 1, sequence, view: 'polled', tagMap: 1, base },
    ...(sequence === 1 ? { follows: null } : {}),
    tags: numbers.map((n) => (n % tags) + 1),
    times: numbers.map((n) => (second(n) - second(first)) * 1000),
    values: numbers.map((n) => readingOf(n % tags, second(n))),
    qualities: numbers.map(() => 0)
  }
}

// Slow waves with a little noise, the same in each run; the first tag is out of range now and then, so that something is raised.
function readingOf(tag: number, second: number): number {
  if (tag === 0 && second % 200 >= 180) return 31_000
  const noise = ((tag * 7919 + second * 104_729) % 1000) / 1000
  const wave = Math.sin(second / 300 + tag)
  return tag % 2 === 0 ? Math.round(20_000 + 1000 * wave + 20 * noise) : Math.round((50 + 10 * wave + noise) * 100) / 100
}

export function* messagesOf(load: Load): Generator<Buffer> {
  for (let sequence = 1; sequence <= load.messages; sequence++) yield encode('samples', batchOf(load, sequence))
}
