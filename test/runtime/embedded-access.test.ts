// The broker inside the process: who may do what, and how much.
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { IClientOptions } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { createLog } from '#runtime/log.ts'
import { createAuthority } from '../parts/certificates.ts'
import { until } from '../parts/wait.ts'
import { clientOf, closeAll } from './clients.ts'
import { brokerWith, CONNECT, connecting, mqttClient, rawSocket } from './embedded.ts'

afterEach(closeAll)

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
    const good = await mqttClient(broker, { clientId: 'good' })
    for (const topic of ['plant/good/samples', '$SYS/broker']) {
      const bad = await mqttClient(broker, { clientId: 'bad' })
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
      const client = connecting(broker, options)
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
    const secure = (tls: object) => clientOf(url, { tls })
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
    const client = await mqttClient(broker)
    await client.publishAsync('plant/1', Buffer.alloc(9900), { qos: 1 })
    client.publish('plant/1', Buffer.alloc(10_000), { qos: 1 }, () => undefined)
    await until(() => !client.connected, { what: 'the end of the connection' })
  })

  test('connections beyond the limit are turned away, and there is room again when one goes', async () => {
    const broker = await brokerWith({ maxConnections: 2 })
    const first = await mqttClient(broker)
    await mqttClient(broker)
    await rawSocket(broker).closed
    expect(broker.counts).toMatchObject({ connections: 2, refused: 1 })
    await first.endAsync()
    await until(() => broker.counts.connections === 1, { what: 'room' })
    expect((await mqttClient(broker)).connected).toBe(true)
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
    const client = await mqttClient(broker)
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
    const head = fc.constantFrom(0x30, 0x32, 0x34, 0x3d, 0x82, 0xa2, 0x62, 0x50, 0x40, 0x70, 0xc0, 0xe0, 0x10, 0xf0)
    const frame = fc.tuple(head, fc.uint8Array({ maxLength: 60 })).map(([first, body]) => Buffer.of(first, body.length, ...body))
    const bytes = fc.oneof(fc.array(frame, { maxLength: 5 }).map(Buffer.concat), fc.uint8Array({ maxLength: 200 }).map(Buffer.from))
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (content, signedIn) => {
        const { socket, received, closed } = rawSocket(broker)
        if (signedIn) {
          socket.write(CONNECT)
          await until(() => received().length >= 4, { what: 'the CONNACK', everyMs: 1 })
        }
        socket.write(content)
        await sleep(1)
        socket.end()
        await Promise.race([closed, sleep(200)])
        socket.destroy()
      }),
      { numRuns: 60 }
    )
    const client = await mqttClient(broker)
    await client.publishAsync('plant/1', 'still here', { qos: 1 })
    expect(client.connected).toBe(true)
  })
})
