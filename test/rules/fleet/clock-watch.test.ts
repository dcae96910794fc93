// Clocks of agents: off for long enough by whatever knows best, and right again.
import { describe, expect, it } from 'vitest'
import { Engine } from '#rules/engine.ts'
import { packOf, START, told } from '../rehearsal.ts'

const engineOf = () =>
  new Engine({ packs: [packOf([{ rule: 'fleet/clock', parameters: { moreThanSeconds: 5, forSeconds: 30 }, clearAfterSeconds: 20 }])] })

const say = (engine: Engine, second: number, aheadSeconds: number, offsetMs: number | null = null) => {
  const time = START + second * 1000
  return engine.clock({ site: 'site', agent: 'agent', time, ownTime: time + aheadSeconds * 1000, offsetMs })
}

describe('a clock', () => {
  it('must be off for a while, and right for a while', () => {
    const engine = engineOf()
    const findings = [0, 15, 30, 45].flatMap((second) => say(engine, second, 9))
    const back = [60, 70, 80].flatMap((second) => say(engine, second, 0))
    expect(told([...findings, ...back])).toEqual(['30 active', '80 cleared'])
    expect(findings[0]).toMatchObject({
      agent: 'agent',
      device: null,
      evidence: { offsetSeconds: 9, ahead: true, measuredBy: 'collector' }
    })
  })

  it('is judged by its time server where one answered', () => {
    const engine = engineOf()
    expect([0, 30, 60].flatMap((second) => say(engine, second, -100, 4))).toEqual([])
    const [finding] = [90, 120].flatMap((second) => say(engine, second, 0, -8000))
    expect(finding?.evidence).toEqual({ offsetSeconds: 8, ahead: false, measuredBy: 'time server' })
  })

  it('is waited for anew when it was right in between, or the clock here was set back', () => {
    const engine = engineOf()
    expect([...say(engine, 0, 9), ...say(engine, 20, 0), ...say(engine, 30, 9), ...say(engine, 59, 9)]).toEqual([])
    expect(told([...say(engine, 10, 9), ...say(engine, 39, 9), ...say(engine, 40, 9)])).toEqual(['40 active'])
  })

  it('is remembered over a restart, by the state or by the alert', () => {
    const before = engineOf()
    for (const second of [0, 30]) say(before, second, 9)
    const after = engineOf()
    after.restore(JSON.parse(JSON.stringify(before.snapshot())))
    const lost = engineOf()
    const matter = { rule: 'test/check-0', site: 'site', agent: 'agent', device: null, tag: null, view: 'polled' as const }
    lost.assume(matter, START + 30_000)
    for (const engine of [after, lost]) expect(told([...say(engine, 40, 0), ...say(engine, 60, 0)])).toEqual(['60 cleared'])
    expect(lost.checks()[0]?.subjects).toBe(1)
  })
})
