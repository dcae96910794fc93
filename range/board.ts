// The board: what all scenarios of a run came to, as plain data. Table, JUnit, page and thresholds are made from it.
import { z } from 'zod'
import { ScenarioScore, ScoreTotals } from '#rules/score-result.ts'
import { totalScore } from '#rules/score-totals.ts'
import { NotPlayed } from './playable.ts'

export const Board = z
  .strictObject({
    board: z.literal(1).describe('The version of this shape.'),
    mode: z.enum(['fast', 'live']).describe('fast: judged from recordings; live: played over real sockets and a real broker.'),
    graceSeconds: z.number().min(0).describe('How long after its end an attack or fault still accounts for an alert.'),
    scenarios: z.array(ScenarioScore),
    totals: ScoreTotals,
    notPlayed: z.array(NotPlayed).describe('Steps that were left out or failed; they count in no figure above.')
  })
  .describe('penstock range run --json')
export type Board = z.infer<typeof Board>

export function buildBoard(
  options: Pick<Board, 'mode' | 'graceSeconds'> & { scenarios: readonly ScenarioScore[]; notPlayed?: readonly NotPlayed[] }
): Board {
  const { mode, graceSeconds, scenarios, notPlayed = [] } = options
  return { board: 1, mode, graceSeconds, scenarios: [...scenarios], totals: totalScore(scenarios), notPlayed: [...notPlayed] }
}
