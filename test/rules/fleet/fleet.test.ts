import { describe, expect, it } from 'vitest'
import { Engine } from '#rules/engine.ts'
import { birthOf, packOf, START, told } from '../rehearsal.ts'

const pack = packOf([
  { rule: 'fleet/silence', parameters: { forSeconds: 30 }, severity: 4 },
  { rule: 'fleet/stopped', severity: 2 }
])

function play(...events: [second: number, what: 'heard' | 'stopped' | 'tick'][]) {
  const engine = new Engine({ packs: [pack] })
  return told(events.flatMap(([second, what]) => say(engine, second, what)))
}

function say(engine: Engine, second: number, what: 'heard' | 'stopped' | 'tick') {
  const time = START + second * 1000
  if (what === 'tick') return engine.tick(time)
  return engine[what]({ site: 'site', agent: 'agent', time })
}

const ticks = (from: number, to: number) => Array.from({ length: (to - from) / 5 + 1 }, (_, i): [number, 'tick'] => [from + 5 * i, 'tick'])

describe('agents', () => {
  it('are told silent once, and once that they are back', () => {
    expect(play([0, 'tick'], [1, 'heard'], ...ticks(5, 100), [101, 'heard'], ...ticks(105, 120))).toEqual(['35 active', '101 cleared'])
  })

  it('are told stopped, less severe, and not silent as well', () => {
    const engine = new Engine({ packs: [pack] })
    const findings = [[0, 'tick'], [1, 'heard'], [2, 'stopped'], ...ticks(5, 100), [101, 'heard']].flatMap(([second, what]) =>
      say(engine, Number(second), what as 'tick')
    )
    expect(findings.map(({ rule, condition, severity }) => [rule, condition, severity])).toEqual([
      ['test/check-1', 'active', 2],
      ['test/check-1', 'cleared', 2]
    ])
    expect(findings[0]).toMatchObject({ device: null, tag: null, tags: [], site: 'site', agent: 'agent' })
  })

  it('are told silent when only their birth is known', () => {
    const engine = new Engine({ packs: [pack] })
    engine.know(birthOf([]))
    const findings = ticks(0, 60).flatMap(([second]) => engine.tick(START + second * 1000))
    expect(told(findings)).toEqual(['30 active'])
    expect(findings[0]?.evidence).toEqual({ seconds: null, lastHeard: null })
    expect(engine.checks().map((check) => check.subjects)).toEqual([1, 1])
  })

  it('are waited for as long when they become known later', () => {
    const engine = new Engine({ packs: [pack] })
    const before = ticks(0, 600).flatMap(([second, what]) => say(engine, second, what))
    engine.know(birthOf([]))
    const after = ticks(605, 660).flatMap(([second, what]) => say(engine, second, what))
    expect(told([...before, ...after])).toEqual(['635 active'])
  })

  it('are not blamed for the time in which the collector itself was away', () => {
    expect(play([0, 'tick'], [1, 'heard'], [5, 'tick'], ...ticks(600, 620), [622, 'heard'], [625, 'tick'])).toEqual([])
    expect(play([0, 'tick'], [1, 'heard'], [5, 'tick'], ...ticks(600, 640))).toEqual(['630 active'])
  })

  it('are not blamed for the time in which the collector could hear nobody', () => {
    const engine = new Engine({ packs: [pack] })
    const before = [[0, 'tick'] as const, [1, 'heard'] as const, ...ticks(5, 25)].flatMap(([second, what]) => say(engine, second, what))
    engine.deaf()
    const after = ticks(45, 80).flatMap(([second, what]) => say(engine, second, what))
    expect(told([...before, ...after])).toEqual(['75 active'])
  })

  it('are judged on when the clock of the collector is set back', () => {
    expect(play(...ticks(1000, 1010), [1011, 'heard'], ...ticks(100, 140))).toEqual(['130 active'])
  })

  it('are told back after they were told silent, although the clock of the collector was set back in between', () => {
    const findings = play([1000, 'tick'], [1001, 'heard'], ...ticks(1005, 1040), ...ticks(100, 105), [106, 'heard'], ...ticks(110, 150))
    expect(findings.map((one) => one.split(' ')[1])).toEqual(['active', 'cleared', 'active'])
    const times = findings.map((one) => Number(one.split(' ')[0]))
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(new Set(times).size).toBe(3)
  })

  it('need not be back until the old time is reached again when the clock of the collector is set back', () => {
    const patient = packOf([{ rule: 'fleet/silence', parameters: { forSeconds: 30 }, clearAfterSeconds: 10 }])
    const engine = new Engine({ packs: [patient] })
    const events: [number, 'heard' | 'tick'][] = [
      [1000, 'tick'],
      [1001, 'heard'],
      ...ticks(1005, 1040),
      [1041, 'heard'],
      [100, 'tick'],
      [101, 'heard'],
      ...ticks(105, 120)
    ]
    expect(events.flatMap(([second, what]) => say(engine, second, what)).map(({ condition }) => condition)).toEqual(['active', 'cleared'])
  })

  it('keep their conditions over a restart', () => {
    const before = new Engine({ packs: [pack] })
    const first = [[0, 'tick'], [1, 'heard'], ...ticks(5, 40)].flatMap(([second, what]) => say(before, Number(second), what as 'tick'))
    const after = new Engine({ packs: [pack] })
    after.restore(JSON.parse(JSON.stringify(before.snapshot())))
    const second = [...ticks(45, 60), [61, 'heard']].flatMap(([at, what]) => say(after, Number(at), what as 'tick'))
    expect(told([...first, ...second])).toEqual(['35 active', '61 cleared'])
  })

  it('must be back for a while where the pack says so', () => {
    const patient = packOf([{ rule: 'fleet/silence', parameters: { forSeconds: 30 }, clearAfterSeconds: 10 }])
    const engine = new Engine({ packs: [patient] })
    const events: [number, 'heard' | 'tick'][] = [
      [0, 'tick'],
      [1, 'heard'],
      ...ticks(5, 40),
      [41, 'heard'],
      [45, 'tick'],
      [50, 'tick'],
      [52, 'heard']
    ]
    expect(told(events.flatMap(([second, what]) => say(engine, second, what)))).toEqual(['35 active', '52 cleared'])
  })
})
