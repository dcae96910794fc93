// The MQTT client over its life: brokers that die, stopping in order, large messages, certificates.
import { connect } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { createLog } from '#runtime/log.ts'
import { createAuthority } from '../parts/certificates.ts'
import { freePort, until } from '../parts/wait.ts'
import { clientOf, closeAll, collect, connected, mosquittoWith } from './clients.ts'

afterEach(closeAll)

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
        tls,
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
