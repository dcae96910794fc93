// What is known of sites, agents and tags, on a clock of our own: states, latest samples, what is stale, tag maps old and new.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Birth, Death, Health } from '#contract/agent-status.ts'
import { SiteView, TagView } from '#contract/api.ts'
import { decode } from '#contract/codec.ts'
import { BAD_TIMEOUT } from '#contract/quality.ts'
import type { SampleBatch } from '#contract/sample.ts'
import { Inventory } from '../../collector/inventory.ts'
import type { KnownBatch } from '../../collector/known-agent.ts'
import { MAX_TAGS } from '../../collector/known-agent.ts'
import type { TelemetryStore } from '../../collector/store/telemetry.ts'
import { TagMap } from '../../collector/tag-map.ts'
import { temporaryFolder } from '../parts/wait.ts'
import { START, Voice } from '../pipeline/voice.ts'
import { embeddedStore } from '../pipeline/world.ts'

const voice = new Voice()
const at = (sequence: number) => START + 3_600_000 + sequence * 1000
let now: number
let inventory: Inventory
let store: TelemetryStore
afterEach(() => store.stop())

beforeEach(async () => {
  now = at(0)
  store = embeddedStore(await temporaryFolder())
  await store.start()
  inventory = new Inventory({
    store,
    silentAfterMs: 60_000,
    openAlerts: { ofSite: () => [{ severity: 4, count: 2 }], byTag: (site) => new Map(site === 'east' ? [['edge-1/tower.level', 1]] : []) },
    watermark: () => ({ boot: 1, sequence: 7 }),
    gaps: () => new Map([['east/edge-1', 3]]),
    now: () => now
  })
})

const birth = (change: Partial<Birth> = {}) => decode('birth', voice.birth(change).payload)
const batch = (sequence: number, change: Partial<SampleBatch> = {}) => decode('samples', voice.samples(sequence, { change }).payload)
function known(message: SampleBatch): KnownBatch {
  const resolved = inventory.resolve(message)
  if ('code' in resolved) throw new Error(resolved.code)
  return resolved
}
function hear(sequence: number, change: Partial<SampleBatch> = {}): void {
  now = at(sequence) + 100
  inventory.heard('east', 'edge-1', now)
  inventory.know(known(batch(sequence, change)))
}
const level = () => inventory.tags({ search: 'LEVEL' })

describe('after the clock of the collector was set back', () => {
  it('nothing that was heard in the future counts as heard now', () => {
    inventory.learn(birth())
    hear(3)
    now -= 3_600_000
    expect(inventory.sites()).toMatchObject([{ agents: [{ state: 'silent' }], tags: { good: 0, stale: 3 } }])
    inventory.heard('east', 'edge-1', now)
    expect(inventory.sites()).toMatchObject([{ agents: [{ state: 'online' }] }])
  })
})

describe('tags', () => {
  it('have the latest sample, whatever order batches come in', () => {
    inventory.learn(birth())
    expect(level()).toMatchObject([{ latest: null, stale: true, openAlerts: 1 }])
    hear(2)
    hear(1)
    expect(level()).toMatchObject([{ site: 'east', agent: 'edge-1', view: 'polled', latest: { time: at(2), value: 3, quality: 0 } }])
    const views = inventory.tags({ site: 'east', agent: 'edge-1', device: 'plc-1' })
    expect(views.map(({ latest }) => latest?.value)).toEqual([3, 42, 'auto'])
    for (const view of views) expect(TagView.parse(view)).toEqual(view)
    expect(inventory.tags({ site: 'west' })).toEqual([])
    expect(inventory.tags({ device: 'plc-9' })).toEqual([])
  })

  it('show a bad sample as bad and not its last good value', () => {
    inventory.learn(birth())
    hear(1)
    hear(2, { values: [null, 1, 'x'], qualities: [BAD_TIMEOUT, 0, 0] })
    expect(level()[0]?.latest).toEqual({ time: at(2), value: null, quality: BAD_TIMEOUT })
    expect(inventory.sites()[0]?.tags).toEqual({ good: 2, uncertain: 0, bad: 1, stale: 0 })
  })

  it('are stale when nothing came for three heartbeats, and when what comes now is old', () => {
    inventory.learn(birth())
    hear(1)
    expect(level()[0]?.stale).toBe(false)
    now += 29_000
    expect(level()[0]?.stale).toBe(false)
    now += 2000
    expect(level()[0]?.stale).toBe(true)
    inventory.know(known(batch(2)))
    expect(level()[0]?.stale, 'a backlog is not news').toBe(true)
    expect(inventory.sites()[0]?.tags.stale).toBe(3)
  })

  it('of the wire are another view of the same tag', () => {
    inventory.learn(birth())
    hear(1)
    hear(1, { view: 'wire', tags: [1], times: [0], values: [9], qualities: [0] })
    expect(level().map(({ view, latest }) => [view, latest?.value])).toEqual([
      ['polled', 3],
      ['wire', 9]
    ])
  })

  it('are found by the ids of older tag maps, and a retired one is not shown', () => {
    inventory.learn(birth())
    const tags = birth().tags.map((tag, i) => ({ ...tag, id: 10 + i, ...(tag.name === 'mode' ? { retired: true } : {}) }))
    inventory.learn(birth({ tagMap: 2, tags }))
    hear(1)
    hear(2, { tagMap: 2, tags: [10, 11, 12] })
    expect(level()[0]?.latest?.time).toBe(at(2))
    expect(inventory.tags({}).map(({ tag }) => tag.name)).toEqual(['tower.level', 'pump.speed'])
    expect(inventory.resolve(batch(3, { tagMap: 2 }))).toMatchObject({ code: 'UNKNOWN_TAG' })
    expect(inventory.resolve(batch(3, { tagMap: 3 }))).toMatchObject({ code: 'UNKNOWN_TAG_MAP' })
    expect(inventory.tag('east', 'edge-1', 'pump.speed')?.id).toBe(11)
  })

  it('are told as changed once', () => {
    inventory.learn(birth())
    hear(1)
    hear(2)
    const latest = inventory.find('east', 'edge-1')?.latest.polled
    expect(latest?.changed()).toEqual([0, 1, 2])
    expect(latest?.changed()).toEqual([])
    hear(3, { tags: [3], times: [0], values: ['x'], qualities: [0] })
    expect(latest?.changed()).toEqual([2])
  })
})

describe('agents', () => {
  const health = (state: 'online' | 'degraded'): Health => ({
    ...{ kind: 'health', schema: 1, site: 'east', agent: 'edge-1', boot: 1, time: now, uptimeSeconds: 1 },
    ...{ samplesRead: 0, samplesQueued: 0, pollsLate: 0, rssBytes: 1 },
    devices: [
      {
        ...{ id: 'plc-1', state, lastGoodAt: null, requests: {}, refused: 0, failures: {}, staleReplies: 0, connects: 1 },
        ...{ roundTripP50Ms: null, roundTripP95Ms: null }
      }
    ],
    outbox: { messages: 0, bytes: 0, oldestAt: null, droppedMessages: 0 },
    publisher: { published: 0, resent: 0, watermark: null, ignoredAcks: 0 }
  })
  const death = (boot: number, reason: 'lost' | 'stopped'): Death => ({
    kind: 'death',
    schema: 1,
    site: 'east',
    agent: 'edge-1',
    boot,
    reason,
    time: null
  })
  const agent = () => inventory.site('east')?.agents[0]

  it('are silent until heard, since a birth may be a memory of the broker', () => {
    inventory.learn(birth())
    expect(agent()).toMatchObject({
      state: 'silent',
      lastHeard: null,
      devices: [{ state: 'unknown' }],
      gaps: 3,
      watermark: { boot: 1, sequence: 7 }
    })
    inventory.heard('east', 'edge-1', now)
    inventory.health(health('degraded'))
    expect(agent()).toMatchObject({ state: 'online', lastHeard: now, devices: [{ state: 'degraded' }] })
    now += 61_000
    expect(agent()).toMatchObject({ state: 'silent', devices: [{ state: 'unknown' }] })
    const sites = inventory.sites()
    expect(SiteView.parse(sites[0])).toEqual(sites[0])
  })

  it('are lost or stopped when they or the broker say so, but not by news of an earlier life', () => {
    inventory.learn(birth({ boot: 2 }))
    inventory.heard('east', 'edge-1', now)
    expect(inventory.death(death(1, 'lost'))).toBe(false)
    expect(agent()?.state).toBe('online')
    expect(inventory.death(death(2, 'stopped'))).toBe(true)
    expect(agent()?.state).toBe('stopped')
    inventory.heard('east', 'edge-1', now)
    expect(agent()?.state).toBe('online')
    inventory.death(death(2, 'lost'))
    expect(agent()?.state).toBe('silent')
  })

  it('may not tell tags without end', () => {
    inventory.learn(birth())
    const tags = (from: number) => Array.from({ length: 100_000 }, (_, i) => ({ name: `t${from + i}` }))
    const agent = inventory.find('east', 'edge-1')
    expect(agent?.slotsWith(tags(0))).toBe(100_003)
    expect(agent?.slotsWith([...tags(0), ...tags(100_000)])).toBeGreaterThan(MAX_TAGS)
  })
})

describe('a tag map', () => {
  it('gives back the slot of each id, dense or far apart', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 0x7fffffff })), { maxLength: 200 }),
        (ids) => {
          const map = new TagMap()
          for (const [slot, id] of ids.entries()) map.set(id, slot)
          for (const [slot, id] of ids.entries()) expect(map.slotOf(id)).toBe(slot)
          const unknown = [0, 5001, 0x7fffffff].filter((id) => !ids.includes(id))
          for (const id of unknown) expect(map.slotOf(id)).toBe(-1)
        }
      )
    )
  })
})

describe('resolving', () => {
  it('refuses times that are none', () => {
    inventory.learn(birth())
    expect(inventory.resolve(batch(1, { base: 0, times: [0, -1, 0] }))).toMatchObject({ code: 'TIME_OUT_OF_RANGE' })
    expect(inventory.resolve(batch(1, { base: 8.64e15, times: [0, 1, 0] }))).toMatchObject({ code: 'TIME_OUT_OF_RANGE' })
    expect(known(batch(1, { tags: [], times: [], values: [], qualities: [] }))).toMatchObject({ from: null, to: null })
    expect(known(batch(1))).toMatchObject({ from: at(1), to: at(1) + 2 })
  })
})
