import { describe, expect, it } from 'vitest'
import { every, rehearse, told } from '../rehearsal.ts'

const stuck = (parameters: Record<string, unknown>) => ({ rule: 'process/stuck', parameters })
const live = every(1, 0, 20, 5.01, 5.02, 5.03)

describe('process/stuck', () => {
  it('counts the time between heartbeats of an unchanged value', () => {
    const { findings } = rehearse(stuck({ forSeconds: 30 }), { a: [...live, ...every(10, 30, 70, 5.03), [75, 5.01]] })
    expect(told(findings)).toEqual(['50 active', '75 cleared'])
    expect(findings[0]?.evidence).toEqual({ value: 5.03, seconds: 30 })
  })

  it('tells it once, however long it lasts', () => {
    const { findings } = rehearse(stuck({ forSeconds: 30 }), { a: [...live, ...every(10, 30, 7200, 5.03)] })
    expect(told(findings)).toEqual(['50 active'])
  })

  it('judges only what has moved often enough before', () => {
    const { findings } = rehearse(stuck({ forSeconds: 30, minMoves: 5 }), { a: [[0, 1], [1, 2], [2, 3], ...every(10, 12, 600, 3)] })
    expect(findings).toEqual([])
  })

  it('does not count the time of bad samples', () => {
    const { findings } = rehearse(stuck({ forSeconds: 30 }), {
      a: [...live, [21, null], [31, null], [41, 5.03], [51, 5.03], [61, 5.03], [71, 5.03]]
    })
    expect(told(findings)).toEqual(['71 active'])
  })

  it('begins anew after a gap that nobody watched', () => {
    const { findings } = rehearse(stuck({ forSeconds: 30 }), {
      a: [...live, [30, 5.03], [40, 5.03], [100, 5.03], [110, 5.03], [120, 5.03]]
    })
    expect(findings).toEqual([])
  })

  it('lets a value rest where it may', () => {
    const lines = { a: [...every(1, 0, 20, 5, 6), ...every(10, 30, 300, 0)] }
    expect(rehearse(stuck({ forSeconds: 30, restAt: [0] }), lines).findings).toEqual([])
    expect(told(rehearse(stuck({ forSeconds: 30 }), lines).findings)).toEqual(['60 active'])
  })

  it('judges strings too', () => {
    const { findings } = rehearse(stuck({ forSeconds: 30, minMoves: 2 }), {
      a: [
        [0, 'x'],
        [1, 'y'],
        [2, 'z'],
        [12, 'z'],
        [22, 'z'],
        [32, 'z']
      ]
    })
    expect(told(findings)).toEqual(['32 active'])
    expect(findings[0]?.evidence).toEqual({ value: 'z', seconds: 30 })
  })
})
