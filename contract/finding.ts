// A finding is one rule at one moment: something began, got worse or ended. Alerts are made of findings.
import { z } from 'zod'
import { Time } from './envelope.ts'
import { VIEWS } from './sample.ts'
import { Id } from './site.ts'
import { TagName } from './tag.ts'

export const SEVERITIES = [1, 2, 3, 4, 5] as const
export const Severity = z.union(SEVERITIES.map((n) => z.literal(n))).describe('1 info, 2 low, 3 medium, 4 high, 5 critical.')
export type Severity = (typeof SEVERITIES)[number]

// ATT&CK for ICS technique ids, for example T0836.
export const Technique = z.string().regex(/^T0\d{3}$/, 'must be an ATT&CK for ICS technique id such as T0836')

export const EvidenceValue = z.union([z.number(), z.string().max(500), z.boolean(), z.null()])
export const Evidence = z
  .record(z.string().max(60), EvidenceValue)
  .describe('The figures behind the finding, by name, for example value, limit, seconds.')
export type Evidence = z.infer<typeof Evidence>

export const Finding = z.strictObject({
  rule: z.string().max(100).describe('The check of a pack, for example water/chlorine-setpoint.'),
  kind: z.string().max(60).describe('The kind of rule that judged, for example process/range.'),
  site: Id,
  agent: Id,
  device: Id.nullable(),
  tag: TagName.nullable().describe('The tag that was judged first, or null when the subject is an agent or device.'),
  tags: z.array(TagName).max(50).describe('All tags that took part, the judged one first.'),
  view: z.enum(VIEWS),
  time: Time.describe('The event time: when it happened in the plant, not when it was judged.'),
  condition: z.enum(['active', 'cleared']).describe('active: it began or goes on worse; cleared: it ended.'),
  severity: Severity,
  evidence: Evidence
})
export type Finding = z.infer<typeof Finding>
