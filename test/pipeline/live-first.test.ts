// After an outage: what is read now comes before the backlog is through, the backlog keeps to its pace, and nothing is lost or doubled.
import { describe, expect, it } from 'vitest'
import { startMosquitto } from '../parts/mosquitto.ts'
import { temporaryFolder } from '../parts/wait.ts'
import { drained, NAME, remoteAt } from './outage.ts'
import { World } from './world.ts'

const HOUR = 3_600_000
const ALERT = 'test/level tower.level'
const steady = (count: number, level = 3) => Array.from({ length: count }, () => level)

describe.each(['mosquitto', 'embedded'] as const)('over %s', (kind) => {
  async function centre() {
    const mosquitto = kind === 'mosquitto' ? await startMosquitto() : null
    const world = await World.open({ broker: mosquitto === null ? 'embedded' : { url: mosquitto.url } })
    return {
      world,
      url: mosquitto?.url ?? world.brokerUrl,
      async [Symbol.asyncDispose]() {
        await world.stop()
        await mosquitto?.[Symbol.asyncDispose]()
      }
    }
  }

  it('what is read now is stored before the backlog, which is judged as the hour that it was', async () => {
    await using at = await centre()
    const { world } = at
    const folder = await temporaryFolder()
    const now = Date.now()
    let clock = now - 2 * HOUR
    await using agent = await remoteAt({ folder, url: at.url, now: () => clock, replay: { factor: 1, atLeast: 400 } })
    agent.put(clock, steady(10))
    await drained(agent)
    await agent.drop()

    await using later = await remoteAt({ folder, url: at.url, now: () => clock, replay: { factor: 1, atLeast: 400 } })
    // The first backlog waits in the outbox as if its broker had been away: half an hour in, the level was too high for ten seconds.
    for (let message = 0; message < 20; message++) {
      clock = now - HOUR + message * 100_000
      later.put(clock, message === 18 ? [...steady(40), ...steady(10, 12), ...steady(50)] : steady(100))
    }
    clock = now
    await world.shows('the live lane', () => later.outbox.lanes.length > 1)
    later.put(now, [4])
    await world.shows('the live sample', async () => (await world.levels(NAME)).includes(4))
    expect(later.outbox.backlog.samples).toBeGreaterThan(200)
    expect(world.spine.newest).toBe(now)
    await drained(later)
    expect((await world.levels(NAME)).length).toBe(10 + 2000 + 1)
    expect(await world.gaps()).toEqual([])
    // Raised and ended in the backlog, at its own time.
    expect(world.alerts()).toEqual([`${ALERT} cleared x1 T0836`])
    const [alert] = world.spine.alerts.find({}).alerts
    expect(alert?.firstSeen).toBe(now - HOUR + 18 * 100_000 + 40_000)
    expect(alert?.clearedAt).toBe(now - HOUR + 18 * 100_000 + 50_000)
    later.outbox.tidy()
    const { put, stored, dropped, kept } = later.outbox.state.samples
    expect({ put, stored, dropped, kept }).toEqual({ put: 2011, stored: 2011, dropped: 0, kept: 0 })
    expect(later.publisher.state.samplesReplayed).toBeGreaterThan(500)
  })
})
