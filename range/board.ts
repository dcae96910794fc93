// The board: what all scenarios of a run came to, as plain data. Table, JUnit, page and thresholds are made from it.
import { z } from 'zod'
import { ScenarioScore, ScoreTotals } from '#rules/score-result.ts'
import { totalScore } from '#rules/score-totals.ts'
import { attackNamed } from '../simulators/player.ts'
import { BROKERS } from './broker-kind.ts'
import { NotPlayed } from './not-played.ts'
import { Unfinished } from './unfinished.ts'

const LivePlay = z
  .strictObject({
    speed: z
      .number()
      .describe('How many seconds of the plant passed in each second of ours. Agent, broker and rules keep their own speed.'),
    broker: z
      .enum(BROKERS)
      .optional()
      .describe("mosquitto: a process of its own; embedded: the collector's own; left out when none ever ran.")
  })
  .describe(
    'How it was played live. All times and delays are those of the plant: above a speed of 1 they are the longest that they can be.'
  )

export const Board = z
  .strictObject({
    board: z.literal(1).describe('The version of this shape.'),
    mode: z.enum(['fast', 'live']).describe('fast: judged from recordings; live: played over real sockets and a real broker.'),
    live: LivePlay.optional(),
    graceSeconds: z.number().min(0).describe('How long after its end an attack or fault still accounts for an alert.'),
    scenarios: z.array(ScenarioScore),
    totals: ScoreTotals,
    notPlayed: z.array(NotPlayed).describe('Steps that were left out or failed; they count in no figure above.'),
    unfinished: z.array(Unfinished).describe('Scenarios that failed or were cut off; they are not among the scenarios above.')
  })
  .describe('penstock range run --json')
export type Board = z.infer<typeof Board>

export interface BoardOptions extends Pick<Board, 'mode' | 'live' | 'graceSeconds'> {
  scenarios: readonly ScenarioScore[]
  notPlayed?: readonly NotPlayed[]
  unfinished?: readonly Unfinished[]
}

export function buildBoard(options: BoardOptions): Board {
  const { mode, live, graceSeconds, notPlayed = [], unfinished = [] } = options
  // A scenario whose attacks were left out says nothing of quiet days.
  const withoutAttacks = new Set(notPlayed.flatMap(({ scenario, name }) => (attackNamed(name) === undefined ? [] : [scenario])))
  const scenarios = options.scenarios.map((one) => ({ ...one, quiet: one.quiet && !withoutAttacks.has(one.scenario) }))
  const how = { board: 1 as const, mode, ...(live === undefined ? {} : { live }), graceSeconds }
  return { ...how, scenarios, totals: totalScore(scenarios), notPlayed: [...notPlayed], unfinished: [...unfinished] }
}
