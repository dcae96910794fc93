// Restarts in mid-stream, in order and by SIGKILL: nothing lost, nothing doubled, no condition forgotten.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCollectorDatabase } from '../../collector/store/database.ts'
import { START } from './voice.ts'
import { World } from './world.ts'

const ALERT = 'test/level tower.level'

describe('a collector that was stopped', () => {
  it('goes on where it was', async () => {
    const first = await World.open()
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), agent.samples(1), agent.samples(2, { level: 12 }), agent.samples(5))
    await first.shows('the gap', async () => (await first.gaps()).length === 1)
    await first.hears(agent, agent.samples(8, { level: 12 }))
    await first.stop()
    expect(first.ack(agent)).toBe('1:5')

    await using world = await World.open({ folder: first.folder })
    expect((await world.spine.plant.overview()).sites[0]?.agents[0]).toMatchObject({ agent: 'edge-1', watermark: { boot: 1, sequence: 5 } })
    // Without a birth: the tags are known from before.
    await world.hears(agent, agent.samples(2, { level: 12 }), agent.samples(6), agent.samples(8, { level: 12 }), agent.samples(7))
    await world.shows('the watermark', () => world.ack(agent) === '1:8')
    expect(await world.gaps()).toEqual(['1:3-4 never-arrived'])
    expect(await world.levels(agent)).toEqual([3, 12, 3, 3, 3, 12])
    expect(world.alerts()).toEqual([`${ALERT} active x2 T0836`])
    await world.hears(agent, agent.samples(3))
    expect(await world.gaps()).toEqual(['1:4-4 never-arrived'])
  })

  it('does not judge before its turn what is stored ahead of a hole', async () => {
    const first = await World.open({ limits: { holdSeconds: 60 } })
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), agent.samples(1), agent.samples(4))
    await first.stop()
    await using world = await World.open({ folder: first.folder, limits: { holdSeconds: 60 } })
    await world.hears(agent, agent.samples(2, { level: 12 }), agent.samples(3), agent.samples(4))
    await world.shows('the watermark', () => world.ack(agent) === '1:4')
    expect(world.alerts()).toEqual([`${ALERT} cleared x1 T0836`])
  })

  it('lets messages that it could not take stay with the broker', async () => {
    const world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    await world.stop()
    await expect(world.hears(agent, agent.samples(2))).rejects.toThrow('stopping')
  })
})

describe('an alert that was active when the collector stopped', () => {
  const leave = async (second: number) => {
    const first = await World.open()
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), agent.samples(1, { level: 12 }), agent.samples(second, { level: 12 }))
    expect(first.alerts()).toEqual([`${ALERT} active x1 T0836`])
    return { first, agent }
  }

  it('ends, and says why, when its rule is no longer in any pack', async () => {
    const { first } = await leave(2)
    await first.stop()
    await using world = await World.open({ folder: first.folder, packs: [] })
    expect(world.alerts()).toEqual([`${ALERT} cleared x1 T0836`])
    const { history } = world.spine.alerts.detail(world.spine.alerts.find({}).alerts[0]?.id ?? '') ?? { history: [] }
    expect(history.at(-1)).toMatchObject({ what: 'cleared', by: null, note: expect.stringContaining('not judged any more') })
  })

  it('ends when its tag is not read any more', async () => {
    const { first, agent } = await leave(2)
    await first.hears(agent, agent.birth({ tags: [] }))
    await first.stop()
    await using world = await World.open({ folder: first.folder })
    expect(world.alerts()).toEqual([`${ALERT} cleared x1 T0836`])
  })

  it('ends as well when its tag is dropped while the collector runs', async () => {
    const { first, agent } = await leave(2)
    await first.hears(agent, agent.birth({ tags: [] }))
    await first.shows('the end', () => first.alerts().join() === `${ALERT} cleared x1 T0836`)
    await first.shows('the end told live', () => first.live.some(({ event, data }) => event === 'alert' && data.condition === 'cleared'))
    await first.stop()
  })

  it.each([
    ['is judged on and ends when the value is right, although the state of the rules was lost', 3, 'cleared'],
    ['goes on while the value is wrong, although the state of the rules was lost', 12, 'active']
  ])('%s', async (_, level, condition) => {
    const { first, agent } = await leave(2)
    await first.stop()
    const database = openCollectorDatabase({ file: join(first.folder, 'collector.db') })
    database.exec('DELETE FROM judgement')
    database.close()
    await using world = await World.open({ folder: first.folder })
    await world.hears(agent, agent.samples(3, { level }))
    expect(world.alerts()).toEqual([expect.stringContaining(`${ALERT} ${condition} `)])
  })
})

describe('an agent that lost its memory', () => {
  it('is taken up anew although the collector was killed before the first of its new messages', async () => {
    const first = await World.open()
    const agent = await first.voice()
    agent.boot = 9
    await first.hears(agent, agent.birth(), agent.samples(1), agent.samples(2))
    agent.boot = 5
    const birth = agent.birth({ startedAt: START + 60_000 })
    await first.hears(agent, birth)
    const folder = await first.killed()
    await first.stop()
    await using world = await World.open({ folder })
    await world.hears(agent, birth, agent.samples(1))
    await world.shows('the watermark of the new numbering', () => world.ack(agent) === '5:1')
  })
})

describe('a collector that was killed', () => {
  it('takes again what was not acknowledged, and doubles nothing', async () => {
    const first = await World.open()
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), agent.samples(1), agent.samples(2, { level: 12 }))
    const pending = first.begins(agent, agent.samples(3, { level: 13 }), agent.samples(4))
    const folder = await first.killed()
    await Promise.all(pending)
    await first.stop()

    await using world = await World.open({ folder })
    await world.hears(agent, agent.birth(), ...[1, 2, 3, 4, 5].map((n) => agent.samples(n, { level: n === 2 ? 12 : n === 3 ? 13 : 3 })))
    await world.shows('the watermark', () => world.ack(agent) === '1:5')
    expect(await world.levels(agent)).toEqual([3, 12, 13, 3, 3])
    expect(await world.count()).toBe(15)
    expect(world.alerts()).toHaveLength(1)
    expect(await world.gaps()).toEqual([])
  })

  it('judges again what was stored after the rules kept their state', async () => {
    const first = await World.open()
    const agent = await first.voice()
    // The pump must be too fast for five seconds; the state of the rules is kept at the start and then every ten seconds.
    const fast = (n: number) => agent.samples(n, { change: { values: [3, 120, 'auto'] } })
    await first.hears(agent, agent.birth(), agent.samples(1))
    await first.hears(agent, fast(2), fast(3), fast(4))
    expect(first.alerts()).toEqual([])
    const folder = await first.killed()
    await first.stop()

    await using world = await World.open({ folder })
    await world.hears(agent, fast(5), fast(6), fast(7), fast(8))
    const [alert] = world.spine.alerts.find({}).alerts
    expect(alert).toMatchObject({ rule: 'test/pump-fast', tag: 'pump.speed' })
    expect(alert?.firstSeen).toBe(START + 3_600_000 + 7000 + 1)
  })
})
