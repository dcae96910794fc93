// The store that the config names; a library that is not needed is not loaded.
import { join } from 'node:path'
import type { Log } from '#runtime/log.ts'
import type { CollectorConfig } from '../config.ts'
import type { TelemetryStore } from './telemetry.ts'

export async function openStore({ config: { store, data }, log }: { config: CollectorConfig; log: Log }): Promise<TelemetryStore> {
  if (store.kind === 'influx') {
    const { kind: _, ...config } = store
    const { InfluxStore } = await import('./influx.ts')
    return new InfluxStore({ config, log })
  }
  const { kind: _, ...config } = store
  const { EmbeddedStore } = await import('./embedded.ts')
  return new EmbeddedStore({ config: { ...config, directory: join(data, 'samples') }, log })
}
