// The metrics of an agent: each figure of the health under its name, and nothing made up for what nobody knows.
import { expect, it } from 'vitest'
import type { DeviceHealth, Health } from '#contract/agent-status.ts'
import { agentMetrics } from '../../agent/metrics.ts'

const device: DeviceHealth = {
  id: 'plc-1',
  state: 'degraded',
  lastGoodAt: 1_700_000_000_000,
  requests: { '3': 40, Read: 2 },
  refused: 0,
  failures: { MODBUS_TIMEOUT: 3 },
  staleReplies: 1,
  connects: 2,
  roundTripP50Ms: 12,
  roundTripP95Ms: null,
  availability: 0.75,
  budgetUse: 0.5,
  slowedTo: 1,
  security: 'none'
}
const health: Health = {
  kind: 'health',
  schema: 1,
  site: 'east',
  agent: 'edge-1',
  boot: 1,
  time: 1_700_000_010_000,
  uptimeSeconds: 10,
  samplesRead: 100,
  samplesQueued: 90,
  pollsLate: 1,
  devices: [device],
  outbox: { messages: 4, bytes: 400, oldestAt: 1_700_000_000_000, droppedMessages: 2 },
  publisher: { published: 7, resent: 1, watermark: null, ignoredAcks: 0 },
  rssBytes: 1,
  version: '1.2.3',
  configHash: 'abc',
  clock: { synchronised: null, offsetMs: null, aheadMs: 1500 }
}

const textOf = (told: Health | undefined) => {
  const status = told === undefined ? undefined : { health: () => told }
  // Only health() of the status is read.
  return agentMetrics({ status } as Parameters<typeof agentMetrics>[0]).text()
}

it('are the figures of the health, counters ending in _total', async () => {
  const text = await textOf(health)
  for (const line of [
    'penstock_agent_info{version="1.2.3",config_hash="abc"} 1',
    'penstock_agent_samples_read_total 100',
    'penstock_agent_polls_late_total 1',
    'penstock_agent_outbox_messages 4',
    'penstock_agent_outbox_oldest_age_seconds 10',
    'penstock_agent_outbox_dropped_messages_total 2',
    'penstock_agent_resent_messages_total 1',
    'penstock_agent_clock_ahead_seconds 1.5',
    'penstock_device_up{device="plc-1"} 0.5',
    'penstock_device_availability_ratio{device="plc-1"} 0.75',
    'penstock_device_budget_use_ratio{device="plc-1"} 0.5',
    'penstock_device_round_trip_seconds{device="plc-1",quantile="0.5"} 0.012',
    'penstock_device_requests_total{device="plc-1",function="3"} 40',
    'penstock_device_requests_total{device="plc-1",function="Read"} 2',
    'penstock_device_failures_total{device="plc-1",code="MODBUS_TIMEOUT"} 3',
    'penstock_device_refused_requests_total{device="plc-1"} 0'
  ])
    expect(text.split('\n')).toContain(line)
  for (const name of text.matchAll(/^# TYPE (penstock_\w+) counter$/gm)) expect(name[1]).toMatch(/_total$/)
  for (const name of text.matchAll(/^# TYPE (penstock_\w+) gauge$/gm)) expect(name[1]).not.toMatch(/_total$/)
})

it('leave out what nobody knows', async () => {
  const text = await textOf(health)
  expect(text).not.toMatch(/^penstock_agent_clock_offset_seconds/m)
  expect(text).not.toMatch(/^penstock_agent_clock_synchronised/m)
  expect(text).not.toContain('quantile="0.95"')
  const known = await textOf({ ...health, clock: { synchronised: true, offsetMs: -250, aheadMs: 0 } })
  expect(known).toMatch(/^penstock_agent_clock_offset_seconds -0.25$/m)
  expect(known).toMatch(/^penstock_agent_clock_synchronised 1$/m)
  expect(await textOf(undefined)).not.toMatch(/^penstock_(agent_samples|device)_\w+ /m)
})

it('do not grow from one telling to the next', async () => {
  const metrics = agentMetrics({ status: { health: () => health } } as Parameters<typeof agentMetrics>[0])
  await metrics.text()
  expect(await metrics.text()).toContain('penstock_agent_samples_read_total 100\n')
})
