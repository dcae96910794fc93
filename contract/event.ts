// A device event is something that a device, or the way to it, did and that bears on its security: another certificate, a
// weaker endpoint, a changed identity, an audit or alarm event of an OPC UA server.
import { z } from 'zod'
import { numbered, Time } from './envelope.ts'
import { Id } from './site.ts'

export const EVENT_KINDS = [
  'identity',
  'certificate',
  'endpoint',
  'session',
  'server-state',
  'subscription',
  'model',
  'audit',
  'alarm'
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

export const EVENT_CHANGES = ['first', 'changed', 'worse', 'better', 'told'] as const

const Detail = z.union([z.string().max(300), z.number(), z.boolean(), z.null()])

export const DeviceEvent = z.strictObject({
  device: Id,
  time: Time.describe('The agent time at which the agent saw it.'),
  sourceTime: Time.nullable().describe('When the device says that it happened, or null when it does not say.'),
  kind: z
    .enum(EVENT_KINDS)
    .describe(
      'identity: what the device says it is; certificate, endpoint: how it proves and protects itself; session: an opened or refused session; server-state: ServerStatus; subscription: replaced or overflowed; model: the address space changed; audit, alarm: events of the server.'
    ),
  change: z.enum(EVENT_CHANGES).describe('first: seen for the first time; told: passed on as it came.'),
  severity: z.int().min(1).max(1000).describe('1 to 1000 as in OPC 10000-5, 6.4.2; for the events of the agent itself: 200, 500 or 800.'),
  source: z.string().max(200).nullable().describe('The node or part of the device that it is about, or null.'),
  message: z.string().max(500).describe('What happened; text of the device itself is passed on as it came.'),
  details: z
    .record(z.string().max(60), Detail)
    .refine((details) => Object.keys(details).length <= 30, 'at most 30 details')
    .describe('Figures and names behind it, for example before and after.')
})
export type DeviceEvent = z.infer<typeof DeviceEvent>

export const MAX_EVENTS_PER_BATCH = 500

export const EventBatch = z.strictObject({
  kind: z.literal('events'),
  ...numbered,
  events: z.array(DeviceEvent).min(1).max(MAX_EVENTS_PER_BATCH)
})
export type EventBatch = z.infer<typeof EventBatch>
