// Builds the links and sources of the Modbus devices of a config; nothing is opened yet. Devices with one endpoint share its line,
// and each keeps its own budget on it.
import type { Tag } from '#contract/tag.ts'
import type { Log } from '#runtime/log.ts'
import { Backoff, type BackoffLimits } from '../backoff.ts'
import { Budget } from '../budget.ts'
import type { AgentClock } from '../clock.ts'
import type { ModbusDevice } from './config.ts'
import { ModbusLink } from './link.ts'
import type { ResolvedDevice } from './resolve.ts'
import { ModbusSource } from './source.ts'
import { endpointOf, transportOf } from './transport.ts'

export interface PlannedModbusDevice {
  config: ModbusDevice
  resolved: ResolvedDevice
  /** The tags of the device in the order of `resolved.tags`, with the ids that the outbox gave them. */
  tags: readonly Tag[]
}

export interface LinesOptions {
  devices: readonly PlannedModbusDevice[]
  clock: AgentClock
  log: Log
  /** How long a device or a unit that fails is let alone. */
  backoff: BackoffLimits
}

export function buildLines({ devices, clock, log, backoff }: LinesOptions): { sources: ModbusSource[]; links: ModbusLink[] } {
  const seats = devices.map((device) => ({ ...device, budget: budgetOf(device) }))
  const links = new Map<string, ModbusLink>()
  for (const [endpoint, sharing] of Map.groupBy(seats, ({ config }) => endpointOf(transportOf(config)))) {
    const [first] = sharing
    if (first === undefined) continue
    const quirks = sharing.map(({ resolved }) => resolved.quirks)
    // What concerns the line as a whole is done as the most careful of its devices wants it.
    const link = new ModbusLink({
      transport: transportOf(first.config),
      budgets: new Map(sharing.map(({ config, budget }) => [config.unit, budget])),
      allowed: { identify: unitsWith(sharing, 'identify'), serverId: unitsWith(sharing, 'serverId') },
      gapMs: Math.max(...sharing.map(({ resolved }) => resolved.minGapMs)),
      pauseAfterConnectMs: Math.max(...quirks.map(({ pauseAfterConnectMs }) => pauseAfterConnectMs)),
      closeAfterCycle: quirks.some(({ closeAfterCycle }) => closeAfterCycle),
      backoff: new Backoff(backoff),
      log
    })
    links.set(endpoint, link)
  }
  const sources = seats.flatMap(({ config, resolved, tags, budget }, index) => {
    const link = links.get(endpointOf(transportOf(config)))
    if (link === undefined) return []
    const { device, limits, groups } = resolved
    const { unit, timeoutMs, identify, serverId, identifyEveryHours: everyHours } = config
    const identity = { identify, serverId, everyHours }
    const decoders = resolved.tags.map((tag) => tag.decode)
    const ids = tags.map((tag) => tag.id)
    const own = { device, unit, timeoutMs, limits, groups, decoders, ids, link, identity, budget, index }
    return [new ModbusSource({ ...own, clock, backoff: new Backoff(backoff), log })]
  })
  return { sources, links: [...links.values()] }
}

// The units on a line whose config lets them be asked who they are.
function unitsWith(sharing: readonly PlannedModbusDevice[], key: 'identify' | 'serverId'): ReadonlySet<number> {
  return new Set(sharing.filter(({ config }) => config[key]).map(({ config }) => config.unit))
}

function budgetOf({ config, resolved }: PlannedModbusDevice): Budget {
  const { requestsPerSecond, registersPerSecond } = config.budget
  return new Budget({ requestsPerSecond, registersPerSecond, minGapMs: resolved.minGapMs })
}
