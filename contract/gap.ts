// A gap says what was missed, from when to when and why; nothing is lost without one.
import { z } from 'zod'
import { numbered, Time } from './envelope.ts'
import { Id } from './site.ts'

export const GAP_REASONS = [
  'agent-down',
  'outbox-size',
  'outbox-age',
  'outbox-damaged',
  'never-arrived',
  'unreadable',
  // Of one device: what was not read, or not told by it.
  'device-slow',
  'device-silent',
  'subscription-replaced',
  'device-overflow',
  'reconfigured'
] as const
export type GapReason = (typeof GAP_REASONS)[number]

export const Gap = z.strictObject({
  kind: z.literal('gap'),
  ...numbered,
  from: Time.nullable().describe('The time of the first sample that was lost, or null when nobody knows.'),
  to: Time.nullable().describe('The time of the last sample that was lost, or null when nobody knows.'),
  device: Id.optional().describe('When only one device is concerned, which.'),
  reason: z
    .enum(GAP_REASONS)
    .describe(
      'Why the data were lost. device-slow: cycles were left out to spare the device or because it answers too slowly; device-silent: it was not asked because it did not answer; subscription-replaced: the OPC UA subscription was lost and made anew; device-overflow: a queue of the OPC UA server overflowed; reconfigured: it was let go and taken up again because its configuration changed.'
    ),
  samples: z.int().min(0).nullable().describe('How many samples were lost, or null when nobody knows.')
})
export type Gap = z.infer<typeof Gap>
