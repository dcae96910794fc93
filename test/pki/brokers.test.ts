// What penstock pki writes, at the brokers: an agent speaks under its own name only and hears its own acknowledgement only,
// and a revoked certificate opens no door, neither of a real Mosquitto nor of the broker inside the collector.
import { readFile } from 'node:fs/promises'
import { connect as connectTls } from 'node:tls'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { topicOf } from '#contract/topics.ts'
import { EmbeddedBroker } from '#runtime/embedded-broker.ts'
import { quietLog } from '#runtime/log.ts'
import { readAgentList } from '../../collector/agent-list.ts'
import { brokerAccess } from '../../collector/broker-access.ts'
import type { Given } from '../../pki/authority.ts'
import { agentSubject, brokerSubject, clientSubject } from '../../pki/names.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { until } from '../parts/wait.ts'
import { type SiteAuthority, siteAuthority } from './site-authority.ts'

const ending: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end()
})

async function plant() {
  const site = await siteAuthority()
  const broker = await site.authority.issue(brokerSubject(['localhost', '127.0.0.1']))
  const collector = await site.authority.issue(clientSubject('collector', 'collector'))
  const viewer = await site.authority.issue(clientSubject('viewer', 'grafana'))
  const one = await site.authority.issue(agentSubject('east-water', 'edge-1'))
  const two = await site.authority.issue(agentSubject('east-water', 'edge-2'))
  return { site, broker, collector, viewer, one, two }
}

async function dial(site: SiteAuthority, port: number, who: Given): Promise<MqttClient> {
  const [ca, cert, key] = await Promise.all([site.at('ca.crt'), who.certificate, who.key].map((file) => readFile(file)))
  if (ca === undefined || cert === undefined || key === undefined) throw new Error('three files')
  // Without retries a connection that is closed without a word is a refusal.
  const client = await connectAsync(`mqtts://127.0.0.1:${port}`, { ca, cert, key, reconnectPeriod: 0, connectTimeout: 10_000 }, false)
  client.on('error', () => undefined)
  ending.push(() => client.endAsync(true))
  return client
}

const isRefused = (site: SiteAuthority, port: number, who: Given) =>
  dial(site, port, who).then(
    () => false,
    () => true
  )

const topic = (agent: string, kind: 'samples' | 'health' | 'ack') => topicOf({ site: 'east-water', agent, kind })

describe('a real Mosquitto', () => {
  it('with the produced ACL keeps every agent to its own name, and gives the collector and viewers what is theirs', async () => {
    const { site, broker, collector, viewer, one, two } = await plant()
    const acl = await readFile(site.at('mosquitto.acl'), 'utf8')
    const mosquitto = await startMosquitto({ tls: { ca: site.at('ca.crt'), cert: broker.certificate, key: broker.key }, acl })
    ending.push(() => mosquitto.stop())
    const heard: Record<string, string[]> = { collector: [], viewer: [], one: [], two: [] }
    const clients: Record<string, MqttClient> = {}
    for (const [name, who] of Object.entries({ collector, viewer, one, two })) {
      const client = await dial(site, mosquitto.port, who)
      client.on('message', (at) => heard[name]?.push(at))
      await client
        .subscribeAsync(['penstock/v1/+/+/+/+', topic('edge-1', 'ack'), topic('edge-2', 'ack')], { qos: 1 })
        .catch(() => undefined)
      clients[name] = client
    }
    for (const [who, agent, kind] of [
      ['two', 'edge-1', 'samples'],
      ['two', 'edge-2', 'ack'],
      ['two', 'edge-1', 'ack'],
      ['viewer', 'edge-1', 'samples'],
      ['viewer', 'edge-1', 'ack'],
      ['collector', 'edge-1', 'samples'],
      ['one', 'edge-1', 'samples'],
      ['collector', 'edge-1', 'ack']
    ] as const)
      await clients[who]?.publishAsync(topic(agent, kind), 'x', { qos: 1 }).catch(() => undefined)
    await until(() => heard['one']?.length === 1 && heard['collector']?.length === 1 && heard['viewer']?.length === 1, {
      what: 'the messages'
    })
    // A second round would bring what had been forwarded late.
    await clients['collector']?.publishAsync(topic('edge-2', 'ack'), 'x', { qos: 1 })
    await until(() => heard['two']?.length === 1, { what: 'the acknowledgement of the other' })
    expect(heard).toEqual({
      collector: [topic('edge-1', 'samples')],
      viewer: [topic('edge-1', 'samples')],
      one: [topic('edge-1', 'ack')],
      two: [topic('edge-2', 'ack')]
    })
  })
})

describe('the embedded broker', () => {
  async function embedded(site: SiteAuthority, broker: Given) {
    const taken: string[] = []
    const listed = () => readAgentList(site.at('agents.json'))
    const server = new EmbeddedBroker({
      ...brokerAccess({ logins: [], allowAnonymous: false, listed }),
      host: '127.0.0.1',
      port: 0,
      log: quietLog(),
      tls: { ca: site.at('ca.crt'), cert: broker.certificate, key: broker.key, crl: site.at('crl.pem') },
      lookEveryMs: 50,
      receive: async (at) => {
        taken.push(at)
      }
    })
    await server.start()
    ending.push(() => server.stop())
    return { server, taken }
  }

  it('keeps an agent to its own name and its own acknowledgement, and lets in nobody who is not on the list', async () => {
    const { site, broker, collector, one } = await plant()
    const { server, taken } = await embedded(site, broker)
    const agent = await dial(site, server.port, one)
    await expect(agent.subscribeAsync('penstock/v1/+/+/+/ack')).rejects.toThrow()
    await expect(agent.subscribeAsync(topic('edge-2', 'ack'))).rejects.toThrow()
    expect(await agent.subscribeAsync(topic('edge-1', 'ack'), { qos: 1 })).toMatchObject([{ qos: 1 }])
    await agent.publishAsync(topic('edge-1', 'health'), 'x', { qos: 1 })
    agent.publish(topic('edge-2', 'health'), 'x', { qos: 1 }, () => undefined)
    await until(() => !agent.connected, { what: 'the end of the connection' })
    expect(taken).toEqual([topic('edge-1', 'health')])
    expect(await isRefused(site, server.port, collector)).toBe(true)
  })

  it('cuts off who is revoked while it runs, and leaves the others connected', async () => {
    const { site, broker, one, two } = await plant()
    const { server } = await embedded(site, broker)
    const first = await dial(site, server.port, one)
    const second = await dial(site, server.port, two)
    await site.authority.revoke('east-water/edge-1', { reason: 'key-compromise' })
    await until(() => !first.connected, { what: 'the revoked one to be cut off' })
    expect([second.connected, await isRefused(site, server.port, one)]).toEqual([true, true])
    await site.authority.issue(agentSubject('east-water', 'edge-3'))
    expect([second.connected, await isRefused(site, server.port, two)]).toEqual([true, false])
  })

  it('takes up no TLS session again, which no revocation list would be held against', async () => {
    const { site, broker, one } = await plant()
    const { server } = await embedded(site, broker)
    const [ca, cert, key] = await Promise.all([site.at('ca.crt'), one.certificate, one.key].map((file) => readFile(file, 'utf8')))
    if (ca === undefined || cert === undefined || key === undefined) throw new Error('three files')
    const reused = (session?: Buffer) =>
      new Promise<{ reused: boolean; session: Buffer | undefined }>((resolve, reject) => {
        let latest: Buffer | undefined
        const options = { host: '127.0.0.1', port: server.port, ca, cert, key, maxVersion: 'TLSv1.2' as const }
        const socket = connectTls({ ...options, ...(session === undefined ? {} : { session }) }, () => {
          latest ??= socket.getSession()
          const answer = { reused: socket.isSessionReused(), session: latest }
          socket.destroy()
          resolve(answer)
        })
        socket.on('error', reject)
      })
    const { session } = await reused()
    expect((await reused(session)).reused).toBe(false)
  })

  it('goes on with the certificates before when the new ones cannot be used, and does not listen beyond this machine without any', async () => {
    const { site, broker, one } = await plant()
    const { server } = await embedded(site, broker)
    site.folder.write(['crl.pem'], 'torn')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await isRefused(site, server.port, one)).toBe(false)
    for (const host of ['0.0.0.0', '::', '192.0.2.1'])
      await expect(new EmbeddedBroker({ host, port: 0, log: quietLog() }).start()).rejects.toMatchObject({ code: 'TLS_NEEDED' })
  })
})
