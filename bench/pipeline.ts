// Samples per second through the whole spine - subscribe, decode, store, judge with five rules on each tag, raise - from the bytes
// of MQTT messages as they come over the wire from another process, on both brokers; and with InfluxDB beside the bare client.
// CPU time is that of this process with all its threads: with the embedded broker that of the broker too.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { decode } from '#contract/codec.ts'
import { collectorFilters } from '#contract/topics.ts'
import { BrokerClient } from '#runtime/broker.ts'
import { EmbeddedBroker } from '#runtime/embedded-broker.ts'
import { quietLog } from '#runtime/log.ts'
import { createMetrics } from '#runtime/metrics.ts'
import { Audit } from '../collector/audit.ts'
import { Limits } from '../collector/limits.ts'
import { Spine } from '../collector/spine.ts'
import { openCollectorDatabase } from '../collector/store/database.ts'
import { EmbeddedStore } from '../collector/store/embedded.ts'
import type { TelemetryStore } from '../collector/store/telemetry.ts'
import { startMosquitto } from '../test/parts/mosquitto.ts'
import { temporaryFolder, until } from '../test/parts/wait.ts'
import { benchPack, type Load } from './pipeline-load.ts'

const GOAL = 300_000
const ROUNDS = 5
const log = quietLog()

export interface Figures {
  perSecond: number
  cpuMicros: number
}

/** Publishes watermarks to nowhere but to whoever measures. */
export async function openSpine({
  store,
  publish
}: {
  store?: TelemetryStore
  publish?: (topic: string, payload: Buffer) => Promise<void>
}) {
  const folder = await temporaryFolder()
  const database = openCollectorDatabase({ file: join(folder, 'collector.db') })
  const config = { directory: join(folder, 'samples'), synchronous: 'full', openSamples: 2_000_000, openSeconds: 900 } as const
  const samples = store ?? new EmbeddedStore({ config, log })
  const acks = new Map<string, number>()
  await samples.start()
  const spine = new Spine({
    ...{ database, store: samples, packs: [benchPack()], audit: new Audit({ database }), metrics: createMetrics(), log },
    live: { clients: 0, publish: () => {} },
    limits: Limits.parse({}),
    publish: async (topic, payload) => {
      acks.set(topic.split('/')[4] ?? '', decode('ack', payload).sequence)
      await publish?.(topic, payload)
    }
  })
  spine.restore()
  await spine.start()
  const stop = async () => {
    await spine.stop()
    await samples.stop()
    database.close()
  }
  return { spine, acks, store: samples, [Symbol.asyncDispose]: stop }
}

async function overBroker(kind: 'embedded' | 'mosquitto', shape: Omit<Load, 'agent'>): Promise<Figures[]> {
  let begun: { at: number; cpu: NodeJS.CpuUsage } | null = null
  await using spine = await openSpine({})
  const receive = (topic: string, payload: Buffer) => {
    if (begun === null && topic.endsWith('/samples')) begun = { at: performance.now(), cpu: process.cpuUsage() }
    return spine.spine.subscriber.receive(topic, payload)
  }
  await using broker = await openBroker(kind, receive)
  const figures: Figures[] = []
  for (let round = 0; round < ROUNDS; round++) {
    begun = null
    const load: Load = { ...shape, agent: `agent-${round}` }
    const numbers = [load.tags, load.samplesPerMessage, load.messages].map(String)
    const child = spawn(process.execPath, [join(import.meta.dirname, 'pipeline-agent.ts'), broker.url, load.agent, ...numbers], {
      stdio: 'inherit'
    })
    const gone = once(child, 'exit')
    await until(() => spine.acks.get(load.agent) === load.messages, { what: 'the last watermark', timeoutMs: 300_000, everyMs: 20 })
    figures.push(figuresSince(begun, load))
    await gone
  }
  const expected = ROUNDS * shape.messages * shape.samplesPerMessage
  if ((await spine.store.count()) !== expected) throw new Error(`${await spine.store.count()} samples are stored, ${expected} were sent`)
  return figures
}

export function figuresSince(begun: { at: number; cpu: NodeJS.CpuUsage } | null, { messages, samplesPerMessage }: Load): Figures {
  if (begun === null) throw new Error('nothing came')
  const samples = messages * samplesPerMessage
  const { user, system } = process.cpuUsage(begun.cpu)
  return { perSecond: (samples / (performance.now() - begun.at)) * 1000, cpuMicros: (user + system) / samples }
}

async function openBroker(kind: 'embedded' | 'mosquitto', receive: (topic: string, payload: Buffer) => Promise<void>) {
  if (kind === 'embedded') {
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, log, receive })
    await broker.start()
    return { url: `mqtt://127.0.0.1:${broker.port}`, [Symbol.asyncDispose]: () => broker.stop() }
  }
  const mosquitto = await startMosquitto({ maxInFlight: 64, maxQueued: 100_000 })
  const config = { url: mosquitto.url, keepaliveSeconds: 30, protocolVersion: 4, allowPlaintext: false } as const
  const client = new BrokerClient({ config, clientId: 'collector', clean: false, log })
  client.subscribe(collectorFilters(), receive)
  await client.start()
  await until(() => client.connected, { what: 'the connection to Mosquitto' })
  const stop = async () => {
    await client.stop()
    await mosquitto.stop()
  }
  return { url: mosquitto.url, [Symbol.asyncDispose]: stop }
}

export const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

function print(name: string, figures: readonly Figures[]): void {
  const rate = median(figures.map(({ perSecond }) => perSecond))
  const cpu = median(figures.map(({ cpuMicros }) => cpuMicros))
  const perCore = 1e6 / cpu
  const verdict = perCore >= GOAL ? 'reached' : 'missed'
  console.log(
    `${name.padEnd(44)} ${Math.round(rate).toLocaleString('en').padStart(10)}/s  ${cpu.toFixed(2)} µs CPU/sample = ${Math.round(perCore).toLocaleString('en').padStart(10)}/s on one core (goal ${GOAL.toLocaleString('en')}: ${verdict})`
  )
}

if (import.meta.main) {
  for (const samplesPerMessage of [1000, 500])
    for (const kind of ['embedded', 'mosquitto'] as const)
      print(
        `1,000 tags, ${samplesPerMessage} a message, ${kind} broker`,
        await overBroker(kind, { tags: 1000, samplesPerMessage, messages: 1_000_000 / samplesPerMessage })
      )
}
