// What alerts are worth, held against labels.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Label } from '#contract/label.ts'
import { latestLabels, type ScoredAlert, scoreScenario } from '#rules/score.ts'
import { ScenarioScore, ScoreTotals } from '#rules/score-result.ts'
import { median, totalScore } from '#rules/score-totals.ts'

const DAY = 86_400_000
const span = { start: 0, end: DAY }
const attack = (more: Partial<Label> = {}): Label => ({
  ...{ id: 'a1', site: 'east', kind: 'attack', name: 'setpoint-tamper', technique: 'T0836' },
  ...{ start: 100_000, end: 200_000, tags: ['level.setpoint'], hosts: ['10.0.0.66'] },
  ...more
})
const fault = (more: Partial<Label> = {}): Label =>
  attack({ id: 'f1', kind: 'fault', name: 'pump-trip', technique: null, tags: ['pump1.run'], hosts: [], ...more })
const alert = (more: Partial<ScoredAlert> = {}): ScoredAlert => ({
  ...{ site: 'east', agent: 'edge-1', device: 'plc-1', tag: 'level.setpoint', tags: ['level.setpoint'], rule: 'water/setpoint' },
  ...{ techniques: [], firstSeen: 150_000, severity: 3 },
  ...more
})
const score = (labels: Label[], alerts: ScoredAlert[], graceSeconds = 60) =>
  scoreScenario({ scenario: 's', site: 'east', span, labels, alerts, graceSeconds })

describe('an attack', () => {
  it('is detected by an alert that names its tag, and the delay counts from its start', () => {
    const [one] = score([attack()], [alert(), alert({ firstSeen: 130_500 })]).attacks
    expect(one).toMatchObject({
      detected: true,
      delaySeconds: 30.5,
      techniqueRight: false,
      named: true,
      alerts: 2,
      firstRule: 'water/setpoint'
    })
  })

  it.each([
    ['a host', alert({ tag: null, tags: [], hosts: ['10.0.0.66'] }), true, false],
    ['its technique alone', alert({ tag: 'flow', tags: ['flow'], techniques: ['T0836'] }), false, true]
  ])('is detected by %s', (_, one, named, techniqueRight) => {
    expect(score([attack()], [one]).attacks[0]).toMatchObject({ detected: true, named, techniqueRight })
  })

  it('is not detected by an alert of something else, which is beside it and not false', () => {
    const result = score([attack()], [alert({ tag: 'flow', tags: ['flow'] })])
    expect(result.attacks[0]).toMatchObject({ detected: false, delaySeconds: null, firstRule: null, named: false, alerts: 1 })
    expect(result).toMatchObject({ hits: 0, beside: 1, falseAlerts: 0 })
  })

  it.each([
    [99_999, false],
    [100_000, true],
    [260_000, true],
    [260_001, false]
  ])('counts an alert that begins at %i ms: %s', (firstSeen, detected) => {
    const result = score([attack()], [alert({ firstSeen })])
    expect(result.attacks[0]?.detected).toBe(detected)
    expect(result.falseAlerts).toBe(detected ? 0 : 1)
  })

  it('lasts to the end of the span when nothing ended it', () => {
    expect(score([attack({ end: null })], [alert({ firstSeen: DAY - 1 })]).attacks[0]).toMatchObject({ detected: true, end: DAY })
  })

  it('is named only when one of the three most severe alerts names it', () => {
    const louder = [1, 2, 3].map((n) => alert({ tag: 'flow', tags: ['flow'], severity: 5, firstSeen: 150_000 + n }))
    expect(score([attack()], [alert(), ...louder]).attacks[0]).toMatchObject({ detected: true, named: false, alerts: 4 })
    expect(score([attack()], [alert(), ...louder.slice(1)]).attacks[0]?.named).toBe(true)
  })

  it('cannot be named when its label names nothing', () => {
    expect(score([attack({ tags: [], hosts: [] })], [alert({ techniques: ['T0836'] })]).attacks[0]).toMatchObject({
      detected: true,
      named: null
    })
  })

  it('on an agent is named by an alert about that agent, and by none about its tags', () => {
    const label = attack({ tags: [], hosts: ['edge-1'], technique: 'T0881' })
    expect(score([label], [alert({ tag: null, tags: [], device: null })]).attacks[0]).toMatchObject({ detected: true, named: true })
    expect(score([label], [alert()]).attacks[0]).toMatchObject({ detected: false, named: false })
  })

  it('of another site is not looked at, nor are its alerts', () => {
    const result = score([attack({ site: 'west' })], [alert({ site: 'west' })])
    expect(result).toMatchObject({ quiet: true, attacks: [], alerts: [], falseAlerts: 0 })
  })
})

describe('a fault', () => {
  const onPump = alert({ tag: 'pump1.run', tags: ['pump1.run'] })

  it('explains alerts that name its tags, and no others', () => {
    const result = score([fault()], [onPump, alert()])
    expect(result).toMatchObject({ quiet: true, faults: 1, explained: 1, falseAlerts: 1, falsePerDay: 1 })
    expect(result.alerts.map((one) => one.verdict)).toEqual(['explained', 'false'])
  })

  it('counts apart who calls it an attack', () => {
    expect(score([fault()], [{ ...onPump, techniques: ['T0855'] }])).toMatchObject({ blamed: 1, explained: 0, falseAlerts: 0 })
  })

  it('without tags is about the whole site', () => {
    expect(score([fault({ tags: [] })], [alert({ tag: null, tags: [] })])).toMatchObject({ explained: 1, falseAlerts: 0 })
  })

  it('without tags takes nothing that came during an attack', () => {
    const onFlow = alert({ tag: 'flow', tags: ['flow'], techniques: ['T0855'] })
    expect(score([attack(), fault({ tags: [] })], [onFlow])).toMatchObject({ beside: 1, blamed: 0 })
    expect(score([attack(), fault({ tags: ['flow'] })], [onFlow])).toMatchObject({ beside: 0, blamed: 1 })
  })

  it('during an attack leaves the hit a hit', () => {
    expect(score([attack(), fault({ tags: ['level.setpoint'] })], [alert()])).toMatchObject({ hits: 1, explained: 0 })
  })
})

describe('labels', () => {
  it('stand as they were last written', () => {
    expect(latestLabels([attack({ end: null }), fault({ start: 5 }), attack()]).map(({ id, end }) => [id, end])).toEqual([
      ['f1', 200_000],
      ['a1', 200_000]
    ])
  })
})

describe('the totals', () => {
  it('add up scenarios and take the rate of false alerts from quiet ones', () => {
    const loud = score(
      [attack(), attack({ id: 'a2', start: 300_000, end: 400_000, tags: ['flow'], hosts: [] })],
      [alert({ techniques: ['T0836'], firstSeen: 110_000 }), alert({ firstSeen: 900_000 })]
    )
    const quiet = scoreScenario({ scenario: 'q', site: 'east', span: { start: 0, end: 2 * DAY }, labels: [], alerts: [alert()] })
    expect(totalScore([loud, quiet])).toEqual({
      ...{ scenarios: 2, quietScenarios: 1, attacks: 2, detected: 1, medianDelaySeconds: 10, techniqueRight: 1, nameable: 2, named: 1 },
      ...{ hits: 1, beside: 0, explained: 0, blamed: 0, falseAlerts: 2, quietDays: 2, falsePerDay: 0.5, precision: 1 / 3 }
    })
  })

  it('say nothing where nothing was played', () => {
    expect(totalScore([])).toMatchObject({ medianDelaySeconds: null, falsePerDay: null, precision: null })
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('count each alert once, whatever was played', () => {
    const labels = fc.array(
      fc.record({ id: fc.string(), start: fc.nat(1e6), length: fc.nat(1e6), isAttack: fc.boolean(), tag: fc.constantFrom('a', 'b') })
    )
    const alerts = fc.array(fc.record({ firstSeen: fc.nat(3e6), tag: fc.constantFrom('a', 'b', 'c'), guilty: fc.boolean() }))
    fc.assert(
      fc.property(labels, alerts, (played, raised) => {
        const result = score(
          played.map(({ id, start, length, isAttack, tag }) =>
            (isAttack ? attack : fault)({ id, start, end: start + length, tags: [tag] })
          ),
          raised.map(({ firstSeen, tag, guilty }) => alert({ firstSeen, tag, tags: [tag], techniques: guilty ? ['T0836'] : [] }))
        )
        expect(ScenarioScore.parse(result)).toEqual(result)
        const totals = totalScore([result])
        expect(ScoreTotals.parse(totals)).toEqual(totals)
        expect(result.hits + result.beside + result.explained + result.blamed + result.falseAlerts).toBe(raised.length)
        for (const one of result.attacks) expect(one.detected).toBe(one.delaySeconds !== null)
      })
    )
  })
})
