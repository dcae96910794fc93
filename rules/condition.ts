// The life of a condition: wrong for long enough, it begins; clearly worse, it is told again; right for long enough, it ends.

export const QUIET = 0
export const BEGAN = 1
export const WORSE = 2
export const ENDED = 3
export type Turn = typeof QUIET | typeof BEGAN | typeof WORSE | typeof ENDED

export interface Condition {
  active: boolean
  /** Since when it has been about to begin or to end; -1 when neither. */
  since: number
  /** The last reading of that stretch. */
  last: number
  /** The score that was told last. */
  told: number
}

export interface Patience {
  holdMs: number
  clearMs: number
}

export const freshCondition = (): Condition => ({ active: false, since: -1, last: -1, told: 0 })

// What is wrong counts from a score of 1 upward; to be told again it must have doubled, and by more than a trifle.
const isWorse = (score: number, told: number): boolean => score - 1 > 2 * (told - 1) + 0.1

// A stretch that nobody watched for staleMs does not count as lasting: the waiting starts anew.
export function turn(condition: Condition, score: number, time: number, patience: Patience, staleMs: number): Turn {
  if (Number.isNaN(score)) return QUIET
  if (condition.active) {
    if (score > 0) {
      condition.since = -1
      if (!isWorse(score, condition.told)) return QUIET
      condition.told = score
      return WORSE
    }
    if (!lasted(condition, time, patience.clearMs, staleMs)) return QUIET
    condition.active = false
    condition.since = -1
    return ENDED
  }
  if (score < 1) {
    if (condition.since !== -1) condition.since = -1
    return QUIET
  }
  if (!lasted(condition, time, patience.holdMs, staleMs)) return QUIET
  condition.active = true
  condition.since = -1
  condition.told = score
  return BEGAN
}

function lasted(condition: Condition, time: number, neededMs: number, staleMs: number): boolean {
  if (condition.since === -1 || time - condition.last > staleMs) condition.since = time
  condition.last = time
  return time - condition.since >= neededMs
}
