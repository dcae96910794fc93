// How far an agent is known by the key that signs its health, and why something it is said to have sent is not believed.
import { z } from 'zod'
import { Time } from './envelope.ts'
import { Id } from './site.ts'

const Count = z.int().min(0)

export const MISTRUSTS = ['wrong-signature', 'missing-signature', 'unknown-key', 'other-key', 'replayed'] as const
export type Mistrust = (typeof MISTRUSTS)[number]

export const AGENT_KEY_STATES = ['trusted', 'contested', 'unsigned', 'unlisted'] as const
export const AgentKeyView = z.strictObject({
  site: Id,
  agent: Id,
  state: z
    .enum(AGENT_KEY_STATES)
    .describe('contested: the agent shows another key; unsigned: it never showed one; unlisted: the config does not name it.'),
  key: z.string().nullable().describe('The public key whose signature is believed.'),
  basis: z.enum(['first-use', 'accepted', 'listed']).nullable().describe('Why it is believed.'),
  since: Time.nullable(),
  by: z.string().nullable().describe('The account that accepted it.'),
  offered: z
    .strictObject({ key: z.string(), at: Time })
    .nullable()
    .describe('Another key that speaks for the agent; a person may accept it.'),
  refused: Count.describe('Messages that were not believed.'),
  lastRefused: z.strictObject({ at: Time, why: z.enum(MISTRUSTS) }).nullable()
})
export type AgentKeyView = z.infer<typeof AgentKeyView>
export const KeyAcceptance = z.strictObject({
  key: z.string().max(100).describe('The offered key that the person compared with the agent.')
})
