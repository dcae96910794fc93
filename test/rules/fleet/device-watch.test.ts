// What devices did, judged: what counts, what ends it, and that a storm is one matter.
import { describe, expect, it } from 'vitest'
import type { DeviceEvent } from '#contract/event.ts'
import { Engine } from '#rules/engine.ts'
import { birthOf, packOf, START, told } from '../rehearsal.ts'

const RULE = 'fleet/device-event'
const engineOf = (parameters: Record<string, unknown>, clearAfterSeconds = 60) =>
  new Engine({ packs: [packOf([{ rule: RULE, parameters, clearAfterSeconds }])] })

function say(engine: Engine, second: number, change: Partial<DeviceEvent> = {}) {
  const event: DeviceEvent = {
    device: 'plc-1',
    time: START + second * 1000,
    sourceTime: null,
    kind: 'session',
    change: 'worse',
    severity: 500,
    source: null,
    message: 'refused',
    details: {},
    ...change
  }
  return engine.events({ site: 'site', agent: 'agent', events: [event] })
}
const tick = (engine: Engine, second: number) => engine.tick(START + second * 1000)
const active = ({ condition }: { condition: string }) => condition === 'active'

describe('an event', () => {
  it('counts by kind, change, severity and details', () => {
    const engine = engineOf({ kinds: ['session'], minSeverity: 300, where: { reason: ['Bad*'] }, except: { user: ['agent'] } })
    const fits = { details: { reason: 'BadTooManySessions', user: 'guest' } }
    expect(say(engine, 1, { ...fits, kind: 'audit' })).toEqual([])
    expect(say(engine, 2, { ...fits, change: 'first' })).toEqual([])
    expect(say(engine, 3, { ...fits, severity: 200 })).toEqual([])
    expect(say(engine, 4, { details: { reason: 'Good' } })).toEqual([])
    expect(say(engine, 5, { details: { reason: 'BadX', user: 'agent' } })).toEqual([])
    expect(say(engine, 6, fits)).toMatchObject([
      {
        rule: 'test/check-0',
        device: 'plc-1',
        tag: null,
        condition: 'active',
        time: START + 6000,
        evidence: { message: 'refused', user: 'guest' }
      }
    ])
  })

  it('is counted within its span, by device', () => {
    const engine = engineOf({ kinds: ['session'], times: 3, withinSeconds: 100 })
    const seconds = [0, 60, 110, 150]
    expect(told(seconds.flatMap((second) => say(engine, second)))).toEqual(['150 active'])
    expect(say(engine, 151, { device: 'plc-2' })).toEqual([])
  })

  it('ends by itself when nothing more came, counted from its own time', () => {
    const engine = engineOf({ kinds: ['session'] })
    expect(told([...say(engine, 10), ...tick(engine, 11), ...tick(engine, 69), ...tick(engine, 70), ...tick(engine, 200)])).toEqual([
      '10 active',
      '70 cleared'
    ])
    // Of an hour ago, told now: over at once, and not dated now.
    expect(told([...say(engine, 300), ...tick(engine, 4000)])).toEqual(['300 active', '360 cleared'])
    // Dated in the future: over when the collector has seen nothing more for so long.
    expect(told([...say(engine, 900_000), ...tick(engine, 5000), ...tick(engine, 5060)])).toEqual(['900000 active', '900000.001 cleared'])
  })

  it('ends by a better one where the pack says so, and not by time', () => {
    const engine = engineOf({ kinds: ['endpoint'], changes: ['worse'], endsOn: ['better'] })
    const endpoint = (second: number, change: DeviceEvent['change']) => say(engine, second, { kind: 'endpoint', change })
    expect(told([...endpoint(1, 'better'), ...endpoint(2, 'worse'), ...tick(engine, 9000), ...endpoint(9001, 'better')])).toEqual([
      '2 active',
      '9001 cleared'
    ])
  })

  it('that storms is told again at most once a minute', () => {
    const engine = engineOf({ kinds: ['session'] }, 600)
    const findings = Array.from({ length: 200 }, (_, second) => say(engine, second)).flat()
    expect(told(findings)).toEqual(['0 active', '60 active', '120 active', '180 active'])
    expect(findings.at(-1)?.evidence['count']).toBe(181)
  })

  it('of a newcomer counts after the time of learning, once for each', () => {
    const engine = engineOf({ kinds: ['audit'], changes: ['told'], newcomers: { by: ['user', 'host'], learnSeconds: 100 } }, 1)
    const audit = (second: number, user: string | null) =>
      say(engine, second, { kind: 'audit', change: 'told', details: { user, host: 'a' } })
    const findings = [
      audit(0, 'one'),
      audit(50, 'two'),
      audit(200, 'two'),
      audit(201, 'three'),
      audit(300, 'three'),
      audit(400, null)
    ].flat()
    expect(told(findings.filter(active))).toEqual(['201 active', '400 active'])
    expect(findings[0]?.evidence['client']).toBe('three a')
  })
})

describe('the memory', () => {
  it('outlives a restart', () => {
    const before = engineOf({ kinds: ['session'], times: 2 })
    say(before, 1)
    const after = engineOf({ kinds: ['session'], times: 2 })
    after.restore(JSON.parse(JSON.stringify(before.snapshot())))
    expect(told([...say(after, 2), ...tick(after, 62)])).toEqual(['2 active', '62 cleared'])
  })

  it('of a state kept before there were such checks begins empty', () => {
    const { deviceWatch: _, clocks: _clocks, ...older } = new Engine({ packs: [] }).snapshot()
    const engine = engineOf({ kinds: ['session'] })
    engine.restore(older)
    expect(told(say(engine, 1))).toEqual(['1 active'])
  })

  it('that was lost is taken from the alert, and told again as no news', () => {
    const engine = engineOf({ kinds: ['session'] })
    const matter = { rule: 'test/check-0', site: 'site', agent: 'agent', device: 'plc-1', tag: null, view: 'polled' as const }
    engine.assume(matter, START + 10_000)
    expect(engine.judges(matter)).toBe(true)
    expect(told([...say(engine, 10), ...tick(engine, 11), ...tick(engine, 70)])).toEqual(['70 cleared'])
  })

  it('does not grow with names that a peer makes up', () => {
    const engine = engineOf({ kinds: ['session'], times: 2 })
    for (let i = 0; i < 50_100; i++) say(engine, 1, { device: `d-${i}` })
    expect(engine.snapshot().deviceWatch.devices.length).toBeLessThanOrEqual(50_000)
  })

  it('is not pushed out by names that another agent makes up', () => {
    const engine = engineOf({ kinds: ['audit'], changes: ['told'], newcomers: { by: ['user'], learnSeconds: 100 } })
    const audit = (second: number, user: string) => say(engine, second, { kind: 'audit', change: 'told', details: { user } })
    audit(0, 'one')
    const made = Array.from({ length: 51_000 }, (_, i) => ({ device: `d-${i}`, details: { user: 'x' } }))
    const event = { time: START, sourceTime: null, kind: 'audit', change: 'told', severity: 500, source: null, message: '' } as const
    engine.events({ site: 'site', agent: 'liar', events: made.map((one) => ({ ...event, ...one })) })
    expect(engine.snapshot().deviceWatch.devices).toHaveLength(50_000)
    expect(told(audit(200, 'one'))).toEqual([])
    expect(told(audit(201, 'two'))).toEqual(['201 active'])
  })

  it('counts the devices of the births as its subjects', () => {
    const engine = engineOf({ kinds: ['session'] })
    engine.know(birthOf([], {}, { devices: [{ id: 'plc-1', protocol: 'opcua', endpoint: 'opc.tcp://10.0.0.5:4840' }] }))
    expect(engine.checks()[0]?.subjects).toBe(1)
  })
})
