// The collector as people run it: from a config file to the page, an agent over MQTT, a sign-in, and a second start on the same data.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Overview } from '#contract/api.ts'
import { BrokerClient } from '#runtime/broker.ts'
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import { quietLog } from '#runtime/log.ts'
import { Collector } from '../../collector/collector.ts'
import { CollectorConfig } from '../../collector/config.ts'
import { checkCollector } from '../../collector/main.ts'
import { temporaryFolder, until } from '../parts/wait.ts'
import { type Spoken, Voice } from './voice.ts'
import { brokerConfig } from './world.ts'

const EXAMPLES = ['collector.yaml', 'collector.compose.yaml'].map(
  (name) => new URL(`../../deploy/examples/${name}`, import.meta.url).pathname
)

async function configFile(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'collector.yaml')
  await writeFile(file, text)
  return file
}

const SMALL = `
data: ./data
broker: { mode: embedded, port: 0, agents: [{ site: east, agent: edge-1, password: { file: ./secret } }] }
api: { port: 0 }
`

async function startCollector(file: string): Promise<Collector & AsyncDisposable> {
  await writeFile(join(file, '..', 'secret'), 'a long secret\n')
  const { config } = await readConfig({ file, schema: CollectorConfig, language: 'en' })
  const collector = new Collector({ config, log: quietLog(), language: 'en' })
  await collector.start()
  return Object.assign(collector, { [Symbol.asyncDispose]: () => collector.stop() })
}

async function speak(collector: Collector, ...messages: Spoken[]): Promise<void> {
  const secret = await configFile('a long secret')
  const config = { ...brokerConfig(`mqtt://127.0.0.1:${collector.brokerPort}`), username: 'east/edge-1', password: { file: secret } }
  const client = new BrokerClient({ config, clientId: 'edge-1', clean: true, log: quietLog() })
  await client.start()
  await until(() => client.connected, { what: 'the connection of the agent' })
  for (const { topic, payload } of messages) await client.publish(topic, payload)
  await client.stop()
}

describe('a config', () => {
  it.each(EXAMPLES)('%s is in order', async (file) => {
    expect(await checkCollector({ file, language: 'en' })).toMatch(
      /is in order: broker (embedded|external), store (embedded|influx), \d+ packs with \d+ checks/
    )
    expect(await checkCollector({ file, language: 'zh-CN' })).toContain('配置正确')
  })

  it('tells all its faults at once, each with its place', async () => {
    const file = await configFile(`
data: ./data
broker: { mode: embedded, host: 0.0.0.0, allowAnonymous: true }
store: { kind: paper }
api: { prt: 1 }
limits: { holdSeconds: 0 }
`)
    const fault = await readConfig({ file, schema: CollectorConfig, language: 'en' }).catch((error: unknown) => error)
    if (!(fault instanceof ConfigFault)) throw new Error('no ConfigFault')
    expect(fault.faults.map(({ line, path }) => `${line} ${path}`)).toEqual(
      expect.arrayContaining(['3 broker.tls', '3 broker.allowAnonymous', '4 store.kind', '5 api.prt', '6 limits.holdSeconds'])
    )
    await expect(checkCollector({ file, language: 'zh-CN' })).rejects.toThrow('监听其他地址须使用 TLS')
  })

  it('is refused before anything is opened when a pack of its own is broken', async () => {
    const file = await configFile(`${SMALL}packs: [./packs]\n`)
    await mkdir(join(file, '..', 'packs'))
    await writeFile(join(file, '..', 'packs', 'own.yaml'), 'id: own\nversion: 1\n')
    await expect(checkCollector({ file, language: 'en' })).rejects.toBeInstanceOf(ConfigFault)
  })
})

describe('a collector', () => {
  it('takes samples over its own broker and shows them to whoever may see them, after a restart too', async () => {
    const file = await configFile(SMALL)
    const agent = new Voice()
    let cookie = ''
    {
      await using collector = await startCollector(file)
      const { name, password } = collector.firstAccount ?? { name: '', password: '' }
      const ask = (path: string, body?: unknown, method = 'POST') =>
        fetch(`${collector.url}${path}`, {
          headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { method, body: JSON.stringify(body) })
        })
      expect((await ask('/api/overview')).status).toBe(401)
      const signedIn = await ask('/api/session', { name, password })
      expect(signedIn.status).toBe(200)
      cookie = signedIn.headers.getSetCookie().join().split(';')[0] ?? ''
      expect((await ask('/api/session/password', { current: password, next: 'a better pass phrase' })).status).toBe(204)
      const again = await ask('/api/session', { name, password: 'a better pass phrase' })
      cookie = again.headers.getSetCookie().join().split(';')[0] ?? ''

      await speak(collector, agent.birth(), agent.samples(1), agent.samples(2))
      const overview = Overview.parse(await (await ask('/api/overview')).json())
      expect(overview.sites).toMatchObject([{ site: { id: 'east' }, agents: [{ agent: 'edge-1', watermark: { boot: 1, sequence: 2 } }] }])
      expect(overview.parts.every(({ state }) => state === 'ok')).toBe(true)
      const metrics = await (await ask('/metrics')).text()
      expect(metrics).toContain('penstock_samples_stored_total 6')
      expect(metrics).toMatch(/penstock_messages_total\{outcome="next"\} 2/)
      expect((await ask('/readyz')).status).toBe(200)
    }
    await using collector = await startCollector(file)
    expect(collector.firstAccount).toBeNull()
    const response = await fetch(`${collector.url}/api/tags?search=level`, { headers: { cookie } })
    expect(await response.json()).toMatchObject([{ site: 'east', agent: 'edge-1', tag: { name: 'tower.level' } }])
    await speak(collector, agent.samples(2), agent.samples(3))
    const overview = Overview.parse(await (await fetch(`${collector.url}/api/overview`, { headers: { cookie } })).json())
    expect(overview.sites[0]?.agents[0]?.watermark).toEqual({ boot: 1, sequence: 3 })
  })

  it('keeps no secret in its folder', async () => {
    const file = await configFile(SMALL)
    await using collector = await startCollector(file)
    await speak(collector, new Voice().birth())
    for (const name of ['collector.db', 'collector.db-wal'])
      expect((await readFile(join(file, '..', 'data', name))).includes('a long secret')).toBe(false)
  })
})
