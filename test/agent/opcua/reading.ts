// An OPC UA source without the rest of the agent: what it reads lands in lists, with tags by their names.
import type { z } from 'zod'
import type { DeviceEvent } from '#contract/event.ts'
import type { SampleValue } from '#contract/sample.ts'
import { quietLog } from '#runtime/log.ts'
import { AgentClock } from '../../../agent/clock.ts'
import { buildOpcUaSources } from '../../../agent/opcua/build.ts'
import { OpcUaDevice } from '../../../agent/opcua/config.ts'
import { resolveOpcUa } from '../../../agent/opcua/resolve.ts'
import type { Missed, Source } from '../../../agent/source.ts'

export interface ReadSample {
  tag: string
  time: number
  value: SampleValue
  quality: number
  sourceTime: number
  serverTime: number
}

export interface ReadingServer extends AsyncDisposable {
  readonly source: Source
  readonly samples: ReadSample[]
  readonly events: DeviceEvent[]
  readonly missed: Missed[]
  last(tag: string): ReadSample | undefined
  of(tag: string): ReadSample[]
}

export type ServerInput = Partial<z.input<typeof OpcUaDevice>> & Pick<z.input<typeof OpcUaDevice>, 'endpoint' | 'tags'>

/** Reads without protection when nothing else is given; what is slow by default is made quick. */
export async function readServer(input: ServerInput, folder: string): Promise<ReadingServer> {
  const config = OpcUaDevice.parse({
    id: 'ua-1',
    protocol: 'opcua',
    security: { policy: 'None', mode: 'None', insecure: true },
    subscription: { publishingMs: 100 },
    budget: { requestsPerSecond: 100, minCadenceMs: 50 },
    ...input
  })
  const resolved = resolveOpcUa(config, { cadenceMs: 100, heartbeatMs: 60_000, deadband: 0 })
  const names = resolved.tags.map(({ tag }) => tag.name)
  const devices = [{ config, resolved, tags: resolved.tags.map(({ tag }, i) => ({ ...tag, id: i + 1 })) }]
  const backoff = { firstMs: 50, mostMs: 400 }
  const [source] = await buildOpcUaSources({ devices, folder, clock: new AgentClock({ floor: 0 }), log: quietLog(), backoff })
  if (source === undefined) throw new Error('no source')
  const samples: ReadSample[] = []
  const events: DeviceEvent[] = []
  const missed: Missed[] = []
  const ending = new AbortController()
  const work = source.run(
    {
      read({ time, tags, values, qualities, sourceTimes, serverTimes }) {
        for (const [i, id] of tags.entries())
          samples.push({
            tag: names[id - 1] ?? '',
            time,
            value: values[i] ?? null,
            quality: qualities[i] ?? -1,
            sourceTime: sourceTimes?.[i] ?? 0,
            serverTime: serverTimes?.[i] ?? 0
          })
      },
      event: (event) => void events.push(event),
      missed: (one) => void missed.push(one)
    },
    ending.signal
  )
  return {
    source,
    samples,
    events,
    missed,
    last: (tag) => samples.findLast((sample) => sample.tag === tag),
    of: (tag) => samples.filter((sample) => sample.tag === tag),
    async [Symbol.asyncDispose]() {
      ending.abort()
      await work
    }
  }
}
