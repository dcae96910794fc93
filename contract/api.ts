// What the collector's HTTP API says and hears; server and console share these words.
import { z } from 'zod'
import { Account, AccountName, AccountRole, Password } from './account.ts'
import { Health } from './agent-status.ts'
import { ALERT_ACTIONS, Alert, CONDITIONS, DISPOSITIONS, HANDLINGS } from './alert.ts'
import { DEVICE_STATES, Device } from './device.ts'
import { Time } from './envelope.ts'
import { DeviceEvent, EVENT_KINDS } from './event.ts'
import { Severity, Technique } from './finding.ts'
import { GAP_REASONS } from './gap.ts'
import { VIEWS } from './sample.ts'
import { Id, Site } from './site.ts'
import { Tag, TagName } from './tag.ts'
import { Text } from './text.ts'

const Count = z.int().min(0)

export const Fault = z.strictObject({
  error: z.strictObject({
    code: z.string().describe('A stable code, for example NOT_SIGNED_IN.'),
    message: z.string().describe('What is wrong, in the language of Accept-Language.'),
    faults: z.array(z.strictObject({ path: z.string(), message: z.string() })).describe('Each fault of the request with its path.')
  })
})
export type Fault = z.infer<typeof Fault>

// --- sessions and accounts
export const SignIn = z.strictObject({ name: z.string().max(100), password: z.string().max(200) })
export const Session = z.strictObject({ account: Account, expiresAt: Time })
export type Session = z.infer<typeof Session>
export const PasswordChange = z.strictObject({ current: z.string().max(200), next: Password })
export const NewAccount = z.strictObject({ name: AccountName, role: AccountRole, password: Password })
export const AccountChange = z.strictObject({
  disabled: z.boolean().optional(),
  role: AccountRole.optional(),
  password: Password.optional()
})

// --- overview: is anything wrong, and where
export const AGENT_STATES = ['online', 'silent', 'stopped'] as const
export const AgentView = z.strictObject({
  agent: Id,
  state: z.enum(AGENT_STATES),
  lastHeard: Time.nullable(),
  version: z.string(),
  devices: z.array(z.strictObject({ device: Device, state: z.enum([...DEVICE_STATES, 'unknown']) })),
  health: Health.nullable().describe('The latest health message.'),
  watermark: z.strictObject({ boot: Count, sequence: Count }).nullable(),
  gaps: Count.describe('Gap records of the last 24 hours, without those of single devices.')
})
export type AgentView = z.infer<typeof AgentView>

export const SiteView = z.strictObject({
  site: Site,
  agents: z.array(AgentView),
  openAlerts: z.array(z.strictObject({ severity: Severity, count: Count })).describe('Alerts neither resolved nor closed, by severity.'),
  tags: z.strictObject({ good: Count, uncertain: Count, bad: Count, stale: Count }).describe('Tags by the quality of their latest sample.')
})
export type SiteView = z.infer<typeof SiteView>

export const PARTS_OF_CENTRE = ['broker', 'store', 'judge', 'quarantine', 'agents'] as const
export const PartState = z.strictObject({
  part: z.enum(PARTS_OF_CENTRE),
  state: z.enum(['ok', 'failing']),
  since: Time,
  detail: Text.nullable().describe('What is wrong, when it fails.')
})
export type PartState = z.infer<typeof PartState>

export const Overview = z.strictObject({
  time: Time,
  sites: z.array(SiteView),
  parts: z.array(PartState).describe('The health of the centre itself.'),
  waiting: z.strictObject({ messages: Count, bytes: Count }).describe('Messages received and not yet stored.'),
  samplesPerSecond: z.number().min(0).describe('Samples stored per second over the last minute.')
})
export type Overview = z.infer<typeof Overview>

// --- tags and samples
export const TagView = z.strictObject({
  site: Id,
  agent: Id,
  tag: Tag,
  view: z.enum(VIEWS),
  latest: z.strictObject({ time: Time, value: z.union([z.number(), z.string(), z.null()]), quality: Count }).nullable(),
  stale: z.boolean().describe('True when nothing was heard for three heartbeats: the value is old and must be shown as such.'),
  openAlerts: Count
})
export type TagView = z.infer<typeof TagView>
export const TagQuery = z.strictObject({
  site: Id.optional(),
  agent: Id.optional(),
  device: Id.optional(),
  search: z.string().max(100).optional()
})

export const SamplesQuery = z.strictObject({
  site: Id,
  agent: Id,
  tag: TagName,
  view: z.enum(VIEWS).default('polled'),
  from: z.coerce.number().int().min(0),
  to: z.coerce.number().int().min(0),
  buckets: z.coerce.number().int().min(1).max(2000).default(500)
})

export const Trend = z
  .strictObject({
    from: Time,
    to: Time,
    bucketMs: z.number().positive(),
    times: z.array(z.number()).describe('Start of each bucket that holds a sample.'),
    min: z.array(z.number().nullable()),
    max: z.array(z.number().nullable()),
    mean: z.array(z.number().nullable()),
    last: z.array(z.union([z.number(), z.string(), z.null()])).describe('The last value of the bucket; null when it was bad.'),
    quality: z.array(Count).describe('The worst quality of the bucket.'),
    count: z.array(Count).describe('Samples in the bucket, bad ones included.'),
    gaps: z.array(z.strictObject({ from: Time, to: Time, reason: z.enum(GAP_REASONS) })).describe('Gap records that overlap the span.')
  })
  .describe('One tag over a span, down-sampled; only buckets that hold samples are listed.')
export type Trend = z.infer<typeof Trend>

export const GapView = z.strictObject({
  site: Id,
  agent: Id,
  boot: Count,
  first: Count,
  last: Count,
  from: Time.nullable(),
  to: Time.nullable(),
  reason: z.enum(GAP_REASONS),
  samples: Count.nullable(),
  device: Id.nullable().describe('Set when only this device is concerned; then no message of the agent was lost.'),
  notedAt: Time
})
export type GapView = z.infer<typeof GapView>

// --- device events
export const EventQuery = z.strictObject({
  site: Id.optional(),
  agent: Id.optional(),
  device: Id.optional(),
  kind: z.enum(EVENT_KINDS).optional(),
  from: z.coerce.number().pipe(Time).optional().describe('Leaves out what was seen before.'),
  to: z.coerce.number().pipe(Time).optional().describe('Leaves out what was seen at this moment or after.'),
  before: z.string().max(50).optional().describe('The cursor of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50)
})
export const EventView = z.strictObject({
  id: Count,
  site: Id,
  agent: Id,
  ...DeviceEvent.shape,
  keptAt: Time.describe('When the collector stored it.')
})
export type EventView = z.infer<typeof EventView>
export const EventPage = z.strictObject({
  events: z.array(EventView).describe('The newest first.'),
  next: z.string().nullable(),
  leftOut: z
    .array(z.strictObject({ site: Id, agent: Id, day: Time.describe('The beginning of the day, UTC.'), events: Count }))
    .describe('Days on which an agent told more events than are kept of a day, and how many were left out.')
})
export type EventPage = z.infer<typeof EventPage>

// --- alerts
export const AlertQuery = z.strictObject({
  condition: z.enum(CONDITIONS).optional(),
  handling: z
    .enum([...HANDLINGS, 'open'])
    .optional()
    .describe('open stands for all but resolved and closed.'),
  severity: z.coerce.number().int().min(1).max(5).optional().describe('This severity or worse.'),
  site: Id.optional(),
  search: z.string().max(100).optional().describe('Text to find in title, reason, rule or tag.'),
  before: z.string().max(200).optional().describe('The cursor of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50)
})
export const AlertPage = z.strictObject({ alerts: z.array(Alert), next: z.string().nullable(), total: Count })
export type AlertPage = z.infer<typeof AlertPage>

export const AlertActionRequest = z.strictObject({
  action: z.enum(ALERT_ACTIONS),
  version: z.int().min(1).describe('The version of the alert that the decision was made on.'),
  note: z.string().max(2000).optional(),
  disposition: z.enum(DISPOSITIONS).optional().describe('Needed to resolve an alert of severity 4 or 5.')
})
export type AlertActionRequest = z.infer<typeof AlertActionRequest>

// --- rules, quarantine, audit
export const RuleView = z.strictObject({
  rule: z.string(),
  kind: z.string(),
  pack: z.string(),
  title: Text,
  why: Text,
  severity: Severity,
  techniques: z.array(Technique),
  parameters: z.record(z.string(), z.unknown()),
  subjects: Count.describe('How many tags or agents it judges now.'),
  faults: Count.describe('How often it failed; a rule that fails never stops the others.')
})
export type RuleView = z.infer<typeof RuleView>

export const QuarantineEntry = z.strictObject({
  id: Count,
  time: Time,
  topic: z.string(),
  code: z.string(),
  reason: z.string(),
  bytes: Count
})
export type QuarantineEntry = z.infer<typeof QuarantineEntry>

export const AuditEntry = z.strictObject({
  sequence: Count,
  time: Time,
  account: z.string().nullable(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string().describe('SHA-256 over the entry and the hash before it.')
})
export type AuditEntry = z.infer<typeof AuditEntry>
export const AuditPage = z.strictObject({
  entries: z.array(AuditEntry),
  next: z.int().nullable(),
  intact: z.boolean().describe('True when the whole chain was checked and no hash is wrong.')
})
export type AuditPage = z.infer<typeof AuditPage>

// --- live: server-sent events of GET /api/live; `id` of each event serves Last-Event-ID
export const LIVE_EVENTS = ['alert', 'samples', 'events', 'site', 'parts', 'resync'] as const
export const LiveSamples = z.strictObject({
  site: Id,
  agent: Id,
  view: z.enum(VIEWS),
  tags: z.array(TagName),
  times: z.array(Time),
  values: z.array(z.union([z.number(), z.string(), z.null()])),
  qualities: z.array(Count)
})
export type LiveSamples = z.infer<typeof LiveSamples>
export const LiveDeviceEvents = z.strictObject({
  events: z.array(EventView).describe('The newest of those that came within the last second.'),
  more: Count.describe('How many more came.')
})
export type LiveDeviceEvents = z.infer<typeof LiveDeviceEvents>
// alert: Alert. events: LiveDeviceEvents, at most one a second. samples: LiveSamples, at most one a second per agent, latest value per tag. site: SiteView. parts: PartState[].
// resync: {} - more was missed than is kept; the page loads again what it shows.

// The routes, so that server, console and tests agree.
export const ROUTES = {
  session: '/api/session', // POST SignIn -> Session; GET -> Session; DELETE -> 204
  password: '/api/session/password', // POST PasswordChange -> 204
  accounts: '/api/accounts', // GET -> Account[]; POST NewAccount -> Account; PATCH /:name AccountChange -> Account
  overview: '/api/overview', // GET -> Overview
  tags: '/api/tags', // GET TagQuery -> TagView[]
  samples: '/api/samples', // GET SamplesQuery -> Trend
  gaps: '/api/gaps', // GET ?site&agent&device&from&to -> GapView[]
  events: '/api/events', // GET EventQuery -> EventPage
  alerts: '/api/alerts', // GET AlertQuery -> AlertPage; GET /:id -> AlertDetail; POST /:id/actions AlertActionRequest -> AlertDetail
  rules: '/api/rules', // GET -> RuleView[]
  quarantine: '/api/quarantine', // GET -> QuarantineEntry[]
  agentKeys: '/api/agent-keys', // GET -> AgentKeyView[]; POST /:site/:agent/accept KeyAcceptance -> AgentKeyView
  audit: '/api/audit', // GET ?before&limit -> AuditPage
  live: '/api/live' // GET -> server-sent events
} as const
