// Builds the links and sources of the Modbus devices of a config; nothing is opened yet. Devices with one endpoint share its line,
// and each keeps its own budget on it.
import type { Tag } from '#contract/tag.ts'
import type { Log } from '#runtime/log.ts'
import { Backoff, type BackoffLimits } from '../backoff.ts'
import { Budget } from '../budget.ts'
import type { AgentClock } from '../clock.ts'
import type { ModbusDevice } from './config.ts'
import { type LineSettings, ModbusLink } from './link.ts'
import type { ResolvedDevice } from './resolve.ts'
import { ModbusSource } from './source.ts'
import { endpointOf, transportOf } from './transport.ts'

export interface PlannedModbusDevice {
  config: ModbusDevice
  resolved: ResolvedDevice
  /** The tags of the device in the order of `resolved.tags`, with the ids that the outbox gave them. */
  tags: readonly Tag[]
}

/** A device with the budget that its line keeps for it. */
export interface SeatedModbusDevice extends PlannedModbusDevice {
  budget: Budget
}

export interface BuildContext {
  clock: AgentClock
  log: Log
  /** How long a device or a unit that fails is let alone. */
  backoff: BackoffLimits
}

export interface LinesOptions extends BuildContext {
  devices: readonly PlannedModbusDevice[]
}

export function buildLines({ devices, ...context }: LinesOptions): { sources: ModbusSource[]; links: ModbusLink[] } {
  const seats = devices.map((device) => ({ ...device, budget: budgetOf(device) }))
  const links = new Map<string, ModbusLink>()
  for (const [endpoint, sharing] of byLine(seats)) links.set(endpoint, linkOf(lineOf(sharing), context))
  const sources = seats.flatMap((device, index) => {
    const link = links.get(endpointOf(transportOf(device.config)))
    return link === undefined ? [] : [sourceOf({ device, link, index }, context)]
  })
  return { sources, links: [...links.values()] }
}

/** Devices by the endpoint that they are reached at. */
export function byLine<D extends PlannedModbusDevice>(devices: readonly D[]): Map<string, [D, ...D[]]> {
  // A group has one member at least, which the compiler does not know.
  return Map.groupBy(devices, ({ config }) => endpointOf(transportOf(config))) as Map<string, [D, ...D[]]>
}

/** What concerns the line as a whole is done as the most careful of its devices wants it. */
export function lineOf(sharing: readonly [SeatedModbusDevice, ...SeatedModbusDevice[]]): LineSettings {
  const quirks = sharing.map(({ resolved }) => resolved.quirks)
  return {
    transport: transportOf(sharing[0].config),
    budgets: new Map(sharing.map(({ config, budget }) => [config.unit, budget])),
    allowed: { identify: unitsWith(sharing, 'identify'), serverId: unitsWith(sharing, 'serverId') },
    gapMs: Math.max(...sharing.map(({ resolved }) => resolved.minGapMs)),
    pauseAfterConnectMs: Math.max(...quirks.map(({ pauseAfterConnectMs }) => pauseAfterConnectMs)),
    closeAfterCycle: quirks.some(({ closeAfterCycle }) => closeAfterCycle)
  }
}

export function linkOf(line: LineSettings, { backoff, log }: BuildContext): ModbusLink {
  return new ModbusLink({ ...line, backoff: new Backoff(backoff), log })
}

/** `index` is the place of the device among the others, from which follows when it is read. */
export function sourceOf(
  { device: seated, link, index }: { device: SeatedModbusDevice; link: ModbusLink; index: number },
  { clock, log, backoff }: BuildContext
): ModbusSource {
  const { config, resolved, tags, budget } = seated
  const { device, limits, groups } = resolved
  const { unit, timeoutMs, identify, serverId, identifyEveryHours: everyHours } = config
  const identity = { identify, serverId, everyHours }
  const decoders = resolved.tags.map((tag) => tag.decode)
  const ids = tags.map((tag) => tag.id)
  const own = { device, unit, timeoutMs, limits, groups, decoders, ids, link, identity, budget, index }
  return new ModbusSource({ ...own, clock, backoff: new Backoff(backoff), log })
}

export function budgetOf({ config, resolved }: PlannedModbusDevice): Budget {
  const { requestsPerSecond, registersPerSecond } = config.budget
  return new Budget({ requestsPerSecond, registersPerSecond, minGapMs: resolved.minGapMs })
}

// The units on a line whose config lets them be asked who they are.
function unitsWith(sharing: readonly PlannedModbusDevice[], key: 'identify' | 'serverId'): ReadonlySet<number> {
  return new Set(sharing.filter(({ config }) => config[key]).map(({ config }) => config.unit))
}
