import { describe, expect, it } from 'vitest'
import { prove } from '#rules/proof.ts'
import { packOf } from './rehearsal.ts'

const cases = (tests: Record<string, unknown>) => packOf([{ id: 'high', rule: 'process/range', parameters: { high: 10 }, tests }])
const samples = { a: [[0, 1], [5, 11], { from: 6, to: 10, values: [12, 11] }, [11, 9]] }

describe('a proof', () => {
  it('has nothing to say of cases that come out as written', () => {
    const mustFire = [{ name: 'rises', samples, firesAt: 5, clearsAt: 11 }]
    expect(prove(cases({ mustFire, mustStaySilent: [{ name: 'rests', samples: { a: [[0, 1]] } }] }))).toEqual([])
  })

  it.each([
    ['too early', { firesAt: 6, clearsAt: 11 }, 'fired at 5 s, should at 6 s'],
    ['no end', { firesAt: 5 }, 'cleared at 11 s, should at no s'],
    ['another end', { firesAt: 5, clearsAt: 12 }, 'cleared at 11 s, should at 12 s']
  ])('tells of %s', (name, expectation, problem) => {
    expect(prove(cases({ mustFire: [{ name, samples, ...expectation }] }))).toEqual([{ check: 'high', name, problem }])
  })

  it('tells of silence where there should be none, and the other way round', () => {
    const mustFire = [{ name: 'quiet', samples: { a: [[0, 1]] }, firesAt: 5 }]
    const mustStaySilent = [{ name: 'loud', samples }]
    expect(prove(cases({ mustFire, mustStaySilent })).map(({ problem }) => problem)).toEqual([
      'stayed silent, should fire at 5 s',
      'fired at 5 s, should stay silent'
    ])
  })
})
