// The spine over a real Mosquitto: retained births and watermarks, a small window, and a broker that is killed.
import { describe, expect, it } from 'vitest'
import { topicOf } from '#contract/topics.ts'
import { BrokerClient } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { until } from '../parts/wait.ts'
import { Voice } from './voice.ts'
import { brokerConfig, World } from './world.ts'

const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe('over Mosquitto', () => {
  it('knows an agent that was born before it came, and tells the place of each to whoever asks', async () => {
    await using broker = await startMosquitto({ persistence: true })
    const agent = new Voice()
    {
      await using first = await World.open({ broker: { url: broker.url } })
      await first.connect(agent)
      await first.hears(agent, agent.birth())
    }
    await using world = await World.open({ broker: { url: broker.url } })
    await world.connect(agent)
    await world.hears(agent, ...count(30).map((n) => agent.samples(n)))
    await world.shows('the watermark', () => world.ack(agent) === '1:30')
    expect(await world.count()).toBe(90)

    const heard: string[] = []
    const listener = new BrokerClient({ config: brokerConfig(broker.url), clientId: 'listener', clean: true, log: quietLog() })
    listener.subscribe(
      [topicOf({ site: agent.site, agent: agent.agent, kind: 'ack' })],
      async (_topic, payload) => void heard.push(payload.toString())
    )
    await listener.start()
    await until(() => heard.includes('{"boot":1,"sequence":30}'), { what: 'the retained watermark' })
    await listener.stop()
  })

  it('lets a hole of one agent hold up nobody, however small the window of the broker is', async () => {
    await using broker = await startMosquitto({ maxInFlight: 5 })
    await using world = await World.open({ broker: { url: broker.url }, limits: { holdSeconds: 60, birthWaitSeconds: 60 } })
    const [one, two] = [await world.voice({ agent: 'one' }), await world.voice({ agent: 'two' })]
    await world.hears(one, one.birth(), one.samples(1), ...count(30).map((n) => one.samples(n + 2)))
    await world.hears(two, two.birth(), ...count(30).map((n) => two.samples(n)))
    await world.shows('the watermarks', () => world.ack(one) === '1:1' && world.ack(two) === '1:30')
    await world.hears(one, one.samples(2))
    await world.shows('the watermark', () => world.ack(one) === '1:32')
    expect(await world.count()).toBe(3 * 62)
  })

  it('loses and doubles nothing when the broker is killed in mid-stream', async () => {
    await using broker = await startMosquitto()
    await using world = await World.open({ broker: { url: broker.url }, limits: { holdSeconds: 60 } })
    const agent = await world.voice()
    await world.insists(agent, agent.birth(), ...count(10).map((n) => agent.samples(n)))
    await broker.kill()
    await broker.restart()
    // Without progress an agent sends again from the last watermark that it heard.
    const rest = count(20).map((n) => agent.samples(n + 5, { level: n + 5 === 20 ? 15 : 3 }))
    await world.shows('the watermark', async () => {
      if (world.ack(agent) !== '1:25') await world.insists(agent, agent.birth(), ...rest)
      return world.ack(agent) === '1:25'
    })
    expect(await world.count()).toBe(75)
    expect(world.alerts()).toEqual(['test/level tower.level cleared x1 T0836'])
    expect(await world.gaps()).toEqual([])
  })
})
