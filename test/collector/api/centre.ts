// A collector's API on a real port with a real database, a small made-up plant and cheap passwords.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccountRole } from '#contract/account.ts'
import type { EventPage, EventView, GapView, Overview, PartState, TagView } from '#contract/api.ts'
import type { Finding } from '#contract/finding.ts'
import type { Check } from '#rules/check.ts'
import { quietLog } from '#runtime/log.ts'
import { AgentKeyTable } from '../../../collector/agent-key-table.ts'
import { AgentKeys } from '../../../collector/agent-keys.ts'
import { Alerts } from '../../../collector/alerts/alerts.ts'
import { Accounts } from '../../../collector/api/accounts.ts'
import { Live, type LiveOptions } from '../../../collector/api/live.ts'
import type { EventSearch, Plant } from '../../../collector/api/plant.ts'
import { ApiServer, type ServerOptions } from '../../../collector/api/server.ts'
import { Sessions } from '../../../collector/api/sessions.ts'
import { Audit } from '../../../collector/audit.ts'
import { openCollectorDatabase } from '../../../collector/store/database.ts'
import { type Buckets, type RangeQuery, StoreFault } from '../../../collector/store/telemetry.ts'

export const CHEAP = { memoryKiB: 8, passes: 1 }
export const PASSWORD = 'nine small fish'
export const PEOPLE = { chief: 'system-administrator', guard: 'security-operator', witness: 'auditor' } as const satisfies Record<
  string,
  AccountRole
>

export const CHECK: Check = {
  id: 'water/chlorine-setpoint',
  kind: 'process/range',
  pack: 'water',
  title: { zh: '余氯设定值越限', en: 'Chlorine setpoint out of its band' },
  why: { zh: '过量加氯危害健康。', en: 'Too much chlorine harms people.' },
  reason: { zh: '设定值越限。', en: 'The setpoint left its band.' },
  advice: [{ zh: '核对操作记录。', en: 'Compare with the log of the operators.' }],
  severity: 5,
  techniques: ['T0836'],
  parameters: { high: 0.7 },
  clearAfterSeconds: 10,
  subjects: 1,
  faults: 0,
  notEvaluable: 0
}

export function finding(change: Partial<Finding> = {}): Finding {
  return {
    rule: CHECK.id,
    kind: CHECK.kind,
    site: 'east-water',
    agent: 'edge-1',
    device: 'plc-1',
    tag: 'chlorine.setpoint',
    tags: ['chlorine.setpoint'],
    view: 'polled',
    time: 1_000_000,
    condition: 'active',
    severity: 5,
    evidence: { value: 1.8, limit: 0.7 },
    ...change
  }
}

export class SmallPlant implements Plant {
  partsNow: PartState[] = [
    { part: 'broker', state: 'ok', since: 1, detail: null },
    { part: 'store', state: 'ok', since: 1, detail: null }
  ]
  gapsNow: GapView[] = []
  eventsNow: EventView[] = []
  tagsNow: TagView[] = [tagView('tower.level')]
  overview(): Overview {
    return { time: 5, sites: [], parts: [...this.partsNow], waiting: { messages: 0, bytes: 0 }, samplesPerSecond: 1 }
  }
  parts() {
    return this.partsNow
  }
  tags() {
    return this.tagsNow
  }
  gaps() {
    return this.gapsNow
  }
  events({ kind }: EventSearch): EventPage {
    const events = this.eventsNow.filter((event) => kind === undefined || event.kind === kind)
    return { events, next: null, leftOut: [] }
  }
  quarantine() {
    return [{ id: 1, time: 5, topic: 'penstock/v1/00/x/y/samples', code: 'NOT_JSON', reason: 'not JSON', bytes: 3 }]
  }
  rules() {
    const { id, kind, pack, title, why, severity, techniques, parameters, subjects, faults } = CHECK
    return [{ rule: id, kind, pack, title, why, severity, techniques: [...techniques], parameters, subjects, faults }]
  }
  deviceOf() {
    return 'plc-1'
  }
  seriesOf({ tag }: { tag: string }) {
    return tag === 'tower.level' ? 1 : undefined
  }
}

export function tagView(name: string): TagView {
  const tag = {
    id: 1,
    name,
    device: 'plc-1',
    role: 'measurement',
    dataType: 'float',
    address: 'input-register 0',
    cadenceMs: 1000,
    heartbeatMs: 10_000
  } as const
  return {
    site: 'east-water',
    agent: 'edge-1',
    tag,
    view: 'polled',
    latest: { time: 5, value: 3.2, quality: 0 },
    stale: false,
    openAlerts: 0
  }
}

class SmallStore {
  away = false
  asked: (RangeQuery & { buckets: number })[] = []
  async range(query: RangeQuery & { buckets: number }): Promise<Buckets> {
    this.asked.push(query)
    if (this.away) throw new StoreFault('STORE_AWAY', 'the store is away')
    return { bucketMs: 10, times: [query.from], min: [1], max: [2], mean: [1.5], last: [2], quality: [0], count: [2] }
  }
}

export type Centre = Awaited<ReturnType<typeof startCentre>>

export async function startCentre(change: Partial<ServerOptions> & { liveOptions?: LiveOptions } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-api-'))
  const database = openCollectorDatabase({ file: join(folder, 'collector.db') })
  const clock = { offset: 0 }
  const now = () => Date.now() + clock.offset
  const audit = new Audit({ database, now })
  const live = new Live(change.liveOptions)
  const sessions = new Sessions({ database, now, idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000, onRevoked: () => live.recheck() })
  const accounts = new Accounts({ database, audit, sessions, now, passwordCost: CHEAP })
  const alerts = new Alerts({ database, audit, checkOf: (rule) => (rule === CHECK.id ? CHECK : undefined), now })
  const agentKeys = new AgentKeys({ table: new AgentKeyTable({ database }), audit, listed: null, now })
  const plant = new SmallPlant()
  const store = new SmallStore()
  const { liveOptions: _, ...options } = change
  const server = new ApiServer({
    log: quietLog(),
    database,
    alerts,
    agentKeys,
    audit,
    accounts,
    sessions,
    live,
    plant,
    store,
    metrics: () => 'penstock_samples_total 1\n',
    version: '0.0.0',
    port: 0,
    now,
    ...options
  })
  for (const [name, role] of Object.entries(PEOPLE)) await accounts.ensure({ name, role, password: PASSWORD })
  const stop = async () => {
    await server.stop()
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
  await server.start().catch(async (error: unknown) => {
    await stop()
    throw error
  })

  const request = (path: string, { method = 'GET', cookie, body, headers }: Ask = {}) =>
    fetch(server.url + path, {
      method,
      headers: {
        ...(cookie === undefined ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) })
    })

  const signIn = async (name: string, password = PASSWORD): Promise<string> => {
    const response = await request('/api/session', { method: 'POST', body: { name, password } })
    if (response.status !== 200) throw new Error(`sign-in of ${name} gave ${response.status}: ${await response.text()}`)
    await response.arrayBuffer()
    return cookieOf(response)
  }

  return { server, database, audit, live, sessions, accounts, alerts, agentKeys, plant, store, clock, folder, request, signIn, stop }
}

interface Ask {
  method?: string
  cookie?: string | undefined
  body?: unknown
  headers?: Record<string, string>
}

export function cookieOf(response: Response): string {
  return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
}

export async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response.json()
  // The shape of a Fault; anything else makes the assertion on the code fail.
  return (body as { error?: { code?: string } }).error?.code ?? JSON.stringify(body)
}
