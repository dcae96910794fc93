// fleet/clock: the clock of an agent is off, so that its times cannot be compared with those of others.
import { z } from 'zod'

export const clock = {
  kind: 'fleet/clock',
  parameters: z.strictObject({
    moreThanSeconds: z.number().min(0.1).max(86_400).default(5).describe('How far the clock may be off.'),
    forSeconds: z.number().min(0).max(86_400).default(60).describe('How long it must be off; what waited at a broker only looks old.')
  }),
  figures: () => ['offsetSeconds', 'ahead', 'measuredBy']
} as const
