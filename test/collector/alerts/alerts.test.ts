// Alerts on a real database: one open alert per matter, replays, versions, history, search and pruning.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { ALERT_ACTIONS, AlertDetail, DISPOSITIONS } from '#contract/alert.ts'
import type { Finding } from '#contract/finding.ts'
import type { Database } from '#runtime/sqlite.ts'
import { Alerts } from '../../../collector/alerts/alerts.ts'
import { Audit } from '../../../collector/audit.ts'
import { Refused } from '../../../collector/refused.ts'
import { openCollectorDatabase } from '../../../collector/store/database.ts'
import { CHECK, finding } from '../api/centre.ts'

const HOUR = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'penstock-alerts-'))
let database: Database
let audit: Audit
let alerts: Alerts
let files = 0

function open(file = join(folder, `${++files}.db`)) {
  database = openCollectorDatabase({ file })
  audit = new Audit({ database })
  alerts = new Alerts({ database, audit, reopenWithinMs: HOUR, checkOf: (rule) => (rule === CHECK.id ? CHECK : undefined) })
}

beforeEach(() => {
  if (database?.isOpen) database.close()
  open()
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

const only = () => {
  const { alerts: found, total } = alerts.find({})
  expect(total).toBe(1)
  const [alert] = found
  if (alert === undefined) throw new Error('there is no alert')
  return alert
}

const act = (action: (typeof ALERT_ACTIONS)[number], account = 'guard', change = {}) => {
  const { id, version } = only()
  return alerts.act({ id, request: { action, version, ...change }, account })
}

const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
  return 'none'
}

describe('taking findings', () => {
  it('makes one alert with the words of its check', () => {
    const [raised] = alerts.take([finding()])
    expect(raised).toMatchObject({
      title: CHECK.title,
      techniques: ['T0836'],
      handling: 'new',
      condition: 'active',
      count: 1,
      previousAlert: null
    })
    const detail = alerts.detail(raised?.id ?? '')
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
    const raised = alerts.take(others.map((change) => finding(change)))
    expect(new Set(raised.map(({ key }) => key)).size).toBe(others.length)
    expect(raised[0]?.key).toBe('boukqyktf2iv37hbu4brkeuqpsighqk3wvns3eauy4uc6rhafnfa')
  })

  it('tells a finding whose check is gone all the same', () => {
    alerts.take([finding({ rule: 'gone/check' })])
    expect(only().title.en).toContain('gone/check')
  })

  it('shows the sentence and figures of the latest finding', () => {
    alerts.take([finding(), finding({ time: 1_000_500, evidence: { value: 2.5 } }), finding({ time: 1_000_200, evidence: { value: 9 } })])
    expect(alerts.detail(only().id)?.evidence).toEqual({ value: 2.5 })
    expect(only()).toMatchObject({ count: 3, version: 3 })
  })

  it('raises a new alert after a closed one, names it, and lets the old one rest', () => {
    alerts.take([finding({ severity: 3 })])
    const first = only().id
    act('resolve')
    act('close')
    const changed = alerts.take([finding({ time: 1_100_000, severity: 3 })])
    expect(changed.map(({ id, condition }) => ({ old: id === first, condition }))).toEqual([
      { old: true, condition: 'cleared' },
      { old: false, condition: 'active' }
    ])
    expect(changed[1]).toMatchObject({ previousAlert: first, count: 1 })
    expect(alerts.find({ handling: 'open' }).alerts.map(({ id }) => id)).toEqual([changed[1]?.id])
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
        database.close()
        open(':memory:')
        for (const one of steps) {
          if ('take' in one) {
            // The generated literals are exactly those of a finding.
            alerts.take([finding(one.take as Partial<Finding>)])
            continue
          }
          const all = alerts.find({}).alerts
          const alert = all[one.pick % Math.max(1, all.length)]
          if (alert === undefined) continue
          const request = { action: one.act, version: alert.version, disposition: one.disposition }
          refusal(() => alerts.act({ id: alert.id, request, account: one.by }))
        }
        const open_ = alerts.find({ handling: 'open' })
        expect(open_.total).toBeLessThanOrEqual(1)
        const everything = alerts.find({ limit: 200 }).alerts
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
  const all = () => alerts.find({ limit: 200 }).alerts.map(({ id }) => alerts.detail(id))

  it('changes nothing, also over a restart and in other portions', () => {
    fc.assert(
      fc.property(facts, fc.nat(20), (list, cut) => {
        database.close()
        const file = join(folder, `${++files}.db`)
        open(file)
        // The generated literals are exactly those of a finding.
        const findings = list.map((one) => finding(one as Partial<Finding>))
        alerts.take(findings)
        const before = all()
        database.close()
        open(file)
        const again = [...alerts.take(findings.slice(0, cut)), ...alerts.take(findings), ...alerts.take(findings.slice(cut))]
        expect(again).toEqual([])
        expect(all()).toEqual(before)
      }),
      { numRuns: 30 }
    )
  })

  it('changes nothing after people have dealt with it', () => {
    const findings = [finding({ severity: 3 }), finding({ severity: 3, time: 1_000_100, condition: 'cleared' })]
    alerts.take(findings)
    act('resolve')
    act('close')
    expect(alerts.take(findings)).toEqual([])
    expect(only().handling).toBe('closed')
  })

  it('is still known when the events of it were forgotten', () => {
    const many = Array.from({ length: 700 }, (_, index) => finding({ time: 1000 + index }))
    alerts.take(many)
    const { history } = alerts.detail(only().id) ?? { history: [] }
    expect(history.length).toBe(500)
    expect(history.at(-1)?.time).toBe(1699)
    expect(only()).toMatchObject({ count: 700, firstSeen: 1000, lastSeen: 1699 })
    expect(alerts.take(many)).toEqual([])
    const { count } = database.prepare('SELECT count(*) AS count FROM alert_events').get() ?? {}
    expect(count).toBeLessThanOrEqual(600)
  })
})

describe('actions', () => {
  beforeEach(() => alerts.take([finding()]))

  it('walks from new to closed by two people, each step in history and audit', () => {
    act('acknowledge', 'guard', { note: 'seen' })
    act('investigate')
    expect(only().assignee).toBe('guard')
    act('resolve', 'guard', { disposition: 'true-attack' })
    expect(refusal(() => act('close'))).toBe('SECOND_PERSON_NEEDED')
    const { alert, history } = act('close', 'other')
    expect(alert).toMatchObject({ handling: 'closed', disposition: 'true-attack' })
    expect(history.map(({ what, by }) => [what, by])).toEqual([
      ['raised', null],
      ['acknowledge', 'guard'],
      ['investigate', 'guard'],
      ['resolve', 'guard'],
      ['close', 'other']
    ])
    const trail = audit.page({ limit: 10 }).entries.map(({ action, account, subject }) => [action, account, subject === alert.id])
    expect(trail).toEqual([
      ['alert.close', 'other', true],
      ['alert.resolve', 'guard', true],
      ['alert.investigate', 'guard', true],
      ['alert.acknowledge', 'guard', true]
    ])
  })

  it('refuses decisions on what has changed, but not for mere repetition', () => {
    const { id, version } = only()
    alerts.take([finding({ time: 1_000_100 }), finding({ time: 1_000_200, condition: 'cleared' })])
    expect(alerts.act({ id, request: { action: 'acknowledge', version }, account: 'guard' }).alert.handling).toBe('acknowledged')
    expect(refusal(() => alerts.act({ id, request: { action: 'investigate', version }, account: 'other' }))).toBe('VERSION_CONFLICT')
    expect(refusal(() => alerts.act({ id, request: { action: 'investigate', version: 99 }, account: 'other' }))).toBe('VERSION_CONFLICT')
    expect(alerts.act({ id, request: { action: 'comment', version, note: 'late but true' }, account: 'other' }).history.at(-1)?.note).toBe(
      'late but true'
    )
  })

  it('leaves no trace of a refused action', () => {
    expect(refusal(() => act('resolve'))).toBe('DISPOSITION_NEEDED')
    expect(refusal(() => act('close'))).toBe('ACTION_NOT_POSSIBLE')
    expect(refusal(() => alerts.act({ id: crypto.randomUUID(), request: { action: 'comment', version: 1 }, account: 'guard' }))).toBe(
      'ALERT_UNKNOWN'
    )
    expect(audit.page({ limit: 10 }).entries).toEqual([])
    expect(only().version).toBe(1)
  })

  it('does not reopen beside a newer open alert', () => {
    const old = only().id
    act('resolve', 'guard', { disposition: 'true-fault' })
    alerts.take([finding({ time: 1_000_000 + 2 * HOUR })])
    const { version } = alerts.detail(old)?.alert ?? { version: 0 }
    expect(refusal(() => alerts.act({ id: old, request: { action: 'reopen', version }, account: 'guard' }))).toBe('NEWER_ALERT_OPEN')
  })
})

describe('looking', () => {
  const spread = Array.from({ length: 12 }, (_, index) =>
    finding({ tag: `t.n${index}`, time: 1000 + (index % 3), severity: index % 2 === 0 ? 2 : 4, site: index < 6 ? 'east' : 'west' })
  )

  it('pages through all of them once, latest first', () => {
    alerts.take(spread)
    const seen: string[] = []
    let before: string | undefined
    do {
      const page = alerts.find({ limit: 5, ...(before === undefined ? {} : { before }) })
      expect(page.total).toBe(12)
      seen.push(...page.alerts.map(({ tag }) => tag ?? ''))
      before = page.next ?? undefined
    } while (before !== undefined)
    expect(new Set(seen).size).toBe(12)
    expect(seen.length).toBe(12)
    expect(alerts.find({ limit: 12 }).next).toBeNull()
  })

  it('filters by condition, handling, severity, site and words in both languages', () => {
    alerts.take([...spread, finding({ tag: 't.n1', time: 2000, severity: 4, site: 'east', condition: 'cleared' })])
    expect(alerts.find({ condition: 'cleared' }).total).toBe(1)
    expect(alerts.find({ handling: 'new' }).total).toBe(12)
    expect(alerts.find({ handling: 'closed' }).total).toBe(0)
    expect(alerts.find({ severity: 3 }).total).toBe(6)
    expect(alerts.find({ site: 'west', severity: 3 }).total).toBe(3)
    expect(alerts.find({ search: 'T.N11' }).total).toBe(1)
    expect(alerts.find({ search: '余氯' }).total).toBe(12)
    expect(alerts.find({ search: '100%_' }).total).toBe(0)
  })

  it('refuses a cursor that it did not make', () => {
    expect(refusal(() => alerts.find({ before: "1' OR 1=1" }))).toBe('REQUEST_INVALID')
  })

  it('counts what is open, by severity, site and tag', () => {
    alerts.take(spread)
    expect(alerts.openCounts()).toEqual([
      { severity: 4, count: 6 },
      { severity: 2, count: 6 }
    ])
    expect(alerts.openCounts('east')).toEqual([
      { severity: 4, count: 3 },
      { severity: 2, count: 3 }
    ])
    expect(alerts.openCountOfTag({ site: 'east', agent: 'edge-1', tag: 't.n1' })).toBe(1)
    expect(alerts.openCountOfTag({ site: 'east', agent: 'edge-1', tag: 't.n11' })).toBe(0)
  })

  it('prunes closed alerts only, with their history', () => {
    alerts.take([finding({ severity: 3 }), finding({ severity: 3, tag: 'a.b' })])
    const [first] = alerts.find({ search: 'a.b' }).alerts
    if (first === undefined) throw new Error('there is no alert')
    const resolved = alerts.act({ id: first.id, request: { action: 'resolve', version: 1 }, account: 'guard' }).alert
    alerts.act({ id: first.id, request: { action: 'close', version: resolved.version }, account: 'guard' })
    expect(alerts.prune(first.lastSeen)).toBe(0)
    expect(alerts.prune(first.lastSeen + 1)).toBe(1)
    expect(alerts.detail(first.id)).toBeUndefined()
    expect(only().handling).toBe('new')
    const { count } = database.prepare('SELECT count(*) AS count FROM alert_events').get() ?? {}
    expect(count).toBe(1)
  })
})
