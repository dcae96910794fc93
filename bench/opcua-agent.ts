// What an agent costs that reads 10,000 OPC UA values a second, subscribed and polled, through outbox and a real Mosquitto; beside it,
// as the limit, a process with node-opcua alone that asks the same server for the same and keeps nothing.
// node bench/opcua-agent.ts [seconds] [values]; server, agent and peer are processes of their own, watched through /proc.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AttributeIds, ClientMonitoredItemGroup, TimestampsToReturn } from 'node-opcua'
import { startMosquitto } from '../test/parts/mosquitto.ts'
import { opcuaClient } from '../test/parts/opcua-client.ts'
import { type OpcuaPlcProcess, startOpcuaPlc } from '../test/parts/opcua-plc-process.ts'
import { temporaryFolder, until } from '../test/parts/wait.ts'
import { costOf, BENCH_AGENT as NAME, startCollector } from './parts/agent-cost.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SETTLE_MS = 10_000
const PER_CALL = 1000
const WAYS = ['subscribe', 'poll'] as const
type Way = (typeof WAYS)[number]

// The peer: prints how many values it has heard, once a second.
async function bare(way: Way, port: number, values: number): Promise<void> {
  await using client = await opcuaClient({ port, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' })
  const nodes = Array.from({ length: values }, (_, i) => ({ nodeId: `ns=1;s=v.${i}`, attributeId: AttributeIds.Value }))
  const calls = Array.from({ length: Math.ceil(values / PER_CALL) }, (_, i) => nodes.slice(i * PER_CALL, (i + 1) * PER_CALL))
  let heard = 0
  if (way === 'subscribe') {
    const subscription = await client.session.createSubscription2({ requestedPublishingInterval: 1000, publishingEnabled: true })
    for (const call of calls) {
      const group = ClientMonitoredItemGroup.create(subscription, call, { samplingInterval: 1000, queueSize: 2 }, TimestampsToReturn.Both)
      group.on('changed', () => heard++)
    }
  }
  const { signal } = ended
  while (!signal.aborted) {
    const next = sleep(1000, undefined, { signal }).catch(() => {})
    if (way === 'poll') for (const call of calls) heard += (await client.session.read(call)).length
    console.log(heard)
    await next
  }
}

function configOf(plc: OpcuaPlcProcess, way: Way, { url, values, folder }: { url: string; values: number; folder: string }): unknown {
  return {
    ...{ agent: NAME.agent, broker: { url }, outbox: { file: join(folder, 'outbox.db') }, opcua: { folder: join(folder, 'trust') } },
    site: { id: NAME.site, title: { zh: '基准', en: 'Bench' }, sector: 'water' },
    devices: [
      {
        ...{ id: 'plc-1', protocol: 'opcua', endpoint: plc.endpoint, read: way, cadenceMs: 1000 },
        budget: { requestsPerSecond: 50 },
        tags: Array.from({ length: values }, (_, i) => ({ name: `value${i}`, node: `ns=1;s=v.${i}` }))
      }
    ]
  }
}

const ended = new AbortController()

function start(args: readonly string[], output: 'ignore' | 'pipe'): ChildProcess & { pid: number } {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', output, 'inherit'] })
  if (child.pid === undefined) throw new Error(`${args.join(' ')} did not start`)
  return Object.assign(child, { pid: child.pid })
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

async function watch(what: string, child: { pid: number }, { seconds, samples }: { seconds: number; samples: () => number }) {
  await until(() => samples() > 0, { what: `values of ${what}`, timeoutMs: 120_000 })
  await sleep(SETTLE_MS)
  const before = { cost: costOf(child.pid), samples: samples(), at: performance.now() }
  await sleep(seconds * 1000)
  const after = { cost: costOf(child.pid), samples: samples(), at: performance.now() }
  const span = (after.at - before.at) / 1000
  const cpu = (100 * (after.cost.cpuSeconds - before.cost.cpuSeconds)) / span
  const rate = (after.samples - before.samples) / span
  console.log(
    `  ${what.padEnd(16)} ${rate.toFixed(0).padStart(6)} values/s, CPU ${cpu.toFixed(1).padStart(5)} % of one core, RSS ${after.cost.rssMb.toFixed(0)} MB, peak ${after.cost.peakMb.toFixed(0)} MB`
  )
  return { cpu, rssMb: after.cost.rssMb }
}

async function compare(way: Way, plc: OpcuaPlcProcess, { seconds, values }: { seconds: number; values: number }): Promise<void> {
  console.log(
    `${values} values each second, ${way === 'poll' ? 'polled' : 'subscribed'}, Aes256_Sha256_RsaPss SignAndEncrypt, ${seconds} s:`
  )
  let heard = 0
  const peer = start(['bench/opcua-agent.ts', 'bare', way, String(plc.port), String(values)], 'pipe')
  peer.stdout?.setEncoding('utf8').on('data', (lines: string) => {
    heard = Number(lines.trim().split('\n').at(-1))
  })
  const limit = await watch('node-opcua alone', peer, { seconds, samples: () => heard })
  await end(peer)

  await using mosquitto = await startMosquitto()
  const collector = await startCollector(mosquitto.url)
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'trust/trusted'), { recursive: true })
  writeFileSync(join(folder, 'trust/trusted/server.der'), plc.certificate)
  const file = join(folder, 'agent.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configOf(plc, way, { url: mosquitto.url, values, folder })))
  const agent = start(['penstock.js', 'agent', '-c', file], 'ignore')
  const own = await watch('the agent', agent, { seconds, samples: collector.good })
  await end(agent)
  await collector.stop()
  console.log(
    `  the agent takes ${(own.cpu / limit.cpu).toFixed(2)} times the CPU and ${(own.rssMb / limit.rssMb).toFixed(2)} times the memory`
  )
}

async function main(seconds: number, values: number): Promise<void> {
  await using plc = await startOpcuaPlc({
    values,
    opcua: {
      ...{ anonymous: 'observer', refreshMs: 1000, security: { acceptUnknownClients: true } },
      limits: { nodesPerRead: PER_CALL, itemsPerCall: PER_CALL, items: 2 * values }
    }
  })
  for (const way of WAYS) await compare(way, plc, { seconds, values })
}

const [word, second, port, values] = process.argv.slice(2)
if (word === 'bare') {
  process.once('SIGTERM', () => ended.abort())
  await bare(second === 'poll' ? 'poll' : 'subscribe', Number(port), Number(values))
} else await main(Number(word ?? 30), Number(second ?? 10_000))
