// A day of the simulated waterworks through the real chain without sockets: register image -> the agent's read plan and
// decoding -> deadband -> message and back -> the rules with the shipped packs -> alerts on a real database.
import { join } from 'node:path'
import type { Alert } from '#contract/alert.ts'
import { decode, encode } from '#contract/codec.ts'
import type { Label } from '#contract/label.ts'
import { Engine, type EngineCounts } from '#rules/engine.ts'
import { readConfig } from '#runtime/config-file.ts'
import { AgentConfig } from '../../agent/config.ts'
import { Alerts } from '../../collector/alerts/alerts.ts'
import { Audit } from '../../collector/audit.ts'
import { readPacks } from '../../collector/packs.ts'
import { openCollectorDatabase } from '../../collector/store/database.ts'
import { OfflineAgent } from '../../range/offline-agent.ts'
import { type OfflineOptions, simulateOffline } from '../../simulators/offline.ts'
import { temporaryFolder } from './wait.ts'

const AGENT_CONFIG = new URL('../../deploy/examples/agent.yaml', import.meta.url).pathname
const BATCH_SECONDS = 10

export interface WaterDay {
  alerts: readonly Alert[]
  labels: readonly Label[]
  /** What the agent read, and what of it was news enough to be sent. */
  samples: { read: number; sent: number }
  counts: Readonly<EngineCounts>
  /** Checks that faulted, that could not be evaluated, and how many subjects each has. */
  checks: readonly { id: string; kind: string; subjects: number; faults: number; notEvaluable: number }[]
}

export type DayOptions = Omit<OfflineOptions, 'onScan' | 'plant'> & { config?: string }

export async function playWaterDay({ config: file = AGENT_CONFIG, ...options }: DayOptions): Promise<WaterDay> {
  const { config } = await readConfig({ file, schema: AgentConfig })
  const packs = await readPacks()
  const engine = new Engine({ packs })
  const database = openCollectorDatabase({ file: join(await temporaryFolder(), 'collector.db') })
  const alerts = new Alerts({ database, audit: new Audit({ database }), checkOf: (rule) => engine.check(rule) })
  const agent = new OfflineAgent({ config, boot: 1, startedAt: 0 })
  const who = { site: config.site.id, agent: config.agent }
  try {
    engine.know(agent.birth)
    const { labels } = await simulateOffline({
      ...options,
      onScan(moment) {
        agent.poll(moment, moment.time)
        if (moment.second % BATCH_SECONDS === 0 || moment.second === options.seconds) {
          const batch = agent.seal()
          if (batch === null) throw new Error('the agent has read nothing')
          const { tagMap, view, base, tags, times, values, qualities } = decode('samples', encode('samples', batch))
          alerts.take(engine.judge({ ...who, tagMap, view, tags, times: times.map((time) => base + time), values, qualities }))
          alerts.take(engine.heard({ ...who, time: moment.time }))
          // Health is some milliseconds on its way, and the clock of the box is as good as a time server keeps it.
          alerts.take(engine.clock({ ...who, time: moment.time + 40, ownTime: moment.time, offsetMs: (moment.second % 7) - 3 }))
        }
        alerts.take(engine.tick(moment.time))
      }
    })
    const checks = engine.checks().map(({ id, kind, subjects, faults, notEvaluable }) => ({ id, kind, subjects, faults, notEvaluable }))
    const page = alerts.find({ limit: 200 })
    return { alerts: page.alerts, labels, samples: agent.samples, counts: engine.counts(), checks }
  } finally {
    database.close()
  }
}
