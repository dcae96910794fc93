// The way from the agent to the broker with a real Mosquitto behind it: it passes everything on, lets vanish, adds, and breaks when
// one side breaks.
import { once } from 'node:events'
import { connect as dial } from 'node:net'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerPath } from '../../range/broker-path.ts'
import type { Publish } from '../../range/mqtt-packets.ts'
import { type Mosquitto, startMosquitto } from '../parts/mosquitto.ts'
import { until } from '../parts/wait.ts'

let broker: Mosquitto
let path: BrokerPath
let listener: MqttClient
const heard: string[] = []
const seen: Publish[] = []
let passes = (_: Publish): boolean => true

beforeAll(async () => {
  broker = await startMosquitto()
  path = new BrokerPath({
    brokerPort: broker.port,
    onPublish: (publish) => {
      seen.push(publish)
      return passes(publish)
    }
  })
  await path.start()
  listener = await connectAsync(broker.url)
  listener.on('message', (topic, payload) => heard.push(`${topic} ${payload.length < 100 ? payload.toString() : payload.length}`))
  await listener.subscribeAsync('#', { qos: 1 })
})
afterAll(async () => {
  await listener?.endAsync(true)
  await path?.[Symbol.asyncDispose]()
  await broker?.stop()
})

const agent = (options = {}) => connectAsync(`mqtt://127.0.0.1:${path.port}`, { protocolVersion: 4, reconnectPeriod: 0, ...options })
const arrival = (what: string) => until(() => heard.includes(what), { what })

describe('the way to the broker', () => {
  it('passes on what is published, large messages too, and acknowledges nothing by itself', async () => {
    const client = await agent()
    await client.publishAsync('plant/small', 'one', { qos: 1 })
    await client.publishAsync('plant/large', Buffer.alloc(2 << 20, 7), { qos: 1 })
    await arrival('plant/small one')
    await arrival(`plant/large ${2 << 20}`)
    expect(seen.map(({ topic }) => topic)).toEqual(['plant/small', 'plant/large'])
    await client.endAsync()
  })

  it('lets messages vanish as if the broker had taken them', async () => {
    passes = ({ topic }) => topic !== 'plant/lost'
    const client = await agent()
    await client.publishAsync('plant/lost', 'never', { qos: 1 })
    await client.publishAsync('plant/kept', 'two', { qos: 1 })
    await arrival('plant/kept two')
    expect(heard.filter((one) => one.startsWith('plant/lost'))).toEqual([])
    passes = () => true
    await client.endAsync()
  })

  it('adds messages between those of the agent, and refuses to without one', async () => {
    const client = await agent()
    path.publish('plant/forged', Buffer.from('three'))
    await arrival('plant/forged three')
    await client.endAsync()
    const refused = () => attempt(() => path.publish('plant/after', Buffer.from('four')))
    expect(await until(refused, { what: 'the refusal' })).toBe(true)
  })

  it('breaks on both sides, so that the broker tells the last will', async () => {
    const client = await agent({ will: { topic: 'plant/will', payload: Buffer.from('gone'), qos: 1, retain: false } })
    client.stream.destroy()
    await arrival('plant/will gone')
    expect(heard).toContain('plant/will gone')
  })

  it('hangs up on whoever does not speak MQTT', async () => {
    const stranger = dial(path.port, '127.0.0.1')
    stranger.on('error', () => {})
    stranger.write(Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff, 0xff))
    await once(stranger, 'close')
    expect(stranger.destroyed).toBe(true)
  })
})

// True when it threw: the broker may still be taking the farewell.
function attempt(act: () => void): boolean {
  try {
    act()
    return false
  } catch {
    return true
  }
}
