// Devices of an agent without the rest of it: what is read lands in a list, with tags by their names.
import type { z } from 'zod'
import type { DeviceEvent } from '#contract/event.ts'
import type { SampleValue } from '#contract/sample.ts'
import { quietLog } from '#runtime/log.ts'
import { AgentClock } from '../../agent/clock.ts'
import { buildSources } from '../../agent/devices.ts'
import {
  Defaults,
  type ModbusAsciiDevice,
  ModbusDevice,
  type ModbusRtuDevice,
  type ModbusRtuOverTcpDevice,
  type ModbusTcpDevice
} from '../../agent/modbus/config.ts'
import { resolveDevice } from '../../agent/modbus/resolve.ts'
import type { Missed, Source } from '../../agent/source.ts'

export interface ReadSample {
  tag: string
  time: number
  value: SampleValue
  quality: number
}

export interface ReadingDevices extends AsyncDisposable {
  readonly samples: ReadSample[]
  readonly events: DeviceEvent[]
  readonly missed: Missed[]
  readonly sources: readonly Source[]
  /** The newest sample of a tag. */
  last(tag: string): ReadSample | undefined
  /** Samples of a tag, oldest first. */
  of(tag: string): ReadSample[]
}

/** A device as it would stand in a config file; what matters to a test is given, all else is made quick. */
type OverTcp = z.input<typeof ModbusTcpDevice> | z.input<typeof ModbusRtuOverTcpDevice>
type Serial = z.input<typeof ModbusRtuDevice> | z.input<typeof ModbusAsciiDevice>
export type DeviceInput =
  | (Partial<OverTcp> & Pick<OverTcp, 'tags'> & { port: number })
  | (Partial<Serial> & Pick<Serial, 'protocol' | 'line' | 'tags'>)

export function readDevices(inputs: readonly DeviceInput[]): ReadingDevices {
  const defaults = Defaults.parse({ cadenceMs: 100 })
  const names: string[] = []
  const devices = inputs.map((input, i) => {
    const reached = 'line' in input ? {} : { protocol: 'modbus-tcp', host: '127.0.0.1' }
    const quick = { id: `plc-${i + 1}`, timeoutMs: 150, ...reached }
    const budget = { requestsPerSecond: 200, minGapMs: 0, minCadenceMs: 50 }
    const config = ModbusDevice.parse({ ...quick, budget, ...input })
    const resolved = resolveDevice(config, defaults)
    return { config, resolved, tags: resolved.tags.map(({ tag }) => ({ ...tag, id: names.push(tag.name) })) }
  })
  const samples: ReadSample[] = []
  const events: DeviceEvent[] = []
  const missed: Missed[] = []
  const ending = new AbortController()
  const { sources, links } = buildSources({
    devices,
    clock: new AgentClock({ floor: 0 }),
    log: quietLog(),
    backoff: { firstMs: 50, mostMs: 400 }
  })
  const work = Promise.all([
    ...links.map((link) => link.run(ending.signal)),
    ...sources.map((source) =>
      source.run(
        {
          read({ time, tags, values, qualities }) {
            for (const [i, id] of tags.entries())
              samples.push({ tag: names[id - 1] ?? '', time, value: values[i] ?? null, quality: qualities[i] ?? -1 })
          },
          event: (event) => void events.push(event),
          missed: (one) => void missed.push(one)
        },
        ending.signal
      )
    )
  ])
  return {
    samples,
    events,
    missed,
    sources,
    last: (tag) => samples.findLast((sample) => sample.tag === tag),
    of: (tag) => samples.filter((sample) => sample.tag === tag),
    async [Symbol.asyncDispose]() {
      ending.abort()
      await work
    }
  }
}
