// An incident is a case that people open from one or more alerts.
import { z } from 'zod'
import { AlertId } from './alert.ts'
import { Time } from './envelope.ts'
import { Id } from './site.ts'

export const INCIDENT_STATES = ['new', 'triage', 'confirmed', 'responding', 'contained', 'recovered', 'closed', 'reviewed'] as const

export const Incident = z.strictObject({
  id: z.uuid(),
  title: z.string().min(1).max(200),
  site: Id,
  state: z.enum(INCIDENT_STATES),
  discoveredAt: Time.describe('When it was discovered or learnt of; statutory clocks start here.'),
  alerts: z.array(AlertId).max(1000),
  drill: z.boolean().describe('True for an exercise; all that comes of it is marked as such.')
})
export type Incident = z.infer<typeof Incident>
