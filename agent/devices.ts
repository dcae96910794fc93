// Builds the sources of all devices of a config; Modbus devices behind one gateway share its connection, and what OPC UA needs
// is loaded only when there is an OPC UA device.
import type { Tag } from '#contract/tag.ts'
import type { Log } from '#runtime/log.ts'
import { Backoff, type BackoffLimits } from './backoff.ts'
import { Budget } from './budget.ts'
import type { AgentClock } from './clock.ts'
import type { ModbusDevice } from './modbus/config.ts'
import { ModbusLink } from './modbus/link.ts'
import type { ResolvedDevice } from './modbus/resolve.ts'
import { ModbusSource } from './modbus/source.ts'
import { endpointOf, transportOf } from './modbus/transport.ts'
import type { DevicePlan } from './resolve.ts'
import type { Source } from './source.ts'

export interface PlannedDevice {
  config: ModbusDevice
  resolved: ResolvedDevice
  /** The tags of the device in the order of `resolved.tags`, with the ids that the outbox gave them. */
  tags: readonly Tag[]
}

/** Any device with its tags. */
export type AnyPlannedDevice = DevicePlan & { tags: readonly Tag[] }

// Successive multiples of the golden ratio spread any number of devices evenly over a cadence.
const GOLDEN_RATIO = 0.618_033_988_749_895

export interface SourcesOptions {
  devices: readonly PlannedDevice[]
  clock: AgentClock
  log: Log
  /** How long a device that fails is let alone. */
  backoff?: BackoffLimits
}

const BACKOFF: BackoffLimits = { firstMs: 1000, mostMs: 60_000 }

export interface AllSourcesOptions extends Omit<SourcesOptions, 'devices'> {
  devices: readonly AnyPlannedDevice[]
  /** Where certificates are kept. */
  opcUaFolder: string
}

/** Rejects with a StartFault when the folder of certificates cannot be used. */
export async function buildAllSources({ devices, opcUaFolder, ...options }: AllSourcesOptions): Promise<{
  sources: Source[]
  links: ModbusLink[]
}> {
  const { sources, links } = buildSources({ ...options, devices: devices.filter((device) => device.family === 'modbus') })
  const servers = devices.filter((device) => device.family === 'opcua')
  if (servers.length === 0) return { sources, links }
  const { buildOpcUaSources } = await import('./opcua/build.ts')
  return { sources: [...sources, ...(await buildOpcUaSources({ ...options, devices: servers, folder: opcUaFolder }))], links }
}

export function buildSources({ devices, clock, log, backoff = BACKOFF }: SourcesOptions): { sources: ModbusSource[]; links: ModbusLink[] } {
  const links = new Map<string, ModbusLink>()
  for (const [endpoint, sharing] of Map.groupBy(devices, ({ config }) => endpointOf(transportOf(config)))) {
    const configs = sharing.map(({ config }) => config)
    const [first] = configs
    if (first === undefined) continue
    // Each unit brings its own budget; the line itself is given the longest pause that one of them wants.
    const budget = new Budget({
      requestsPerSecond: configs.reduce((sum, config) => sum + config.budget.requestsPerSecond, 0),
      minGapMs: Math.max(...configs.map((config) => config.budget.minGapMs))
    })
    links.set(endpoint, new ModbusLink({ transport: transportOf(first), budget, backoff: new Backoff(backoff), log }))
  }
  const sources = devices.flatMap(({ config, resolved, tags }, i) => {
    const link = links.get(endpointOf(transportOf(config)))
    if (link === undefined) return []
    const { device, limits, groups } = resolved
    const { unit, timeoutMs } = config
    const decoders = resolved.tags.map((tag) => tag.decode)
    const ids = tags.map((tag) => tag.id)
    const phase = (i * GOLDEN_RATIO) % 1
    const own = { device, unit, timeoutMs, limits, groups, decoders, ids, link, phase }
    return [new ModbusSource({ ...own, clock, backoff: new Backoff(backoff), log })]
  })
  return { sources, links: [...links.values()] }
}
