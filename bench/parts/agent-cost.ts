// What an agent costs, seen from outside, and a stand-in for the collector that it sends to.
import { readFileSync } from 'node:fs'
import { decode, encode } from '#contract/codec.ts'
import type { Position } from '#contract/envelope.ts'
import { topicOf } from '#contract/topics.ts'
import { BrokerClient, BrokerConfig } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'

export const BENCH_AGENT = { site: 'bench', agent: 'edge-1' }

export interface Cost {
  cpuSeconds: number
  rssMb: number
  peakMb: number
}

// CPU time in clock ticks of 10 ms (proc(5): fields 14 and 15 of stat), memory in kB.
export function costOf(pid: number): Cost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1])
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    rssMb: kilobytes('VmRSS') / 1024,
    peakMb: kilobytes('VmHWM') / 1024
  }
}

export interface Counted {
  samples: () => number
  /** Those of good quality. */
  good: () => number
  bytes: () => number
  stop: () => Promise<void>
}

/** Counts what arrives and says some times a second that it is stored, as a collector does. */
export async function startCollector(url: string): Promise<Counted> {
  let samples = 0
  let good = 0
  let bytes = 0
  let last: Position | undefined
  const client = new BrokerClient({ config: BrokerConfig.parse({ url }), clientId: 'collector', clean: true, log: quietLog() })
  client.subscribe(['penstock/v1/+/+/+/samples'], async (_topic, payload) => {
    const batch = decode('samples', payload)
    samples += batch.tags.length
    for (const quality of batch.qualities) if (quality === 0) good++
    bytes += payload.length
    last = { boot: batch.boot, sequence: batch.sequence }
  })
  await client.start()
  const timer = setInterval(() => {
    if (last !== undefined && client.connected)
      void client.publish(topicOf({ ...BENCH_AGENT, kind: 'ack' }), encode('ack', last), { retain: true }).catch(() => {})
    last = undefined
  }, 200)
  return {
    samples: () => samples,
    good: () => good,
    bytes: () => bytes,
    stop: () => {
      clearInterval(timer)
      return client.stop()
    }
  }
}
