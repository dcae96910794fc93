// Reads the devices of a config for a person: the same sources, plans and budgets as a running agent, but what they deliver goes
// to the caller and nowhere else. No outbox is opened and nothing is published.
import type { SampleValue } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import { quietLog } from '#runtime/log.ts'
import { AgentClock } from '../clock.ts'
import type { AgentConfig, DeviceConfig } from '../config.ts'
import { type AnyPlannedDevice, buildAllSources } from '../devices.ts'
import { isBitTable } from '../modbus/read-plan.ts'
import type { Decode } from '../modbus/registers.ts'
import { planOf } from '../resolve.ts'
import type { Reading, Sink } from '../source.ts'
import { opcUaFolder } from './opcua-folder.ts'

export interface TagSample {
  tag: Tag
  value: SampleValue
  quality: number
  time: number
  sourceTime?: number
  serverTime?: number
  roundTripMs?: number
  /** The bytes of the value as they were on the wire. */
  raw?: string
}

export interface ReadOptions {
  config: AgentConfig
  onSample: (sample: TagSample) => void
  signal: AbortSignal
}

/** Resolves when the signal has ended it. Faults of devices are samples of bad quality. */
export async function readDevices({ config, onSample, signal }: ReadOptions): Promise<void> {
  const raw = new Map<number, string>()
  const tags: Tag[] = []
  const devices = config.devices.map((device) => planned(device, config, tags, raw))
  const { sources, links } = await buildAllSources({
    devices,
    opcUaFolder: opcUaFolder(config),
    clock: new AgentClock({ floor: 0 }),
    log: quietLog()
  })
  const sink: Sink = {
    read: (reading) => {
      for (const [i, id] of reading.tags.entries()) {
        const tag = tags[id - 1]
        if (tag !== undefined) onSample(sampleOf(reading, i, tag, raw.get(id)))
      }
    },
    event: () => {},
    missed: () => {}
  }
  await Promise.all([...links.map((link) => link.run(signal)), ...sources.map((source) => source.run(sink, signal))])
}

// The decoders note the bytes in passing, so that what is shown is what was decoded, and nothing is asked twice.
function planned(device: DeviceConfig, config: AgentConfig, tags: Tag[], raw: Map<number, string>): AnyPlannedDevice {
  const plan = planOf(device, config.defaults)
  const first = tags.length + 1
  const own = plan.resolved.tags.map(({ tag }, i) => ({ ...tag, id: first + i }))
  tags.push(...own)
  if (plan.family === 'opcua') return { ...plan, tags: own }
  const noting = plan.resolved.tags.map(({ decode, span, ...rest }, i) => {
    const size = span.count * (isBitTable(span.table) ? 1 : 2)
    const noted: Decode = (bytes, at) => {
      raw.set(own[i]?.id ?? 0, bytes.toString('hex', at, at + size))
      return decode(bytes, at)
    }
    return { ...rest, span, decode: noted }
  })
  return { ...plan, resolved: { ...plan.resolved, tags: noting }, tags: own }
}

function sampleOf(reading: Reading, i: number, tag: Tag, bytes: string | undefined): TagSample {
  const { time, values, qualities, sourceTimes, serverTimes, roundTrip } = reading
  const [value = null, sourceTime = 0, serverTime = 0] = [values[i], sourceTimes?.[i], serverTimes?.[i]]
  return {
    tag,
    value,
    quality: qualities[i] ?? 0,
    time,
    ...(sourceTime === 0 ? {} : { sourceTime }),
    ...(serverTime === 0 ? {} : { serverTime }),
    ...(roundTrip === undefined ? {} : { roundTripMs: roundTrip / 1000 }),
    ...(value === null || bytes === undefined ? {} : { raw: bytes })
  }
}
