// process/stuck: a live value stands still, although nothing that moves in a plant repeats itself to the last digit.
import { z } from 'zod'
import { cell, defineRule, eachTag, NOT_EVALUABLE, RIGHT, staleAfterMs, termsOfTag, WRONG } from '../rule.ts'

const Parameters = z.strictObject({
  forSeconds: z.number().min(1).max(86_400).default(600).describe('How long a live value may repeat itself.'),
  minMoves: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('How often the value must have moved before: only what normally moves can be stuck.'),
  restAt: z
    .array(z.number())
    .max(20)
    .default([])
    .describe('Values at which the tag may rest, for example 0 for the flow of a pump that is off.')
})

interface Terms {
  neededMs: number
  minMoves: number
  restAt: readonly number[]
  staleMs: number
}

/** How long the value was seen to stand still; time that nobody watched is not in it. */
const HELD_MS = 0
const MOVES = 1

export const stuck = defineRule({
  kind: 'process/stuck',
  subject: 'tag',
  parameters: Parameters,
  figures: () => ['value', 'seconds'],
  holdSeconds: () => 0,
  subjects: (_parameters, tags) => eachTag(tags),
  terms: ({ forSeconds, minMoves, restAt }) =>
    termsOfTag((tag): Terms => ({ neededMs: forSeconds * 1000, minMoves, restAt, staleMs: staleAfterMs([tag]) })),
  cells: () => 2,
  score(memory, at, terms: Terms, { number, bad, moved, afterBad, sinceGood }) {
    if (bad) return NOT_EVALUABLE
    if (moved) {
      memory[at + HELD_MS] = 0
      memory[at + MOVES] = Math.min(cell(memory, at + MOVES) + 1, terms.minMoves)
      return RIGHT
    }
    if (sinceGood > terms.staleMs) {
      memory[at + HELD_MS] = 0
      return RIGHT
    }
    // An unchanged value arrives only as a heartbeat, so the time between two equal samples counts in full.
    if (!afterBad) memory[at + HELD_MS] = cell(memory, at + HELD_MS) + sinceGood
    if (cell(memory, at + HELD_MS) < terms.neededMs || cell(memory, at + MOVES) < terms.minMoves) return RIGHT
    return terms.restAt.includes(number) ? RIGHT : WRONG
  },
  explain(memory, at, _terms, { number, text }) {
    return { evidence: { value: text ?? number, seconds: cell(memory, at + HELD_MS) / 1000 } }
  }
})
