// A small town of real processes: two PLCs, two agents, a broker, a store and a collector, each of which can be killed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Influxd, startInfluxd } from '../parts/influxd.ts'
import { type Mosquitto, startMosquitto } from '../parts/mosquitto.ts'
import { ServerProcess } from '../parts/server-process.ts'
import { freePort, temporaryFolder } from '../parts/wait.ts'
import { PulsePlc } from './pulse-plc.ts'

export const SITE = 'soak-water'
export const AGENTS = ['edge-1', 'edge-2'] as const
export const TAGS_PER_AGENT = 1000
export const DATABASE = 'soak'
export type StoreKind = 'influx' | 'embedded'

export const tagName = (address: number): string => `r${String(address).padStart(4, '0')}`
const command = new URL('../../penstock.ts', import.meta.url).pathname

export interface Town {
  folder: string
  plcs: PulsePlc[]
  agents: ServerProcess[]
  collector: ServerProcess
  /** Only where they are processes of their own. */
  broker: Mosquitto | undefined
  influx: Influxd | undefined
  outboxOf(agent: string): string
  stop(): Promise<void>
}

export async function buildTown(kind: StoreKind): Promise<Town> {
  const folder = await temporaryFolder()
  const broker = kind === 'influx' ? await startMosquitto({ persistence: true }) : undefined
  const influx = kind === 'influx' ? await startInfluxd() : undefined
  const brokerPort = broker?.port ?? (await freePort())
  const apiPort = await freePort()
  const collector = part('collector', join(folder, 'collector.yaml'), collectorConfig(), async () => {
    const reply = await fetch(`http://127.0.0.1:${apiPort}/healthz`, { signal: AbortSignal.timeout(2000) })
    return reply.ok
  })
  const plcs = AGENTS.map(() => new PulsePlc())
  for (const plc of plcs) await plc.start()
  const agents = AGENTS.map((agent, i) =>
    part('agent', join(folder, `${agent}.yaml`), agentConfig(agent, plcs[i]?.port ?? 0), async () => true)
  )
  await collector.start()
  for (const agent of agents) await agent.start()

  function collectorConfig(): unknown {
    return {
      data: join(folder, 'collector'),
      logLevel: 'info',
      language: 'en',
      broker:
        kind === 'influx'
          ? { mode: 'external', url: `mqtt://127.0.0.1:${brokerPort}` }
          : { mode: 'embedded', port: brokerPort, allowAnonymous: true },
      store: kind === 'influx' ? { kind, url: influx?.url, database: DATABASE } : { kind },
      api: { port: apiPort }
    }
  }

  function agentConfig(agent: string, port: number): unknown {
    return {
      agent,
      site: { id: SITE, title: { zh: '长稳测试水厂', en: 'Soak waterworks' }, sector: 'water' },
      broker: { url: `mqtt://127.0.0.1:${brokerPort}` },
      outbox: { file: outboxOf(agent) },
      healthSeconds: 5,
      devices: [
        {
          id: 'plc-1',
          protocol: 'modbus-tcp',
          host: '127.0.0.1',
          port,
          budget: { requestsPerSecond: 20 },
          tags: Array.from({ length: TAGS_PER_AGENT }, (_, address) => ({ name: tagName(address), at: `holding ${address} uint16` }))
        }
      ]
    }
  }

  function outboxOf(agent: string): string {
    mkdirSync(join(folder, agent), { recursive: true })
    return join(folder, agent, 'outbox.db')
  }

  async function stop(): Promise<void> {
    for (const one of [...agents, collector]) await one.kill('SIGTERM')
    for (const plc of plcs) await plc.stop()
    await broker?.stop()
    await influx?.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { folder, plcs, agents, collector, broker, influx, outboxOf, stop }
}

function part(name: 'agent' | 'collector', file: string, config: unknown, answers: () => Promise<boolean>): ServerProcess {
  writeFileSync(file, stringify(config))
  return new ServerProcess({ command: process.execPath, arguments: [command, name, '-c', file], answers, timeoutMs: 60_000 })
}
