// Builds the sources of the OPC UA devices of a config.
import type { Tag } from '#contract/tag.ts'
import type { Log } from '#runtime/log.ts'
import type { BackoffLimits } from '../backoff.ts'
import type { AgentClock } from '../clock.ts'
import type { Source } from '../source.ts'
import type { OpcUaDevice } from './config.ts'
import type { OpcUaPlan } from './resolve.ts'

export interface OpcUaSourcesOptions {
  devices: readonly { config: OpcUaDevice; resolved: OpcUaPlan; tags: readonly Tag[] }[]
  /** Where certificates are kept. */
  folder: string
  clock: AgentClock
  log: Log
  backoff?: BackoffLimits
}

export async function buildOpcUaSources(options: OpcUaSourcesOptions): Promise<Source[]> {
  throw new Error(`no source for ${options.devices.length} device(s)`)
}
