// Bounds of what a collector keeps in memory and waits for.
import { z } from 'zod'

export const Limits = z
  .strictObject({
    waitingMessages: z
      .int()
      .min(10)
      .max(1_000_000)
      .default(5000)
      .describe('Messages received and not yet stored; more stay with the broker.'),
    waitingMegabytes: z.int().min(1).max(10_000).default(128).describe('Memory for what is received and not yet stored.'),
    holdSeconds: z
      .number()
      .min(0.1)
      .max(3600)
      .default(30)
      .describe('How long a missing message is waited for before it is noted as a gap.'),
    holdMessages: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('Messages of one agent that may wait behind a missing one to be judged.'),
    holdMegabytes: z.int().min(1).max(1000).default(8).describe('Bytes of one agent that may wait behind a missing message.'),
    birthWaitSeconds: z.number().min(0).max(600).default(5).describe('How long samples wait for the birth that names their tags.'),
    silentAfterSeconds: z.number().min(1).max(86_400).default(60).describe('An agent that was not heard for so long is shown as silent.')
  })
  .prefault({})
  .describe('Bounds of what is kept in memory and waited for.')
export type Limits = z.infer<typeof Limits>
