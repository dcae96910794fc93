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

// A lane is a run of boots that is acknowledged by itself. After an outage the agent begins one, so that what is read now is
// stored and judged now, while the backlog is replayed beside it. Without one, a boot belongs to the lane of the boot before it.
export const Lane = z
  .strictObject({
    from: Boot.describe('The boot with which the lane began.'),
    after: Position.describe('The last number given out before the lane began: where the backlog ends.')
  })
  .describe('The lane of the message, told in each of its messages; left out in the first lane of an agent.')
export type Lane = z.infer<typeof Lane>

// Samples, transactions and gaps share one numbering; a hole in it is a lost message.
export const numbered = {
  ...sender,
  sequence: Sequence,
  first: Sequence.optional().describe('When the message stands for several numbers (a gap does), the first of them.'),
  follows: Position.nullable()
    .optional()
    .describe('With number 1 only: the last number of the boot before it, or null when the agent knows of none.'),
  lane: Lane.optional()
}

// Boots and numbers are compared as one place: the later boot wins, then the later number.
export function comparePositions(a: Position, b: Position): number {
  return a.boot - b.boot || a.sequence - b.sequence
}
