// `penstock agent run`: reads the config, tells all its faults at once, and runs the agent until it is stopped.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Language } from '#contract/text.ts'
import { readConfig } from '#runtime/config-file.ts'
import { runParts } from '#runtime/lifecycle.ts'
import { createLog } from '#runtime/log.ts'
import type { MetricsServer } from '#runtime/metrics.ts'
import { Agent } from './agent.ts'
import { AgentConfig } from './config.ts'
import { collectAfterStart, keepSmall } from './footprint.ts'
import { Reload, type ReloadCounts } from './reload.ts'
import { planOf } from './resolve.ts'

interface MainOptions {
  file: string
  language?: Language
}

/** Runs until stopped; rejects with ConfigFault before anything is started. */
export async function runAgent(options: MainOptions): Promise<void> {
  const { config, hash } = await readConfig({ ...options, schema: AgentConfig })
  keepSmall(samplesPerSecond(config))
  const log = createLog({ name: 'agent' })
  const agent = new Agent({ config, hash, log, version: ownVersion() })
  const reload = new Reload({ file: options.file, agent, log, taken: (config) => keepSmall(samplesPerSecond(config)) })
  const told = { agent, reloads: () => reload.counts }
  const metrics = config.metrics === undefined ? [] : [await metricsServer(told, config.metrics.port, log)]
  const running = await runParts({ parts: [...metrics, agent], log, reload: () => reload.ask() })
  collectAfterStart()
  await running.stopped
}

interface Told {
  agent: Agent
  reloads: () => ReloadCounts
}

// Loaded only when metrics are asked for: the memory of an agent on a small box is counted.
async function metricsServer(told: Told, port: number, log: ReturnType<typeof createLog>): Promise<MetricsServer> {
  const [{ agentMetrics }, { MetricsServer }] = await Promise.all([import('./metrics.ts'), import('#runtime/metrics.ts')])
  return new MetricsServer({ metrics: agentMetrics(told.agent, told.reloads), log, port })
}

function samplesPerSecond({ devices, defaults }: AgentConfig): number {
  const tags = devices.flatMap((device) => planOf(device, defaults).resolved.tags.map(({ tag }) => tag))
  return tags.reduce((sum, tag) => sum + 1000 / tag.cadenceMs, 0)
}

function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
