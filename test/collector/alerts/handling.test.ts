// What people do with alerts on a real database: actions and their refusals, lists, counts and pruning.
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { finding } from '../api/centre.ts'
import { Desk, HOUR, refusal } from './desk.ts'

const desk = new Desk()
beforeEach(() => desk.reopen())
afterAll(() => desk.close())

describe('actions', () => {
  beforeEach(() => desk.alerts.take([finding()]))

  it('walks from new to closed by two people, each step in history and audit', () => {
    desk.act('acknowledge', 'guard', { note: 'seen' })
    desk.act('investigate')
    expect(desk.only().assignee).toBe('guard')
    desk.act('resolve', 'guard', { disposition: 'true-attack' })
    expect(refusal(() => desk.act('close'))).toBe('SECOND_PERSON_NEEDED')
    const { alert, history } = desk.act('close', 'other')
    expect(alert).toMatchObject({ handling: 'closed', disposition: 'true-attack' })
    expect(history.map(({ what, by }) => [what, by])).toEqual([
      ['raised', null],
      ['acknowledge', 'guard'],
      ['investigate', 'guard'],
      ['resolve', 'guard'],
      ['close', 'other']
    ])
    const trail = desk.audit.page({ limit: 10 }).entries.map(({ action, account, subject }) => [action, account, subject === alert.id])
    expect(trail).toEqual([
      ['alert.close', 'other', true],
      ['alert.resolve', 'guard', true],
      ['alert.investigate', 'guard', true],
      ['alert.acknowledge', 'guard', true]
    ])
  })

  it('refuses decisions on what has changed, but not for mere repetition', () => {
    const { id, version } = desk.only()
    desk.alerts.take([finding({ time: 1_000_100 }), finding({ time: 1_000_200, condition: 'cleared' })])
    expect(desk.alerts.act({ id, request: { action: 'acknowledge', version }, account: 'guard' }).alert.handling).toBe('acknowledged')
    expect(refusal(() => desk.alerts.act({ id, request: { action: 'investigate', version }, account: 'other' }))).toBe('VERSION_CONFLICT')
    expect(refusal(() => desk.alerts.act({ id, request: { action: 'investigate', version: 99 }, account: 'other' }))).toBe(
      'VERSION_CONFLICT'
    )
    expect(
      desk.alerts.act({ id, request: { action: 'comment', version, note: 'late but true' }, account: 'other' }).history.at(-1)?.note
    ).toBe('late but true')
  })

  it('leaves no trace of a refused action', () => {
    expect(refusal(() => desk.act('resolve'))).toBe('DISPOSITION_NEEDED')
    expect(refusal(() => desk.act('close'))).toBe('ACTION_NOT_POSSIBLE')
    expect(refusal(() => desk.alerts.act({ id: crypto.randomUUID(), request: { action: 'comment', version: 1 }, account: 'guard' }))).toBe(
      'ALERT_UNKNOWN'
    )
    expect(desk.audit.page({ limit: 10 }).entries).toEqual([])
    expect(desk.only().version).toBe(1)
  })

  it('does not reopen beside a newer open alert', () => {
    const old = desk.only().id
    desk.act('resolve', 'guard', { disposition: 'true-fault' })
    desk.alerts.take([finding({ time: 1_000_000 + 2 * HOUR })])
    const { version } = desk.alerts.detail(old)?.alert ?? { version: 0 }
    expect(refusal(() => desk.alerts.act({ id: old, request: { action: 'reopen', version }, account: 'guard' }))).toBe('NEWER_ALERT_OPEN')
  })
})

describe('looking', () => {
  const spread = Array.from({ length: 12 }, (_, index) =>
    finding({ tag: `t.n${index}`, time: 1000 + (index % 3), severity: index % 2 === 0 ? 2 : 4, site: index < 6 ? 'east' : 'west' })
  )

  it('pages through all of them once, latest first', () => {
    desk.alerts.take(spread)
    const seen: string[] = []
    let before: string | undefined
    do {
      const page = desk.alerts.find({ limit: 5, ...(before === undefined ? {} : { before }) })
      expect(page.total).toBe(12)
      seen.push(...page.alerts.map(({ tag }) => tag ?? ''))
      before = page.next ?? undefined
    } while (before !== undefined)
    expect(new Set(seen).size).toBe(12)
    expect(seen.length).toBe(12)
    expect(desk.alerts.find({ limit: 12 }).next).toBeNull()
  })

  it('filters by condition, handling, severity, site and words in both languages', () => {
    desk.alerts.take([...spread, finding({ tag: 't.n1', time: 2000, severity: 4, site: 'east', condition: 'cleared' })])
    expect(desk.alerts.find({ condition: 'cleared' }).total).toBe(1)
    expect(desk.alerts.find({ handling: 'new' }).total).toBe(12)
    expect(desk.alerts.find({ handling: 'closed' }).total).toBe(0)
    expect(desk.alerts.find({ severity: 3 }).total).toBe(6)
    expect(desk.alerts.find({ site: 'west', severity: 3 }).total).toBe(3)
    expect(desk.alerts.find({ search: 'T.N11' }).total).toBe(1)
    expect(desk.alerts.find({ search: '余氯' }).total).toBe(12)
    expect(desk.alerts.find({ search: '100%_' }).total).toBe(0)
  })

  it('refuses a cursor that it did not make', () => {
    expect(refusal(() => desk.alerts.find({ before: "1' OR 1=1" }))).toBe('REQUEST_INVALID')
  })

  it('counts what is open, by severity, site and tag', () => {
    desk.alerts.take(spread)
    expect(desk.alerts.openCounts()).toEqual([
      { severity: 4, count: 6 },
      { severity: 2, count: 6 }
    ])
    expect(desk.alerts.openCounts('east')).toEqual([
      { severity: 4, count: 3 },
      { severity: 2, count: 3 }
    ])
    const byTag = desk.alerts.openCountsByTag('east')
    expect([byTag.get('edge-1/t.n1'), byTag.get('edge-1/t.n11')]).toEqual([1, undefined])
  })

  it('prunes closed alerts only, with their history', () => {
    desk.alerts.take([finding({ severity: 3 }), finding({ severity: 3, tag: 'a.b' })])
    const [first] = desk.alerts.find({ search: 'a.b' }).alerts
    if (first === undefined) throw new Error('there is no alert')
    const resolved = desk.alerts.act({ id: first.id, request: { action: 'resolve', version: 1 }, account: 'guard' }).alert
    desk.alerts.act({ id: first.id, request: { action: 'close', version: resolved.version }, account: 'guard' })
    expect(desk.alerts.prune(first.lastSeen)).toBe(0)
    expect(desk.alerts.prune(first.lastSeen + 1)).toBe(1)
    expect(desk.alerts.detail(first.id)).toBeUndefined()
    expect(desk.only().handling).toBe('new')
    const { count } = desk.database.prepare('SELECT count(*) AS count FROM alert_events').get() ?? {}
    expect(count).toBe(1)
  })
})
