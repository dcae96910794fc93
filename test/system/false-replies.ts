// Many reads through a proxy that spoils replies, with the real link and reader: how many were good, bad and why, and wrong.
import { quietLog } from '#runtime/log.ts'
import { Backoff } from '../../agent/backoff.ts'
import { Budget } from '../../agent/budget.ts'
import { ModbusFault } from '../../agent/modbus/fault.ts'
import { ModbusLink } from '../../agent/modbus/link.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { type Fault, FaultProxy, REPLY_FAULTS, seeded } from '../parts/fault-proxy.ts'

export interface FalseRepliesOptions {
  transport: 'tcp' | 'rtu-over-tcp'
  requests: number
  seed: number
  timeoutMs?: number
  share?: number
  /** 0 lets faults follow each other without a pause. */
  calm?: number
  /** Units behind each line, read by turns: what comes late from one may come into the exchange of another. */
  units?: number
}

export interface Outcome {
  requests: number
  good: number
  bad: Map<string, number>
  /** Reads that gave another value than the one at their address. */
  wrong: number
  connects: number
  resyncs: number
  stale: number
  mostOpen: number
  spoilt: Map<Fault, number>
  /** From the reset of the connection to the rejected read, in milliseconds. */
  resetToFaultMs: number[]
}

const LINES = 8

/** Reads over several lines side by side, each with a PLC and a proxy of its own. */
export async function readFalseReplies({ requests, seed, ...options }: FalseRepliesOptions): Promise<Outcome> {
  const each = Math.ceil(requests / LINES)
  const outcomes = await Promise.all(
    Array.from({ length: LINES }, (_, i) => oneLine({ ...options, requests: Math.min(each, requests - i * each), seed: seed + i }))
  )
  return outcomes.reduce((sum, one) => ({
    requests: sum.requests + one.requests,
    good: sum.good + one.good,
    bad: added(sum.bad, one.bad),
    wrong: sum.wrong + one.wrong,
    connects: sum.connects + one.connects,
    resyncs: sum.resyncs + one.resyncs,
    stale: sum.stale + one.stale,
    mostOpen: Math.max(sum.mostOpen, one.mostOpen),
    spoilt: added(sum.spoilt, one.spoilt),
    resetToFaultMs: [...sum.resetToFaultMs, ...one.resetToFaultMs]
  }))
}

async function oneLine({
  transport,
  requests,
  seed,
  timeoutMs = 50,
  share = 0.1,
  calm = 3,
  units = 1
}: FalseRepliesOptions): Promise<Outcome> {
  const frames = transport === 'tcp' ? 'mbap' : 'rtu'
  await using plc = await AddressPlc.start({ frames })
  await using proxy = await FaultProxy.start({ port: plc.port, frames })
  // A repetition comes while the replies after it are let through.
  proxy.laterMs = 30
  proxy.mix({ seed, share, calm, faults: REPLY_FAULTS })
  const unlimited = () => new Budget({ requestsPerSecond: 10_000, registersPerSecond: 1_000_000, minGapMs: 0 })
  const link = new ModbusLink({
    transport: { over: 'tcp', frames, host: '127.0.0.1', port: proxy.port, connectTimeoutMs: 2000 },
    budgets: new Map(Array.from({ length: units }, (_, i) => [1 + i, unlimited()])),
    gapMs: 0,
    backoff: new Backoff({ firstMs: 2, mostMs: 10 }),
    log: quietLog()
  })
  const ending = new AbortController()
  const running = link.run(ending.signal)
  const random = seeded(seed + 1000)
  const outcome: Outcome = {
    requests,
    good: 0,
    bad: new Map(),
    wrong: 0,
    connects: 0,
    resyncs: 0,
    stale: 0,
    mostOpen: 0,
    spoilt: proxy.spoilt,
    resetToFaultMs: []
  }
  await link.attempted
  for (let i = 0; i < requests; i++) {
    // Few lengths and one function, so that a false reply mostly has the right shape.
    const address = Math.floor(random() * 60_000)
    const count = random() < 0.8 ? 2 : 3
    // A late reply comes after its request was given up, and before two times of patience are over.
    proxy.lateMs = timeoutMs * (1.05 + 0.9 * random())
    try {
      const { bytes } = await link.read({ unit: 1 + (i % units), table: 'holding-register', address, count, timeoutMs }, ending.signal)
      const right = Array.from({ length: count }, (_, k) => address + k).every((value, k) => bytes.readUInt16BE(2 * k) === value)
      if (right && bytes.length === 2 * count) outcome.good++
      else outcome.wrong++
    } catch (error) {
      if (!(error instanceof ModbusFault)) throw error
      outcome.bad.set(error.kind, (outcome.bad.get(error.kind) ?? 0) + 1)
      if (proxy.resetAt > 0 && error.code === 'MODBUS_CLOSED') outcome.resetToFaultMs.push(performance.now() - proxy.resetAt)
      proxy.resetAt = 0
      while (link.down !== undefined) await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  ending.abort()
  await running
  const { connects, resyncs, stale } = link.counters
  return { ...outcome, connects, resyncs, stale, mostOpen: proxy.mostOpen }
}

function added<K>(one: Map<K, number>, other: Map<K, number>): Map<K, number> {
  const sum = new Map(one)
  for (const [key, count] of other) sum.set(key, (sum.get(key) ?? 0) + count)
  return sum
}
