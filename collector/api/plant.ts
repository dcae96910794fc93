// What the API asks of the rooms that know the plants; collector.ts joins them.
import { z } from 'zod'
import type { EventPage, EventQuery, GapView, Overview, PartState, QuarantineEntry, RuleView, TagQuery, TagView } from '#contract/api.ts'
import { Time } from '#contract/envelope.ts'
import { Id } from '#contract/site.ts'
import type { SeriesKey } from '../store/telemetry.ts'

const QueryTime = z.coerce.number().pipe(Time)

export const GapQuery = z.strictObject({
  site: Id.optional(),
  agent: Id.optional(),
  device: Id.optional().describe('Leaves out gaps of other single devices.'),
  from: QueryTime.optional().describe('Leaves out gaps that ended before.'),
  to: QueryTime.optional().describe('Leaves out gaps that began after.')
})
export type GapQuery = z.infer<typeof GapQuery>

export type TagSearch = z.infer<typeof TagQuery>

export type EventSearch = z.infer<typeof EventQuery>

type Soon<T> = T | Promise<T>

export interface Plant {
  overview(): Soon<Overview>
  /** The health of the centre itself; cheap, asked by every readiness probe. */
  parts(): readonly PartState[]
  tags(query: TagSearch): Soon<readonly TagView[]>
  /** Latest noted first, a bounded number. */
  gaps(query: GapQuery): Soon<readonly GapView[]>
  /** Latest seen first. */
  events(query: EventSearch): Soon<EventPage>
  /** Latest first, a bounded number. */
  quarantine(): Soon<readonly QuarantineEntry[]>
  rules(): Soon<readonly RuleView[]>
  /** The device that a known tag is read from. */
  deviceOf(tag: Pick<SeriesKey, 'site' | 'agent' | 'tag'>): string | undefined
  /** The handle of a series of a known tag; undefined when no such tag was ever announced. */
  seriesOf(key: SeriesKey): number | undefined
}
