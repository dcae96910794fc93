// Builds the sources of the OPC UA devices of a config, with one folder of certificates for all of them.
import { hostname } from 'node:os'
import type { Tag } from '#contract/tag.ts'
import type { Log } from '#runtime/log.ts'
import { Backoff, type BackoffLimits } from '../backoff.ts'
import type { AgentClock } from '../clock.ts'
import type { Source } from '../source.ts'
import type { OpcUaDevice } from './config.ts'
import type { Identity } from './link-options.ts'
import type { OpcUaPlan } from './resolve.ts'
import { createIdentity, listenToLibrary } from './session.ts'
import { OpcUaSource } from './source.ts'
import { ownIdentity, prepareTrustFolder } from './trust.ts'

interface PlannedOpcUaDevice {
  config: OpcUaDevice
  resolved: OpcUaPlan
  tags: readonly Tag[]
}

export interface OpcUaBuildOptions {
  /** Where certificates are kept. */
  folder: string
  clock: AgentClock
  log: Log
  backoff?: BackoffLimits | undefined
}

export interface OpcUaSourcesOptions extends OpcUaBuildOptions {
  devices: readonly PlannedOpcUaDevice[]
}

/** Makes sources with the identity that was read when it was opened. */
export interface OpcUaBuild {
  source(device: PlannedOpcUaDevice): Source
}

const BACKOFF: BackoffLimits = { firstMs: 1000, mostMs: 300_000 }

/** Rejects with the fault of the file system when the folder cannot be used. */
export async function buildOpcUaSources({ devices, ...options }: OpcUaSourcesOptions): Promise<Source[]> {
  const build = await openOpcUa(options)
  return devices.map((device) => build.source(device))
}

/** Rejects with the fault of the file system when the folder cannot be used. */
export async function openOpcUa({ folder, clock, log, backoff = BACKOFF }: OpcUaBuildOptions): Promise<OpcUaBuild> {
  const identity = await openIdentity(folder, log)
  return {
    source({ config, resolved, tags }) {
      const named = resolved.tags.map((plan, i) => ({ ...plan, id: tags[i]?.id ?? 0 }))
      return new OpcUaSource({ device: resolved.device, config, tags: named, folder, identity, clock, backoff: new Backoff(backoff), log })
    }
  }
}

/** The agent's own certificate, made at the first start. */
export async function openIdentity(folder: string, log: Log): Promise<Identity> {
  listenToLibrary(log)
  await prepareTrustFolder(folder)
  return await ownIdentity(folder, () => createIdentity(hostname()))
}
