// An alert is a stored finding with a life: a condition that the rules set and a handling that people set.
import { z } from 'zod'
import { Time } from './envelope.ts'
import { Evidence, Severity, Technique } from './finding.ts'
import { VIEWS } from './sample.ts'
import { Id } from './site.ts'
import { TagName } from './tag.ts'
import { Text } from './text.ts'

export const CONDITIONS = ['active', 'cleared'] as const
export const HANDLINGS = ['new', 'acknowledged', 'investigating', 'resolved', 'closed'] as const
export type Handling = (typeof HANDLINGS)[number]

export const DISPOSITIONS = [
  'true-attack',
  'true-violation',
  'true-fault',
  'authorised-change',
  'authorised-test',
  'false-positive',
  'duplicate',
  'undetermined'
] as const
export type Disposition = (typeof DISPOSITIONS)[number]

export const ALERT_ACTIONS = ['acknowledge', 'investigate', 'resolve', 'close', 'reopen', 'comment'] as const
export type AlertAction = (typeof ALERT_ACTIONS)[number]

// What each action asks of the handling before it and makes of it; comment leaves it as it is.
export const TRANSITIONS: Readonly<Record<AlertAction, { from: readonly Handling[]; to: Handling | null }>> = {
  acknowledge: { from: ['new'], to: 'acknowledged' },
  investigate: { from: ['new', 'acknowledged'], to: 'investigating' },
  resolve: { from: ['new', 'acknowledged', 'investigating'], to: 'resolved' },
  close: { from: ['resolved'], to: 'closed' },
  reopen: { from: ['resolved', 'closed'], to: 'investigating' },
  comment: { from: HANDLINGS, to: null }
}

export const AlertId = z.uuid().describe('The identifier of the alert.')

export const Alert = z.strictObject({
  id: AlertId,
  key: z.string().max(100).describe('The dedup key: at most one open alert has it.'),
  version: z.int().min(1).describe('Grows with each change; an action names the version it was decided on.'),
  rule: z.string(),
  kind: z.string(),
  site: Id,
  agent: Id,
  device: Id.nullable(),
  tag: TagName.nullable(),
  tags: z.array(TagName).describe('All tags that took part, the judged one first.'),
  view: z.enum(VIEWS),
  title: Text,
  reason: Text.describe('What happened, in one sentence with the values in it.'),
  severity: Severity,
  techniques: z.array(Technique).describe('ATT&CK for ICS technique ids.'),
  condition: z.enum(CONDITIONS),
  handling: z.enum(HANDLINGS),
  disposition: z.enum(DISPOSITIONS).nullable(),
  assignee: z.string().nullable().describe('The account that took the alert on.'),
  firstSeen: Time,
  lastSeen: Time,
  clearedAt: Time.nullable(),
  count: z.int().min(1).describe('How many findings made the alert.'),
  episode: z.int().min(1).describe('How often the condition became active.'),
  previousAlert: AlertId.nullable().describe('The closed alert with the same key before this one.')
})
export type Alert = z.infer<typeof Alert>

export const AlertEvent = z.strictObject({
  time: Time.describe('Event time for findings, the moment of the decision for actions.'),
  what: z.enum(['raised', 'repeated', 'worse', 'cleared', ...ALERT_ACTIONS]),
  by: z.string().nullable().describe('The account that acted, or null for the rules.'),
  note: z.string().nullable(),
  evidence: Evidence.nullable()
})
export type AlertEvent = z.infer<typeof AlertEvent>

export const AlertDetail = z.strictObject({
  alert: Alert,
  why: Text.describe('Why it matters.'),
  advice: z.array(Text).describe('What to do, step by step.'),
  parameters: z.record(z.string(), z.unknown()).describe('The parameters that the rule judged with.'),
  evidence: Evidence.describe('The figures of the latest finding.'),
  history: z.array(AlertEvent).describe('The newest 500 events, oldest first.')
})
export type AlertDetail = z.infer<typeof AlertDetail>
