// process/frozen: none of a device's values moves any more, although samples keep coming: what we see may be an old picture.
import { z } from 'zod'
import { defineRule, eachDevice, NOT_EVALUABLE, RIGHT, staleAfterMs, WRONG } from '../rule.ts'

const Parameters = z.strictObject({
  forSeconds: z.number().min(1).max(86_400).default(300).describe('How long all values together may stand still.'),
  minTags: z.int().min(2).max(1000).default(5).describe('How many tags a device must have to be judged.'),
  minMoves: z
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .describe('How many moves must have been seen before: only what normally moves can freeze.')
})

interface Terms {
  neededMs: number
  minMoves: number
  staleMs: number
  tags: number
}

interface State {
  seen: boolean[]
  numbers: number[]
  texts: (string | null)[]
  moves: number
  lastMove: number
  lastGood: number
}

export const frozen = defineRule({
  kind: 'process/frozen',
  subject: 'device',
  parameters: Parameters,
  figures: () => ['seconds', 'tags'],
  holdSeconds: () => 0,
  subjects: (_parameters, tags) => eachDevice(tags),
  terms:
    ({ forSeconds, minTags, minMoves }) =>
    (tags): Terms | null =>
      tags.length < minTags ? null : { neededMs: forSeconds * 1000, minMoves, staleMs: staleAfterMs(tags), tags: tags.length },
  initial: ({ tags }): State => ({
    seen: new Array<boolean>(tags).fill(false),
    numbers: new Array<number>(tags).fill(0),
    texts: new Array<string | null>(tags).fill(null),
    moves: 0,
    lastMove: -1,
    lastGood: -1
  }),
  score(state, terms, { time, number, text, bad, input }) {
    if (bad) return NOT_EVALUABLE
    const first = state.seen[input] !== true
    const moved = first || (text !== null ? text !== state.texts[input] : number !== state.numbers[input])
    if (moved) {
      state.seen[input] = true
      state.texts[input] = text
      if (text === null) state.numbers[input] = number
      if (!first && state.moves < terms.minMoves) state.moves++
    }
    // A stretch without any good sample says nothing about movement: the waiting starts anew.
    const unwatched = state.lastGood === -1 || time - state.lastGood > terms.staleMs
    if ((moved || unwatched) && time > state.lastMove) state.lastMove = time
    if (time > state.lastGood) state.lastGood = time
    return state.moves >= terms.minMoves && time - state.lastMove >= terms.neededMs ? WRONG : RIGHT
  },
  explain(state, terms, { time }) {
    return { evidence: { seconds: (time - state.lastMove) / 1000, tags: terms.tags } }
  }
})
