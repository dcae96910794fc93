// Findings taken on a real database: one open alert per matter, replays, and history that stays bounded.
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { ALERT_ACTIONS, AlertDetail, DISPOSITIONS } from '#contract/alert.ts'
import type { Finding } from '#contract/finding.ts'
import { CHECK, finding } from '../api/centre.ts'
import { Desk, HOUR, refusal } from './desk.ts'

const desk = new Desk()
beforeEach(() => desk.reopen())
afterAll(() => desk.close())

describe('taking findings', () => {
  it('makes one alert with the words of its check', () => {
    const [raised] = desk.alerts.take([finding()])
    expect(raised).toMatchObject({
      title: CHECK.title,
      techniques: ['T0836'],
      handling: 'new',
      condition: 'active',
      count: 1,
      previousAlert: null
    })
    const detail = desk.alerts.detail(raised?.id ?? '')
    expect(AlertDetail.parse(detail)).toEqual(detail)
    expect(detail).toMatchObject({
      why: CHECK.why,
      advice: CHECK.advice,
      parameters: CHECK.parameters,
      evidence: { value: 1.8, limit: 0.7 }
    })
    expect(detail?.history).toEqual([{ time: 1_000_000, what: 'raised', by: null, note: null, evidence: { value: 1.8, limit: 0.7 } }])
  })

  it('tells matters apart by rule, place and tag, and keeps the key over restarts', () => {
    const others: Partial<Finding>[] = [
      {},
      { rule: 'x/y' },
      { site: 'west' },
      { agent: 'edge-2' },
      { device: null },
      { tag: 'a.b' },
      { tag: null },
      { view: 'wire' }
    ]
    const raised = desk.alerts.take(others.map((change) => finding(change)))
    expect(new Set(raised.map(({ key }) => key)).size).toBe(others.length)
    expect(raised[0]?.key).toBe('boukqyktf2iv37hbu4brkeuqpsighqk3wvns3eauy4uc6rhafnfa')
  })

  it('tells a finding whose check is gone all the same', () => {
    desk.alerts.take([finding({ rule: 'gone/check' })])
    expect(desk.only().title.en).toContain('gone/check')
  })

  it('shows the sentence and figures of the latest finding', () => {
    desk.alerts.take([
      finding(),
      finding({ time: 1_000_500, evidence: { value: 2.5 } }),
      finding({ time: 1_000_200, evidence: { value: 9 } })
    ])
    expect(desk.alerts.detail(desk.only().id)?.evidence).toEqual({ value: 2.5 })
    expect(desk.only()).toMatchObject({ count: 3, version: 3 })
  })

  it('raises a new alert after a closed one, names it, and lets the old one rest', () => {
    desk.alerts.take([finding({ severity: 3 })])
    const first = desk.only().id
    desk.act('resolve')
    desk.act('close')
    const changed = desk.alerts.take([finding({ time: 1_100_000, severity: 3 })])
    expect(changed.map(({ id, condition }) => ({ old: id === first, condition }))).toEqual([
      { old: true, condition: 'cleared' },
      { old: false, condition: 'active' }
    ])
    expect(changed[1]).toMatchObject({ previousAlert: first, count: 1 })
    expect(desk.alerts.find({ handling: 'open' }).alerts.map(({ id }) => id)).toEqual([changed[1]?.id])
  })

  it('has at most one open alert of a matter, whatever people and findings do', () => {
    const step = fc.oneof(
      fc.record({
        take: fc.record({
          time: fc.integer({ min: 0, max: 8 * HOUR }),
          severity: fc.constantFrom(3, 5),
          condition: fc.constantFrom('active', 'cleared')
        })
      }),
      fc.record({
        act: fc.constantFrom(...ALERT_ACTIONS),
        pick: fc.nat(3),
        by: fc.constantFrom('guard', 'other'),
        disposition: fc.constantFrom(...DISPOSITIONS)
      })
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        desk.reopen(':memory:')
        for (const one of steps) {
          if ('take' in one) {
            // The generated literals are exactly those of a finding.
            desk.alerts.take([finding(one.take as Partial<Finding>)])
            continue
          }
          const all = desk.alerts.find({}).alerts
          const alert = all[one.pick % Math.max(1, all.length)]
          if (alert === undefined) continue
          const request = { action: one.act, version: alert.version, disposition: one.disposition }
          refusal(() => desk.alerts.act({ id: alert.id, request, account: one.by }))
        }
        const open_ = desk.alerts.find({ handling: 'open' })
        expect(open_.total).toBeLessThanOrEqual(1)
        const everything = desk.alerts.find({ limit: 200 }).alerts
        expect(everything.filter(({ condition }) => condition === 'active').length).toBeLessThanOrEqual(1)
        for (const { id, previousAlert } of everything) expect(previousAlert).not.toBe(id)
      }),
      { numRuns: 60 }
    )
  })
})

describe('replay', () => {
  const facts = fc.array(
    fc.record({
      time: fc.integer({ min: 0, max: 200 }),
      severity: fc.constantFrom(1, 3, 5),
      condition: fc.constantFrom('active', 'cleared'),
      tag: fc.constantFrom('a.b', 'c.d')
    }),
    { maxLength: 20 }
  )
  const all = () => desk.alerts.find({ limit: 200 }).alerts.map(({ id }) => desk.alerts.detail(id))

  it('changes nothing, also over a restart and in other portions', () => {
    fc.assert(
      fc.property(facts, fc.nat(20), (list, cut) => {
        const file = desk.newFile()
        desk.reopen(file)
        // The generated literals are exactly those of a finding.
        const findings = list.map((one) => finding(one as Partial<Finding>))
        desk.alerts.take(findings)
        const before = all()
        desk.reopen(file)
        const again = [...desk.alerts.take(findings.slice(0, cut)), ...desk.alerts.take(findings), ...desk.alerts.take(findings.slice(cut))]
        expect(again).toEqual([])
        expect(all()).toEqual(before)
      }),
      { numRuns: 30 }
    )
  })

  it('changes nothing after people have dealt with it', () => {
    const findings = [finding({ severity: 3 }), finding({ severity: 3, time: 1_000_100, condition: 'cleared' })]
    desk.alerts.take(findings)
    desk.act('resolve')
    desk.act('close')
    expect(desk.alerts.take(findings)).toEqual([])
    expect(desk.only().handling).toBe('closed')
  })

  it('is still known when the events of it were forgotten', () => {
    const many = Array.from({ length: 700 }, (_, index) => finding({ time: 1000 + index }))
    desk.alerts.take(many)
    const { history } = desk.alerts.detail(desk.only().id) ?? { history: [] }
    expect(history.length).toBe(500)
    expect(history.at(-1)?.time).toBe(1699)
    expect(desk.only()).toMatchObject({ count: 700, firstSeen: 1000, lastSeen: 1699 })
    expect(desk.alerts.take(many)).toEqual([])
    const { count } = desk.database.prepare('SELECT count(*) AS count FROM alert_events').get() ?? {}
    expect(count).toBeLessThanOrEqual(600)
  })
})
