// What an agent says of itself: birth (who it is and what its tags mean), health, death, and the watermark it is told.
import { z } from 'zod'
import { DEVICE_STATES, Device } from './device.ts'
import { Position, sender, Time } from './envelope.ts'
import { Id, Site } from './site.ts'
import { Tag } from './tag.ts'

export const ACKNOWLEDGE_MODES = ['collector', 'broker', 'none'] as const

const Count = z.int().min(0)

export const Birth = z.strictObject({
  kind: z.literal('birth'),
  ...sender,
  tagMap: z.int().min(1).describe('The tag map that the integer ids below belong to.'),
  startedAt: Time.describe('When the agent process started.'),
  firstBoot: z
    .int()
    .min(1)
    .optional()
    .describe('The boot with which the process began, when it has begun another since; its last will was written with that one.'),
  version: z.string().max(50).describe('The version of the agent.'),
  configHash: z.string().max(64).describe('A hash of the configuration, to see that it changed.'),
  acknowledge: z.enum(ACKNOWLEDGE_MODES).describe('What the agent waits for before it forgets a batch.'),
  siteInfo: Site.describe('The site as the agent knows it.'),
  devices: z.array(Device).max(5000),
  tags: z.array(Tag).max(100_000),
  key: z.string().max(100).optional().describe('The public Ed25519 key with which the agent signs its health, base64 of its 32 bytes.')
})
export type Birth = z.infer<typeof Birth>

export const DeviceHealth = z.strictObject({
  id: Id,
  state: z.enum(DEVICE_STATES).describe('online: all answers; degraded: some fail; offline: none answers.'),
  lastGoodAt: Time.nullable().describe('When the last good answer came.'),
  requests: z.record(z.string().max(60), Count).describe('Requests sent, by function code or service.'),
  refused: Count.describe('Requests that the guard refused before the socket; anything above 0 is a fault of ours.'),
  failures: z.record(z.string().max(40), Count).describe('Failed requests, by error code.'),
  staleReplies: Count.describe('Replies that came after their time and were dropped.'),
  connects: Count.describe('How often the connection was made.'),
  roundTripP50Ms: z.number().min(0).nullable(),
  roundTripP95Ms: z.number().min(0).nullable(),
  availability: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .optional()
    .describe('The share of the last hour in which the device answered; null before it is known.'),
  budgetUse: z
    .number()
    .min(0)
    .nullable()
    .optional()
    .describe('The share of its budget of requests used in the last minute; null where none is sent.'),
  slowedTo: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Below 1: the share of its cadence at which the device is read, because it answers slowly.'),
  security: z
    .string()
    .max(100)
    .optional()
    .describe('How the connection is protected, for example Aes256_Sha256_RsaPss SignAndEncrypt, or none.')
})
export type DeviceHealth = z.infer<typeof DeviceHealth>

export const Health = z.strictObject({
  kind: z.literal('health'),
  ...sender,
  time: Time,
  uptimeSeconds: z.number().min(0),
  samplesRead: Count.describe('Samples read since the start, bad ones included.'),
  samplesQueued: Count.describe('Samples that passed the deadband and went into the outbox since the start.'),
  pollsLate: Count.describe('Poll cycles that were left out because the one before was not over.'),
  devices: z.array(DeviceHealth).max(5000),
  outbox: z.strictObject({
    messages: Count,
    bytes: Count,
    oldestAt: Time.nullable().describe('When the oldest message still kept was made.'),
    droppedMessages: Count.describe('Messages dropped since the start because a cap was reached; each is told in a gap.'),
    samples: z
      .strictObject({
        put: Count.describe('Samples ever put in: the sum of the three below.'),
        stored: Count.describe('Samples known to be stored elsewhere and forgotten here.'),
        dropped: Count.describe('Samples dropped because a cap was reached; their gaps tell as many.'),
        kept: Count.describe('Samples still kept.')
      })
      .optional()
      .describe('Exact counts since the outbox file was made, over restarts and kills.')
  }),
  publisher: z.strictObject({
    published: Count,
    resent: Count.describe('Messages sent again because the watermark made no progress.'),
    watermark: Position.nullable().describe('The last watermark heard.'),
    ignoredAcks: Count.describe('Acknowledgements that were not two integers, or not ours.'),
    samplesLive: Count.optional().describe('Samples sent for the first time since the start, as live data.'),
    samplesReplayed: Count.optional().describe('Samples sent for the first time since the start, as backlog beside live data.'),
    replay: z
      .strictObject({
        messages: Count.describe('Messages of the backlog still kept.'),
        samples: Count.describe('Samples of the backlog still kept.'),
        samplesPerSecond: z.number().min(0).describe('How fast the backlog was sent in the last half minute.'),
        limit: z.number().min(0).describe('How fast it may be sent now, in samples per second.')
      })
      .nullable()
      .optional()
      .describe('The backlog that is replayed beside live data; null when there is none.')
  }),
  rssBytes: Count,
  version: z.string().max(50).optional().describe('The version of the agent.'),
  configHash: z.string().max(64).optional().describe('The hash of the configuration that it runs.'),
  clock: z
    .strictObject({
      synchronised: z.boolean().nullable().describe('Whether the clock of the machine is kept in time; null when nobody knows.'),
      offsetMs: z.number().nullable().describe('How far the clock is ahead of the time server that was asked; null when none was.'),
      aheadMs: z.number().min(0).describe('How far agent time is ahead of a wall clock that was put back.')
    })
    .optional(),
  key: z.string().max(100).optional().describe('The public Ed25519 key of the agent (RFC 8032), base64 of its 32 bytes.'),
  signature: z
    .string()
    .max(100)
    .optional()
    .describe('Ed25519 signature, base64, over the canonical JSON (RFC 8785) of this message without the signature.')
})
export type Health = z.infer<typeof Health>

export const Death = z.strictObject({
  kind: z.literal('death'),
  ...sender,
  reason: z.enum(['lost', 'stopped']).describe('lost: the broker says so for the agent; stopped: the agent says goodbye.'),
  time: Time.nullable().describe('When the agent stopped; null in a last will, which was written beforehand.')
})
export type Death = z.infer<typeof Death>

// The only thing an agent ever hears: two integers (DESIGN: end-to-end acknowledgement). Everything of the same lane up to that
// place is stored, or noted as a gap; of other lanes it says nothing. With several lanes each is told in turn on the one topic,
// the newest last, so what is retained is the place of the newest.
export const Watermark = Position
export type Watermark = Position
