// A sample is one value of one tag at one moment; a batch carries many of them in columns.
import { z } from 'zod'
import { numbered, Time } from './envelope.ts'

export const VIEWS = ['polled', 'wire'] as const
export type View = (typeof VIEWS)[number]

export type SampleValue = number | string | null

export const MAX_SAMPLES_PER_BATCH = 10_000
const MAX_STRING = 500
const MAX_DELTA = 8.64e15

// Columns are checked by plain loops: a schema object per element would cost more than judging the sample.
function isIntegerColumn(low: number, high: number) {
  return (column: unknown): boolean => {
    if (!Array.isArray(column) || column.length > MAX_SAMPLES_PER_BATCH) return false
    for (const item of column) if (!Number.isInteger(item) || item < low || item > high) return false
    return true
  }
}

function isValueColumn(column: unknown): boolean {
  if (!Array.isArray(column) || column.length > MAX_SAMPLES_PER_BATCH) return false
  for (const item of column) {
    if ((typeof item === 'number' && Number.isFinite(item)) || item === null) continue
    if (typeof item !== 'string' || item.length > MAX_STRING) return false
  }
  return true
}

const integers = (low: number, high: number, what: string) =>
  z
    .custom<number[]>(isIntegerColumn(low, high), `must be an array of at most ${MAX_SAMPLES_PER_BATCH} integers from ${low} to ${high}`)
    .describe(what)

export const SampleBatch = z
  .strictObject({
    kind: z.literal('samples'),
    ...numbered,
    view: z.enum(VIEWS).describe('Whether the agent read the values itself or saw them on the wire.'),
    tagMap: z.int().min(1).describe('Which tag map of the agent the integer tag ids belong to.'),
    base: Time.describe('The agent time that the times column counts from.'),
    tags: integers(1, 0x7fffffff, 'Integer tag ids, one for each sample.'),
    times: integers(-MAX_DELTA, MAX_DELTA, 'Agent time of each sample as milliseconds after base.'),
    values: z
      .custom<SampleValue[]>(isValueColumn, `must be an array of at most ${MAX_SAMPLES_PER_BATCH} numbers, strings or nulls`)
      .describe('The values: a number (a bool is 0 or 1), a string, or null when the quality is bad.'),
    qualities: integers(0, 0xffffffff, 'Quality of each sample as an OPC UA StatusCode; 0 is good.'),
    sourceTimes: integers(
      -MAX_DELTA,
      MAX_DELTA,
      'Source time minus agent time of each sample, in milliseconds; 0 where none is known.'
    ).optional(),
    serverTimes: integers(
      -MAX_DELTA,
      MAX_DELTA,
      'Server time minus agent time of each sample, in milliseconds; 0 where none is known.'
    ).optional(),
    roundTrips: integers(0, 0xffffffff, 'How long the request of each sample took, in microseconds; 0 where nobody asked.').optional()
  })
  .refine(
    (b) =>
      b.times.length === b.tags.length &&
      b.values.length === b.tags.length &&
      b.qualities.length === b.tags.length &&
      [b.sourceTimes, b.serverTimes, b.roundTrips].every((column) => column === undefined || column.length === b.tags.length),
    'all columns must have the same length'
  )
export type SampleBatch = z.infer<typeof SampleBatch>
