// A gap says what was missed, from when to when and why; nothing is lost without one.
import { z } from 'zod'
import { numbered, Time } from './envelope.ts'

export const GAP_REASONS = ['agent-down', 'outbox-size', 'outbox-age', 'outbox-damaged', 'never-arrived', 'unreadable'] as const
export type GapReason = (typeof GAP_REASONS)[number]

export const Gap = z.strictObject({
  kind: z.literal('gap'),
  ...numbered,
  from: Time.nullable().describe('The time of the first sample that was lost, or null when nobody knows.'),
  to: Time.nullable().describe('The time of the last sample that was lost, or null when nobody knows.'),
  reason: z.enum(GAP_REASONS).describe('Why the data were lost.'),
  samples: z.int().min(0).nullable().describe('How many samples were lost, or null when nobody knows.')
})
export type Gap = z.infer<typeof Gap>
