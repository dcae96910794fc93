// Samples per second through the whole spine - subscribe, decode, store, judge with five rules on each tag, raise - from the bytes
// of MQTT messages as they come over the wire from another process, on both brokers; and on InfluxDB beside the bare client.
// CPU time is that of this process with all its threads: with the embedded broker that of the broker too.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { decode } from '#contract/codec.ts'
import { collectorFilters } from '#contract/topics.ts'
import { BrokerClient, type Receive } from '#runtime/broker.ts'
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
import { besideBareClient } from './pipeline/influx.ts'
import { benchPack, type Load } from './pipeline/load.ts'

const GOAL = 300_000
const ROUNDS = 5
const log = quietLog()

export interface Figures {
  perSecond: number
  cpuMicros: number
}

/** A spine behind a broker. */
export interface Wire extends AsyncDisposable {
  /** From the first message that came to the last watermark told. */
  run(load: Load): Promise<Figures>
}

type BrokerKind = 'embedded' | 'mosquitto'

async function openWire({ broker: kind, store }: { broker: BrokerKind; store?: TelemetryStore }): Promise<Wire> {
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
    publish: async (topic, payload, options) => {
      acks.set(topic.split('/')[4] ?? '', decode('ack', payload).sequence)
      await broker.publish(topic, payload, options)
    }
  })
  spine.restore()
  let begun: { at: number; cpu: NodeJS.CpuUsage } | null = null
  const receive: Receive = (topic, payload) => {
    if (begun === null && topic.endsWith('/samples')) begun = { at: performance.now(), cpu: process.cpuUsage() }
    return spine.subscriber.receive(topic, payload)
  }
  const broker = await openBroker(kind, receive)
  await spine.start()
  let sent = 0
  return {
    async run(load) {
      begun = null
      const numbers = [load.tags, load.samplesPerMessage, load.messages].map(String)
      const agent = join(import.meta.dirname, 'pipeline/agent.ts')
      const gone = once(spawn(process.execPath, [agent, broker.url, load.agent, ...numbers], { stdio: 'inherit' }), 'exit')
      await until(() => acks.get(load.agent) === load.messages, { what: 'the last watermark', timeoutMs: 300_000, everyMs: 5 })
      const figures = figuresSince(begun, load)
      await gone
      sent += load.messages * load.samplesPerMessage
      const stored = await samples.count()
      if (stored !== sent) throw new Error(`${stored} samples are stored, ${sent} were sent`)
      if (spine.alerts.find({ search: 'tag.0' }).total === 0) throw new Error('nothing was raised')
      return figures
    },
    async [Symbol.asyncDispose]() {
      await spine.stop()
      await broker[Symbol.asyncDispose]()
      await samples.stop()
      database.close()
    }
  }
}

function figuresSince(begun: { at: number; cpu: NodeJS.CpuUsage } | null, { messages, samplesPerMessage }: Load): Figures {
  if (begun === null) throw new Error('nothing came')
  const samples = messages * samplesPerMessage
  const { user, system } = process.cpuUsage(begun.cpu)
  return { perSecond: (samples / (performance.now() - begun.at)) * 1000, cpuMicros: (user + system) / samples }
}

async function openBroker(kind: BrokerKind, receive: Receive) {
  if (kind === 'embedded') {
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, log, receive })
    await broker.start()
    const publish: EmbeddedBroker['publish'] = (...message) => broker.publish(...message)
    return { url: `mqtt://127.0.0.1:${broker.port}`, publish, [Symbol.asyncDispose]: () => broker.stop() }
  }
  const mosquitto = await startMosquitto({ maxInFlight: 64, maxQueued: 100_000 })
  const config = { url: mosquitto.url, keepaliveSeconds: 30, protocolVersion: 4, allowPlaintext: false } as const
  const client = new BrokerClient({ config, clientId: 'collector', clean: false, log })
  client.subscribe(collectorFilters(), receive)
  await client.start()
  await until(() => client.connected, { what: 'the connection to Mosquitto' })
  const publish: BrokerClient['publish'] = (...message) => client.publish(...message)
  const stop = async () => {
    await client.stop()
    await mosquitto.stop()
  }
  return { url: mosquitto.url, publish, [Symbol.asyncDispose]: stop }
}

export const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

async function embedded(broker: BrokerKind, samplesPerMessage: number): Promise<void> {
  await using wire = await openWire({ broker })
  const figures: Figures[] = []
  for (let round = 0; round < ROUNDS; round++)
    figures.push(await wire.run({ agent: `agent-${round}`, tags: 1000, samplesPerMessage, messages: 1_000_000 / samplesPerMessage }))
  const rate = median(figures.map(({ perSecond }) => perSecond))
  const cpu = median(figures.map(({ cpuMicros }) => cpuMicros))
  const number = (n: number) => Math.round(n).toLocaleString('en').padStart(9)
  const name = `embedded store, ${broker} broker, ${samplesPerMessage} samples a message`.padEnd(60)
  const verdict = 1e6 / cpu >= GOAL ? 'reached' : 'missed'
  console.log(
    `${name}${number(rate)}/s, ${cpu.toFixed(2)} µs CPU/sample =${number(1e6 / cpu)}/s on one core (goal${number(GOAL)}: ${verdict})`
  )
}

if (import.meta.main) {
  for (const samplesPerMessage of [1000, 500])
    for (const broker of ['embedded', 'mosquitto'] as const) await embedded(broker, samplesPerMessage)
  await besideBareClient((store) => openWire({ broker: 'embedded', store }))
}
