// process/frozen: none of a device's values moves any more, although samples keep coming: what we see may be an old picture.
import { z } from 'zod'
import { cell, defineRule, eachDevice, NOT_EVALUABLE, RIGHT, staleAfterMs, WRONG } from '../rule.ts'

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

const MOVES = 0
const LAST_MOVE = 1
const LAST_GOOD = 2

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
  cells: () => 3,
  score(memory, at, terms: Terms, { time, bad, moved }) {
    if (bad) return NOT_EVALUABLE
    const lastGood = cell(memory, at + LAST_GOOD)
    if (moved) memory[at + MOVES] = Math.min(cell(memory, at + MOVES) + 1, terms.minMoves)
    // A stretch without any good sample says nothing about movement: the waiting starts anew.
    if ((moved || time - lastGood > terms.staleMs) && time > cell(memory, at + LAST_MOVE)) memory[at + LAST_MOVE] = time
    if (time > lastGood) memory[at + LAST_GOOD] = time
    return time - cell(memory, at + LAST_MOVE) >= terms.neededMs && cell(memory, at + MOVES) >= terms.minMoves ? WRONG : RIGHT
  },
  explain(memory, at, terms, { time }) {
    return { evidence: { seconds: (time - cell(memory, at + LAST_MOVE)) / 1000, tags: terms.tags } }
  }
})
