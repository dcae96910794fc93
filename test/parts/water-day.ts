// A day of the simulated waterworks through the real chain without sockets: register image -> the agent's read plan and
// decoding -> deadband -> message and back -> the rules with the shipped packs -> alerts on a real database.
import { join } from 'node:path'
import type { Birth } from '#contract/agent-status.ts'
import type { Alert } from '#contract/alert.ts'
import { decode, encode } from '#contract/codec.ts'
import type { Label } from '#contract/label.ts'
import { Engine, type EngineCounts } from '#rules/engine.ts'
import { readConfig } from '#runtime/config-file.ts'
import { AgentConfig } from '../../agent/config.ts'
import { isBitTable, type PlannedRead } from '../../agent/modbus/read-plan.ts'
import { type ResolvedDevice, resolveDevice } from '../../agent/modbus/resolve.ts'
import { Columns } from '../../agent/publish/columns.ts'
import { Deadband } from '../../agent/publish/deadband.ts'
import { isModbus } from '../../agent/resolve.ts'
import { Alerts } from '../../collector/alerts/alerts.ts'
import { Audit } from '../../collector/audit.ts'
import { readPacks } from '../../collector/packs.ts'
import { openCollectorDatabase } from '../../collector/store/database.ts'
import { type Moment, type OfflineOptions, simulateOffline } from '../../simulators/offline.ts'
import { temporaryFolder } from './wait.ts'

const AGENT_CONFIG = new URL('../../deploy/examples/agent.yaml', import.meta.url).pathname
const BATCH_SECONDS = 10
const FUNCTION_OF = { coil: 1, 'discrete-input': 2, 'holding-register': 3, 'input-register': 4 } as const
// The answers of one cycle come one after the other.
const BETWEEN_READS_MS = 5
const MOST_IN_A_BATCH = 10_000

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
  const agent = new OfflineAgent(config)
  const who = { site: config.site.id, agent: config.agent }
  try {
    engine.know(agent.birth)
    const { labels } = await simulateOffline({
      ...options,
      onScan(moment) {
        agent.poll(moment)
        if (moment.second % BATCH_SECONDS === 0 || moment.second === options.seconds) {
          const { tagMap, view, base, tags, times, values, qualities } = decode('samples', agent.seal())
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

// The agent's rooms joined as agent.ts joins them, but asking the register image instead of a socket.
class OfflineAgent {
  readonly birth: Birth
  readonly samples = { read: 0, sent: 0 }
  readonly #device: ResolvedDevice
  readonly #reads: readonly PlannedRead[]
  readonly #deadband: Deadband
  readonly #sender
  readonly #columns = new Columns(MOST_IN_A_BATCH)
  #sequence = 0

  constructor(config: AgentConfig) {
    const [device] = config.devices
    if (device === undefined || !isModbus(device) || config.devices.length !== 1) throw new Error('the example watches one PLC')
    this.#device = resolveDevice(device, config.defaults)
    const { tags, groups } = this.#device
    if ([...groups.keys()].join() !== '1000') throw new Error('the example reads once a second')
    this.#reads = groups.get(1000) ?? []
    this.#deadband = new Deadband(tags.map(({ tag, deadband }, i) => ({ ...tag, id: i + 1, deadband })))
    this.#sender = { schema: 1, site: config.site.id, agent: config.agent, boot: 1 } as const
    this.birth = {
      kind: 'birth',
      ...this.#sender,
      tagMap: 1,
      startedAt: 0,
      version: 'offline',
      configHash: '',
      acknowledge: config.acknowledge,
      siteInfo: config.site,
      devices: [this.#device.device],
      tags: tags.map(({ tag }, i) => ({ id: i + 1, ...tag }))
    }
  }

  poll({ time, request }: Moment): void {
    for (const [i, read] of this.#reads.entries()) this.#decode(read, ask(read, request), time + i * BETWEEN_READS_MS)
  }

  seal(): Buffer {
    const body = this.#columns.body(1)
    this.#columns.clear()
    return encode('samples', { kind: 'samples', ...this.#sender, sequence: ++this.#sequence, ...body })
  }

  #decode({ spans, address, table }: PlannedRead, bytes: Buffer, time: number): void {
    for (const span of spans) {
      const decoded = this.#device.tags[span.tag]?.decode(bytes, (span.address - address) * (isBitTable(table) ? 1 : 2))
      if (decoded === undefined) throw new Error(`no tag for ${table} ${span.address}`)
      this.samples.read++
      if (!this.#deadband.passes(span.tag, decoded.value, decoded.quality, time)) continue
      this.samples.sent++
      this.#columns.add(span.tag + 1, time, decoded.value, decoded.quality)
    }
  }
}

// Registers as they are on the wire, or one byte for each coil or discrete input, as the agent's reader hands them on.
function ask({ table, address, count }: PlannedRead, request: Moment['request']): Buffer {
  const code = FUNCTION_OF[table]
  const reply = request(Uint8Array.of(code, address >> 8, address & 0xff, count >> 8, count & 0xff))
  if (reply === null) throw new Error('the PLC does not answer')
  if (reply[0] !== code) throw new Error(`the PLC refuses ${table} ${address}+${count} with exception ${reply[1]}`)
  const bytes = reply.subarray(2)
  return isBitTable(table) ? Buffer.from(Array.from({ length: count }, (_, i) => ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1)) : bytes
}
