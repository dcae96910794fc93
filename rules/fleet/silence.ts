// fleet/silence: an agent is not heard any more and did not say goodbye. Judged on the collector's clock.
import { z } from 'zod'

export const silence = {
  kind: 'fleet/silence',
  parameters: z.strictObject({
    forSeconds: z.number().min(1).max(86_400).default(60).describe('How long an agent may say nothing at all.')
  }),
  figures: () => ['seconds', 'lastHeard']
} as const
