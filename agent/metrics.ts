// The agent's figures as Prometheus metrics, taken from its health when somebody asks.
import type { Health } from '#contract/agent-status.ts'
import { createMetrics, type Metrics } from '#runtime/metrics.ts'
import type { Agent } from './agent.ts'

export function agentMetrics(agent: Agent): Metrics {
  const metrics = createMetrics()
  metrics.watchProcess()
  const figure = (name: string, help: string, take: (health: Health) => number) =>
    metrics.gauge({
      name: `penstock_agent_${name}`,
      help,
      collect: (gauge) => {
        const health = agent.status?.health()
        if (health !== undefined) gauge.set(take(health))
      }
    })
  figure('samples_read', 'Samples read since the start, bad ones included.', (health) => health.samplesRead)
  figure('samples_queued', 'Samples put into the outbox since the start.', (health) => health.samplesQueued)
  figure('polls_late', 'Poll cycles left out because the one before was not over.', (health) => health.pollsLate)
  figure('outbox_messages', 'Messages kept in the outbox.', (health) => health.outbox.messages)
  figure('outbox_bytes', 'Bytes kept in the outbox.', (health) => health.outbox.bytes)
  figure('outbox_dropped_messages', 'Messages dropped because a cap was reached.', (health) => health.outbox.droppedMessages)
  figure('published_messages', 'Messages sent since the start.', (health) => health.publisher.published)
  figure('resent_messages', 'Messages sent again.', (health) => health.publisher.resent)
  figure('ignored_acks', 'Acknowledgements that were not understood.', (health) => health.publisher.ignoredAcks)
  metrics.gauge({
    name: 'penstock_agent_clock_ahead_seconds',
    help: 'How far agent time is ahead of a wall clock that was put back.',
    collect: (gauge) => gauge.set(agent.clockAheadMs / 1000)
  })
  metrics.gauge({
    name: 'penstock_device_refused_requests',
    help: 'Requests that the guard refused before the socket; anything above 0 is a fault of ours.',
    labels: ['device'],
    collect: (gauge) => {
      for (const { id, refused } of agent.status?.health().devices ?? []) gauge.set({ device: id }, refused)
    }
  })
  metrics.gauge({
    name: 'penstock_device_requests',
    help: 'Requests sent to a device since the start, by function code.',
    labels: ['device', 'function'],
    collect: (gauge) => {
      for (const { id, requests } of agent.status?.health().devices ?? [])
        for (const [code, count] of Object.entries(requests)) gauge.set({ device: id, function: code }, count)
    }
  })
  return metrics
}
