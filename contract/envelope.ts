// What every message carries, so that it can be placed without any property of the transport.
import { z } from 'zod'
import { Id } from './site.ts'

export const SCHEMA_VERSION = 1

export const Time = z.int().min(0).max(8.64e15).describe('A moment as epoch milliseconds UTC.')

const Boot = z.int().min(1).describe('The boot id: grows with every start of the agent, so boots can be put in order.')
const Sequence = z.int().min(1).describe('The number of the message within its boot, from 1 without holes.')

export const Position = z.strictObject({ boot: Boot, sequence: Sequence }).describe('A place in the stream of one agent.')
export type Position = z.infer<typeof Position>

export const sender = {
  schema: z.literal(SCHEMA_VERSION).describe('The version of the message schema.'),
  site: Id.describe('The site that the agent watches.'),
  agent: Id.describe('The agent that sent the message, unique within its site.'),
  boot: Boot
}

// Samples, transactions and gaps share one numbering; a hole in it is a lost message.
export const numbered = {
  ...sender,
  sequence: Sequence,
  first: Sequence.optional().describe('When the message stands for several numbers (a gap does), the first of them.'),
  follows: Position.nullable()
    .optional()
    .describe('With number 1 only: the last number of the boot before it, or null when the agent knows of none.')
}

// Boots and numbers are compared as one place: the later boot wins, then the later number.
export function comparePositions(a: Position, b: Position): number {
  return a.boot - b.boot || a.sequence - b.sequence
}
