// Devices of an agent, OPC UA ones among them, without the rest of the agent: what is read lands in lists by device.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeviceEvent } from '#contract/event.ts'
import { quietLog } from '#runtime/log.ts'
import type { BackoffLimits } from '../../agent/backoff.ts'
import { AgentClock } from '../../agent/clock.ts'
import { DeviceConfig } from '../../agent/config.ts'
import { buildAllSources } from '../../agent/devices.ts'
import { Defaults } from '../../agent/modbus/config.ts'
import { planOf } from '../../agent/resolve.ts'
import type { Missed, Reading, Source } from '../../agent/source.ts'
import { temporaryFolder } from './wait.ts'

export interface DeviceLog {
  source: Source
  readings: Reading[]
  events: DeviceEvent[]
  missed: Missed[]
}

export interface ReadingAll extends AsyncDisposable {
  readonly devices: ReadonlyMap<string, DeviceLog>
  /** The device by its id, which must be one of those given. */
  of(id: string): DeviceLog
  /** Files in all folders of certificates. */
  certificates(): Promise<number>
  /** The folder of certificates. */
  readonly folder: string
  stop(): Promise<void>
}

export async function readAll(
  inputs: readonly object[],
  { backoff = { firstMs: 100, mostMs: 1000 } }: { backoff?: BackoffLimits } = {}
): Promise<ReadingAll> {
  const folder = join(await temporaryFolder(), 'opcua')
  const defaults = Defaults.parse({ cadenceMs: 200 })
  let ids = 0
  const devices = inputs.map((input) => {
    const plan = planOf(DeviceConfig.parse(input), defaults)
    return { ...plan, tags: plan.resolved.tags.map(({ tag }) => ({ ...tag, id: ++ids })) }
  })
  const { sources, links } = await buildAllSources({
    ...{ devices, clock: new AgentClock({ floor: 0 }), log: quietLog(), backoff, opcUaFolder: folder }
  })
  const logs = new Map(sources.map((source): [string, DeviceLog] => [source.device.id, { source, readings: [], events: [], missed: [] }]))
  const of = (id: string) => {
    const log = logs.get(id)
    if (log === undefined) throw new Error(`no device ${id}`)
    return log
  }
  const ending = new AbortController()
  const work = Promise.all([
    ...links.map((link) => link.run(ending.signal)),
    ...sources.map((source) => {
      const { readings, events, missed } = of(source.device.id)
      return source.run(
        {
          read: (reading) => void readings.push(reading),
          event: (event) => void events.push(event),
          missed: (one) => void missed.push(one)
        },
        ending.signal
      )
    })
  ])
  work.catch(() => {})
  const stop = async () => {
    ending.abort()
    await work
  }
  return {
    ...{ devices: logs, of, folder, stop },
    async certificates() {
      const lists = await Promise.all(['own', 'trusted', 'rejected', 'seen'].map((part) => readdir(join(folder, part)).catch(() => [])))
      return lists.flat().length
    },
    [Symbol.asyncDispose]: stop
  }
}

/** An OPC UA device on an open connection, made quick. */
export const openDevice = (id: string, endpoint: string, more: object = {}): object => ({
  ...{ id, protocol: 'opcua', endpoint, cadenceMs: 200, heartbeatMs: 2000, connectTimeoutMs: 1000, timeoutMs: 500 },
  security: { policy: 'None', mode: 'None', insecure: true },
  subscription: { publishingMs: 200, keepAliveMs: 600 },
  tags: [
    { name: `${id}.a`, node: 'ns=1;s=v0' },
    { name: `${id}.b`, node: 'ns=1;s=v1' }
  ],
  ...more
})
