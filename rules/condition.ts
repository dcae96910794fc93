// The life of a condition: wrong for long enough, it begins; clearly worse, it is told again; right for long enough, it ends.
import { cell, type Memory } from './rule.ts'

export const QUIET = 0
export const BEGAN = 1
export const WORSE = 2
export const ENDED = 3
export type Turn = typeof QUIET | typeof BEGAN | typeof WORSE | typeof ENDED

// The cells of a condition, in front of those of the rule.
/** 1 while it is active. */
export const ACTIVE = 0
/** Since when it has been about to begin or to end; 0 when neither. */
export const SINCE = 1
/** The last reading of that stretch. */
const LAST = 2
/** The score that was told last. */
const TOLD = 3
/** The event time of the latest finding; it outlives the condition. */
export const TOLD_AT = 4
export const CONDITION_CELLS = 5

export interface Patience {
  holdMs: number
  clearMs: number
}

// What is wrong counts from a score of 1 upward; to be told again it must have doubled, and by more than a trifle.
const isWorse = (score: number, told: number): boolean => score - 1 > 2 * (told - 1) + 0.1

/** Takes it for active, told at that time: the memory of it was lost, and only judging can say whether it goes on. */
export function assume(memory: Memory, at: number, time: number): void {
  memory[at + ACTIVE] = 1
  memory[at + TOLD] = 1
  memory[at + TOLD_AT] = time
}

// A stretch that nobody watched for staleMs does not count as lasting: the waiting starts anew.
export function turn(memory: Memory, at: number, score: number, time: number, patience: Patience, staleMs: number): Turn {
  if (memory[at + ACTIVE] === 1) {
    if (score > 0) {
      memory[at + SINCE] = 0
      if (!isWorse(score, cell(memory, at + TOLD))) return QUIET
      memory[at + TOLD] = score
      return WORSE
    }
    if (!lasted(memory, at, time, patience.clearMs, staleMs)) return QUIET
    memory.fill(0, at, at + TOLD_AT)
    return ENDED
  }
  if (score < 1) {
    memory[at + SINCE] = 0
    return QUIET
  }
  if (!lasted(memory, at, time, patience.holdMs, staleMs)) return QUIET
  memory[at + ACTIVE] = 1
  memory[at + SINCE] = 0
  memory[at + TOLD] = score
  return BEGAN
}

function lasted(memory: Memory, at: number, time: number, neededMs: number, staleMs: number): boolean {
  if (memory[at + SINCE] === 0 || time - cell(memory, at + LAST) > staleMs) memory[at + SINCE] = time
  memory[at + LAST] = time
  return time - cell(memory, at + SINCE) >= neededMs
}
