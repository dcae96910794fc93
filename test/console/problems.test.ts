// The first sentence of the first screen: what counts as a problem, what is its effect only, and what is not known.
import { describe, expect, test } from 'vitest'
import type { AgentView, Overview, PartState, SiteView } from '#contract/api.ts'
import { judgeSituation, orderSites } from '../../console/problems.ts'

const device = { id: 'plc-1', protocol: 'modbus-tcp', endpoint: '10.0.0.1:502' } as const

function agentOf(changes: Partial<AgentView> = {}): AgentView {
  return {
    agent: 'edge-1',
    state: 'online',
    lastHeard: 1,
    version: '1',
    devices: [{ device, state: 'online' }],
    health: null,
    watermark: null,
    gaps: 0,
    ...changes
  }
}

function siteOf(changes: Partial<SiteView> = {}, id = 'east'): SiteView {
  return {
    site: { id, title: { zh: '东', en: 'East' }, sector: 'water' },
    agents: [agentOf()],
    openAlerts: [],
    tags: { good: 10, uncertain: 0, bad: 0, stale: 0 },
    ...changes
  }
}

const overviewOf = (sites: SiteView[], parts: PartState[] = []): Overview => ({
  time: 1,
  sites,
  parts,
  waiting: { messages: 0, bytes: 0 },
  samplesPerSecond: 1
})

describe('the verdict', () => {
  test('is normal only when something is watched and nothing is wrong', () => {
    expect(judgeSituation(overviewOf([siteOf()]))).toMatchObject({ verdict: 'normal', problems: [], count: 0 })
  })

  test.each([[[]], [[siteOf({ agents: [] })]]])('is unknown without any agent', (sites) => {
    expect(judgeSituation(overviewOf(sites)).verdict).toBe('unknown')
  })

  test.each(['bad', 'stale', 'uncertain'] as const)('is not normal while a tag is %s', (quality) => {
    const { verdict, problems } = judgeSituation(overviewOf([siteOf({ tags: { good: 9, uncertain: 0, bad: 0, stale: 0, [quality]: 1 } })]))
    expect(verdict).toBe('attention')
    expect(problems).toMatchObject([{ kind: 'tags', quality, count: 1 }])
  })

  test.each(['offline', 'degraded', 'unknown'] as const)('is not normal while a device is %s', (state) => {
    expect(judgeSituation(overviewOf([siteOf({ agents: [agentOf({ devices: [{ device, state }] })] })])).verdict).toBe('attention')
  })

  test('is not normal while a part of the centre fails, though no site shows it', () => {
    const part: PartState = { part: 'store', state: 'failing', since: 1, detail: null }
    expect(judgeSituation(overviewOf([siteOf()], [part])).problems).toEqual([{ kind: 'part', part }])
  })
})

test('a silent agent is one problem; its devices and stale tags are effects of it', () => {
  const silent = agentOf({ state: 'silent', devices: [{ device, state: 'offline' }] })
  const { problems } = judgeSituation(overviewOf([siteOf({ agents: [silent], tags: { good: 0, uncertain: 0, bad: 0, stale: 200 } })]))
  expect(problems.map(({ kind }) => kind)).toEqual(['agent'])
})

test('each open alert counts; notes of severity 1 are told apart', () => {
  const openAlerts = [
    { severity: 5 as const, count: 1 },
    { severity: 2 as const, count: 3 },
    { severity: 1 as const, count: 7 }
  ]
  expect(judgeSituation(overviewOf([siteOf({ openAlerts })]))).toMatchObject({ count: 4, notes: 7, problems: [{ severity: 5, count: 4 }] })
  expect(judgeSituation(overviewOf([siteOf({ openAlerts: openAlerts.slice(2) })]))).toMatchObject({ verdict: 'normal', notes: 7 })
})

test('the worst comes first, among problems and among sites', () => {
  const calm = siteOf({}, 'calm')
  const bad = siteOf({ tags: { good: 0, uncertain: 0, bad: 4, stale: 0 } }, 'bad')
  const worst = siteOf({ openAlerts: [{ severity: 5, count: 1 }] }, 'worst')
  expect(orderSites([calm, bad, worst]).map(({ site }) => site.id)).toEqual(['worst', 'bad', 'calm'])
  expect(judgeSituation(overviewOf([calm, bad, worst])).problems.map(({ kind }) => kind)).toEqual(['alerts', 'tags'])
})
