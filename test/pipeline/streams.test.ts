// Streams of an agent through the whole spine: in order, with holes, repeats, other orders and restarts.
import { describe, expect, it } from 'vitest'
import { START } from './voice.ts'
import { World } from './world.ts'

const ALERT = 'test/level tower.level'

describe.each(['direct', 'embedded'] as const)('over the broker: %s', (broker) => {
  it('stores, judges, raises and tells, and acknowledges last', async () => {
    await using world = await World.open({ broker })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), agent.samples(2, { level: 12 }), agent.samples(3, { level: 4 }))
    expect(await world.count()).toBe(9)
    expect(await world.levels(agent)).toEqual([3, 12, 4])
    expect(world.spine.newest).toBe(START + 3_600_000 + 3002)
    expect(world.alerts()).toEqual([`${ALERT} cleared x1 T0836`])
    await world.shows('the watermark', () => world.ack(agent) === '1:3')
    expect(await world.gaps()).toEqual([])
    await world.shows('the alert told live', () => world.live.some(({ event }) => event === 'alert'))
    await world.shows('the samples told live', () => world.live.some(({ event, data }) => event === 'samples' && data.values.includes(4)))
    await world.shows('the site told live', () => world.live.some(({ event }) => event === 'site'))
    const overview = await world.spine.plant.overview()
    expect(new Set(overview.parts.map(({ state }) => state))).toEqual(new Set(['ok']))
    expect(overview.sites).toMatchObject([
      { site: { id: 'east' }, agents: [{ agent: 'edge-1', state: 'online', watermark: { boot: 1, sequence: 3 } }] }
    ])
  })

  it('stores a repeat once and judges it once', async () => {
    await using world = await World.open({ broker })
    const agent = await world.voice()
    await world.hears(
      agent,
      agent.birth(),
      agent.samples(1, { level: 11 }),
      agent.samples(1, { level: 11 }),
      agent.samples(2, { level: 11 })
    )
    await world.hears(agent, agent.samples(1, { level: 11 }), agent.samples(2, { level: 11 }))
    expect(await world.count()).toBe(6)
    expect(world.alerts()).toEqual([`${ALERT} active x1 T0836`])
  })
})

describe('other orders', () => {
  it('stores at once what comes ahead, judges it in its turn, and tells the watermark only then', async () => {
    await using world = await World.open({ limits: { holdSeconds: 60 } })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), agent.samples(3, { level: 3 }), agent.samples(4))
    expect(await world.count()).toBe(9)
    await world.shows('the watermark', () => world.ack(agent) === '1:1')
    expect(world.alerts()).toEqual([])
    await world.hears(agent, agent.samples(2, { level: 11 }))
    await world.shows('the watermark', () => world.ack(agent) === '1:4')
    // Raised by number 2 and cleared by number 3, which was there before it.
    expect(world.alerts()).toEqual([`${ALERT} cleared x1 T0836`])
    expect(await world.gaps()).toEqual([])
  })

  it('notes a hole as a gap, goes on, and closes the gap when the message comes late after all', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), agent.samples(4))
    await world.shows('the gap', async () => (await world.gaps()).join() === '1:2-3 never-arrived')
    await world.shows('the watermark', () => world.ack(agent) === '1:4')
    await world.hears(agent, agent.samples(3))
    expect(await world.gaps()).toEqual(['1:2-2 never-arrived'])
    await world.hears(agent, agent.samples(2))
    expect(await world.gaps()).toEqual([])
    expect(await world.count()).toBe(12)
  })

  it('takes the loss that an agent tells, and brackets it in time', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), agent.gap(2, 9), agent.samples(10))
    await world.shows('the watermark', () => world.ack(agent) === '1:10')
    const gaps = await world.spine.plant.gaps({ site: 'east' })
    expect(gaps).toMatchObject([{ boot: 1, first: 2, last: 9, reason: 'outbox-size', samples: 24 }])
  })

  it('sees the lost end of the boot before', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    agent.reboot(3)
    await world.hears(agent, agent.birth(), agent.samples(1), agent.samples(2))
    await world.shows('the gap', async () => (await world.gaps()).join() === '1:2-3 never-arrived')
    await world.shows('the watermark', () => world.ack(agent) === '2:2')
  })

  it('keeps two agents of one site apart', async () => {
    await using world = await World.open({ broker: 'embedded' })
    const [one, two] = [await world.voice({ agent: 'one' }), await world.voice({ agent: 'two' })]
    await Promise.all([
      world.hears(one, one.birth(), ...Array.from({ length: 20 }, (_, i) => one.samples(i + 1))),
      world.hears(two, two.birth(), ...Array.from({ length: 30 }, (_, i) => two.samples(i + 1, { level: i === 20 ? 20 : 3 })))
    ])
    expect(await world.count()).toBe(150)
    await world.shows('both watermarks', () => world.ack(one) === '1:20' && world.ack(two) === '1:30')
    expect(world.spine.alerts.find({}).alerts.map(({ agent }) => agent)).toEqual(['two'])
  })
})
