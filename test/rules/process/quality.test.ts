import { describe, expect, it } from 'vitest'
import { BAD_NOT_A_NUMBER, BAD_TIMEOUT } from '#contract/quality.ts'
import { every, rehearse, told } from '../rehearsal.ts'

const quality = { rule: 'process/quality', parameters: { forSeconds: 30 } }

describe('process/quality', () => {
  it('tells the trouble of a whole device at once', () => {
    const bad = [[0, 1], ...every(10, 5, 45, null), [50, 1], [60, 1]] as const
    const { findings } = rehearse(quality, { a: bad, b: bad, c: bad, d: every(10, 0, 60, 1) })
    expect(told(findings)).toEqual(['35 active', '50 cleared'])
    expect(findings[0]).toMatchObject({ tag: null, device: 'plc-1', tags: ['a', 'b', 'c'] })
    expect(findings[0]?.evidence).toEqual({ bad: 3, tags: 4, seconds: 30, quality: BAD_TIMEOUT })
  })

  it('wants each tag to be bad without a break', () => {
    const { findings } = rehearse(quality, { a: every(10, 0, 600, null, null, 1), b: every(10, 0, 600, 1, null, null) })
    expect(findings).toEqual([])
  })

  it('tells again when many more become bad', () => {
    const early = [[0, 1], ...every(10, 5, 105, null)] as const
    const late = [[0, 1], ...every(10, 60, 110, null)] as const
    const { findings } = rehearse(quality, { a: early, b: late, c: late, d: late })
    expect(told(findings)).toEqual(['35 active', '60 active', '60 active'])
    expect(findings.map((finding) => finding.evidence['bad'])).toEqual([1, 2, 4])
  })

  it('keeps devices apart', () => {
    const { findings } = rehearse(quality, { a: every(10, 0, 60, null), b: every(10, 0, 60, 1) }, { b: { device: 'plc-2' } })
    expect(findings.map((finding) => finding.device)).toEqual(['plc-1'])
  })

  it('names a value that is none although its quality is good', () => {
    const { findings } = rehearse(quality, { a: every(10, 0, 40, null).map(([at]): [number, null, number] => [at, null, 0]) })
    expect(findings[0]?.evidence['quality']).toBe(BAD_NOT_A_NUMBER)
  })
})
