// Device events of the made-up plant, in the words of the contract, page by page.
import { type EventPage, EventQuery, type EventView } from '#contract/api.ts'
import { AGENT, DEVICE, SERVER, SITE } from './fixture-plant.ts'

type Draft = Pick<EventView, 'device' | 'kind' | 'change' | 'severity' | 'message'> & Partial<EventView>

const CERTIFICATE = { before: '5f0c21d9a4b7e3108c66', after: 'e94b77a0132fd5c8be01' }
const AUDIT: Draft = {
  ...{ device: SERVER.id, kind: 'audit', change: 'told', severity: 500, source: 'Attribute/Write' },
  ...{ message: 'Write to DosingPump1.Setpoint', details: { user: 'engineer', auditStatus: true, entry: null } }
}
const NEWEST: readonly Draft[] = [
  {
    ...{ device: SERVER.id, kind: 'certificate', change: 'changed', severity: 800 },
    ...{ message: 'The server shows another certificate than before.', details: CERTIFICATE }
  },
  AUDIT,
  {
    ...{ device: SERVER.id, kind: 'alarm', change: 'worse', severity: 700, source: 'DosingPump1' },
    ...{ message: 'Level of the dosing tank low', details: { active: true, acknowledged: false, conditionName: 'LowLevel' } }
  },
  { device: DEVICE.id, kind: 'identity', change: 'first', severity: 200, message: 'The device says what it is.' },
  { device: SERVER.id, kind: 'session', change: 'better', severity: 200, message: 'The server lets the agent in again.' }
]

export function eventPage(now: number, asked: Readonly<Record<string, string>>): EventPage {
  const { device, kind, before = '0', limit } = EventQuery.parse(asked)
  const found = [...NEWEST, ...Array.from({ length: 60 }, () => AUDIT)]
    .map((draft, i) => viewOf(draft, i, now))
    .filter((event) => (device === undefined || event.device === device) && (kind === undefined || event.kind === kind))
  const end = Number(before) + limit
  return {
    events: found.slice(Number(before), end),
    next: end < found.length ? String(end) : null,
    leftOut: [{ site: SITE.id, agent: AGENT, day: now - (now % 86_400_000), events: 1204 }]
  }
}

function viewOf(draft: Draft, i: number, now: number): EventView {
  const time = now - 40_000 - i * 190_000
  return {
    id: 1000 - i,
    site: SITE.id,
    agent: AGENT,
    time,
    sourceTime: time - 2500,
    source: null,
    details: {},
    keptAt: time + 200,
    ...draft
  }
}
