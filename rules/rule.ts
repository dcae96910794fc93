// What a rule kind is: it groups tags into subjects and turns each reading into a score; the engine does the rest.
import type { z } from 'zod'
import type { Evidence } from '#contract/finding.ts'
import type { Tag } from '#contract/tag.ts'

// One object is used for all samples, so that judging allocates nothing. A rule must not keep it.
export interface Reading {
  /** Event time, epoch milliseconds. */
  time: number
  /** The value as a number, NaN when it is bad or a string. */
  number: number
  /** The value as a string, null when it is bad or a number. */
  text: string | null
  bad: boolean
  quality: number
  /** Which tag of the subject the sample is of. */
  input: number
}

export interface Grouping {
  /** Unique within the check and the agent; names the state in a snapshot. */
  key: string
  tags: readonly Tag[]
}

export interface Explanation {
  evidence: Evidence
  /** The tags that matter, as positions in the subject; all of them when left out. */
  inputs?: readonly number[]
}

// The score of a reading: NaN cannot be judged, 0 right, above 0 and below 1 keeps the condition as it is, 1 and more wrong,
// the higher the worse.
export const NOT_EVALUABLE = Number.NaN
export const RIGHT = 0
export const UNDECIDED = 0.5
export const WRONG = 1

/** P: parameters as in the pack; T: terms, what they mean for one subject; S: state, plain data only. */
export interface Rule<P = unknown, T = unknown, S = unknown> {
  readonly kind: string
  /** What a finding is about: the first tag of the subject, or the device, whatever tags take part. */
  readonly subject: 'tag' | 'device'
  readonly parameters: z.ZodType<P>
  /** The figures that explain() gives, which the reason template may name. */
  figures(parameters: P): readonly string[]
  holdSeconds(parameters: P): number
  subjects(parameters: P, tags: readonly Tag[]): readonly Grouping[]
  /** Made once for a check; null for a subject that cannot be judged. */
  terms(parameters: P): (tags: readonly Tag[]) => T | null
  initial(terms: T): S
  score(state: S, terms: T, reading: Reading): number
  explain(state: S, terms: T, reading: Reading): Explanation
}

export function defineRule<P, T, S>(rule: Rule<P, T, S>): Rule<P, T, S> {
  return rule
}

export function eachTag(tags: readonly Tag[]): readonly Grouping[] {
  return tags.map((tag) => ({ key: tag.name, tags: [tag] }))
}

export function eachDevice(tags: readonly Tag[]): readonly Grouping[] {
  return [...Map.groupBy(tags, (tag) => tag.device)].map(([key, members]) => ({ key, tags: members }))
}

// Nothing heard for three heartbeats means that nobody knows what the value did meanwhile.
export const HEARTBEATS_UNTIL_STALE = 3

export function staleAfterMs(tags: readonly Tag[]): number {
  return HEARTBEATS_UNTIL_STALE * tags.reduce((longest, tag) => Math.max(longest, tag.heartbeatMs), 0)
}
