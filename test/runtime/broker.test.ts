// The MQTT client against a real Mosquitto: delivery, acknowledgement, and coming back when the broker dies.
import { afterEach, describe, expect, test } from 'vitest'
import { BrokerClient, type BrokerClientOptions, BrokerConfig, matches } from '#runtime/broker.ts'
import { createLog, quietLog } from '#runtime/log.ts'
import { createAuthority } from '../parts/certificates.ts'
import { type Mosquitto, type MosquittoOptions, startMosquitto } from '../parts/mosquitto.ts'
import { freePort, until } from '../parts/wait.ts'

const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop()
})

async function mosquittoWith(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const mosquitto = await startMosquitto(options)
  open.push(mosquitto)
  return mosquitto
}

function clientOf(url: string, options: Partial<BrokerClientOptions> & { version?: 4 | 5 } = {}): BrokerClient {
  const { version = 4, ...rest } = options
  const client = new BrokerClient({
    config: BrokerConfig.parse({ url, protocolVersion: version }),
    clientId: 'test-client',
    clean: true,
    log: quietLog(),
    backoffMs: { min: 20, max: 200 },
    ...rest
  })
  open.push(client)
  return client
}

async function connected(client: BrokerClient): Promise<BrokerClient> {
  await client.start()
  await until(() => client.connected, { what: 'the connection' })
  return client
}

/** A subscriber that keeps what it gets; `hold` makes its handlers wait until `release`. */
function collect(client: BrokerClient, filter: string, { hold = false } = {}) {
  const messages: string[] = []
  let release: (() => void)[] = []
  let held = hold
  client.subscribe([filter], async (_, payload) => {
    messages.push(payload.toString())
    if (held) await new Promise<void>((resolve) => release.push(resolve))
  })
  return {
    messages,
    release() {
      held = false
      for (const go of release.splice(0)) go()
      release = []
    }
  }
}

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

describe('a broker that dies', () => {
  test('is waited for at the start, and come back to after SIGKILL, with all subscriptions', async () => {
    const port = await freePort()
    const client = clientOf(`mqtt://127.0.0.1:${port}`)
    const { messages } = collect(client, 'plant/#')
    const states: boolean[] = []
    client.onConnection((state) => states.push(state))
    await client.start()
    await expect(client.publish('plant/1', Buffer.from('too early'))).rejects.toMatchObject({ code: 'BROKER_AWAY' })
    const mosquitto = await mosquittoWith({ port })
    for (const round of ['first', 'second', 'third']) {
      await until(() => client.connected, { what: 'the connection' })
      await client.publish('plant/1', Buffer.from(round))
      await until(() => messages.includes(round), { what: round })
      await mosquitto.kill('SIGKILL')
      await until(() => !client.connected, { what: 'the loss' })
      await mosquitto.restart()
    }
    await until(() => client.connected, { what: 'the last connection' })
    expect(states).toEqual([true, false, true, false, true, false, true])
    expect(messages).toEqual(['first', 'second', 'third'])
  })

  test('fails the publishes that it had not acknowledged, and they are not sent behind our back', async () => {
    const mosquitto = await mosquittoWith()
    const client = clientOf(mosquitto.url, { maxInFlight: 2 })
    const { messages } = collect(client, 'plant/#')
    await connected(client)
    await mosquitto.kill('SIGSTOP')
    const fates = [1, 2, 3, 4].map((number) => client.publish('plant/1', Buffer.from(String(number))))
    const settled = Promise.allSettled(fates)
    await mosquitto.kill('SIGKILL')
    for (const fate of await settled) expect(fate).toMatchObject({ status: 'rejected', reason: { code: 'BROKER_AWAY' } })
    await mosquitto.restart()
    await until(() => client.connected, { what: 'the connection' })
    await client.publish('plant/1', Buffer.from('5'))
    await until(() => messages.length > 0, { what: 'the message' })
    expect(messages).toEqual(['5'])
  })
})

describe('stopping', () => {
  test('lets what is in flight finish and be acknowledged, and sends no will', async () => {
    const mosquitto = await mosquittoWith()
    const watcher = clientOf(mosquitto.url, { clientId: 'watcher' })
    const wills = collect(watcher, 'death')
    await connected(watcher)
    const will = { topic: 'death', payload: Buffer.from('lost'), retain: false }
    const client = clientOf(mosquitto.url, { clientId: 'agent', clean: false, will })
    const { messages, release } = collect(client, 'plant/#', { hold: true })
    await connected(client)
    await watcher.publish('plant/1', Buffer.from('one'))
    await until(() => messages.length === 1, { what: 'the message' })
    const stopped = client.stop()
    await expect(client.publish('plant/1', Buffer.from('x'))).rejects.toMatchObject({ code: 'BROKER_AWAY' })
    release()
    await stopped
    expect(client.connected).toBe(false)
    const next = clientOf(mosquitto.url, { clientId: 'agent', clean: false, will })
    const rest = collect(next, 'plant/#')
    await connected(next)
    await watcher.publish('plant/1', Buffer.from('two'))
    await until(() => rest.messages.length > 0, { what: 'the next message' })
    expect([rest.messages, wills.messages]).toEqual([['two'], []])
  })

  test('a lost connection does send the will', async () => {
    const mosquitto = await mosquittoWith()
    const watcher = clientOf(mosquitto.url, { clientId: 'watcher' })
    const wills = collect(watcher, 'death')
    await connected(watcher)
    const client = clientOf(mosquitto.url, { clientId: 'agent', will: { topic: 'death', payload: Buffer.from('lost'), retain: true } })
    client.subscribe(['plant/#'], () => Promise.reject(new Error('no')))
    await connected(client)
    await watcher.publish('plant/1', Buffer.from('one'))
    await until(() => wills.messages.length > 0, { what: 'the will' })
    expect(wills.messages[0]).toBe('lost')
  })

  test('is possible at any time, also before the start and twice', async () => {
    const idle = clientOf('mqtt://127.0.0.1:1')
    await idle.stop()
    const trying = clientOf(`mqtt://127.0.0.1:${await freePort()}`)
    await trying.start()
    await trying.stop()
    await trying.stop()
    expect(trying.connected).toBe(false)
  })
})

describe('sizes', () => {
  test('a message of 20 MB from elsewhere is handed over, one of our own above the limit is refused', async () => {
    const mosquitto = await mosquittoWith()
    const client = clientOf(mosquitto.url)
    const sizes: number[] = []
    client.subscribe(['plant/#'], async (_, payload) => {
      sizes.push(payload.length)
    })
    await connected(client)
    await expect(client.publish('plant/1', Buffer.alloc((4 << 20) + 1))).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
    const { connect } = await import('mqtt')
    const other = connect(mosquitto.url)
    await other.publishAsync('plant/1', Buffer.alloc(20 << 20), { qos: 1 })
    await other.publishAsync('plant/1', Buffer.alloc(40 << 20), { qos: 1 })
    await other.publishAsync('plant/1', Buffer.alloc(1), { qos: 1 })
    await other.endAsync()
    await until(() => sizes.length === 3, { what: 'the messages' })
    expect(sizes).toEqual([20 << 20, 40 << 20, 1])
  })
})

describe('TLS', () => {
  test('client certificates are shown and checked, and nobody else gets in', async () => {
    const [authority, stranger] = await Promise.all([createAuthority(), createAuthority()])
    const mosquitto = await mosquittoWith({ tls: authority.server(), acl: 'user agent-1\ntopic readwrite plant/#\n' })
    const agent = authority.client('agent-1')
    const secure = (tls: object, lines: string[] = []) =>
      clientOf(mosquitto.url, {
        config: BrokerConfig.parse({ url: mosquitto.url, tls }),
        log: createLog({ name: 'test', destination: { write: (line) => lines.push(line) } })
      })
    const client = secure(agent)
    const { messages } = collect(client, 'plant/#')
    await connected(client)
    await client.publish('plant/1', Buffer.from('4.5'))
    await until(() => messages.length === 1, { what: 'the message' })
    const logs: string[][] = [[], [], []]
    const strangers = [
      secure({ ...agent, ca: stranger.ca }, logs[0]),
      secure({ ca: authority.ca }, logs[1]),
      secure({ ...stranger.client('agent-1'), ca: authority.ca }, logs[2])
    ]
    for (const each of strangers) await each.start()
    await until(() => logs.every((lines) => lines.length > 0), { what: 'three refusals' })
    expect(strangers.map((each) => each.connected)).toEqual([false, false, false])
    expect(JSON.parse(logs[0]?.[0] ?? '')).toMatchObject({ level: 'warn', msg: 'No connection to the broker; trying again.' })
    await secure(agent).stop()
    await expect(secure({ ...agent, key: stranger.client('x').key }).start()).rejects.toMatchObject({ code: 'SECRET_FAULT' })
    await expect(secure({ ca: '/nowhere/ca.pem' }).start()).rejects.toThrow('/nowhere/ca.pem')
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
