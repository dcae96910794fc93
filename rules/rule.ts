// What a rule kind is: it groups tags into subjects and turns each reading into a score; the engine does the rest.
// State lies in cells of one big array of numbers, because at 100,000 tags the way to memory costs more than the judging.
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
  /** A good value that differs from the good one before. */
  moved: boolean
  /** Milliseconds since the good sample before, Infinity when there is none. */
  sinceGood: number
  /** The sample before this one was bad, or there was none. */
  afterBad: boolean
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

/** Strings do not fit into cells: gives the latest good one of a tag, by its name. */
export type LatestText = (tag: string) => string | null

/** Cells at, at + 1, ... of memory are the subject's; all of them begin as 0. */
export type Memory = Float64Array

// The score of a reading: NaN cannot be judged, 0 right, above 0 and below 1 keeps the condition as it is, 1 and more wrong,
// the higher the worse.
export const NOT_EVALUABLE = Number.NaN
export const RIGHT = 0
export const UNDECIDED = 0.5
export const WRONG = 1

/** What the parameters mean for one subject; null when it cannot be judged. Tags that are alike share one object. */
export type Terms<T = unknown> = (tags: readonly Tag[], textOf: LatestText) => T | null

/** P: parameters as in the pack; T: terms, what they mean for one subject. */
export interface Rule<P = unknown, T = unknown> {
  readonly kind: string
  /** What a finding is about: the first tag of the subject, or the device, whatever tags take part. */
  readonly subject: 'tag' | 'device'
  readonly parameters: z.ZodType<P>
  /** The figures that explain() gives, which the reason template may name. */
  figures(parameters: P): readonly string[]
  holdSeconds(parameters: P): number
  subjects(parameters: P, tags: readonly Tag[]): readonly Grouping[]
  terms(parameters: P): Terms<T>
  cells(terms: T): number
  score(memory: Memory, at: number, terms: T, reading: Reading): number
  explain(memory: Memory, at: number, terms: T, reading: Reading): Explanation
}

export function defineRule<P, T>(rule: Rule<P, T>): Rule<P, T> {
  return rule
}

/** A cell that is known to exist. */
export function cell(memory: Memory, at: number): number {
  return memory[at] ?? 0
}

/** Terms that depend on nothing but range, cadence and heartbeat of a tag. */
export function termsOfTag<T>(make: (tag: Tag) => T | null): Terms<T> {
  const made = new Map<string, T | null>()
  return ([tag]) => {
    if (tag === undefined) return null
    const key = `${tag.range?.low} ${tag.range?.high} ${tag.cadenceMs} ${tag.heartbeatMs}`
    const known = made.get(key)
    if (known !== undefined) return known
    const terms = make(tag)
    made.set(key, terms)
    return terms
  }
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
