// fleet/device-event: something that a device, or the way to it, did: another certificate, a weaker endpoint, an unknown client.
import { z } from 'zod'
import { type DeviceEvent, EVENT_CHANGES, EVENT_KINDS } from '#contract/event.ts'
import { glob } from '../expression.ts'

const DetailName = z.string().min(1).max(60)
const Details = z.record(DetailName, z.array(z.string().max(300)).min(1).max(100)).default({})

const parameters = z.strictObject({
  kinds: z.array(z.enum(EVENT_KINDS)).min(1).describe('Kinds of events that are judged.'),
  changes: z.array(z.enum(EVENT_CHANGES)).min(1).default(['changed', 'worse']).describe('Changes that count.'),
  minSeverity: z.int().min(1).max(1000).default(1).describe('Only events of this severity, 1 to 1000, or above.'),
  where: Details.describe('Only events in which each of these details is one of those named; * stands for any text.'),
  except: Details.describe('Leaves out events in which one of these details is one of those named.'),
  times: z.int().min(1).max(1000).default(1).describe('So many within the span below make it wrong.'),
  withinSeconds: z.number().min(1).max(86_400).default(600).describe('The span in which they are counted.'),
  newcomers: z
    .strictObject({
      by: z.array(DetailName).min(1).max(5).describe('The details that together name who did it.'),
      learnSeconds: z
        .number()
        .min(0)
        .max(2_592_000)
        .default(86_400)
        .describe('For so long after its first event everybody is learned silently.')
    })
    .optional()
    .describe('Only events of somebody who was not seen on this device before.'),
  endsOn: z
    .array(z.enum(EVENT_CHANGES))
    .default([])
    .describe('Changes of the same kinds that end it; without any it ends when nothing more came for clearAfterSeconds.')
})

export const deviceEvent = {
  kind: 'fleet/device-event',
  parameters,
  figures: () => ['message', 'source', 'event', 'change', 'count', 'before', 'after', 'gone', 'come', 'client', 'eventTime']
} as const
export type DeviceEventTerms = z.infer<typeof parameters>

export function fits(terms: DeviceEventTerms, event: DeviceEvent): boolean {
  const is = (name: string, patterns: readonly string[]) => patterns.some((pattern) => glob(String(event.details[name] ?? ''), pattern))
  return (
    terms.kinds.includes(event.kind) &&
    terms.changes.includes(event.change) &&
    event.severity >= terms.minSeverity &&
    Object.entries(terms.where).every(([name, patterns]) => is(name, patterns)) &&
    !Object.entries(terms.except).some(([name, patterns]) => is(name, patterns))
  )
}

export function ends({ kinds, endsOn }: DeviceEventTerms, event: DeviceEvent): boolean {
  return kinds.includes(event.kind) && endsOn.includes(event.change)
}

/** Who did it, as far as the event says. */
export function whoDid(by: readonly string[], { details }: DeviceEvent): string {
  return by
    .map((name) => String(details[name] ?? ''))
    .join(' ')
    .trim()
}
