// Lets the town live for a while, kills its parts one after another with SIGKILL, and counts what is stored against what was read.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../parts/wait.ts'
import { lookAtStore, type Stored } from './stored.ts'
import { AGENTS, buildTown, type StoreKind, TAGS_PER_AGENT, type Town } from './town.ts'

export interface SoakResult extends Stored {
  kind: StoreKind
  seconds: number
  kills: Record<string, number>
  /** Samples that the agents put into their outboxes, bad ones included: what they had read when they were killed and had not yet written down is not in it. */
  recorded: number
  /** Values that the PLCs handed out. */
  served: number
  leftInOutbox: number
  mostConnections: number
  /** Gap records of the collector, by reason. */
  gaps: Record<string, number>
  /** Times without a sample, longer than three cadences, that no kill of the agent and no gap record of its device explains. */
  holes: number
}

interface Downtime {
  agent: number
  from: number
  to: number
}

const CADENCE_MS = 1000
const DOWN_MS = 3000
// Start, connection and the first batch take so long on a slow machine.
const SETTLE_MS = 8000
// An agent waits up to a minute before it connects again after many failures.
const BACKLOG_MS = 120_000
const CURRENT_MS = 4000

export async function soak({ kind, seconds, say }: { kind: StoreKind; seconds: number; say: (line: string) => void }): Promise<SoakResult> {
  const town = await buildTown(kind)
  const kills: Record<string, number> = {}
  const downtimes: Downtime[] = []
  try {
    const began = Date.now()
    const schedule = scheduleOf(town)
    for (const [index, one] of schedule.entries()) {
      const at = began + ((index + 1) * seconds * 1000) / (schedule.length + 1)
      await sleep(Math.max(0, at - Date.now()))
      say(`${kind}: ${Math.round((Date.now() - began) / 1000)} s, killing ${one.name}`)
      kills[one.name] = (kills[one.name] ?? 0) + 1
      const from = Date.now()
      await one.kill()
      await sleep(DOWN_MS)
      await one.restart()
      if (one.agent !== undefined) downtimes.push({ agent: one.agent, from, to: Date.now() + SETTLE_MS })
    }
    await sleep(Math.max(SETTLE_MS, began + seconds * 1000 - Date.now()))
    return await settle(town, { kind, seconds, kills, downtimes, say })
  } finally {
    await town.stop()
  }
}

interface Kill {
  name: string
  agent?: number
  kill: () => Promise<void>
  restart: () => Promise<void>
}

// Each twice, in an order in which no part dies next to itself; the embedded broker and store die with the collector.
function scheduleOf({ broker, influx, collector, agents }: Town): Kill[] {
  const kill = (name: string, part: { kill(signal?: NodeJS.Signals): Promise<void>; restart(): Promise<void> }): Kill => ({
    name,
    kill: () => part.kill('SIGKILL'),
    restart: () => part.restart()
  })
  const round = [
    ...(broker === undefined ? [] : [kill('broker', broker)]),
    ...agents.map((agent, index) => ({ ...kill('agent', agent), agent: index })),
    kill('collector', collector),
    ...(influx === undefined ? [] : [kill('InfluxDB', influx)])
  ]
  return [...round, ...round]
}

interface Played {
  kind: StoreKind
  seconds: number
  kills: Record<string, number>
  downtimes: readonly Downtime[]
  say: (line: string) => void
}

// The backlog of the last kill is waited for; what an agent keeps all the same after its stop in order is counted.
async function settle(town: Town, { kind, seconds, kills, downtimes, say }: Played): Promise<SoakResult> {
  say(`${kind}: waiting for the backlog, stopping the agents, then counting`)
  const isCurrent = (agent: string) => readOutbox(town.outboxOf(agent)).oldestAt > Date.now() - CURRENT_MS
  await until(() => AGENTS.every(isCurrent), { what: 'the backlog to be stored', timeoutMs: BACKLOG_MS, everyMs: 500 })
  const endedAt = Date.now()
  const mostConnections = Math.max(...town.plcs.map((plc) => plc.mostOpen))
  for (const agent of town.agents) await agent.kill('SIGTERM')
  const served = town.plcs.reduce((total, plc) => total + plc.served, 0)
  const outboxes = AGENTS.map((agent) => readOutbox(town.outboxOf(agent)))
  await sleep(1000)
  await town.collector.kill('SIGTERM')
  const stored = await lookAtStore(town)
  const gaps = readGaps(join(town.folder, 'collector/collector.db'))
  const sum = (pick: (box: { samples: number; left: number }) => number) => outboxes.reduce((total, box) => total + pick(box), 0)
  return {
    ...stored,
    ...{ kind, seconds, kills, served, mostConnections },
    recorded: sum((box) => box.samples),
    leftInOutbox: sum((box) => box.left),
    gaps: Object.fromEntries([...Map.groupBy(gaps, ({ reason }) => reason)].map(([reason, all]) => [reason, all.length])),
    // An agent that ended early would show as a hole at the end.
    holes: countHoles(
      stored.times.map((list) => [...list, endedAt]),
      [...downtimes, ...gaps.filter(({ reason }) => reason.startsWith('device-'))]
    )
  }
}

function readOutbox(file: string): { samples: number; left: number; oldestAt: number } {
  const database = new DatabaseSync(file, { readOnly: true })
  const samples = database.prepare('SELECT samples_ever AS n FROM identity').get()?.['n']
  const kept = database.prepare('SELECT coalesce(sum(samples), 0) AS n, min(made_at) AS oldest FROM messages').get()
  database.close()
  return { samples: Number(samples), left: Number(kept?.['n']), oldestAt: Number(kept?.['oldest'] ?? Date.now()) }
}

function readGaps(file: string): (Downtime & { reason: string })[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const names: readonly string[] = AGENTS
  const rows = database.prepare('SELECT agent, reason, coalesce(from_time, 0) AS "from", coalesce(to_time, 0) AS "to" FROM gaps').all()
  database.close()
  return rows.map((row) => ({
    agent: names.indexOf(String(row['agent'])),
    reason: String(row['reason']),
    from: Number(row['from']),
    // The sample after the gap comes a cadence later.
    to: Number(row['to']) + 2 * CADENCE_MS
  }))
}

function countHoles(times: readonly number[][], downtimes: readonly Downtime[]): number {
  let holes = 0
  for (const [agent, list] of times.entries()) {
    for (let i = 1; i < list.length; i++) {
      const from = list[i - 1] ?? 0
      const to = list[i] ?? 0
      const isKnown = downtimes.some((down) => down.agent === agent && from < down.to && to > down.from)
      // The last time is that of the end; cycles that a slow device is spared are told with the next one.
      const most = i === list.length - 1 ? SETTLE_MS : 3 * CADENCE_MS
      if (to - from > most && !isKnown) holes++
    }
  }
  return holes
}

export function tableOf(result: SoakResult): string {
  const { kind, seconds, kills, recorded, served, samples, bad, doubled, wrong, leftInOutbox, gaps, holes, mostConnections } = result
  const missing = recorded - leftInOutbox - samples
  const rows: [string, unknown][] = [
    ['store', kind === 'influx' ? 'InfluxDB, Mosquitto' : 'embedded store and broker'],
    ['seconds', seconds],
    ['tags', AGENTS.length * TAGS_PER_AGENT],
    [
      'killed with SIGKILL',
      Object.entries(kills)
        .map(([name, count]) => `${name} ${count}x`)
        .join(', ')
    ],
    ['values served by the PLCs', served],
    ['samples recorded by the agents', recorded],
    ['samples in the store', samples],
    ['still in an outbox', leftInOutbox],
    ['missing', missing],
    ['doubled', doubled],
    ['with a wrong value', wrong],
    ['of bad quality', bad],
    ['holes without a reason', holes],
    ['gap records', JSON.stringify(gaps)],
    ['most connections to a PLC at once', mostConnections]
  ]
  return rows.map(([name, value]) => `${name.padEnd(36)} ${value}`).join('\n')
}

/** What must be zero or true; empty when the soak passed. */
export function faultsOf(result: SoakResult): string[] {
  const faults: string[] = []
  const must = (isTrue: boolean, fault: string) => {
    if (!isTrue) faults.push(fault)
  }
  must(result.samples > 0, 'nothing was stored')
  must(result.recorded - result.leftInOutbox === result.samples, 'the store does not hold what the agents recorded')
  must(result.doubled === 0, 'samples are doubled')
  must(result.wrong === 0, 'samples have a wrong value')
  must(result.holes === 0, 'there are holes without a reason')
  // What an agent has read and not yet written down when it is killed is at most a cadence and a batch delay.
  const lostAtKills = (result.kills['agent'] ?? 0) * 2 * TAGS_PER_AGENT
  must(result.served - result.recorded <= lostAtKills, 'the agents recorded less than they were served')
  must(result.leftInOutbox === 0, 'an outbox was not emptied')
  must(result.mostConnections === 1, 'a PLC had more than one connection at once')
  return faults
}
