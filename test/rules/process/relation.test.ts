import { describe, expect, it } from 'vitest'
import { every, type Facts, rehearse, told } from '../rehearsal.ts'

const relation = (parameters: Record<string, unknown>) => ({ rule: 'process/relation', parameters })
const bools: Facts = { running: { dataType: 'bool' }, lead: { dataType: 'integer' } }

describe('process/relation', () => {
  const pump = relation({
    inputs: { current: 'current', running: { tag: 'running', as: 'bool' } },
    must: 'running ? current > 5.0 : current < 5.0',
    forSeconds: 10
  })

  it('finds a relation that stays broken', () => {
    const { findings } = rehearse(pump, { current: every(5, 0, 60, 0), running: [[0, 0], [3, 1], ...every(10, 13, 60, 1)] }, bools)
    expect(told(findings)).toEqual(['13 active'])
    expect(findings[0]).toMatchObject({ tag: 'current', tags: ['current', 'running'], evidence: { value: 0, current: 0, running: true } })
  })

  it('forgives a moment', () => {
    const { findings } = rehearse(
      pump,
      {
        current: [
          [0, 0],
          [8, 60],
          [18, 60]
        ],
        running: [
          [0, 1],
          [10, 1],
          [20, 1]
        ]
      },
      bools
    )
    expect(findings).toEqual([])
  })

  it('does not judge before every input has come, nor with a bad or a stale one', () => {
    const { findings, engine } = rehearse(
      pump,
      {
        current: [...every(5, 0, 20, 0), ...every(5, 25, 200, 0)],
        running: [
          [22, 1],
          [26, null],
          [56, null],
          [100, 0]
        ]
      },
      bools
    )
    expect(findings).toEqual([])
    expect(engine.checks()[0]?.notEvaluable).toBeGreaterThan(20)
  })

  it('judges only while its condition holds', () => {
    const check = relation({
      inputs: { flow: 'flow', on: { tag: 'on', as: 'bool' } },
      when: 'on',
      must: 'flow > 5.0'
    })
    const facts: Facts = { on: { dataType: 'bool' } }
    const { findings } = rehearse(
      check,
      {
        flow: every(5, 0, 60, 0),
        on: [
          [0, 0],
          [10, 0],
          [20, 1],
          [30, 0]
        ]
      },
      facts
    )
    expect(told(findings)).toEqual(['20 active', '30 cleared'])
  })

  it('is judged for each text that * stands for', () => {
    const check = relation({ inputs: { flow: 'pump*.flow', on: { tag: 'pump*.on', as: 'bool' } }, must: '!on || flow > 5.0' })
    const facts: Facts = { 'pump1.on': { dataType: 'bool' }, 'pump2.on': { dataType: 'bool' } }
    const lines = {
      'pump1.flow': [[0, 90]],
      'pump2.flow': [[0, 0]],
      'pump1.on': [[1, 1]],
      'pump2.on': [[1, 1]],
      'pump3.flow': [[0, 0]]
    } as const
    const { findings, engine } = rehearse(check, lines, facts)
    expect(engine.checks()[0]?.subjects).toBe(2)
    expect(findings.map((finding) => finding.tags)).toEqual([['pump2.flow', 'pump2.on']])
  })

  it('compares texts', () => {
    const check = relation({ inputs: { mode: { tag: 'mode', as: 'text' } }, must: 'mode == "AUTO" || glob(mode, "STAND*BY")' })
    const facts: Facts = { mode: { dataType: 'string' } }
    const { findings } = rehearse(
      check,
      {
        mode: [
          [0, 'AUTO'],
          [1, 'STAND-BY'],
          [2, 'MANUAL'],
          [3, 'AUTO']
        ]
      },
      facts
    )
    expect(told(findings)).toEqual(['2 active', '3 cleared'])
    expect(findings[0]?.evidence).toEqual({ value: 'MANUAL', mode: 'MANUAL' })
  })

  it('has no subject when a tag is missing or of another kind', () => {
    const check = relation({ inputs: { a: 'a', b: 'b' }, must: 'a < b' })
    expect(rehearse(check, { a: [[0, 1]] }).engine.checks()[0]?.subjects).toBe(0)
    expect(rehearse(check, { a: [[0, 1]], b: [[0, 'x']] }, { b: { dataType: 'string' } }).engine.checks()[0]?.subjects).toBe(0)
  })
})
