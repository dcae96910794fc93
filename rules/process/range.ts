// process/range: a value lies outside its limits, given by the pack or declared for the tag.
import { z } from 'zod'
import type { Tag } from '#contract/tag.ts'
import { defineRule, eachTag, NOT_EVALUABLE, RIGHT, termsOfTag, UNDECIDED, WRONG } from '../rule.ts'

const Parameters = z
  .strictObject({
    low: z.number().optional().describe('The lowest agreed value; without low and high the range declared for the tag counts.'),
    high: z.number().optional().describe('The highest agreed value.'),
    margin: z.number().min(0).max(1).default(0.02).describe('By which share a declared range is widened on both sides.'),
    hysteresis: z
      .number()
      .min(0)
      .optional()
      .describe('How far inside a limit the value must be to be right again, in its unit; one hundredth of the span when left out.'),
    forSeconds: z.number().min(0).max(86_400).default(0).describe('How long the value must lie outside.')
  })
  .refine((p) => p.low === undefined || p.high === undefined || p.low < p.high, { path: ['low'], error: 'must be below high' })
type Parameters = z.infer<typeof Parameters>

interface Terms {
  low: number
  high: number
  // Beyond these it is wrong, within the next two it is right again; between them the condition stays as it is.
  lowEnter: number
  highEnter: number
  lowExit: number
  highExit: number
  span: number
}

export const range = defineRule({
  kind: 'process/range',
  subject: 'tag',
  parameters: Parameters,
  figures: () => ['value', 'low', 'high', 'limit'],
  holdSeconds: (parameters) => parameters.forSeconds,
  subjects: (_parameters, tags) => eachTag(tags),
  terms: (parameters) => termsOfTag((tag) => termsOf(parameters, tag)),
  // No memory is needed: the limit that was passed shows in the reading.
  cells: () => 0,
  score(_memory, _at, terms: Terms, { number: value }) {
    if (value > terms.highEnter) return WRONG + (value - terms.high) / terms.span
    if (value < terms.lowEnter) return WRONG + (terms.low - value) / terms.span
    if (value <= terms.highExit && value >= terms.lowExit) return RIGHT
    return Number.isNaN(value) ? NOT_EVALUABLE : UNDECIDED
  },
  explain(_memory, _at, terms, { number: value }) {
    const { low, high } = terms
    const limit = value > (low + high) / 2 || low === Number.NEGATIVE_INFINITY ? high : low
    return { evidence: { value, low: finite(low), high: finite(high), limit: finite(limit) } }
  }
})

function termsOf(parameters: Parameters, tag: Tag): Terms | null {
  const given = parameters.low !== undefined || parameters.high !== undefined
  if (!given && tag.range === undefined) return null
  const widened = given || tag.range === undefined ? 0 : parameters.margin * (tag.range.high - tag.range.low)
  const low = ((given ? parameters.low : tag.range?.low) ?? Number.NEGATIVE_INFINITY) - widened
  const high = ((given ? parameters.high : tag.range?.high) ?? Number.POSITIVE_INFINITY) + widened
  const size = Math.max(Number.isFinite(low) ? Math.abs(low) : 0, Number.isFinite(high) ? Math.abs(high) : 0)
  const span = Number.isFinite(high - low) ? high - low : Math.max(size, 1)
  // Scaled registers are not exact: 700 * 0.001 is 0.7000000000000001, and that must not lie above 0.7.
  const slack = 1e-6 * Math.max(size, span)
  const inner = Math.min(parameters.hysteresis ?? span / 100, span / 2)
  return {
    low,
    high,
    lowEnter: low - slack,
    highEnter: high + slack,
    lowExit: low + inner - slack,
    highExit: high - inner + slack,
    span
  }
}

const finite = (limit: number): number | null => (Number.isFinite(limit) ? limit : null)
