// Adds the scores of scenarios up. Rates of false alerts come from quiet scenarios alone: a day made of minutes with attacks in
// them would say nothing about a usual one.
import { daysOf } from './score.ts'
import type { ScenarioScore, ScoreTotals } from './score-result.ts'

type Countable = 'hits' | 'beside' | 'explained' | 'blamed' | 'falseAlerts'

export function totalScore(scenarios: readonly ScenarioScore[]): ScoreTotals {
  const attacks = scenarios.flatMap((one) => one.attacks)
  const quiet = scenarios.filter((one) => one.quiet)
  const quietDays = quiet.reduce((days, one) => days + daysOf(one), 0)
  const sum = (key: Countable, of: readonly ScenarioScore[] = scenarios) => of.reduce((total, one) => total + one[key], 0)
  const judged = sum('hits') + sum('beside') + sum('blamed') + sum('falseAlerts')
  return {
    scenarios: scenarios.length,
    quietScenarios: quiet.length,
    attacks: attacks.length,
    detected: attacks.filter((one) => one.detected).length,
    medianDelaySeconds: median(attacks.flatMap(({ delaySeconds }) => (delaySeconds === null ? [] : [delaySeconds]))),
    techniqueRight: attacks.filter((one) => one.techniqueRight).length,
    nameable: attacks.filter((one) => one.named !== null).length,
    named: attacks.filter((one) => one.named === true).length,
    hits: sum('hits'),
    beside: sum('beside'),
    explained: sum('explained'),
    blamed: sum('blamed'),
    falseAlerts: sum('falseAlerts'),
    quietDays,
    falsePerDay: quietDays === 0 ? null : sum('falseAlerts', quiet) / quietDays,
    precision: judged === 0 ? null : sum('hits') / judged
  }
}

export function median(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined) return null
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
