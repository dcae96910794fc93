import { describe, expect, it } from 'vitest'
import { UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import { every, type Facts, rehearse, told } from '../rehearsal.ts'

const range = (parameters: Record<string, unknown>, rest = {}) => ({ rule: 'process/range', parameters, ...rest })

describe('process/range', () => {
  it('begins above the limit and ends only when the value is clearly inside', () => {
    const { findings } = rehearse(range({ low: 0, high: 10, hysteresis: 1 }), {
      a: [
        [0, 9],
        [1, 10.5],
        [2, 9.5],
        [3, 10.5],
        [4, 9],
        [5, 9.5]
      ]
    })
    expect(told(findings)).toEqual(['1 active', '4 cleared'])
    expect(findings[0]).toMatchObject({ rule: 'test/check-0', kind: 'process/range', tag: 'a', tags: ['a'], device: 'plc-1', severity: 3 })
    expect(findings[0]?.evidence).toEqual({ value: 10.5, low: 0, high: 10, limit: 10 })
  })

  it('begins below the limit', () => {
    const { findings } = rehearse(range({ low: 2 }), {
      a: [
        [0, 3],
        [1, 1.9]
      ]
    })
    expect(told(findings)).toEqual(['1 active'])
    expect(findings[0]?.evidence).toEqual({ value: 1.9, low: 2, high: null, limit: 2 })
  })

  it('takes a value on the limit for right, however a scaled register rounds it', () => {
    const { findings } = rehearse(range({ low: 0.4, high: 0.7, hysteresis: 0 }), {
      a: [
        [0, 700 * 0.001],
        [1, 400 * 0.001],
        [2, Math.fround(0.7)]
      ]
    })
    expect(700 * 0.001).toBeGreaterThan(0.7)
    expect(findings).toEqual([])
  })

  it('waits for as long as the parameters say', () => {
    const { findings } = rehearse(range({ high: 10, forSeconds: 5 }), { a: [[0, 11], [4, 11], [4.5, 9], ...every(1, 5, 20, 11)] })
    expect(told(findings)).toEqual(['10 active'])
  })

  it('starts its waiting anew when nobody watched for three heartbeats', () => {
    const { findings } = rehearse(range({ high: 10, forSeconds: 20 }), {
      a: [
        [0, 11],
        [10, 11],
        [41, 11],
        [51, 11],
        [61, 11]
      ]
    })
    expect(told(findings)).toEqual(['61 active'])
  })

  it('tells again only what has become clearly worse', () => {
    const { findings } = rehearse(range({ low: 0, high: 10 }), {
      a: [
        [0, 11],
        [1, 11.5],
        [2, 12.9],
        [3, 13.1],
        [4, 13],
        [5, 20]
      ]
    })
    expect(told(findings)).toEqual(['0 active', '3 active', '5 active'])
  })

  it('takes the declared range with its margin when the pack gives no limits', () => {
    const facts: Facts = { a: { range: { low: 0, high: 100 } } }
    const { findings, engine } = rehearse(
      range({ margin: 0.1 }),
      {
        a: [
          [0, -9],
          [1, 109],
          [2, 111]
        ],
        b: [[0, 1e9]]
      },
      facts
    )
    expect(told(findings)).toEqual(['2 active'])
    expect(findings[0]?.evidence).toMatchObject({ low: -10, high: 110 })
    expect(engine.checks()[0]?.subjects).toBe(1)
  })

  it('judges uncertain values and leaves bad ones, strings and nonsense alone', () => {
    const { findings, engine } = rehearse(range({ high: 10 }), {
      a: [
        [0, null],
        [1, 'high'],
        [2, Number.NaN],
        [3, Number.POSITIVE_INFINITY],
        [4, 99, UNCERTAIN_OUT_OF_RANGE]
      ]
    })
    expect(told(findings)).toEqual(['4 active'])
    expect(engine.checks()[0]).toMatchObject({ notEvaluable: 4, faults: 0 })
  })
})
