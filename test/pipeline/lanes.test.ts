// Live data beside a backlog, through the whole spine: what is stored, told and judged in which lane, and what a restart makes of it.
import { describe, expect, it } from 'vitest'
import { START, Voice } from './voice.ts'
import { World } from './world.ts'

const ALERT = 'test/level tower.level'
const at = (boot: number, sequence: number) => START + boot * 3_600_000 + sequence * 1000

// Boot 2 began beside boot 1, of which ten numbers were given out.
const lane = { from: 2, after: { boot: 1, sequence: 10 } }

class Returned {
  readonly old = new Voice()
  readonly live = new Voice()

  constructor() {
    this.live.reboot(10)
  }

  now(sequence: number, level = 3) {
    return this.live.samples(sequence, { level, change: { lane } })
  }

  past(from: number, to: number, level = 3) {
    return Array.from({ length: to - from + 1 }, (_, i) => this.old.samples(from + i, { level }))
  }
}

async function returned(world: World, level = 3): Promise<Returned> {
  const agent = new Returned()
  await world.hears(agent.old, agent.old.birth(), agent.old.samples(1, { level }))
  await world.hears(agent.live, agent.live.birth())
  return agent
}

describe('a backlog beside live data', () => {
  it('is stored, told and judged by itself, and then there is one lane again', async () => {
    await using world = await World.open()
    const agent = await returned(world)
    await world.hears(agent.live, agent.now(1), agent.now(2))
    await world.shows('the live place', () => world.ack(agent.live) === '2:2')
    expect(world.spine.newest).toBe(at(2, 2) + 2)
    expect(await world.gaps()).toEqual([])
    await world.hears(agent.old, ...agent.past(2, 4), ...agent.past(5, 6, 12), ...agent.past(7, 9))
    await world.shows('the place of the backlog', () => world.ack(agent.live) === '1:9')
    expect(world.alerts()).toEqual([`${ALERT} cleared x1 T0836`])
    const [alert] = world.spine.alerts.find({}).alerts
    expect([alert?.firstSeen, alert?.clearedAt]).toEqual([at(1, 5), at(1, 7)])
    await world.hears(agent.old, ...agent.past(10, 10))
    await world.hears(agent.live, agent.now(3, 11))
    await world.shows('the live place again', () => world.ack(agent.live) === '2:3')
    expect(await world.count()).toBe(3 * 13)
    expect(world.alerts()).toEqual([`${ALERT} active x2 T0836`])
    // A repeat of what is over tells the agent again that it may forget it.
    await world.hears(agent.old, ...agent.past(8, 8))
    await world.shows('the place of the repeat', () => world.ack(agent.live) === '1:8')
    expect(await world.count()).toBe(3 * 13)
    expect(await world.gaps()).toEqual([])
  })

  it('goes on where it was after the collector was killed, in both lanes', async () => {
    let folder: string
    const agent = new Returned()
    {
      await using world = await World.open()
      await world.hears(agent.old, agent.old.birth(), ...agent.past(1, 2, 12))
      await world.hears(agent.live, agent.live.birth(), agent.now(1, 12), agent.now(2, 12))
      await world.hears(agent.old, ...agent.past(3, 5, 12))
      folder = await world.killed()
    }
    await using world = await World.open({ folder })
    await world.hears(agent.live, agent.live.birth(), agent.now(2, 12), agent.now(3, 12))
    await world.hears(agent.old, ...agent.past(4, 7, 12))
    await world.hears(agent.old, ...agent.past(8, 10, 12))
    await world.hears(agent.live, agent.now(4, 12))
    await world.shows('the live place', () => world.ack(agent.live) === '2:4')
    expect(await world.count()).toBe(3 * 14)
    expect(await world.gaps()).toEqual([])
    expect(world.alerts()).toHaveLength(1)
    expect(world.alerts()[0]).toMatch(/active/)
  })

  it('is judged as one, although its end has come when its beginning is stored', async () => {
    await using world = await World.open()
    const agent = await returned(world)
    await world.hears(agent.live, agent.now(1))
    // Five seconds a message, more than one group in all. The pump runs too fast for six seconds, three of them in the fourth.
    const speed = (time: number) => (time >= 22_000 && time < 28_000 ? 120 : 40)
    const backlog = Array.from({ length: 9 }, (_, i) => {
      const times = Array.from({ length: 5000 }, (_, ms) => ms)
      const base = (i + 1) * 5000
      return agent.old.samples(i + 2, {
        change: {
          base: at(1, 1) + base,
          times,
          tags: times.map(() => 2),
          values: times.map((time) => speed(base + time)),
          qualities: times.map(() => 0)
        }
      })
    })
    await world.hears(agent.old, ...backlog)
    await world.shows('the end of the backlog', () => world.ack(agent.live) === '2:1')
    expect(world.alerts()).toEqual([expect.stringMatching(/^test.pump-fast pump.speed cleared x1/)])
    const [alert] = world.spine.alerts.find({}).alerts
    expect([alert?.firstSeen, alert?.clearedAt]).toEqual([at(1, 1) + 27_000, at(1, 1) + 38_000])
  })

  it('does not end what goes on now', async () => {
    await using world = await World.open()
    const agent = await returned(world, 12)
    await world.hears(agent.live, agent.now(1, 12))
    // In the backlog it had ended for a while.
    await world.hears(agent.old, ...agent.past(2, 5), ...agent.past(6, 10, 12))
    await world.hears(agent.live, agent.now(2, 12))
    expect(world.alerts()).toEqual([expect.stringMatching(/active x[12] /)])
    await world.hears(agent.live, agent.now(3))
    expect(world.alerts()).toEqual([expect.stringMatching(/cleared x[12] /)])
    expect(world.spine.alerts.find({}).alerts[0]?.clearedAt).toBe(at(2, 3))
  })

  it('leaves the end of what it found to the live rules when it does not see it itself', async () => {
    await using world = await World.open()
    const agent = await returned(world)
    await world.hears(agent.live, agent.now(1))
    await world.hears(agent.old, ...agent.past(2, 9), ...agent.past(10, 10, 12))
    expect(world.alerts()).toEqual([`${ALERT} active x1 T0836`])
    await world.hears(agent.live, agent.now(2))
    await world.shows('the end', () => world.alerts().join() === `${ALERT} cleared x1 T0836`)
    expect(world.spine.alerts.find({}).alerts[0]?.clearedAt).toBe(at(2, 2))
  })

  it('that comes to nothing because the outbox was lost is noted whole', async () => {
    await using world = await World.open()
    const agent = await returned(world)
    await world.hears(agent.live, agent.now(1))
    await world.hears(agent.old, ...agent.past(2, 4))
    const anew = new Voice()
    anew.boot = 3
    anew.tagMap = 2
    await world.hears(anew, anew.birth(), anew.samples(1))
    await world.shows('the place of the new numbering', () => world.ack(anew) === '3:1')
    expect(await world.gaps()).toEqual(['1:5-10 never-arrived'])
    expect(await world.count()).toBe(3 * 6)
  })
})
