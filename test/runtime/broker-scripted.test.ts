// The MQTT client against a broker that answers as no real one does on demand.
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { BrokerClient, BrokerConfig } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'
import { ScriptedBroker } from '../parts/scripted-broker.ts'
import { until } from '../parts/wait.ts'

let client: BrokerClient | undefined
afterEach(() => client?.stop())

function clientOf(broker: ScriptedBroker): BrokerClient {
  client = new BrokerClient({
    config: BrokerConfig.parse({ url: broker.url }),
    clientId: 'test',
    clean: false,
    log: quietLog(),
    backoffMs: { min: 10, max: 50 }
  })
  return client
}

describe('acknowledgement', () => {
  async function holding(broker: ScriptedBroker) {
    const held = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
    const subscriber = clientOf(broker)
    subscriber.subscribe(['plant/#'], async (_, payload) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      held.set(payload.toString(), { resolve, reject })
      await promise
    })
    await subscriber.start()
    await until(() => subscriber.connected, { what: 'the connection' })
    return held
  }

  test('goes out in the order of arrival, whatever is taken first', async () => {
    await using broker = await new ScriptedBroker().listen()
    const held = await holding(broker)
    for (const id of [11, 7, 300, 2]) broker.publish('plant/1', id, String(id))
    await until(() => held.size === 4, { what: 'four handlers' })
    held.get('2')?.resolve()
    held.get('300')?.resolve()
    await sleep(20)
    expect(broker.acknowledged()).toEqual([])
    held.get('11')?.resolve()
    await until(() => broker.acknowledged().length === 1, { what: 'the first' })
    held.get('7')?.resolve()
    await until(() => broker.acknowledged().length === 4, { what: 'the rest' })
    expect(broker.acknowledged()).toEqual([11, 7, 300, 2])
  })

  test('of a lost connection is not sent on the next one', async () => {
    await using broker = await new ScriptedBroker().listen()
    const held = await holding(broker)
    broker.publish('plant/1', 1, 'old')
    await until(() => held.size === 1, { what: 'the handler' })
    broker.cut()
    await until(() => broker.connections() === 2 && client?.connected, { what: 'the next connection' })
    held.get('old')?.resolve()
    broker.publish('plant/1', 2, 'new')
    await until(() => held.has('new'), { what: 'the next handler' })
    held.get('new')?.resolve()
    await until(() => broker.acknowledged().length > 0, { what: 'a PUBACK' })
    expect(broker.acknowledged()).toEqual([2])
  })

  test('stops at a message that was not taken: none after it is acknowledged on that connection', async () => {
    await using broker = await new ScriptedBroker().listen()
    const held = await holding(broker)
    for (const id of [1, 2, 3]) broker.publish('plant/1', id, String(id))
    await until(() => held.size === 3, { what: 'three handlers' })
    held.get('1')?.resolve()
    await until(() => broker.acknowledged().length === 1, { what: 'the first' })
    held.get('2')?.reject(new Error('no'))
    held.get('3')?.resolve()
    await until(() => broker.connections() === 2, { what: 'the next connection' })
    expect(broker.acknowledged()).toEqual([1])
  })

  test('reading stops at 500 messages in work and goes on when they are taken', async () => {
    await using broker = await new ScriptedBroker().listen()
    const held = await holding(broker)
    for (let id = 1; id <= 700; id++) broker.publish('plant/1', id, String(id))
    await until(() => held.size === 500, { what: '500 handlers' })
    await sleep(30)
    expect(held.size).toBe(500)
    const taken = new Set<string>()
    await until(
      () => {
        for (const [name, { resolve }] of held) {
          if (!taken.has(name)) resolve()
          taken.add(name)
        }
        return broker.acknowledged().length === 700
      },
      { what: '700 PUBACKs' }
    )
    expect(broker.acknowledged()).toEqual(Array.from({ length: 700 }, (_, index) => index + 1))
  })
})

test('at most 32 publishes wait for their PUBACK, and a thousand more for their turn', async () => {
  await using broker = await new ScriptedBroker().listen()
  const publisher = clientOf(broker)
  await publisher.start()
  await until(() => publisher.connected, { what: 'the connection' })
  const fates = Promise.allSettled(Array.from({ length: 1033 }, () => publisher.publish('plant/1', Buffer.from('x'))))
  await until(() => broker.published().length === 32, { what: '32 publishes' })
  await sleep(30)
  expect(broker.published()).toHaveLength(32)
  broker.cut()
  const codes = (await fates).map((fate) => (fate.status === 'rejected' ? fate.reason.code : 'resolved'))
  expect(codes.filter((code) => code === 'BROKER_BUSY')).toHaveLength(1)
  expect(codes.filter((code) => code === 'BROKER_AWAY')).toHaveLength(1032)
})

test('a refused subscription is no connection: it is tried again, and stands in the end', async () => {
  await using broker = await new ScriptedBroker().listen()
  broker.granted = 0x80
  const subscriber = clientOf(broker)
  subscriber.subscribe(['plant/#', 'other'], async () => undefined)
  await subscriber.start()
  await until(() => broker.connections() >= 3, { what: 'three trials' })
  expect(subscriber.connected).toBe(false)
  broker.granted = 1
  await until(() => subscriber.connected, { what: 'the connection' })
})

test('packets that were never asked for end the connection; a PUBREL without an id made mqtt.js throw past everybody', async () => {
  await using broker = await new ScriptedBroker().listen()
  const subscriber = clientOf(broker)
  subscriber.subscribe(['plant/#'], async () => undefined)
  await subscriber.start()
  for (const [round, head] of [0x62, 0x50, 0x70, 0xb0].entries()) {
    await until(() => broker.connections() === round + 1 && subscriber.connected, { what: 'the connection' })
    broker.write(Buffer.of(head, 0))
    await until(() => broker.connections() === round + 2, { what: 'the next connection' })
  }
  expect(broker.acknowledged()).toEqual([])
})

test('whatever bytes the broker sends, the client lives and comes back', async () => {
  await using broker = await new ScriptedBroker().listen()
  const subscriber = clientOf(broker)
  subscriber.subscribe(['plant/#'], async () => undefined)
  await subscriber.start()
  const head = fc.constantFrom(0x20, 0x30, 0x32, 0x34, 0x3b, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0)
  const frames = fc.tuple(head, fc.uint8Array({ maxLength: 100 })).map(([first, body]) => Buffer.from([first, body.length, ...body]))
  await fc.assert(
    fc.asyncProperty(fc.oneof(frames, fc.uint8Array({ minLength: 1, maxLength: 100 })), async (bytes) => {
      await until(() => subscriber.connected, { what: 'the connection', everyMs: 1 })
      broker.write(Buffer.from(bytes))
      await sleep(1)
      broker.cut()
      await until(() => !subscriber.connected, { what: 'the loss', everyMs: 1 })
    }),
    { numRuns: 40 }
  )
  await until(() => subscriber.connected, { what: 'the connection' })
  expect(broker.connections()).toBeGreaterThan(40)
})

test('garbage instead of MQTT ends the connection, not the process', async () => {
  await using broker = await new ScriptedBroker().listen()
  const subscriber = clientOf(broker)
  subscriber.subscribe(['plant/#'], async () => undefined)
  await subscriber.start()
  await until(() => subscriber.connected, { what: 'the connection' })
  broker.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await until(() => broker.connections() >= 2 && subscriber.connected, { what: 'the next connection' })
  expect(broker.connections()).toBeGreaterThanOrEqual(2)
})
