// process/rate: a value rises or falls faster than it can, or than it should.
import { z } from 'zod'
import type { Tag } from '#contract/tag.ts'
import { defineRule, eachTag, NOT_EVALUABLE, RIGHT, staleAfterMs, WRONG } from '../rule.ts'

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
interface State {
  /** Time of the last good sample, -1 when there is none to measure from. */
  last: number
  olderTime: number
  olderValue: number
  newerTime: number
  newerValue: number
  rate: number
}

export const rate = defineRule({
  kind: 'process/rate',
  subject: 'tag',
  parameters: Parameters,
  figures: () => ['value', 'rate', 'rise', 'fall', 'seconds'],
  holdSeconds: (parameters) => parameters.forSeconds,
  subjects: (_parameters, tags) => eachTag(tags),
  terms: (parameters) => (tags) => {
    const [tag] = tags
    return tag === undefined ? null : termsOf(parameters, tag)
  },
  initial: (): State => ({ last: -1, olderTime: 0, olderValue: 0, newerTime: 0, newerValue: 0, rate: 0 }),
  score(state, terms: Terms, { time, number: value }) {
    if (Number.isNaN(value)) {
      // What happened while the value was bad is not known: the next good sample is a new start.
      state.last = -1
      return NOT_EVALUABLE
    }
    const known = state.last !== -1 && time - state.last <= terms.staleMs
    state.last = time
    if (!known) {
      state.olderTime = state.newerTime = time
      state.olderValue = state.newerValue = value
      return NOT_EVALUABLE
    }
    const age = time - state.newerTime
    const old = age < 0.75 * terms.windowMs
    // An unchanged value is sent only as a heartbeat. A change that comes after such a rest happened since the poll before it,
    // or the one before that when a poll was left out: two windows at most, however long the rest was.
    const elapsed = Math.min(old ? time - state.olderTime : age, 2 * terms.windowMs)
    const change = value - (old ? state.olderValue : state.newerValue)
    if (2 * age >= terms.windowMs) {
      state.olderTime = state.newerTime
      state.olderValue = state.newerValue
      state.newerTime = time
      state.newerValue = value
    }
    if (elapsed <= 0) return RIGHT
    const perSecond = (1000 * change) / elapsed
    state.rate = perSecond
    if (perSecond > terms.rise) return WRONG + excess(perSecond, terms.rise)
    if (perSecond < -terms.fall) return WRONG + excess(-perSecond, terms.fall)
    return RIGHT
  },
  explain({ rate }, { rise, fall, windowMs }, { number: value }) {
    return { evidence: { value, rate, rise: finite(rise), fall: finite(fall), seconds: windowMs / 1000 } }
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
