import { describe, expect, it, vi } from 'vitest'
import { Finding } from '#contract/finding.ts'
import { judgeAll } from '#rules/backtest.ts'
import { Engine } from '#rules/engine.ts'
import { range } from '#rules/process/range.ts'
import { rate } from '#rules/process/rate.ts'
import { batchOf, birthOf, every, type Facts, type Line, packOf, type Row, rehearse, rowsOf, START, told } from './rehearsal.ts'

const high = { id: 'high', rule: 'process/range', parameters: { high: 10 } }
const relation = { id: 'pair', rule: 'process/relation', parameters: { inputs: { a: 'a', b: 'b' }, must: 'a < b' } }

function engineOf(checks: Record<string, unknown>[], names = ['a', 'b'], facts: Facts = {}): Engine {
  const engine = new Engine({ packs: [packOf(checks)] })
  engine.know(birthOf(names, facts))
  return engine
}

const samples = (...lines: Line[]): Row[] => rowsOf({ a: lines })

describe('the engine', () => {
  it('gives findings that the contract allows', () => {
    const { findings } = rehearse(high, { a: [[0, 11]] })
    expect(findings.map((finding) => Finding.parse(finding))).toEqual(findings)
  })

  it('gives the same empty list when there is nothing', () => {
    const engine = engineOf([high])
    expect(engine.judge(batchOf(samples([0, 1])))).toBe(engine.judge(batchOf(samples([1, 2]))))
  })

  it('ignores and counts repeats and stragglers', () => {
    const engine = engineOf([high])
    const findings = judgeAll(engine, [
      batchOf(samples([5, 1])),
      batchOf(samples([5, 99])),
      batchOf(samples([4, 99])),
      batchOf(samples([6, 11]))
    ])
    expect(told(findings)).toEqual(['6 active'])
    expect(engine.counts()).toEqual({ judged: 2, late: 2, unknown: 0, restarted: 0 })
  })

  it('starts a tag anew whose clock was set back for good', () => {
    const engine = engineOf([high])
    engine.judge(batchOf(rowsOf({ a: [[10_000, 1]] })))
    const findings = engine.judge(batchOf(rowsOf({ a: every(10, 0, 400, 11) })))
    expect(told(findings)).toEqual(['300 active'])
    expect(engine.counts()).toMatchObject({ late: 30, restarted: 1 })
  })

  it('tells the end after the beginning, although the clock was set back in between', () => {
    const engine = engineOf([high])
    const first = engine.judge(batchOf(rowsOf({ a: [[10_000, 11]] })))
    const findings = engine.judge(batchOf(rowsOf({ a: [...every(10, 0, 400, 1), ...every(10, 410, 420, 11)] })))
    const all = [...first, ...findings]
    expect(all.map(({ condition }) => condition)).toEqual(['active', 'cleared', 'active'])
    const times = all.map(({ time }) => time)
    expect(new Set(times).size).toBe(3)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('counts samples whose tag, tag map, agent or view it does not know', () => {
    const engine = engineOf([high])
    const rows = samples([0, 99])
    engine.judge(batchOf([{ tag: 77, time: START, value: 99, quality: 0 }]))
    engine.judge(batchOf(rows, { tagMap: 9 }))
    engine.judge(batchOf(rows, { agent: 'stranger' }))
    engine.judge(batchOf(rows, { view: 'wire' }))
    expect(engine.counts()).toEqual({ judged: 0, late: 0, unknown: 4, restarted: 0 })
  })

  it('judges views apart, where a pack asks for it', () => {
    const engine = engineOf([{ ...high, applies: { views: ['polled', 'wire'] } }])
    const findings = [...engine.judge(batchOf(samples([0, 11]))), ...engine.judge(batchOf(samples([0, 12]), { view: 'wire' }))]
    expect(findings.map((finding) => [finding.view, finding.evidence['value']])).toEqual([
      ['polled', 11],
      ['wire', 12]
    ])
  })

  it('applies a check to the tags that fit every line', () => {
    const facts: Facts = {
      'tower.level': { unit: 'm', role: 'measurement' },
      'tower.setpoint': { unit: 'm', role: 'setpoint' },
      'tower.flow': { unit: 'm3/h' },
      'well.level': { unit: 'm' },
      'well.old': { unit: 'm', retired: true }
    }
    const names = Object.keys(facts)
    const subjectsWith = (applies: Record<string, unknown>) => engineOf([{ ...high, applies }], names, facts).checks()[0]?.subjects
    expect(subjectsWith({})).toBe(4)
    expect(subjectsWith({ tags: ['tower.*'] })).toBe(3)
    expect(subjectsWith({ tags: ['tower.*'], except: ['*.flow'] })).toBe(2)
    expect(subjectsWith({ units: ['m'], roles: ['measurement'] })).toBe(2)
    expect(subjectsWith({ dataTypes: ['bool'] })).toBe(0)
  })

  it('judges a site by the packs of its sector only', () => {
    const heat = new Engine({ packs: [packOf([high], 'heat')] })
    heat.know(birthOf(['a']))
    expect(heat.judge(batchOf(samples([0, 11])))).toEqual([])
    expect(heat.checks()[0]?.subjects).toBe(0)
  })

  it('leaves out what a pack switches off, and refuses two packs of one name', () => {
    expect(new Engine({ packs: [packOf([{ ...high, enabled: false }])] }).checks()).toEqual([])
    expect(() => new Engine({ packs: [packOf([high]), packOf([high])] })).toThrow('two packs have the same id')
  })

  it('shows its checks with subjects and counts', () => {
    const engine = engineOf([high, relation])
    engine.judge(batchOf(samples([0, null])))
    expect(engine.checks().map(({ id, subjects, faults, notEvaluable }) => ({ id, subjects, faults, notEvaluable }))).toEqual([
      { id: 'test/high', subjects: 2, faults: 0, notEvaluable: 1 },
      { id: 'test/pair', subjects: 1, faults: 0, notEvaluable: 1 }
    ])
    expect(engine.check('test/high')).toMatchObject({
      kind: 'process/range',
      pack: 'test',
      parameters: { high: 10, margin: 0.02, forSeconds: 0 }
    })
    expect(engine.check('test/none')).toBeUndefined()
  })

  it('counts a rule that throws and lets the others go on', () => {
    const engine = engineOf([{ id: 'rate', rule: 'process/rate', parameters: { rise: 1 } }, high])
    const broken = vi.spyOn(rate, 'score').mockImplementation(() => {
      throw new Error('broken')
    })
    const findings = engine.judge(batchOf(samples([0, 11])))
    broken.mockRestore()
    expect(findings.map((finding) => finding.rule)).toEqual(['test/high'])
    expect(engine.checks().map((check) => check.faults)).toEqual([1, 0])
  })

  it('tells what a rule found even when it cannot explain it', () => {
    const engine = engineOf([high])
    const broken = vi.spyOn(range, 'explain').mockImplementation(() => {
      throw new Error('broken')
    })
    const findings = engine.judge(batchOf(samples([0, 11])))
    broken.mockRestore()
    expect(findings).toMatchObject([{ rule: 'test/high', condition: 'active', evidence: {} }])
    expect(engine.checks()[0]?.faults).toBe(1)
  })
})

describe('a new birth', () => {
  it('keeps the state of tags by their names, whatever their numbers', () => {
    const engine = engineOf([{ ...high, parameters: { high: 10, forSeconds: 10 } }])
    engine.judge(batchOf(rowsOf({ a: [[0, 11]] })))
    engine.know(birthOf(['b', 'c', 'a'], {}, { tagMap: 2 }))
    const row = { tag: 3, time: START + 10_000, value: 11, quality: 0 }
    expect(engine.judge(batchOf([row], { tagMap: 2 })).map((finding) => finding.tag)).toEqual(['a'])
  })

  it('still understands a backlog that speaks of the map before', () => {
    const engine = engineOf([high])
    engine.know(birthOf(['b', 'a'], {}, { tagMap: 2 }))
    expect(engine.judge(batchOf(samples([0, 11]))).map((finding) => finding.tag)).toEqual(['a'])
    for (let tagMap = 3; tagMap <= 21; tagMap++) engine.know(birthOf(['b', 'a'], {}, { tagMap }))
    engine.judge(batchOf(samples([1, 11])))
    expect(engine.counts().unknown).toBe(1)
  })

  it('goes by the new facts about a tag', () => {
    const engine = engineOf([{ id: 'declared', rule: 'process/range', parameters: { margin: 0 } }], ['a'], {
      a: { range: { low: 0, high: 10 } }
    })
    expect(told(engine.judge(batchOf(samples([0, 11]))))).toEqual(['0 active'])
    engine.know(birthOf(['a'], { a: { range: { low: 0, high: 20 } } }))
    expect(told(engine.judge(batchOf(samples([1, 11]))))).toEqual(['1 cleared'])
  })

  it('may hold a name twice, a retired tag, and numbers far apart', () => {
    const engine = new Engine({ packs: [packOf([high])] })
    const { tags, ...birth } = birthOf(['a', 'b', 'a', 'c'])
    engine.know({ ...birth, tags: tags.map((tag, i) => ({ ...tag, id: [5, 2_147_483_647, 70_000, 9][i] ?? 1, retired: i === 0 })) })
    const rows = [70_000, 2_147_483_647, 9, 5].map((tag, i) => ({ tag, time: START + i, value: 11, quality: 0 }))
    expect(engine.judge(batchOf(rows)).map((finding) => finding.tag)).toEqual(['a', 'b', 'c'])
    expect(engine.checks()[0]?.subjects).toBe(3)
  })
})

describe('a snapshot', () => {
  const waiting = { id: 'high', rule: 'process/range', parameters: { high: 10, forSeconds: 10 } }

  it('is plain JSON and carries a waiting time over', () => {
    const before = engineOf([waiting])
    before.judge(batchOf(samples([0, 11])))
    const after = new Engine({ packs: [packOf([waiting])] })
    after.restore(JSON.parse(JSON.stringify(before.snapshot())))
    after.know(birthOf(['a', 'b']))
    expect(told(after.judge(batchOf(samples([0, 11], [10, 11]))))).toEqual(['10 active'])
    expect(after.counts().late).toBe(1)
  })

  it('keeps agents that have not been born again', () => {
    const before = engineOf([waiting])
    before.judge(batchOf(samples([0, 11])))
    const between = new Engine({ packs: [packOf([waiting])] })
    between.restore(before.snapshot())
    expect(between.snapshot()).toEqual(before.snapshot())
  })

  it('lets an active condition end under changed parameters, and waits anew', () => {
    const before = engineOf([{ ...high, parameters: { high: 10 } }])
    before.judge(batchOf(samples([0, 11])))
    const after = new Engine({ packs: [packOf([{ ...high, parameters: { high: 20 } }])] })
    after.restore(before.snapshot())
    after.know(birthOf(['a', 'b']))
    expect(told(after.judge(batchOf(samples([1, 11]))))).toEqual(['1 cleared'])
  })

  it('forgets the state of a rule whose parameters changed, and keeps it for the others', () => {
    const stuck = (seconds: number, id: string) => ({ id, rule: 'process/stuck', parameters: { forSeconds: seconds, minMoves: 3 } })
    const before = engineOf([stuck(30, 'changed'), stuck(40, 'same')])
    before.judge(batchOf(rowsOf({ a: [...every(1, 0, 10, 1, 2), [20, 1], [30, 1]] })))
    const after = new Engine({ packs: [packOf([stuck(35, 'changed'), stuck(40, 'same')])] })
    after.restore(before.snapshot())
    after.know(birthOf(['a', 'b']))
    expect(after.judge(batchOf(rowsOf({ a: every(10, 40, 200, 1) }))).map(({ rule, time }) => [rule, (time - START) / 1000])).toEqual([
      ['test/same', 50]
    ])
  })

  it('of another shape is refused', () => {
    const engine = new Engine({ packs: [packOf([high])] })
    expect(() => engine.restore({ version: 2 })).toThrow()
    expect(() =>
      engine.restore({ ...engine.snapshot(), scopes: { x: { tags: { a: { cells: ['x'], text: null } }, subjects: {} } } })
    ).toThrow()
  })

  it('whose states have another length begins these anew', () => {
    const before = engineOf([high])
    before.judge(batchOf(samples([0, 11])))
    const snapshot = before.snapshot()
    const text = JSON.stringify(snapshot).replace(/"cells":\[[^\]]*\]/, '"cells":[1,2]')
    const after = new Engine({ packs: [packOf([high])] })
    after.restore(JSON.parse(text))
    after.know(birthOf(['a', 'b']))
    expect(told(after.judge(batchOf(samples([0, 9]))))).toEqual(['0 cleared'])
  })
})
