// What cannot be read: kept aside with its reason, acknowledged, counted, and harmful to nobody else.
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_MESSAGE_BYTES } from '#contract/codec.ts'
import { KINDS, topicOf } from '#contract/topics.ts'
import { type Spoken, Voice } from './voice.ts'
import { World } from './world.ts'

const other = new Voice({ site: 'west' })

function spoil(voice: Voice, sequence: number, change: Record<string, unknown>): Spoken {
  const message = JSON.parse(voice.samples(sequence).payload.toString())
  return voice.raw('samples', JSON.stringify({ ...message, ...change }))
}

describe('a message that cannot be read', () => {
  it.each([
    ['NOT_JSON', (voice: Voice) => voice.raw('samples', 'not json')],
    ['SCHEMA_MISMATCH', (voice: Voice) => spoil(voice, 2, { values: [1] })],
    ['UNKNOWN_SCHEMA_VERSION', (voice: Voice) => spoil(voice, 2, { schema: 2 })],
    ['TOPIC_MISMATCH', (voice: Voice) => ({ ...other.samples(2), topic: voice.samples(2).topic })],
    ['TOPIC_MALFORMED', (voice: Voice) => ({ ...voice.samples(2), topic: 'penstock/v1/00/east/edge-1/samples' })],
    ['MESSAGE_TOO_LARGE', (voice: Voice) => voice.raw('samples', Buffer.alloc(MAX_MESSAGE_BYTES + 1, 0x20))],
    ['MESSAGE_TOO_LARGE', (voice: Voice) => voice.raw('samples', zstdCompressSync(Buffer.alloc(64 << 20)))],
    ['DECOMPRESSION_FAILED', (voice: Voice) => voice.raw('samples', Buffer.from('28b52ffd00ffffffff', 'hex'))],
    ['TIME_OUT_OF_RANGE', (voice: Voice) => voice.samples(2, { change: { base: 8.64e15, times: [0, 1, 2] } })],
    [
      'NO_STORE_FOR_KIND',
      (voice: Voice) => voice.raw('transactions', JSON.stringify({ ...JSON.parse(voice.samples(2).payload.toString()), ...TRANSACTIONS }))
    ]
  ])('goes to quarantine as %s', async (code, speak) => {
    await using world = await World.open()
    const agent = await world.voice()
    const bad = speak(agent)
    await world.hears(agent, agent.birth(), agent.samples(1), bad)
    expect(await world.codes()).toEqual([code])
    const [entry] = await world.spine.plant.quarantine()
    expect(entry).toMatchObject({ topic: bad.topic, bytes: bad.payload.length })
    expect(await world.count()).toBe(3)
    await world.hears(agent, bad)
    expect(await world.codes(), 'the same bytes again are one entry').toEqual([code])
  })

  it('is shown on the overview', async () => {
    await using world = await World.open()
    await world.hears(other, other.raw('samples', '['))
    await world.shows('quarantine as a part', () => world.spine.centre.isFailing('quarantine'))
    expect((await world.spine.plant.overview()).parts.find(({ part }) => part === 'quarantine')?.detail?.en).toContain('quarantine')
  })

  it('is a gap at once when its number can be made out, so that the stream goes on', async () => {
    await using world = await World.open({ limits: { holdSeconds: 60 } })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), spoil(agent, 2, { qualities: 'good' }), agent.samples(3))
    await world.shows('the watermark', () => world.ack(agent) === '1:3')
    expect(await world.gaps()).toEqual(['1:2-2 unreadable'])
  })

  it('is the reason of the gap that it leaves when its number is unknown', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), agent.raw('samples', '{'), agent.samples(3))
    await world.shows('the gap', async () => (await world.gaps()).join() === '1:2-2 unreadable')
  })

  it('stays with the agent when only a newer program can read it', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), spoil(agent, 2, { schema: 9 }), spoil(agent, 3, { schema: 9 }))
    await world.shows('the watermark', () => world.ack(agent) === '1:1')
    expect(await world.gaps()).toEqual([])
    expect(await world.codes()).toEqual(['UNKNOWN_SCHEMA_VERSION', 'UNKNOWN_SCHEMA_VERSION'])
  })

  it('is found among others when only the store refuses it', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth())
    // A year that no store can hold.
    const bad = agent.samples(3, { change: { base: 1e13 } })
    const held = agent.samples(8, { change: { base: 1e13 } })
    await world.hears(
      agent,
      agent.samples(1),
      agent.samples(2),
      bad,
      agent.samples(4),
      agent.samples(5),
      held,
      agent.samples(6),
      agent.samples(7)
    )
    await world.shows('the watermark', () => world.ack(agent) === '1:8')
    expect(await world.codes()).toEqual(['STORE_REFUSED', 'STORE_REFUSED'])
    expect(await world.gaps()).toEqual(['1:3-3 unreadable', '1:8-8 unreadable'])
    expect(await world.count()).toBe(18)
    expect(world.spine.centre.isFailing('store')).toBe(false)
  })

  it('never stops others, whatever it is', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth())
    const kind = fc.constantFrom(...KINDS)
    const topic = fc.oneof(
      fc.string(),
      kind.map((one) => topicOf({ site: agent.site, agent: agent.agent, kind: one }))
    )
    const json = fc.json().map((text) => Buffer.from(text))
    const nearly = fc
      .tuple(fc.constantFrom(agent.samples(5), agent.birth(), agent.gap(2, 3), agent.death('lost')), fc.string(), fc.jsonValue())
      .map(([{ payload }, key, value]) => {
        const message = JSON.parse(payload.toString('latin1').startsWith('{') ? payload.toString() : '{}')
        const keys = Object.keys(message)
        return Buffer.from(JSON.stringify({ ...message, [keys[key.length % keys.length] ?? key]: value }))
      })
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      json,
      nearly
    )
    await fc.assert(
      fc.asyncProperty(topic, payload, async (where, bytes) => {
        await world.spine.subscriber.receive(where, bytes)
      }),
      { numRuns: 300 }
    )
    const well = await world.voice({ agent: 'well' })
    await world.hears(well, well.birth(), well.samples(1))
    expect(await world.levels(well)).toEqual([3])
  })
})

const TRANSACTIONS = {
  kind: 'transactions',
  transactions: [],
  view: undefined,
  tagMap: undefined,
  base: undefined,
  tags: undefined,
  times: undefined,
  values: undefined,
  qualities: undefined
}

describe('a batch whose tags nobody has told', () => {
  it('waits for the birth', async () => {
    await using world = await World.open({ limits: { birthWaitSeconds: 60 } })
    const agent = await world.voice()
    const waiting = world.begins(agent, agent.samples(1), agent.samples(2))
    await world.hears(agent, agent.birth())
    await Promise.all(waiting)
    expect(await world.levels(agent)).toEqual([3, 3])
    expect(await world.codes()).toEqual([])
  })

  it('goes to quarantine whole when none comes, and is read from there when one comes after all', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.samples(1), agent.samples(2, { level: 12 }), agent.samples(3, { level: 12 }))
    expect(await world.codes()).toEqual(['UNKNOWN_TAG_MAP', 'UNKNOWN_TAG_MAP', 'UNKNOWN_TAG_MAP'])
    await world.shows('the watermark', () => world.ack(agent) === '1:3')
    expect(await world.count()).toBe(0)
    await world.hears(agent, agent.birth())
    await world.shows('an empty quarantine', async () => (await world.codes()).length === 0)
    expect(await world.levels(agent)).toEqual([3, 12, 12])
    expect(world.alerts()).toEqual(['test/level tower.level active x1 T0836'])
    expect(await world.gaps()).toEqual([])
  })

  it('does not keep a centre from starting when this program cannot read it any more', async () => {
    const first = await World.open()
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), agent.samples(1), agent.samples(2, { change: { tags: [1, 2, 99] } }))
    first.database.exec("UPDATE quarantine SET payload = CAST('{}' AS BLOB)")
    await first.stop()
    await using world = await World.open({ folder: first.folder })
    await world.hears(agent, agent.birthWith('new.tag', 99), agent.samples(3))
    expect(await world.codes()).toEqual(['UNKNOWN_TAG'])
    expect(await world.levels(agent)).toEqual([3, 3])
  })

  it('is read after a restart too', async () => {
    const first = await World.open()
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), agent.samples(1), agent.samples(2, { change: { tags: [1, 2, 99] } }), agent.samples(3))
    expect(await first.codes()).toEqual(['UNKNOWN_TAG'])
    await first.stop()
    await using world = await World.open({ folder: first.folder })
    await world.hears(agent, agent.birthWith('new.tag', 99))
    await world.shows('an empty quarantine', async () => (await world.codes()).length === 0)
    expect(await world.levels(agent)).toEqual([3, 3, 3])
  })
})
