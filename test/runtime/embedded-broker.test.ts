// The broker inside the process, spoken to by real clients: acknowledgement waits for our side, and nobody can overfill or overreach.
import { connect as connectSocket, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { BrokerClient, BrokerConfig } from '#runtime/broker.ts'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '#runtime/embedded-broker.ts'
import { createLog, quietLog } from '#runtime/log.ts'
import { watchLengths } from '#runtime/packet-length.ts'
import { createAuthority } from '../parts/certificates.ts'
import { until } from '../parts/wait.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end()
})

async function brokerWith(options: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, log: quietLog(), ...options })
  await broker.start()
  cleanUp.push(() => broker.stop())
  return broker
}

async function clientOf(broker: EmbeddedBroker, options: IClientOptions = {}): Promise<MqttClient> {
  const client = connect({ protocol: 'mqtt', host: '127.0.0.1', port: broker.port, reconnectPeriod: 0, ...options })
  cleanUp.push(() => client.endAsync(true))
  client.on('error', () => undefined)
  await until(() => client.connected, { what: 'the connection' })
  return client
}

function rawSocket(broker: EmbeddedBroker): { socket: Socket; received: () => Buffer; closed: Promise<void> } {
  const socket = connectSocket(broker.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => chunks.push(chunk))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  cleanUp.push(async () => socket.destroy())
  return { socket, received: () => Buffer.concat(chunks), closed }
}

const CONNECT = Buffer.from('100d00044d5154540402003c000161', 'hex')

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
    const client = await clientOf(await brokerWith({ receive }))
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
    const client = await clientOf(await brokerWith({ receive }))
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
    const client = new BrokerClient({
      config: BrokerConfig.parse({ url: `mqtt://127.0.0.1:${broker.port}` }),
      clientId: 'agent',
      clean: true,
      log: quietLog(),
      backoffMs: { min: 10, max: 20 }
    })
    cleanUp.push(() => client.stop())
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
    const client = await clientOf(await brokerWith({ receive }))
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
    const client = await clientOf(broker)
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
    const watcher = await clientOf(broker)
    const heard: string[] = []
    watcher.on('message', (topic, payload) => heard.push(`${topic} ${payload}`))
    await watcher.subscribeAsync('plant/#', { qos: 1 })
    const agent = await clientOf(broker)
    await agent.publishAsync('plant/birth', 'b', { qos: 1, retain: true })
    await broker.publish('plant/ack', Buffer.from('a'), { retain: true })
    await until(() => heard.length === 2, { what: 'both messages' })
    const late = await clientOf(broker)
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
    const lost = await clientOf(broker, will('lost'))
    const polite = await clientOf(broker, will('said goodbye'))
    await clientOf(broker, will('cut off'))
    lost.stream.destroy()
    await until(() => wills.length > 0, { what: 'the will' })
    await polite.endAsync()
    await broker.stop()
    expect(wills).toEqual(['lost'])
  })

  test('without a receiver it is a plain broker, sessions included', async () => {
    const broker = await brokerWith()
    const client = await clientOf(broker, { clientId: 'collector', clean: false })
    await client.subscribeAsync('plant/#', { qos: 1 })
    await client.endAsync()
    const agent = await clientOf(broker)
    await agent.publishAsync('plant/1', 'while away', { qos: 1 })
    const again = connect({
      host: '127.0.0.1',
      port: broker.port,
      protocol: 'mqtt',
      clientId: 'collector',
      clean: false,
      reconnectPeriod: 0
    })
    cleanUp.push(() => again.endAsync(true))
    const heard: string[] = []
    again.on('message', (_, payload) => heard.push(payload.toString()))
    await until(() => heard.length === 1, { what: 'the kept message' })
    expect(heard).toEqual(['while away'])
  })
})

describe('access', () => {
  test('a publish that is not allowed is counted and logged, and closes that connection only', async () => {
    const lines: string[] = []
    const topics: string[] = []
    const broker = await brokerWith({
      log: createLog({ name: 'test', destination: { write: (line) => lines.push(line) } }),
      mayPublish: ({ clientId }, topic) => topic.startsWith(`plant/${clientId}/`),
      maySubscribe: (_, filter) => filter === 'plant/ack',
      receive: async (topic) => {
        topics.push(topic)
      }
    })
    const good = await clientOf(broker, { clientId: 'good' })
    for (const topic of ['plant/good/samples', '$SYS/broker']) {
      const bad = await clientOf(broker, { clientId: 'bad' })
      bad.publish(topic, 'x', { qos: 1 }, () => undefined)
      await until(() => !bad.connected, { what: 'the end of the connection' })
    }
    await good.publishAsync('plant/good/samples', 'x', { qos: 1 })
    expect(topics).toEqual(['plant/good/samples'])
    expect(broker.counts).toMatchObject({ received: 1, refused: 2 })
    expect(lines.some((line) => line.includes('Refused a publish') && line.includes('"clientId":"bad"'))).toBe(true)
    await expect(good.subscribeAsync('plant/#', { qos: 1 })).rejects.toThrow()
    expect(await good.subscribeAsync('plant/ack', { qos: 1 })).toMatchObject([{ qos: 1 }])
  })

  test('names and passwords are checked, also asynchronously, and a check that fails refuses', async () => {
    const broker = await brokerWith({
      authenticate: async ({ username, password, clientId }) => {
        await sleep(1)
        if (clientId === 'broken') throw new Error('the database is away')
        return username === 'agent' && password === 'right'
      }
    })
    const attempt = async (options: IClientOptions) => {
      const client = connect({ host: '127.0.0.1', port: broker.port, protocol: 'mqtt', reconnectPeriod: 0, ...options })
      cleanUp.push(() => client.endAsync(true))
      return await new Promise<string>((resolve) => {
        client.on('connect', () => resolve('in'))
        client.on('error', (error) => resolve(error.message))
      })
    }
    expect(await attempt({ username: 'agent', password: 'right' })).toBe('in')
    expect(await attempt({ username: 'agent', password: 'wrong' })).toContain('Not authorized')
    expect(await attempt({})).toContain('Not authorized')
    expect(await attempt({ username: 'agent', password: 'right', clientId: 'broken' })).toContain('Not authorized')
    expect(broker.counts.refused).toBe(2)
  })

  test('with an authority only its certificates get in, and their names are known', async () => {
    const [authority, stranger] = await Promise.all([createAuthority(), createAuthority()])
    const names: (string | null)[] = []
    const broker = await brokerWith({
      tls: authority.server(),
      authenticate: ({ certificateName }) => names.push(certificateName) > 0
    })
    const url = `mqtts://127.0.0.1:${broker.port}`
    const secure = (tls: object) => {
      const config = BrokerConfig.parse({ url, tls })
      const client = new BrokerClient({ config, clientId: 'c', clean: true, log: quietLog(), backoffMs: { min: 10, max: 20 } })
      cleanUp.push(() => client.stop())
      return client
    }
    const bad = [secure({ ca: authority.ca }), secure({ ...stranger.client('agent-1'), ca: authority.ca })]
    for (const client of bad) await client.start()
    await until(() => broker.counts.refused >= 4, { what: 'some refusals' })
    const good = secure(authority.client('agent-1'))
    await good.start()
    await until(() => good.connected, { what: 'the connection' })
    expect([names, bad.map((client) => client.connected)]).toEqual([['agent-1'], [false, false]])
  })
})

describe('bounds', () => {
  test('a packet that is too long is refused when its length is known, before its bytes are gathered', async () => {
    const broker = await brokerWith({ maxPacketBytes: 10_000 })
    const { socket, received, closed } = rawSocket(broker)
    socket.write(CONNECT)
    await until(() => received().length === 4, { what: 'the CONNACK' })
    socket.write(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x61))
    await closed
    const early = rawSocket(broker)
    early.socket.write(Buffer.of(0x10, 0xff, 0xff, 0x7f))
    await early.closed
    expect(broker.counts.refused).toBe(2)
    const client = await clientOf(broker)
    await client.publishAsync('plant/1', Buffer.alloc(9900), { qos: 1 })
    client.publish('plant/1', Buffer.alloc(10_000), { qos: 1 }, () => undefined)
    await until(() => !client.connected, { what: 'the end of the connection' })
  })

  test('connections beyond the limit are turned away, and there is room again when one goes', async () => {
    const broker = await brokerWith({ maxConnections: 2 })
    const first = await clientOf(broker)
    await clientOf(broker)
    await rawSocket(broker).closed
    expect(broker.counts).toMatchObject({ connections: 2, refused: 1 })
    await first.endAsync()
    await until(() => broker.counts.connections === 1, { what: 'room' })
    expect((await clientOf(broker)).connected).toBe(true)
  })

  test('reading stops when 64 messages of a client are in work and goes on when they are taken', async () => {
    let inWork = 0
    let most = 0
    let open: (() => void)[] = []
    const broker = await brokerWith({
      receive: async () => {
        most = Math.max(most, ++inWork)
        await new Promise<void>((resolve) => open.push(resolve))
        inWork--
      }
    })
    const client = await clientOf(broker)
    const payload = Buffer.alloc(30_000)
    const published = Promise.all(Array.from({ length: 300 }, () => client.publishAsync('plant/1', payload, { qos: 1 })))
    await until(() => inWork >= 64, { what: 'a full window' })
    await sleep(50)
    expect(inWork).toBeLessThan(80)
    const timer = setInterval(() => {
      for (const go of open.splice(0)) go()
      open = []
    }, 1)
    await published
    clearInterval(timer)
    expect(most).toBeLessThan(80)
  })

  test('whatever bytes come, the broker lives', async () => {
    const broker = await brokerWith({ receive: async () => undefined, maxPacketBytes: 1000 })
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([CONNECT, tail])),
      fc
        .tuple(fc.constantFrom(0x30, 0x32, 0x34, 0x3d, 0x82, 0xa2, 0x62, 0x50, 0x10, 0xf0), fc.uint8Array({ maxLength: 120 }))
        .map(([head, body]) => Buffer.concat([CONNECT, Buffer.of(head, body.length), body]))
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const { socket, closed } = rawSocket(broker)
        socket.end(content)
        await Promise.race([closed, sleep(200)])
        socket.destroy()
      }),
      { numRuns: 100 }
    )
    const client = await clientOf(broker)
    await client.publishAsync('plant/1', 'still here', { qos: 1 })
    expect(client.connected).toBe(true)
  })
})

test('lengths are found however the bytes are cut', () => {
  const packet = fc.tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 16_380, max: 16_390 }))
  )
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (packets, cuts) => {
      const bytes = Buffer.concat(
        packets.map(([head, length]) => Buffer.concat([Buffer.of(head, ...encoded(length)), Buffer.alloc(length, 0xff)]))
      )
      const found: number[] = []
      const watch = watchLengths({ maxBytes: () => 250, tooLong: (length) => found.push(length) })
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = cuts[turn % cuts.length] ?? 1
        watch(bytes.subarray(at, at + size))
        at += size
      }
      expect(found).toEqual(packets.map(([, length]) => length).filter((length) => length > 250))
    })
  )
})

function encoded(length: number): number[] {
  const bytes: number[] = []
  do {
    bytes.push((length & 0x7f) | (length > 0x7f ? 0x80 : 0))
    length >>= 7
  } while (length > 0)
  return bytes
}
