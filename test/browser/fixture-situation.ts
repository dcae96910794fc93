// How the made-up centre stands: calm, under attack, in trouble (store away, agent silent, tags bad) or without any agent.
import type { AgentKeyView } from '#contract/agent-key.ts'
import type { AlertDetail } from '#contract/alert.ts'
import type { AgentView, GapView, Overview, PartState, QuarantineEntry, RuleView, SiteView } from '#contract/api.ts'
import { AGENT, DEVICE, QUIET_SITE, SERVER, SITE } from './fixture-plant.ts'

const READS = { '1': 41_230, '2': 41_230, '3': 82_460, '4': 123_690 }
const SERVICES = { GetEndpoints: 2, CreateSession: 1, ActivateSession: 1, Browse: 14, CreateMonitoredItems: 3, Publish: 41_230, Read: 8240 }

export function agentView(now: number, state: AgentView['state'], troubled: boolean): AgentView {
  return {
    agent: AGENT,
    state,
    lastHeard: state === 'online' ? now - 900 : now - 400_000,
    version: '0.1.0',
    devices: [
      { device: DEVICE, state: troubled ? 'degraded' : 'online' },
      { device: SERVER, state: 'online' }
    ],
    watermark: { boot: 3, sequence: 18_244 },
    gaps: troubled ? 2 : 0,
    health: {
      kind: 'health',
      schema: 1,
      site: SITE.id,
      agent: AGENT,
      boot: 3,
      time: now - 900,
      uptimeSeconds: 41_230,
      samplesRead: 48_610_000,
      samplesQueued: 2_914_220,
      pollsLate: troubled ? 4 : 0,
      devices: [
        {
          id: DEVICE.id,
          state: troubled ? 'degraded' : 'online',
          lastGoodAt: now - 1200,
          requests: READS,
          refused: 0,
          failures: troubled ? { MODBUS_TIMEOUT: 17, MODBUS_EXCEPTION_2: 1 } : {},
          staleReplies: troubled ? 2 : 0,
          connects: 1,
          roundTripP50Ms: 3.4,
          roundTripP95Ms: 11.8,
          availability: troubled ? 0.964 : 1,
          budgetUse: 0.62,
          slowedTo: troubled ? 0.5 : 1,
          security: 'none'
        },
        {
          id: SERVER.id,
          state: 'online',
          lastGoodAt: now - 300,
          requests: SERVICES,
          refused: 0,
          failures: {},
          staleReplies: 0,
          connects: 1,
          roundTripP50Ms: 5.1,
          roundTripP95Ms: null,
          availability: null,
          budgetUse: null,
          slowedTo: 1,
          security: 'Aes256_Sha256_RsaPss SignAndEncrypt'
        }
      ],
      outbox: { messages: troubled ? 214 : 1, bytes: troubled ? 318_000 : 1400, oldestAt: now - 2000, droppedMessages: 0 },
      publisher: { published: 18_245, resent: troubled ? 12 : 0, watermark: { boot: 3, sequence: 18_244 }, ignoredAcks: 0 },
      rssBytes: 84_000_000,
      version: '0.1.0',
      configHash: '7b0c41fa29de',
      clock: { synchronised: !troubled, offsetMs: troubled ? -2400 : 3.2, aheadMs: 0 }
    }
  }
}

export type SituationKind = 'calm' | 'attack' | 'trouble' | 'empty'

export interface Situation {
  kind: SituationKind
  alerts: readonly AlertDetail[]
}

export function overview(now: number, { kind, alerts }: Situation): Overview {
  return { time: now, sites: kind === 'empty' ? [] : sites(now, { kind, alerts }), parts: parts(now, kind), ...flow(kind) }
}

function flow(kind: SituationKind): Pick<Overview, 'waiting' | 'samplesPerSecond'> {
  const troubled = kind === 'trouble'
  return {
    waiting: troubled ? { messages: 1284, bytes: 1_930_000 } : { messages: 0, bytes: 0 },
    samplesPerSecond: troubled || kind === 'empty' ? 0 : 1184
  }
}

function sites(now: number, { kind, alerts }: Situation): SiteView[] {
  const troubled = kind === 'trouble'
  const open = alerts.filter(({ alert }) => alert.handling !== 'resolved' && alert.handling !== 'closed')
  const openAlerts = ([5, 4, 3, 2, 1] as const).map((severity) => ({
    severity,
    count: kind === 'calm' ? 0 : open.filter(({ alert }) => alert.severity === severity).length
  }))
  return [
    {
      site: QUIET_SITE,
      agents: [{ ...agentView(now, troubled ? 'silent' : 'online', false), agent: 'edge-2' }],
      openAlerts: [],
      tags: troubled ? { good: 0, uncertain: 0, bad: 0, stale: 84 } : { good: 84, uncertain: 0, bad: 0, stale: 0 }
    },
    {
      site: SITE,
      agents: [agentView(now, 'online', troubled)],
      openAlerts,
      tags: troubled ? { good: 1197, uncertain: 1, bad: 1, stale: 1 } : { good: 1200, uncertain: 0, bad: 0, stale: 0 }
    }
  ]
}

export function parts(now: number, kind: SituationKind): PartState[] {
  const since = now - 41_000_000
  const ok = (part: PartState['part']): PartState => ({ part, state: 'ok', since, detail: null })
  if (kind !== 'trouble') return [ok('broker'), ok('store'), ok('judge'), ok('quarantine'), ok('agents')]
  return [
    ok('broker'),
    {
      part: 'store',
      state: 'failing',
      since: now - 312_000,
      detail: { zh: 'InfluxDB 无法连接（拒绝连接）。', en: 'InfluxDB cannot be reached (connection refused).' }
    },
    ok('judge'),
    {
      part: 'quarantine',
      state: 'failing',
      since: now - 90_000,
      detail: { zh: '隔离区有 2 条消息。', en: '2 messages are in quarantine.' }
    },
    ok('agents')
  ]
}

export function gaps(now: number): GapView[] {
  const gap = { site: SITE.id, agent: AGENT, boot: 3, notedAt: now - 3_000_000 }
  return [
    {
      ...gap,
      first: 17_001,
      last: 17_040,
      from: now - 3_600_000,
      to: now - 3_200_000,
      device: null,
      reason: 'never-arrived',
      samples: null
    },
    {
      ...gap,
      first: 17_050,
      last: 17_050,
      from: now - 2_000_000,
      to: now - 1_990_000,
      device: SERVER.id,
      reason: 'subscription-replaced',
      samples: null
    },
    { ...gap, first: 9100, last: 9100, from: now - 40_000_000, to: now - 39_990_000, device: null, reason: 'outbox-age', samples: 1240 }
  ]
}

export function quarantine(now: number): QuarantineEntry[] {
  const topic = `penstock/v1/11/${SITE.id}/${AGENT}/samples`
  return [
    { id: 2, time: now - 90_000, topic, code: 'DECOMPRESSION_FAILED', reason: 'the payload would grow beyond 4194304 bytes', bytes: 3100 },
    { id: 1, time: now - 95_000, topic, code: 'NOT_JSON', reason: 'unexpected end of input', bytes: 212 }
  ]
}

export function agentKeys(now: number): AgentKeyView[] {
  const offered = { key: 'k8ZmV1pXq0Jt3cUuWc2sQH5oYw9nM4rT7dLbE6fGaCA=', at: now - 60_000 }
  return [
    {
      site: SITE.id,
      agent: AGENT,
      state: 'contested',
      key: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
      basis: 'first-use',
      since: now - 86_400_000,
      by: null,
      offered,
      refused: 4,
      lastRefused: { at: now - 15_000, why: 'other-key' }
    }
  ]
}

export function rules(alerts: readonly AlertDetail[], troubled: boolean): RuleView[] {
  const seen = new Map(alerts.map((detail) => [detail.alert.rule, detail]))
  return [...seen.values()].map(({ alert, why, parameters }, i) => ({
    rule: alert.rule,
    kind: alert.kind,
    pack: alert.rule.split('/')[0] ?? '',
    title: alert.title,
    why,
    severity: alert.severity,
    techniques: alert.techniques,
    parameters,
    subjects: i === 3 ? 0 : 12 * (i + 1),
    faults: troubled && i === 2 ? 3 : 0
  }))
}
