import { describe, expect, it } from 'vitest'
import { every, rehearse, told } from '../rehearsal.ts'

const rate = (parameters: Record<string, unknown>, rest = {}) => ({ rule: 'process/rate', parameters, ...rest })

describe('process/rate', () => {
  it('finds a step between two neighbouring samples', () => {
    const { findings } = rehearse(rate({ rise: 1 }), { a: [...every(1, 0, 9, 5, 5.1), [10, 8], [11, 8]] })
    expect(told(findings)).toEqual(['10 active', '11 cleared'])
    expect(findings[0]?.evidence).toMatchObject({ value: 8, rise: 1, fall: null })
    expect(findings[0]?.evidence['rate']).toBeCloseTo(2.9)
  })

  it('does not let a rest on the heartbeat hide a step', () => {
    const { findings } = rehearse(rate({ rise: 1 }), {
      a: [
        [0, 5],
        [10, 5],
        [19, 8]
      ]
    })
    expect(told(findings)).toEqual(['19 active'])
  })

  it('allows for one poll that was left out', () => {
    const { findings } = rehearse(rate({ rise: 1 }), {
      a: [
        [0, 5],
        [1, 5.9],
        [3, 7.8],
        [4, 8.7]
      ]
    })
    expect(findings).toEqual([])
  })

  it('measures nothing over bad samples or a gap', () => {
    const { findings } = rehearse(rate({ rise: 1, fall: 1 }), {
      a: [
        [0, 5],
        [1, null],
        [2, 50],
        [60, 5],
        [61, 5.5]
      ]
    })
    expect(findings).toEqual([])
  })

  it('tells rise from fall', () => {
    const { findings } = rehearse(rate({ fall: 0 }), {
      a: [
        [0, 5],
        [1, 500],
        [2, 499],
        [3, 499]
      ]
    })
    expect(told(findings)).toEqual(['2 active', '3 cleared'])
  })

  it('measures over a window, so that noise does not count as a slope', () => {
    const noisy = every(1, 0, 300, 5, 5.4, 4.6, 5.2)
    expect(rehearse(rate({ rise: 0.05, fall: 0.05, overSeconds: 60 }), { a: noisy }).findings).toEqual([])
    const climbing = every(1, 0, 300, 0).map(([at]): [number, number] => [at, at < 100 ? 5 : 5 + (at - 100) * 0.1])
    const { findings } = rehearse(rate({ rise: 0.05, overSeconds: 60 }), { a: climbing })
    const at = Number(told(findings)[0]?.split(' ')[0])
    expect(at).toBeGreaterThan(110)
    expect(at).toBeLessThanOrEqual(140)
  })

  it('takes its limit from the declared range where the pack leaves it open', () => {
    const lines = {
      a: [
        [0, 0],
        [1, 30],
        [2, 30]
      ],
      b: [
        [0, 0],
        [1, 30]
      ]
    } as const
    const { findings, engine } = rehearse(rate({ ofRange: 0.2 }), lines, { a: { range: { low: 0, high: 100 } } })
    expect(findings.map((finding) => finding.tag)).toEqual(['a', 'a'])
    expect(engine.checks()[0]?.subjects).toBe(1)
  })
})
