// process/stuck: a live value stands still, although nothing that moves in a plant repeats itself to the last digit.
import { z } from 'zod'
import { defineRule, eachTag, NOT_EVALUABLE, RIGHT, staleAfterMs, WRONG } from '../rule.ts'

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

interface State {
  number: number
  text: string | null
  /** Time of the last good sample, -1 after a bad one. */
  last: number
  lastGood: number
  /** How long the value was seen to stand still; time that nobody watched is not in it. */
  heldMs: number
  moves: number
}

export const stuck = defineRule({
  kind: 'process/stuck',
  subject: 'tag',
  parameters: Parameters,
  figures: () => ['value', 'seconds'],
  holdSeconds: () => 0,
  subjects: (_parameters, tags) => eachTag(tags),
  terms:
    ({ forSeconds, minMoves, restAt }) =>
    (tags): Terms => ({ neededMs: forSeconds * 1000, minMoves, restAt, staleMs: staleAfterMs(tags) }),
  initial: (): State => ({ number: 0, text: null, last: -1, lastGood: -1, heldMs: 0, moves: 0 }),
  score(state, terms, { time, number, text, bad }) {
    if (bad) {
      state.last = -1
      return NOT_EVALUABLE
    }
    if (text !== null ? text !== state.text : number !== state.number) {
      if (state.lastGood !== -1 && state.moves < terms.minMoves) state.moves++
      state.text = text
      if (text === null) state.number = number
      state.heldMs = 0
    } else if (time - state.lastGood > terms.staleMs) {
      state.heldMs = 0
    } else if (state.last !== -1) {
      // An unchanged value arrives only as a heartbeat, so the time between two equal samples counts in full.
      state.heldMs += time - state.last
    }
    state.last = time
    state.lastGood = time
    if (state.heldMs < terms.neededMs || state.moves < terms.minMoves) return RIGHT
    return terms.restAt.includes(number) ? RIGHT : WRONG
  },
  explain(state, _terms, reading) {
    return { evidence: { value: reading.text ?? reading.number, seconds: state.heldMs / 1000 } }
  }
})
