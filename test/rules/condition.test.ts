import { describe, expect, it } from 'vitest'
import { BEGAN, CONDITION_CELLS, ENDED, QUIET, type Turn, turn, WORSE } from '#rules/condition.ts'
import { RIGHT, UNDECIDED, WRONG } from '#rules/rule.ts'

const STALE = 30_000

function turns(patience: { holdMs: number; clearMs: number }, ...readings: [second: number, score: number][]): Turn[] {
  const memory = new Float64Array(CONDITION_CELLS)
  return readings.map(([second, score]) => turn(memory, 0, score, 1_700_000_000_000 + second * 1000, patience, STALE))
}

describe('a condition', () => {
  it('begins and ends at once when nothing is to be waited for', () => {
    expect(turns({ holdMs: 0, clearMs: 0 }, [0, WRONG], [1, WRONG], [2, RIGHT], [3, RIGHT])).toEqual([BEGAN, QUIET, ENDED, QUIET])
  })

  it('waits before it begins, and an undecided reading breaks the waiting', () => {
    expect(turns({ holdMs: 2000, clearMs: 0 }, [0, WRONG], [1, UNDECIDED], [2, WRONG], [3, WRONG], [4, WRONG])).toEqual([
      QUIET,
      QUIET,
      QUIET,
      QUIET,
      BEGAN
    ])
  })

  it('waits before it ends, and an undecided reading keeps it active', () => {
    expect(turns({ holdMs: 0, clearMs: 2000 }, [0, WRONG], [1, RIGHT], [2, UNDECIDED], [3, RIGHT], [4, RIGHT], [5, RIGHT])).toEqual([
      BEGAN,
      QUIET,
      QUIET,
      QUIET,
      QUIET,
      ENDED
    ])
  })

  it('does not count a stretch that nobody watched', () => {
    expect(turns({ holdMs: 20_000, clearMs: 0 }, [0, WRONG], [31, WRONG], [41, WRONG], [51, WRONG])).toEqual([QUIET, QUIET, QUIET, BEGAN])
    expect(turns({ holdMs: 0, clearMs: 20_000 }, [0, WRONG], [1, RIGHT], [60, RIGHT], [80, RIGHT])).toEqual([BEGAN, QUIET, QUIET, ENDED])
  })

  it('is told again only when it is twice as bad, and not for a trifle', () => {
    expect(turns({ holdMs: 0, clearMs: 0 }, [0, 1.01], [1, 1.1], [2, 1.13], [3, 1.3], [4, 1.37], [5, 2.5])).toEqual([
      BEGAN,
      QUIET,
      WORSE,
      QUIET,
      WORSE,
      WORSE
    ])
  })
})
