// The spine on a real InfluxDB that is killed, frozen and absent: nothing lost, nothing doubled, memory bounded, and the centre says so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { InfluxConfig, InfluxStore } from '../../collector/store/influx.ts'
import { type Influxd, startInfluxd } from '../parts/influxd.ts'
import { until } from '../parts/wait.ts'
import { World, type WorldOptions } from './world.ts'

const count = (n: number, from = 1) => Array.from({ length: n }, (_, i) => i + from)

let server: Influxd
let databases = 0
beforeAll(async () => {
  server = await startInfluxd()
})
afterAll(() => server.stop())

function onInflux(database = `test_${++databases}`, more: WorldOptions = {}): WorldOptions {
  const config = InfluxConfig.parse({ url: server.url, database, timeoutMs: 1000 })
  return { ...more, store: () => new InfluxStore({ config, log: quietLog() }) }
}

describe('on InfluxDB', () => {
  it('stores, judges and acknowledges as on the embedded store, holes and restarts too', async () => {
    const first = await World.open(onInflux('same'))
    const agent = await first.voice()
    await first.hears(
      agent,
      agent.birth(),
      agent.samples(1),
      agent.samples(2, { level: 12 }),
      agent.samples(2, { level: 12 }),
      agent.samples(4)
    )
    await first.shows('the gap', async () => (await first.gaps()).join() === '1:3-3 never-arrived')
    expect(await first.count()).toBe(9)
    expect(await first.levels(agent)).toEqual([3, 12, 3])
    const folder = await first.killed()
    await first.stop()

    await using world = await World.open(onInflux('same', { folder }))
    await world.hears(agent, agent.samples(4), agent.samples(5), agent.samples(3))
    await world.shows('the watermark', () => world.ack(agent) === '1:5')
    expect(await world.levels(agent)).toEqual([3, 12, 3, 3, 3])
    expect(await world.gaps()).toEqual([])
    expect(world.alerts()).toEqual(['test/level tower.level cleared x1 T0836'])
  })

  it('judges again after a kill what was stored after the rules kept their state', async () => {
    const first = await World.open(onInflux('again'))
    const agent = await first.voice()
    const fast = (n: number) => agent.samples(n, { change: { values: [3, 120, 'auto'] } })
    await first.hears(agent, agent.birth(), agent.samples(1))
    await first.hears(agent, fast(2), fast(3), fast(4))
    const folder = await first.killed()
    await first.stop()
    await using world = await World.open(onInflux('again', { folder }))
    await world.hears(agent, fast(5), fast(6), fast(7))
    expect(world.spine.alerts.find({}).alerts.map(({ rule }) => rule)).toEqual(['test/pump-fast'])
  })

  it('keeps what came while the server was killed, within bounds, and goes on as if nothing had been', async () => {
    await using world = await World.open(onInflux(undefined, { limits: { waitingMessages: 20 } }))
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), ...count(5).map((n) => agent.samples(n)))
    await world.shows('the watermark', () => world.ack(agent) === '1:5')

    await server.kill()
    let acknowledged = 0
    const pending = world.begins(agent, ...count(200, 6).map((n) => agent.samples(n, { level: n === 100 ? 30 : 3 })))
    for (const one of pending) void one.then(() => acknowledged++)
    await world.shows('the store as failing', () => world.spine.centre.isFailing('store'))
    const overview = await world.spine.plant.overview()
    expect(overview.parts.find(({ part }) => part === 'store')?.detail?.zh).toContain('已保留并重试')
    expect(overview.waiting.messages).toBeGreaterThan(0)
    expect(overview.waiting.messages, 'the group in hand and the full queue').toBeLessThanOrEqual(42)
    expect(acknowledged).toBe(0)
    expect(world.ack(agent)).toBe('1:5')

    await server.restart()
    await Promise.all(pending)
    await world.shows('the watermark', () => world.ack(agent) === '1:205')
    await world.shows('the store as ok', () => !world.spine.centre.isFailing('store'))
    expect(await world.count()).toBe(3 * 205)
    expect(world.alerts()).toEqual(['test/level tower.level cleared x1 T0836'])
    expect(await world.gaps()).toEqual([])
  })

  it('doubles nothing when the server took a write and froze before it could say so', async () => {
    await using world = await World.open(onInflux())
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    await server.kill('SIGSTOP')
    const pending = Promise.all(world.begins(agent, ...count(30, 2).map((n) => agent.samples(n))))
    await world.shows('the store as failing', () => world.spine.centre.isFailing('store'))
    await server.kill('SIGCONT')
    await pending
    expect(await world.count()).toBe(93)
  })

  it('starts without the server and stores when it comes', async () => {
    await server.kill()
    await using world = await World.open(onInflux())
    const agent = await world.voice()
    const pending = world.begins(agent, agent.birth(), agent.samples(1))
    await world.shows('the store as failing', () => world.spine.centre.isFailing('store'))
    await server.restart()
    await Promise.all(pending)
    expect(await world.levels(agent)).toEqual([3])
  })

  it('stops in time while the server is away, leaving all to the broker', async () => {
    const world = await World.open(onInflux())
    const agent = await world.voice()
    await world.hears(agent, agent.birth())
    await server.kill()
    let acknowledged = false
    const [pending] = world.begins(agent, agent.samples(1))
    void pending?.then(() => {
      acknowledged = true
    })
    await world.shows('the store as failing', () => world.spine.centre.isFailing('store'))
    await world.stop()
    expect(acknowledged).toBe(false)
    await server.restart()
    await until(async () => (await fetch(`${server.url}/ping`)).ok, { what: 'the server' })
  })

  it('finds the one message that the server refuses', async () => {
    await using world = await World.open(onInflux())
    const agent = await world.voice()
    const bad = agent.samples(3, { change: { base: 1e13 } })
    await world.hears(agent, agent.birth(), agent.samples(1), agent.samples(2), bad, agent.samples(4))
    expect(await world.codes()).toEqual(['STORE_REFUSED'])
    expect(await world.gaps()).toEqual(['1:3-3 unreadable'])
    expect(await world.levels(agent)).toEqual([3, 3, 3])
  })
})
