// An agent with its config file, as `penstock agent run` has it, and a collector's ear at its broker; the file is rewritten and read
// again at will.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Birth, Health } from '#contract/agent-status.ts'
import { decode, encode } from '#contract/codec.ts'
import type { Gap } from '#contract/gap.ts'
import { parseTopic, topicOf } from '#contract/topics.ts'
import { BrokerClient, BrokerConfig } from '#runtime/broker.ts'
import { readConfig } from '#runtime/config-file.ts'
import { createLog, quietLog } from '#runtime/log.ts'
import { Agent } from '../../agent/agent.ts'
import { AgentConfig } from '../../agent/config.ts'
import { Reload } from '../../agent/reload.ts'
import { temporaryFolder, until } from './wait.ts'

// Each has a name of its own, because a broker keeps what was said by another.
let agents = 0

export interface HeardSample {
  tag: number
  time: number
  value: unknown
  quality: number
}

export interface Heard {
  births: Birth[]
  healths: Health[]
  gaps: Gap[]
  samples: HeardSample[]
  /** Everything in the order in which it came: births by their hash, samples by their tag ids. */
  order: { kind: string; hash?: string; tags?: number[]; boot: number; sequence?: number }[]
}

export interface ReloadingAgent extends AsyncDisposable {
  readonly name: { site: string; agent: string }
  readonly agent: Agent
  readonly reload: Reload
  readonly heard: Heard
  readonly folder: string
  readonly file: string
  /** Log lines as objects. */
  readonly logged: Record<string, unknown>[]
  /** Writes the devices, and more, into the config file. */
  write(devices: readonly object[], more?: object): Promise<void>
  /** Writes them and reads the file again. */
  takes(devices: readonly object[], more?: object): Promise<void>
  /** Samples of a tag by its name in any birth. */
  of(tag: string): HeardSample[]
  stop(): Promise<void>
}

export interface ReloadingOptions {
  /** False when another collector says what is stored; this one then only listens. */
  stores?: boolean
}

export async function reloadingAgent(
  url: string,
  devices: readonly object[],
  more: object = {},
  { stores = true }: ReloadingOptions = {}
): Promise<ReloadingAgent> {
  const name = { site: 'east', agent: `edge-${++agents}` }
  const folder = await temporaryFolder()
  const file = join(folder, 'agent.yaml')
  const logged: Record<string, unknown>[] = []
  const log = createLog({ name: 'agent', destination: { write: (line) => void logged.push(JSON.parse(line)) } })
  const write = (devices: readonly object[], more: object = {}) =>
    writeFile(
      file,
      JSON.stringify(
        {
          ...{ agent: name.agent, site: { id: name.site, title: { zh: '东', en: 'East' }, sector: 'water' } },
          ...{ broker: { url }, outbox: { file: 'outbox.db' }, publish: { maxDelayMs: 50 }, healthSeconds: 0.3 },
          ...{ defaults: { cadenceMs: 200, heartbeatMs: 400 }, devices, ...more }
        },
        null,
        1
      ),
      { mode: 0o600 }
    )
  await write(devices, more)
  const { config, hash } = await readConfig({ file, schema: AgentConfig })
  const ear = await listen(url, name, stores)
  const agent = new Agent({ config, hash, log, version: '1.2.3' })
  const reload = new Reload({ file, agent, log })
  await agent.start()
  let stopped = false
  const stop = async () => {
    if (!stopped) await agent.stop()
    stopped = true
  }
  const { heard } = ear
  return {
    ...{ name, agent, reload, heard, folder, file, logged, write, stop },
    async takes(devices, more) {
      await write(devices, more)
      await reload.ask()
    },
    of(name) {
      const ids = new Set(heard.births.flatMap(({ tags }) => tags.filter((tag) => tag.name === name).map(({ id }) => id)))
      return heard.samples.filter(({ tag }) => ids.has(tag)).sort((a, b) => a.time - b.time)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await ear.stop()
    }
  }
}

// Plays the collector: hears everything, and says that all of it is stored.
async function listen(url: string, name: ReloadingAgent['name'], stores: boolean): Promise<{ heard: Heard; stop: () => Promise<void> }> {
  const heard: Heard = { births: [], healths: [], gaps: [], samples: [], order: [] }
  const client = new BrokerClient({
    config: BrokerConfig.parse({ url }),
    clientId: `collector-${name.agent}`,
    clean: true,
    log: quietLog()
  })
  const store = ({ boot, sequence }: { boot: number; sequence: number }) => {
    if (!stores) return
    // Lost with the connection, it is not missed: the agent sends again.
    void client.publish(topicOf({ ...name, kind: 'ack' }), encode('ack', { boot, sequence }), { retain: true }).catch(() => {})
  }
  client.subscribe([`penstock/v1/+/${name.site}/${name.agent}/+`], async (topic, payload) => {
    const { kind } = parseTopic(topic)
    if (kind === 'birth') {
      const birth = decode(kind, payload)
      heard.births.push(birth)
      heard.order.push({ kind, hash: birth.configHash, boot: birth.boot })
    }
    if (kind === 'health') heard.healths.push(decode(kind, payload))
    if (kind === 'gap') {
      const gap = decode(kind, payload)
      heard.gaps.push(gap)
      heard.order.push({ kind, boot: gap.boot, sequence: gap.sequence })
      store(gap)
    }
    if (kind !== 'samples') return
    const { boot, sequence, tags, times, values, qualities, base } = decode(kind, payload)
    heard.order.push({ kind, tags: [...new Set(tags)], boot, sequence })
    for (const [i, tag] of tags.entries())
      heard.samples.push({ tag, time: base + (times[i] ?? 0), value: values[i], quality: qualities[i] ?? -1 })
    store({ boot, sequence })
  })
  await client.start()
  await until(() => client.connected, { what: 'the collector to be connected' })
  return { heard, stop: () => client.stop() }
}

/** A Modbus device made quick. */
export const modbus = (id: string, port: number, tags: Readonly<Record<string, string>>, more: object = {}): object => ({
  ...{ id, protocol: 'modbus-tcp', host: '127.0.0.1', port, timeoutMs: 10_000, budget: { requestsPerSecond: 50 } },
  tags: Object.entries(tags).map(([name, at]) => ({ name, at })),
  ...more
})
