// The agent's figures as Prometheus metrics, taken from its health when somebody asks.
import type { DeviceHealth, Health } from '#contract/agent-status.ts'
import { createMetrics, type Metrics } from '#runtime/metrics.ts'
import type { Agent } from './agent.ts'
import type { ReloadCounts } from './reload.ts'

// All metrics of one telling are read within moments; so many milliseconds one look at the health serves them all.
const FRESH_MS = 250

export function agentMetrics(agent: Pick<Agent, 'status'>, reloads?: () => ReloadCounts): Metrics {
  const metrics = createMetrics()
  metrics.watchProcess()
  const read = freshHealth(agent)
  agentFigures(metrics, read)
  deviceFigures(metrics, read)
  if (reloads !== undefined) reloadFigures(metrics, reloads)
  return metrics
}

type Read = () => Health | undefined

function freshHealth(agent: Pick<Agent, 'status'>): Read {
  let health: Health | undefined
  let at = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - at > FRESH_MS) {
      health = agent.status?.health()
      at = performance.now()
    }
    return health
  }
}

function agentFigures(metrics: Metrics, read: Read): void {
  const total = (name: string, help: string, take: (health: Health) => number) =>
    metrics.total({ name: `penstock_agent_${name}_total`, help, read: () => figuresOf(read, (health) => [[{}, take(health)]]) })
  const gauge = (name: string, help: string, take: (health: Health) => number | null) =>
    metrics.gauge({
      name: `penstock_agent_${name}`,
      help,
      collect: (own) => {
        own.reset()
        const health = read()
        const figure = health === undefined ? null : take(health)
        // What nobody knows is left out: a zero would be a lie.
        if (figure === null) own.remove()
        else own.set(figure)
      }
    })
  metrics.gauge({
    name: 'penstock_agent_info',
    help: 'Always 1; version and config stand in the labels.',
    labels: ['version', 'config_hash'],
    collect: (own) => {
      own.reset()
      const { version = '', configHash = '' } = read() ?? {}
      own.set({ version, config_hash: configHash }, 1)
    }
  })
  total('samples_read', 'Samples read since the start, bad ones included.', (health) => health.samplesRead)
  total('samples_queued', 'Samples put into the outbox since the start.', (health) => health.samplesQueued)
  total('polls_late', 'Poll cycles left out because the one before was not over.', (health) => health.pollsLate)
  total(
    'outbox_dropped_messages',
    'Messages dropped because a cap was reached; each is told in a gap.',
    (health) => health.outbox.droppedMessages
  )
  total('published_messages', 'Messages sent since the start.', (health) => health.publisher.published)
  total('resent_messages', 'Messages sent again because the watermark made no progress.', (health) => health.publisher.resent)
  total('ignored_acks', 'Acknowledgements that were not understood, or not ours.', (health) => health.publisher.ignoredAcks)
  gauge('outbox_messages', 'Messages kept in the outbox.', (health) => health.outbox.messages)
  gauge('outbox_bytes', 'Bytes kept in the outbox.', (health) => health.outbox.bytes)
  gauge('outbox_oldest_age_seconds', 'Age of the oldest message kept in the outbox; 0 when there is none.', ({ outbox, time }) =>
    outbox.oldestAt === null ? 0 : Math.max(0, (time - outbox.oldestAt) / 1000)
  )
  gauge('clock_ahead_seconds', 'How far agent time is ahead of a wall clock that was put back.', ({ clock }) => inSeconds(clock?.aheadMs))
  gauge('clock_offset_seconds', 'How far the clock is ahead of the time server; absent when none answered.', ({ clock }) =>
    inSeconds(clock?.offsetMs)
  )
  gauge('clock_synchronised', '1 when the clock is kept in time, 0 when not; absent when nobody knows.', ({ clock }) =>
    clock?.synchronised === null || clock === undefined ? null : Number(clock.synchronised)
  )
}

function reloadFigures(metrics: Metrics, reloads: () => ReloadCounts): void {
  metrics.total({
    name: 'penstock_agent_reloads_total',
    help: 'How often the configuration was read again while the agent ran: taken over, or refused for its faults.',
    labels: ['outcome'],
    read: () => (['taken', 'refused'] as const).map((outcome) => [{ outcome }, reloads()[outcome]])
  })
  metrics.gauge({
    name: 'penstock_agent_last_reload_timestamp_seconds',
    help: 'When the configuration was last read again; absent before the first time.',
    labels: ['outcome'],
    collect: (own) => {
      own.reset()
      const { last } = reloads()
      if (last !== null) own.set({ outcome: last.outcome }, last.at / 1000)
    }
  })
}

function deviceFigures(metrics: Metrics, read: Read): void {
  const total = (name: string, help: string, take: (device: DeviceHealth) => number) =>
    metrics.total({
      name: `penstock_device_${name}_total`,
      help,
      labels: ['device'],
      read: () => figuresOf(read, ({ devices }) => devices.map((device) => [{ device: device.id }, take(device)]))
    })
  const totals = <L extends string>(
    name: string,
    help: string,
    label: L,
    take: (device: DeviceHealth) => Readonly<Record<string, number>>
  ) =>
    metrics.total<string>({
      name: `penstock_device_${name}_total`,
      help,
      labels: ['device', label],
      read: () =>
        figuresOf(read, ({ devices }) =>
          devices.flatMap((device) => Object.entries(take(device)).map(([of, count]) => [{ device: device.id, [label]: of }, count]))
        )
    })
  const gauge = (name: string, help: string, take: (device: DeviceHealth) => number | null | undefined) =>
    metrics.gauge({
      name: `penstock_device_${name}`,
      help,
      labels: ['device'],
      collect: (own) => {
        own.reset()
        for (const device of read()?.devices ?? []) {
          const figure = take(device)
          if (figure !== null && figure !== undefined) own.set({ device: device.id }, figure)
        }
      }
    })
  gauge('up', '1 when the device answers, 0.5 when some of its answers fail, 0 when it does not.', ({ state }) => UP[state])
  gauge('availability_ratio', 'The share of the last hour in which the device answered.', (device) => device.availability)
  gauge('budget_use_ratio', 'The share of its budget of requests used in the last minute.', (device) => device.budgetUse)
  gauge('slowed_to_ratio', 'The share of its cadence at which the device is read, because it answers slowly.', (device) => device.slowedTo)
  gauge('last_good_timestamp_seconds', 'When the last good answer came.', (device) => inSeconds(device.lastGoodAt))
  metrics.gauge({
    name: 'penstock_device_round_trip_seconds',
    help: 'How long the latest requests took, as quantiles.',
    labels: ['device', 'quantile'],
    collect: (own) => {
      own.reset()
      for (const { id, roundTripP50Ms, roundTripP95Ms } of read()?.devices ?? []) {
        if (roundTripP50Ms !== null) own.set({ device: id, quantile: '0.5' }, roundTripP50Ms / 1000)
        if (roundTripP95Ms !== null) own.set({ device: id, quantile: '0.95' }, roundTripP95Ms / 1000)
      }
    }
  })
  totals('requests', 'Requests sent to a device since the start, by function code or service.', 'function', ({ requests }) => requests)
  totals('failures', 'Requests that failed, by error code.', 'code', ({ failures }) => failures)
  total(
    'refused_requests',
    'Requests that the guard refused before the socket; anything above 0 is a fault of ours.',
    ({ refused }) => refused
  )
  total('stale_replies', 'Replies that came after their time and were dropped.', ({ staleReplies }) => staleReplies)
  total('connects', 'How often the connection was made.', ({ connects }) => connects)
}

const UP = { online: 1, degraded: 0.5, offline: 0 } as const

const inSeconds = (ms: number | null | undefined): number | null => (ms === null || ms === undefined ? null : ms / 1000)

type Figure = readonly [labels: Record<string, string>, count: number]

function figuresOf(read: Read, take: (health: Health) => readonly Figure[]): readonly Figure[] {
  const health = read()
  return health === undefined ? [] : take(health)
}
