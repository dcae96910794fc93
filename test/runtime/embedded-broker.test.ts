// The broker inside the process, spoken to by real clients: acknowledgement waits for our side, and others hear what is said.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { EmbeddedBrokerOptions } from '#runtime/embedded-broker.ts'
import { until } from '../parts/wait.ts'
import { clientOf, closeAll } from './clients.ts'
import { brokerWith, CONNECT, connecting, mqttClient, rawSocket } from './embedded.ts'

afterEach(closeAll)

/** Keeps what is received and lets the test settle each message by its text. */
function holder() {
  const held = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  const receive = async (_topic: string, payload: Buffer) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    held.set(payload.toString(), { resolve, reject })
    await promise
  }
  return { held, receive }
}

describe('acknowledgement', () => {
  test('the PUBACK waits until our side has the message', async () => {
    const { held, receive } = holder()
    const client = await mqttClient(await brokerWith({ receive }))
    let acknowledged = false
    const published = client.publishAsync('plant/1', 'one', { qos: 1 }).then(() => {
      acknowledged = true
    })
    await until(() => held.size === 1, { what: 'the message' })
    await sleep(30)
    expect(acknowledged).toBe(false)
    held.get('one')?.resolve()
    await published
    expect(acknowledged).toBe(true)
  })

  test('messages of one client are taken side by side, also those that come later, and are acknowledged in order', async () => {
    const { held, receive } = holder()
    const client = await mqttClient(await brokerWith({ receive }))
    const order: string[] = []
    const publish = (text: string) => client.publishAsync('plant/1', text, { qos: 1 }).then(() => order.push(text))
    const first = publish('0')
    await until(() => held.size === 1, { what: 'the first' })
    const others = Array.from({ length: 40 }, (_, index) => publish(String(index + 1)))
    await until(() => held.size === 41, { what: 'the others' })
    for (const { resolve } of [...held.values()].toReversed()) resolve()
    await Promise.all([first, ...others])
    expect(order).toEqual(Array.from({ length: 41 }, (_, index) => String(index)))
  })

  test('a client that waits for its PUBACKs is still kept alive', async () => {
    const { held, receive } = holder()
    const broker = await brokerWith({ receive })
    const { socket, received } = rawSocket(broker)
    socket.write(CONNECT)
    await until(() => received().length === 4, { what: 'the CONNACK' })
    socket.write(Buffer.from('32080003612f62000541', 'hex'))
    await until(() => held.size === 1, { what: 'the message' })
    socket.write(Buffer.of(0xc0, 0))
    await until(() => received().length === 6, { what: 'the PINGRESP' })
    expect(received().subarray(4)).toEqual(Buffer.of(0xd0, 0))
    held.get('A')?.resolve()
    await until(() => received().length === 10, { what: 'the PUBACK' })
    expect(received().subarray(6)).toEqual(Buffer.of(0x40, 2, 0, 5))
  })

  test('a message that was not taken is not acknowledged; the client comes again and sends it again', async () => {
    const trials: string[] = []
    const broker = await brokerWith({
      receive: async (_, payload) => {
        trials.push(payload.toString())
        if (trials.length < 3) throw new Error('the store is away')
      }
    })
    const client = clientOf(`mqtt://127.0.0.1:${broker.port}`)
    await client.start()
    await until(
      async () => {
        await client.publish('plant/1', Buffer.from('one'))
        return true
      },
      { what: 'a PUBACK' }
    )
    expect(trials).toEqual(['one', 'one', 'one'])
  })

  test('QoS 0 and QoS 2 are taken too', async () => {
    const { held, receive } = holder()
    const client = await mqttClient(await brokerWith({ receive }))
    await client.publishAsync('plant/1', 'nought', { qos: 0 })
    const twice = client.publishAsync('plant/1', 'two', { qos: 2 })
    await until(() => held.has('nought'), { what: 'QoS 0' })
    await until(() => held.has('two'), { what: 'QoS 2' })
    held.get('two')?.resolve()
    await twice
    held.get('nought')?.resolve()
    expect([...held.keys()]).toEqual(['nought', 'two'])
  })

  test('stopping lets what came be taken and acknowledged first', async () => {
    const { held, receive } = holder()
    const broker = await brokerWith({ receive })
    const client = await mqttClient(broker)
    const published = client.publishAsync('plant/1', 'last', { qos: 1 })
    await until(() => held.size === 1, { what: 'the message' })
    const stopped = broker.stop()
    held.get('last')?.resolve()
    await Promise.all([published, stopped])
    await expect(broker.publish('x', Buffer.alloc(0))).rejects.toMatchObject({ code: 'BROKER_AWAY' })
  })
})

describe('passing on', () => {
  test('others hear what clients and our side publish, retained messages also later', async () => {
    const received: string[] = []
    const broker = await brokerWith({
      receive: async (topic) => {
        received.push(topic)
      }
    })
    const watcher = await mqttClient(broker)
    const heard: string[] = []
    watcher.on('message', (topic, payload) => heard.push(`${topic} ${payload}`))
    await watcher.subscribeAsync('plant/#', { qos: 1 })
    const agent = await mqttClient(broker)
    await agent.publishAsync('plant/birth', 'b', { qos: 1, retain: true })
    await broker.publish('plant/ack', Buffer.from('a'), { retain: true })
    await until(() => heard.length === 2, { what: 'both messages' })
    const late = await mqttClient(broker)
    const heardLate: string[] = []
    late.on('message', (topic, payload) => heardLate.push(`${topic} ${payload}`))
    await late.subscribeAsync('plant/#', { qos: 1 })
    await until(() => heardLate.length === 2, { what: 'both retained messages' })
    expect(heard).toEqual(['plant/birth b', 'plant/ack a'])
    expect(heardLate.toSorted()).toEqual(['plant/ack a', 'plant/birth b'])
    expect(received).toEqual(['plant/birth'])
  })

  test('a will is taken when a client is lost, and not when our own end stops', async () => {
    const wills: string[] = []
    const options: Partial<EmbeddedBrokerOptions> = {
      receive: async (_, payload) => {
        wills.push(payload.toString())
      }
    }
    const broker = await brokerWith(options)
    const will = (payload: string) => ({ will: { topic: 'plant/death', payload: Buffer.from(payload), qos: 1 as const, retain: true } })
    const lost = await mqttClient(broker, will('lost'))
    const polite = await mqttClient(broker, will('said goodbye'))
    await mqttClient(broker, will('cut off'))
    lost.stream.destroy()
    await until(() => wills.length > 0, { what: 'the will' })
    await polite.endAsync()
    await broker.stop()
    expect(wills).toEqual(['lost'])
  })

  test('without a receiver it is a plain broker, sessions included', async () => {
    const broker = await brokerWith()
    const client = await mqttClient(broker, { clientId: 'collector', clean: false })
    await client.subscribeAsync('plant/#', { qos: 1 })
    await client.endAsync()
    const agent = await mqttClient(broker)
    await agent.publishAsync('plant/1', 'while away', { qos: 1 })
    const again = connecting(broker, { clientId: 'collector', clean: false })
    const heard: string[] = []
    again.on('message', (_, payload) => heard.push(payload.toString()))
    await until(() => heard.length === 1, { what: 'the kept message' })
    expect(heard).toEqual(['while away'])
  })
})
