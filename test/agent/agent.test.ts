// The whole agent between a PLC and a real Mosquitto: birth, samples, health, watermark, goodbye and last will.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { z } from 'zod'
import type { Birth, Death, Health } from '#contract/agent-status.ts'
import { decode, encode, MAX_MESSAGE_BYTES } from '#contract/codec.ts'
import { BAD_NOT_CONNECTED, GOOD } from '#contract/quality.ts'
import type { SampleBatch } from '#contract/sample.ts'
import { isSignedBy } from '#contract/signature.ts'
import { parseTopic, topicOf } from '#contract/topics.ts'
import { BrokerClient, BrokerConfig } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'
import { Agent } from '../../agent/agent.ts'
import { AgentConfig } from '../../agent/config.ts'
import { agentMetrics } from '../../agent/metrics.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { type Mosquitto, startMosquitto } from '../parts/mosquitto.ts'
import { temporaryFolder, until } from '../parts/wait.ts'

const log = quietLog()
const SITE = { id: 'east-water', title: { zh: '东区水厂', en: 'East Waterworks' }, sector: 'water' as const }
const NAME = { site: SITE.id, agent: 'edge-1' }

function configOf(input: { url: string; file: string; plc: number } & Partial<z.input<typeof AgentConfig>>): AgentConfig {
  const { url, file, plc, ...more } = input
  const tags = [
    {
      name: 'tower.level',
      at: 'holding 10 uint16',
      scale: 0.01,
      unit: 'm',
      range: { low: 0, high: 6 },
      title: { zh: '水塔液位', en: 'Water tower level' }
    },
    { name: 'pump.auto', at: 'coil 1', role: 'command' as const }
  ]
  return AgentConfig.parse({
    agent: NAME.agent,
    site: SITE,
    broker: { url },
    outbox: { file },
    publish: { maxDelayMs: 50 },
    healthSeconds: 0.2,
    defaults: { cadenceMs: 200, heartbeatMs: 400 },
    devices: [
      { id: 'plc-1', protocol: 'modbus-tcp', host: '127.0.0.1', port: plc, timeoutMs: 10_000, budget: { requestsPerSecond: 50 }, tags }
    ],
    ...more
  })
}

// Plays the collector: hears everything, and says that all of it is stored.
async function listenTo(mosquitto: Mosquitto) {
  const births: Birth[] = []
  const batches: SampleBatch[] = []
  const healths: Health[] = []
  const deaths: Death[] = []
  const client = new BrokerClient({ config: BrokerConfig.parse({ url: mosquitto.url }), clientId: 'collector', clean: true, log })
  client.subscribe(['penstock/v1/+/+/+/+'], async (topic, payload) => {
    const { kind } = parseTopic(topic)
    if (kind === 'birth') births.push(decode(kind, payload))
    if (kind === 'health') healths.push(decode(kind, payload))
    if (kind === 'death') deaths.push(decode(kind, payload))
    if (kind !== 'samples') return
    const { boot, sequence, ...batch } = decode(kind, payload)
    batches.push({ boot, sequence, ...batch })
    // Lost with the connection, it is not missed: the agent sends again.
    client.publish(topicOf({ ...NAME, kind: 'ack' }), encode('ack', { boot, sequence }), { retain: true }).catch(() => {})
  })
  await client.start()
  await until(() => client.connected, { what: 'the collector to be connected' })
  return { births, batches, healths, deaths, [Symbol.asyncDispose]: () => client.stop() }
}

async function agentOf(config: AgentConfig) {
  const agent = new Agent({ config, hash: 'abc', log, version: '1.2.3' })
  await agent.start()
  let stopped = false
  const stop = async () => {
    if (!stopped) await agent.stop()
    stopped = true
  }
  return { agent, stop, [Symbol.asyncDispose]: stop }
}

it('tells who it is, what it reads and how it is, and says goodbye', async () => {
  await using mosquitto = await startMosquitto()
  await using plc = await AddressPlc.start()
  await using centre = await listenTo(mosquitto)
  await using running = await agentOf(configOf({ url: mosquitto.url, file: join(await temporaryFolder(), 'outbox.db'), plc: plc.port }))
  await until(() => centre.batches.length >= 3 && centre.healths.some(({ publisher }) => publisher.watermark !== null), {
    what: 'samples and health'
  })

  const [birth] = centre.births
  expect(birth).toMatchObject({
    ...NAME,
    version: '1.2.3',
    configHash: 'abc',
    acknowledge: 'collector',
    siteInfo: SITE,
    devices: [{ id: 'plc-1', protocol: 'modbus-tcp', endpoint: `127.0.0.1:${plc.port} unit 1` }],
    tags: [
      {
        id: 1,
        name: 'tower.level',
        device: 'plc-1',
        role: 'measurement',
        dataType: 'float',
        unit: 'm',
        address: 'holding-register 10 of unit 1'
      },
      { id: 2, name: 'pump.auto', role: 'command', dataType: 'bool', address: 'coil 1 of unit 1' }
    ]
  })
  expect(centre.batches[0]).toMatchObject({ boot: birth?.boot, sequence: 1, follows: null, view: 'polled', tagMap: birth?.tagMap })
  const samples = centre.batches.flatMap(({ tags, values, qualities, base, times }) =>
    tags.map((tag, i) => ({ tag, value: values[i], quality: qualities[i], time: base + (times[i] ?? 0) }))
  )
  expect(new Set(samples.map(({ tag, value, quality }) => `${tag} ${value} ${quality}`))).toEqual(new Set(['1 0.1 0', '2 1 0']))
  for (const tag of [1, 2]) {
    const times = samples.filter((sample) => sample.tag === tag).map(({ time }) => time)
    for (const [i, time] of times.entries()) if (i > 0) expect(time).toBeGreaterThan(times[i - 1] ?? 0)
  }

  const health = centre.healths.at(-1)
  expect(centre.healths.every((one) => isSignedBy(one, centre.births[0]?.key ?? ''))).toBe(true)
  expect(health).toMatchObject({ devices: [{ id: 'plc-1', state: 'online', refused: 0 }], publisher: { ignoredAcks: 0 } })
  // Each value is read each 200 ms and sent each 400 ms, because it never moves.
  expect(health?.samplesQueued).toBeLessThan(health?.samplesRead ?? 0)
  const metrics = await agentMetrics(running.agent).text()
  expect(metrics).toMatch(/^penstock_agent_samples_read_total \d+$/m)
  expect(metrics).toContain('penstock_device_refused_requests_total{device="plc-1"} 0')

  await running.stop()
  await until(() => centre.deaths.length > 0, { what: 'the goodbye' })
  expect(centre.deaths).toMatchObject([{ ...NAME, reason: 'stopped', boot: birth?.boot }])
  expect(plc.functionCodes).toEqual(new Set([1, 3]))
})

it('stopped and started again, it goes on with the same ids in a new boot that follows the old one', async () => {
  await using mosquitto = await startMosquitto()
  await using plc = await AddressPlc.start()
  await using centre = await listenTo(mosquitto)
  const config = configOf({ url: mosquitto.url, file: join(await temporaryFolder(), 'outbox.db'), plc: plc.port })
  await using first = await agentOf(config)
  await until(() => centre.batches.length >= 2, { what: 'the first samples' })
  await first.stop()
  const last = centre.batches.at(-1)
  await using _second = await agentOf(config)
  await until(() => centre.batches.some(({ boot }) => boot !== last?.boot), { what: 'samples of the second boot' })
  const [before, after] = [centre.births[0], centre.births.at(-1)]
  expect(after?.tags).toEqual(before?.tags)
  expect(after?.tagMap).toBe(before?.tagMap)
  expect(after?.boot).toBeGreaterThan(before?.boot ?? 0)
  expect(centre.batches.find(({ boot }) => boot === after?.boot)).toMatchObject({
    sequence: 1,
    follows: { boot: last?.boot, sequence: last?.sequence }
  })
})

it('reads on while the broker is away, and tells later what was read', async () => {
  await using mosquitto = await startMosquitto()
  await using plc = await AddressPlc.start()
  const config = configOf({ url: mosquitto.url, file: join(await temporaryFolder(), 'outbox.db'), plc: plc.port })
  await mosquitto.kill()
  await using running = await agentOf(config)
  await until(() => (running.agent.status?.health().outbox.messages ?? 0) >= 3, { what: 'messages in the outbox' })
  await mosquitto.restart()
  await using centre = await listenTo(mosquitto)
  await until(() => centre.batches.length >= 3, { what: 'what was read meanwhile' })
  expect(centre.batches.slice(0, 3).map(({ sequence }) => sequence)).toEqual([1, 2, 3])
})

it('says that a device is away in every sample, and that it is back', async () => {
  await using mosquitto = await startMosquitto()
  await using plc = await AddressPlc.start()
  await using centre = await listenTo(mosquitto)
  await using _running = await agentOf(configOf({ url: mosquitto.url, file: join(await temporaryFolder(), 'outbox.db'), plc: plc.port }))
  const heard = (quality: number, from: number) => centre.batches.slice(from).some(({ qualities }) => qualities.includes(quality))
  await until(() => heard(GOOD, 0), { what: 'good samples' })
  const { port } = plc
  await plc.stop()
  const gone = centre.batches.length
  await until(() => heard(BAD_NOT_CONNECTED, gone), { what: 'bad samples' })
  for (const { values, qualities } of centre.batches)
    for (const [i, quality] of qualities.entries()) expect(values[i] === null).toBe(quality !== GOOD)
  await using _back = await AddressPlc.start({}, port)
  const bad = centre.batches.length
  await until(() => heard(GOOD, bad), { what: 'good samples again' })
})

it('makes a birth that would fit into a message with 100,000 tags', async () => {
  const folder = await temporaryFolder()
  const devices = Array.from({ length: 10 }, (_, d) => ({
    id: `plc-${d}`,
    protocol: 'modbus-tcp' as const,
    host: '127.0.0.1',
    port: 1,
    unit: d,
    budget: { requestsPerSecond: 1000 },
    tags: Array.from({ length: 1000 }, (_, t) => ({
      name: `station${d}.block${t >> 5}.point${t}`,
      at: `holding ${2 * t} float32`,
      unit: 'm3/h',
      range: { low: 0, high: 500 }
    }))
  }))
  const config = configOf({ url: 'mqtt://127.0.0.1:1', file: join(folder, 'outbox.db'), plc: 1, devices })
  await using running = await agentOf(config)
  const birth = running.agent.status?.birth() ?? Buffer.alloc(0)
  expect(10 * birth.length).toBeLessThan(MAX_MESSAGE_BYTES)
  expect(decode('birth', birth).tags).toHaveLength(10_000)
  expect((await readFile(join(folder, 'outbox.db'))).length).toBeGreaterThan(0)
})
