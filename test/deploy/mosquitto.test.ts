// The shipped Mosquitto settings, ACL and certificates on a real Mosquitto: an agent speaks under its own name only.
import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topicOf } from '#contract/topics.ts'
import { ServerProcess } from '../parts/server-process.ts'
import { freePort, temporaryFolder, until } from '../parts/wait.ts'

const deploy = new URL('../../deploy/', import.meta.url).pathname
const run = promisify(execFile)
let folder: string
let port: number
let broker: ServerProcess
const clients: MqttClient[] = []

beforeAll(async () => {
  folder = await temporaryFolder()
  await cp(deploy, folder, { recursive: true })
  const PENSTOCK = `${process.execPath} ${new URL('../../penstock.js', import.meta.url).pathname}`
  await run(join(folder, 'make-certificates.sh'), [], { env: { ...process.env, PENSTOCK } })
  port = await freePort()
  const shipped = await readFile(join(folder, 'mosquitto/mosquitto.conf'), 'utf8')
  const conf = shipped
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replaceAll('/mosquitto/certs/', `${folder}/certs/`)
    .replace('/mosquitto/data/', `${folder}/`)
  await writeFile(join(folder, 'test.conf'), `${process.getuid?.() === 0 ? 'user root\n' : ''}${conf}`)
  broker = new ServerProcess({
    command: '/usr/sbin/mosquitto',
    arguments: ['-c', join(folder, 'test.conf')],
    answers: async () => {
      const probe = await dial('collector')
      await probe.endAsync(true)
      return true
    }
  })
  await broker.start()
})

afterAll(async () => {
  for (const client of clients) await client.endAsync(true)
  await broker?.kill('SIGTERM')
})

async function dial(who: string): Promise<MqttClient> {
  const pem = (name: string) => readFile(join(folder, 'certs', name))
  return await connectAsync(`mqtts://localhost:${port}`, {
    ca: await pem('ca.crt'),
    cert: await pem(`${who}.crt`),
    key: await pem(`${who}.key`),
    reconnectPeriod: 0,
    connectTimeout: 5000
  })
}

async function end(client: MqttClient): Promise<string> {
  await client.endAsync(true)
  return 'let in'
}

async function connected(who: string): Promise<MqttClient> {
  const client = await dial(who)
  clients.push(client)
  return client
}

const own = (kind: 'samples' | 'ack' | 'birth') => topicOf({ site: 'east-water', agent: 'edge-1', kind })
const other = topicOf({ site: 'east-water', agent: 'edge-2', kind: 'samples' })

describe('the shipped Mosquitto settings', () => {
  it('carry an agent to the collector under its own name, and nothing under another', async () => {
    const heard: string[] = []
    const collector = await connected('collector')
    collector.on('message', (topic) => heard.push(topic))
    await collector.subscribeAsync('penstock/v1/+/+/+/samples', { qos: 1 })
    const agent = await connected('agent')
    await agent.publishAsync(other, 'forged', { qos: 1 })
    await agent.publishAsync(own('ack'), '{"boot":1,"sequence":9}', { qos: 1 })
    await agent.publishAsync(own('samples'), 'mine', { qos: 1 })
    await until(() => heard.includes(own('samples')), { what: "the agent's own message" })
    expect(heard).toEqual([own('samples')])
  })

  it('let an agent hear its own acknowledgement only', async () => {
    const heard: string[] = []
    const agent = await connected('agent')
    agent.on('message', (topic) => heard.push(topic))
    await agent.subscribeAsync([own('ack'), 'penstock/v1/+/+/+/samples', 'penstock/v1/+/+/+/ack'], { qos: 1 })
    const collector = await connected('collector')
    const foreign = topicOf({ site: 'east-water', agent: 'edge-2', kind: 'ack' })
    await collector.publishAsync(foreign, '{"boot":1,"sequence":1}', { qos: 1 })
    await agent.publishAsync(own('samples'), 'mine', { qos: 1 })
    await collector.publishAsync(own('ack'), '{"boot":1,"sequence":2}', { qos: 1 })
    await until(() => heard.includes(own('ack')), { what: 'the acknowledgement' })
    expect(new Set(heard)).toEqual(new Set([own('ack')]))
  })

  it('refuse a client without a certificate of the site', async () => {
    const refused = connectAsync(`mqtts://localhost:${port}`, { rejectUnauthorized: false, reconnectPeriod: 0, connectTimeout: 5000 })
    await expect(refused).rejects.toThrow()
  })

  it('refuse an agent whose certificate was revoked, also when it only reads its files again', async () => {
    const before = await dial('agent')
    await before.endAsync(true)
    const pki = [new URL('../../penstock.js', import.meta.url).pathname, 'pki']
    const { stdout } = await run(process.execPath, [...pki, 'revoke', 'east-water/edge-1', '--folder', join(folder, 'pki'), '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ revoked: [expect.any(String)] })
    await cp(join(folder, 'pki/crl.pem'), join(folder, 'certs/crl.pem'))
    process.kill(broker.pid, 'SIGHUP')
    await until(async () => (await dial('agent').then(end, () => 'refused')) === 'refused', { what: 'the refusal' })
    expect(await dial('collector').then(end)).toBe('let in')
    await broker.restart()
    await expect(dial('agent')).rejects.toThrow()
  })
})
