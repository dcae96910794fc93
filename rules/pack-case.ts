// A case of a pack: a small timeline of samples and when the check must fire on it, or that it must stay silent.
import { z } from 'zod'
import { MISTRUSTS } from '#contract/agent-key.ts'
import { EVENT_CHANGES, EVENT_KINDS } from '#contract/event.ts'
import { Id } from '#contract/site.ts'
import { DATA_TYPES, Range, ROLES, TagName } from '#contract/tag.ts'

const Seconds = z.number().min(0).max(86_400)
const Value = z.union([z.number(), z.string().max(500), z.null()])

const Stretch = z.union([
  z.tuple([Seconds, Value]).describe('One sample: seconds after the start, value; null is a bad sample.'),
  z
    .strictObject({
      from: Seconds.describe('The second of the first sample.'),
      to: Seconds.describe('The second after which none comes.'),
      every: z.number().min(0.01).default(1).describe('Seconds from one sample to the next.'),
      values: z.array(Value).min(1).max(100).describe('The values in turn; null is a bad sample.')
    })
    .refine(
      (stretch) => stretch.from <= stretch.to && (stretch.to - stretch.from) / stretch.every <= 20_000,
      'must run forward, 20,000 samples at most'
    )
    .describe('Samples at an even pace; the values are taken in turn, again and again.')
])

const TagFacts = z
  .strictObject({
    role: z.enum(ROLES).default('measurement').describe('What the tag is.'),
    dataType: z.enum(DATA_TYPES).default('float').describe('Its kind of value.'),
    unit: z.string().max(20).optional().describe('Its engineering unit.'),
    range: Range.optional(),
    heartbeatSeconds: z.number().positive().max(3600).default(10).describe('After how long an unchanged value is sent all the same.')
  })
  .describe('What the plant declares for a tag of the case; one sample a second and a heartbeat every ten when left out.')

const CaseEvent = z
  .strictObject({
    at: Seconds.describe('The second at which the agent saw it.'),
    device: Id.default('plc-1').describe('The device that it is about.'),
    kind: z.enum(EVENT_KINDS).describe('The kind of event.'),
    change: z.enum(EVENT_CHANGES).default('changed').describe('Whether it is seen for the first time, changed, or was told.'),
    severity: z.int().min(1).max(1000).default(500).describe('Its severity.'),
    message: z.string().max(500).default('it happened').describe('What the agent says of it.'),
    details: z
      .record(z.string().max(60), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .default({})
      .describe('Figures and names behind it.')
  })
  .describe('Something that a device did.')

const CaseClock = z
  .strictObject({
    at: Seconds.describe("The second, by the collector's clock, at which the health of the agent came."),
    aheadSeconds: z.number().describe("How far the agent's clock is ahead of the collector's; below 0 when it is behind."),
    offsetSeconds: z.number().optional().describe('How far it is ahead of the time server that the agent asked, if it asked one.')
  })
  .describe('A health message, for checks of clocks.')

const CaseIdentity = z
  .strictObject({
    at: Seconds.describe("The second, by the collector's clock, at which it came."),
    why: z.enum(MISTRUSTS).nullable().describe('Why it was not believed; null when it was signed and believed.')
  })
  .describe('Something that was said in the name of the agent, for checks of identity.')

const timeline = {
  name: z.string().min(1).max(200).describe('What happens in the plant, in a few words.'),
  tags: z.record(TagName, TagFacts).default({}).describe('Facts about tags of the case that differ from the usual.'),
  samples: z.record(TagName, z.array(Stretch).max(1000)).default({}).describe('For each tag its samples.'),
  heard: z.array(Seconds).max(10_000).default([]).describe('For checks of agents: when a message came.'),
  events: z.array(CaseEvent).max(1000).default([]).describe('For checks of devices: what the agent told of them.'),
  clock: z.array(CaseClock).max(10_000).default([]).describe('For checks of clocks: the health messages that came.'),
  identity: z.array(CaseIdentity).max(10_000).default([]).describe('For checks of identity: what was believed and what was not.'),
  stopped: Seconds.optional().describe('For checks of agents: when the agent said goodbye.'),
  until: Seconds.optional().describe("For checks of agents: until when the collector's clock ticks, once a second.")
}

const Timeline = z.strictObject(timeline)
export type Timeline = z.infer<typeof Timeline>

const FireCase = z.strictObject({
  ...timeline,
  firesAt: Seconds.describe('The second at which the check must fire, and not before.'),
  clearsAt: Seconds.optional().describe('The second at which the condition must end, and not before; it must last when left out.')
})
export type FireCase = z.infer<typeof FireCase>

export const Cases = z
  .strictObject({ mustFire: z.array(FireCase).max(50).default([]), mustStaySilent: z.array(Timeline).max(50).default([]) })
  .prefault({})
  .describe('Timelines on which the check must fire, and some on which it must not.')

export const usualFacts = (): z.infer<typeof TagFacts> => TagFacts.parse({})
