// Builds the sources of all devices of a config; Modbus devices behind one gateway share its connection, and what OPC UA needs
// is loaded only when there is an OPC UA device.
import type { Tag } from '#contract/tag.ts'
import type { Log } from '#runtime/log.ts'
import type { BackoffLimits } from './backoff.ts'
import type { AgentClock } from './clock.ts'
import { buildLines, type PlannedModbusDevice } from './modbus/build.ts'
import type { ModbusLink } from './modbus/link.ts'
import type { ModbusSource } from './modbus/source.ts'
import type { DevicePlan } from './resolve.ts'
import type { Source } from './source.ts'

/** Any device with its tags. */
export type AnyPlannedDevice = DevicePlan & { tags: readonly Tag[] }

export interface SourcesOptions {
  devices: readonly PlannedModbusDevice[]
  clock: AgentClock
  log: Log
  /** How long a device that fails is let alone. */
  backoff?: BackoffLimits
}

export const BACKOFF: BackoffLimits = { firstMs: 1000, mostMs: 300_000 }

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

export function buildSources({ backoff = BACKOFF, ...options }: SourcesOptions): { sources: ModbusSource[]; links: ModbusLink[] } {
  return buildLines({ ...options, backoff })
}
