// What a recording is: JSON lines of what agents told in a scenario and what was really played, judged later or again.
// A head, entries in the order of their time, and an end with counts and the hash of all bytes before it: a cut file is told.
import { z } from 'zod'
import { Birth, Death, Health } from '#contract/agent-status.ts'
import { Time } from '#contract/envelope.ts'
import { EventBatch } from '#contract/event.ts'
import { Gap } from '#contract/gap.ts'
import { Label } from '#contract/label.ts'
import { SampleBatch } from '#contract/sample.ts'
import { Id, SECTORS } from '#contract/site.ts'
import type { Text } from '#contract/text.ts'
import { TransactionBatch } from '#contract/transaction.ts'
import { FailedStep } from './not-played.ts'

export const RECORDING_VERSION = 1
export const MAX_LINE_BYTES = 32 << 20
// Who reads a recording goes through it second by second: a year, and some days before it.
const MAX_DURATION_SECONDS = 400 * 86_400
// What is told at the end is a while on its way.
const LATE_MS = 3_600_000

export const RecordingHead = z
  .strictObject({
    recording: z.literal(RECORDING_VERSION).describe('The version of the format.'),
    scenario: z.string().min(1).max(200).describe('The name of the scenario that was played.'),
    site: Id.describe('The site that it was played at.'),
    plant: z.enum(SECTORS).describe('The plant that was played.'),
    seed: z.int().min(0).describe('The seed of all randomness.'),
    stepMs: z.int().min(1).describe('How many milliseconds one step of the plant took.'),
    startTime: Time.describe('When the scenario began.'),
    durationSeconds: z.number().min(0).max(MAX_DURATION_SECONDS).describe('How long it was to last.')
  })
  .describe('The first line of a recording.')
export type RecordingHead = z.infer<typeof RecordingHead>

/** Whether an entry of that time can belong to the recording. */
export const isWithin = (time: number, { startTime, durationSeconds }: RecordingHead): boolean =>
  time >= startTime && time <= startTime + durationSeconds * 1000 + LATE_MS

export const RecordedMessage = z.discriminatedUnion('kind', [Birth, SampleBatch, TransactionBatch, EventBatch, Gap, Health, Death])
export type RecordedMessage = z.infer<typeof RecordedMessage>

const MessageEntry = z.strictObject({
  time: Time.describe('When the agent sent the message; never before the line above.'),
  message: RecordedMessage.describe('The message as the contract has it.')
})
const LabelEntry = z.strictObject({
  time: Time.describe('When the label was written; never before the line above.'),
  label: Label.describe('One line at the start of an attack or fault and one at its end, with the same id.')
})
const NotPlayedEntry = z.strictObject({
  time: Time.describe('When that was found out; never before the line above.'),
  notPlayed: FailedStep.describe('A step of the timeline that was left out, or failed while it was played.')
})
export const RecordingEntry = z.union([MessageEntry, LabelEntry, NotPlayedEntry])
export type RecordingEntry = z.infer<typeof RecordingEntry>

const Count = z.int().min(0)
export const RecordingEndLine = z
  .strictObject({
    end: z.strictObject({
      messages: Count.describe('Messages of all kinds.'),
      samples: Count.describe('Samples in them.'),
      labels: Count.describe('Label lines.'),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe('SHA-256 of all bytes before this line.')
    })
  })
  .describe('The last line of a recording.')
export type RecordingEnd = z.infer<typeof RecordingEndLine>['end']

export type RecordingCounts = Omit<RecordingEnd, 'sha256'>

export function countEntry(counts: RecordingCounts, entry: RecordingEntry): void {
  if ('label' in entry) counts.labels++
  else if ('message' in entry) {
    counts.messages++
    if (entry.message.kind === 'samples') counts.samples += entry.message.tags.length
  }
}

export const isCompressed = (file: string): boolean => file.endsWith('.zst')

export const RECORDING_FAULT_CODES = ['RECORDING_CUT', 'RECORDING_DAMAGED', 'RECORDING_UNREADABLE'] as const

/** A recording that cannot be trusted or read, with its place as file:line. */
export class RecordingFault extends Error {
  readonly code: (typeof RECORDING_FAULT_CODES)[number]
  readonly exitCode = 1
  readonly text: Text
  readonly line: number
  constructor(o: { code: (typeof RECORDING_FAULT_CODES)[number]; file: string; line: number; text: Text; cause?: unknown }) {
    const place = `${o.file}:${o.line}`
    super(`${place}: ${o.text.en}`, o.cause === undefined ? {} : { cause: o.cause })
    this.name = 'RecordingFault'
    this.code = o.code
    this.line = o.line
    this.text = { zh: `${place}：${o.text.zh}`, en: `${place}: ${o.text.en}` }
  }
}
