// Alerts as rows of the database and back.
import type { Alert, AlertDetail, AlertEvent } from '#contract/alert.ts'
import type { AlertState } from './lifecycle.ts'

export interface AlertRow {
  number: number
  id: string
  key: string
  version: number
  decision_version: number
  rule: string
  kind: string
  site: string
  agent: string
  device: string | null
  tag: string | null
  view: Alert['view']
  severity: Alert['severity']
  condition: Alert['condition']
  handling: Alert['handling']
  disposition: Alert['disposition']
  assignee: string | null
  resolved_by: string | null
  first_seen: number
  last_seen: number
  cleared_at: number | null
  count: number
  episode: number
  previous_alert: string | null
  tags: string
  techniques: string
  title: string
  reason: string
  words: string
  why: string
  advice: string
  parameters: string
  evidence: string
  events: number
  forgotten_to: number
}

export interface EventRow {
  number: number
  time: number
  what: AlertEvent['what']
  by: string | null
  note: string | null
  evidence: string | null
}

export function alertOf(row: AlertRow): Alert {
  return {
    id: row.id,
    key: row.key,
    version: row.version,
    rule: row.rule,
    kind: row.kind,
    site: row.site,
    agent: row.agent,
    device: row.device,
    tag: row.tag,
    tags: JSON.parse(row.tags),
    view: row.view,
    title: JSON.parse(row.title),
    reason: JSON.parse(row.reason),
    severity: row.severity,
    techniques: JSON.parse(row.techniques),
    condition: row.condition,
    handling: row.handling,
    disposition: row.disposition,
    assignee: row.assignee,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    clearedAt: row.cleared_at,
    count: row.count,
    episode: row.episode,
    previousAlert: row.previous_alert
  }
}

export function detailOf(row: AlertRow, events: readonly EventRow[]): AlertDetail {
  return {
    alert: alertOf(row),
    why: JSON.parse(row.why),
    advice: JSON.parse(row.advice),
    parameters: JSON.parse(row.parameters),
    evidence: JSON.parse(row.evidence),
    history: events.map(({ time, what, by, note, evidence }) => ({
      time,
      what,
      by,
      note,
      evidence: evidence === null ? null : JSON.parse(evidence)
    }))
  }
}

export function stateOf(row: AlertRow): AlertState {
  return {
    condition: row.condition,
    handling: row.handling,
    severity: row.severity,
    disposition: row.disposition,
    assignee: row.assignee,
    resolvedBy: row.resolved_by,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    clearedAt: row.cleared_at,
    count: row.count,
    episode: row.episode
  }
}

export function columnsOf(state: AlertState) {
  return {
    condition: state.condition,
    handling: state.handling,
    severity: state.severity,
    disposition: state.disposition,
    assignee: state.assignee,
    resolved_by: state.resolvedBy,
    first_seen: state.firstSeen,
    last_seen: state.lastSeen,
    cleared_at: state.clearedAt,
    count: state.count,
    episode: state.episode
  }
}
