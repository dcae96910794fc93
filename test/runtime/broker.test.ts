// The MQTT client against a real Mosquitto: delivery and acknowledgement.
import { afterEach, describe, expect, test } from 'vitest'
import { matches } from '#runtime/broker.ts'
import { until } from '../parts/wait.ts'
import { clientOf, closeAll, collect, connected, mosquittoWith } from './clients.ts'

afterEach(closeAll)

describe.for([4, 5] as const)('with protocol version %i', (version) => {
  test('messages arrive, retained ones also later', async () => {
    const mosquitto = await mosquittoWith()
    const subscriber = clientOf(mosquitto.url, { version, clientId: 'early' })
    const early = collect(subscriber, 'plant/+/level')
    await connected(subscriber)
    const publisher = await connected(clientOf(mosquitto.url, { version, clientId: 'publisher' }))
    await publisher.publish('plant/1/level', Buffer.from('4.5'), { retain: true })
    await publisher.publish('plant/1/pressure', Buffer.from('3.1'))
    await until(() => early.messages.length === 1, { what: 'the message' })
    const second = clientOf(mosquitto.url, { version, clientId: 'late' })
    const late = collect(second, 'plant/#')
    await connected(second)
    await until(() => late.messages.length === 1, { what: 'the retained message' })
    expect([early.messages, late.messages]).toEqual([['4.5'], ['4.5']])
  })

  test('many publishes at once keep their order and the bound of the broker', async () => {
    const mosquitto = await mosquittoWith({ maxInFlight: 100 })
    const client = clientOf(mosquitto.url, { version, maxInFlight: 1000 })
    const { messages } = collect(client, 'plant/#')
    await connected(client)
    const numbers = Array.from({ length: 500 }, (_, index) => String(index))
    await Promise.all(numbers.map((number) => client.publish('plant/1', Buffer.from(number))))
    await until(() => messages.length === 500, { what: 'all messages' })
    expect(messages).toEqual(numbers)
  })

  test('handlers run side by side up to the window, and the rest follows the PUBACKs', async () => {
    // MQTT 3.1.1 leaves the window to the broker; in MQTT 5 the client names it.
    const window = version === 4 ? 40 : 500
    const all = window + 60
    const mosquitto = await mosquittoWith({ maxInFlight: 40 })
    const subscriber = clientOf(mosquitto.url, { version, clientId: 'slow' })
    const slow = collect(subscriber, 'plant/#', { hold: true })
    await connected(subscriber)
    const publisher = await connected(clientOf(mosquitto.url, { version, clientId: 'publisher' }))
    await Promise.all(Array.from({ length: all }, (_, index) => publisher.publish('plant/1', Buffer.from(String(index)))))
    await until(() => slow.messages.length === window, { what: 'a full window' })
    await publisher.publish('other', Buffer.from('x'))
    expect(slow.messages).toHaveLength(window)
    slow.release()
    await until(() => slow.messages.length === all, { what: 'the rest' })
    expect(new Set(slow.messages).size).toBe(all)
  })

  test('a message that was not taken is not acknowledged and comes again, on a new connection', async () => {
    const mosquitto = await mosquittoWith()
    const subscriber = clientOf(mosquitto.url, { version, clientId: 'picky', clean: false })
    const seen: string[] = []
    subscriber.subscribe(['plant/#'], async (_, payload) => {
      seen.push(payload.toString())
      if (seen.filter((text) => text === 'two').length < 3 && payload.toString() === 'two') throw new Error('not now')
    })
    await connected(subscriber)
    const publisher = await connected(clientOf(mosquitto.url, { version, clientId: 'publisher' }))
    for (const text of ['one', 'two', 'three']) await publisher.publish('plant/1', Buffer.from(text))
    await until(() => seen.filter((text) => text === 'two').length === 3 && seen.includes('three'), { what: 'three trials' })
    expect(seen[0]).toBe('one')
    await until(() => subscriber.connected, { what: 'the connection that stays' })
    await subscriber.stop()
    const again = clientOf(mosquitto.url, { version, clientId: 'picky', clean: false })
    const rest = collect(again, 'plant/#')
    await connected(again)
    await publisher.publish('plant/1', Buffer.from('four'))
    await until(() => rest.messages.includes('four'), { what: 'the next message' })
    expect(rest.messages).toEqual(['four'])
  })

  test('what a dead process had not acknowledged goes to its successor', async () => {
    const mosquitto = await mosquittoWith()
    const first = clientOf(mosquitto.url, { version, clientId: 'collector', clean: false })
    const stuck = collect(first, 'plant/#', { hold: true })
    await connected(first)
    const publisher = await connected(clientOf(mosquitto.url, { version, clientId: 'publisher' }))
    for (const text of ['one', 'two']) await publisher.publish('plant/1', Buffer.from(text))
    await until(() => stuck.messages.length === 2, { what: 'both messages' })
    const stopped = first.stop()
    const successor = clientOf(mosquitto.url, { version, clientId: 'collector', clean: false })
    const taken = collect(successor, 'plant/#')
    await connected(successor)
    await until(() => taken.messages.length === 2, { what: 'both messages again' })
    stuck.release()
    await stopped
    expect(taken.messages).toEqual(['one', 'two'])
  })
})

test.for([
  ['plant/1', 'plant/1', true],
  ['plant/1', 'plant/12', false],
  ['plant/+', 'plant/1', true],
  ['plant/+', 'plant', false],
  ['plant/+', 'plant/1/level', false],
  ['plant/#', 'plant', true],
  ['plant/#', 'plant/1/level', true],
  ['#', 'anything/at/all', true],
  ['+/+', '/level', true],
  ['$share/collectors/plant/+', 'plant/1', true]
] as const)('filter %s and topic %s: %s', ([filter, topic, expected]) => {
  expect(matches(filter, topic)).toBe(expected)
})
