// process/rate: a value rises or falls faster than it can, or than it should.
import { z } from 'zod'
import type { Tag } from '#contract/tag.ts'
import { cell, defineRule, eachTag, NOT_EVALUABLE, RIGHT, staleAfterMs, termsOfTag, WRONG } from '../rule.ts'

const perSecond = (what: string) => z.number().min(0).optional().describe(`The fastest ${what} in units per second; 0 allows none.`)

const Parameters = z
  .strictObject({
    rise: perSecond('rise'),
    fall: perSecond('fall'),
    ofRange: z
      .number()
      .positive()
      .optional()
      .describe('The fastest change as a share of the declared range per second, for what rise and fall leave open.'),
    overSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .default(0)
      .describe('Over how long the change is measured; 0 takes two neighbouring samples.'),
    forSeconds: z.number().min(0).max(86_400).default(0).describe('How long it must be too fast.')
  })
  .refine((p) => p.rise !== undefined || p.fall !== undefined || p.ofRange !== undefined, 'needs rise, fall or ofRange')
type Parameters = z.infer<typeof Parameters>

interface Terms {
  rise: number
  fall: number
  windowMs: number
  staleMs: number
}

// Two anchors half a window apart: the change is measured from the newer one that is old enough, so the span measured
// lies between half a window and a whole one, whatever the number of samples.
const OLDER_TIME = 0
const OLDER_VALUE = 1
const NEWER_TIME = 2
const NEWER_VALUE = 3
const RATE = 4

export const rate = defineRule({
  kind: 'process/rate',
  subject: 'tag',
  parameters: Parameters,
  figures: () => ['value', 'rate', 'rise', 'fall', 'seconds'],
  holdSeconds: (parameters) => parameters.forSeconds,
  subjects: (_parameters, tags) => eachTag(tags),
  terms: (parameters) => termsOfTag((tag) => termsOf(parameters, tag)),
  cells: () => 5,
  score(memory, at, terms: Terms, { time, number: value, afterBad, sinceGood }) {
    if (Number.isNaN(value)) return NOT_EVALUABLE
    // What happened while samples were bad or missing is not known: the first good one is a new start.
    if (afterBad || sinceGood > terms.staleMs || memory[at + NEWER_TIME] === 0) {
      memory[at + OLDER_TIME] = memory[at + NEWER_TIME] = time
      memory[at + OLDER_VALUE] = memory[at + NEWER_VALUE] = value
      return NOT_EVALUABLE
    }
    const age = time - cell(memory, at + NEWER_TIME)
    const young = age < 0.75 * terms.windowMs
    // An unchanged value is sent only as a heartbeat. A change that comes after such a rest happened since the poll before it,
    // or the one before that when a poll was left out: two windows at most, however long the rest was. Half a window at
    // least, because a moment of noise is no slope.
    const measured = young ? time - cell(memory, at + OLDER_TIME) : age
    const elapsed = Math.min(Math.max(measured, terms.windowMs / 2), 2 * terms.windowMs)
    const change = value - cell(memory, at + (young ? OLDER_VALUE : NEWER_VALUE))
    if (2 * age >= terms.windowMs) {
      memory[at + OLDER_TIME] = cell(memory, at + NEWER_TIME)
      memory[at + OLDER_VALUE] = cell(memory, at + NEWER_VALUE)
      memory[at + NEWER_TIME] = time
      memory[at + NEWER_VALUE] = value
    }
    const perSecond = (1000 * change) / elapsed
    memory[at + RATE] = perSecond
    if (perSecond > terms.rise) return WRONG + excess(perSecond, terms.rise)
    if (perSecond < -terms.fall) return WRONG + excess(-perSecond, terms.fall)
    return RIGHT
  },
  explain(memory, at, { rise, fall, windowMs }, { number: value }) {
    return { evidence: { value, rate: cell(memory, at + RATE), rise: finite(rise), fall: finite(fall), seconds: windowMs / 1000 } }
  }
})

function termsOf(parameters: Parameters, tag: Tag): Terms | null {
  const share =
    tag.range === undefined || parameters.ofRange === undefined ? undefined : parameters.ofRange * (tag.range.high - tag.range.low)
  const rise = parameters.rise ?? share
  const fall = parameters.fall ?? share
  if (rise === undefined && fall === undefined) return null
  return {
    rise: rise ?? Number.POSITIVE_INFINITY,
    fall: fall ?? Number.POSITIVE_INFINITY,
    windowMs: Math.max(parameters.overSeconds * 1000, tag.cadenceMs),
    staleMs: staleAfterMs([tag])
  }
}

const excess = (rate: number, limit: number): number => (limit === 0 ? 0 : (rate - limit) / limit)

const finite = (limit: number): number | null => (Number.isFinite(limit) ? limit : null)
