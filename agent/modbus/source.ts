// One Modbus device: polls its groups over the shared link and turns every answer, and every missing answer, into samples.
import type { DeviceHealth } from '#contract/agent-status.ts'
import type { Device, DeviceState } from '#contract/device.ts'
import { BAD_TIMEOUT, GOOD } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { Log } from '#runtime/log.ts'
import type { Backoff } from '../backoff.ts'
import type { AgentClock } from '../clock.ts'
import { Poller } from '../poller.ts'
import type { Sink, Source } from '../source.ts'
import { ModbusFault } from './fault.ts'
import type { ModbusLink } from './link.ts'
import { type GroupRead, ReadGroup } from './read-group.ts'
import { isBitTable, type PlanLimits, type PlannedRead } from './read-plan.ts'
import type { Decode } from './registers.ts'
import { RoundTrips } from './round-trips.ts'

const FUNCTION_OF = { coil: 1, 'discrete-input': 2, 'holding-register': 3, 'input-register': 4 } as const
// So many reads of one unit in a row without an answer, and the unit is asked only now and then (one read, with back-off).
const TIMEOUTS_TO_BREAK = 3

export interface ModbusSourceOptions {
  device: Device
  unit: number
  timeoutMs: number
  limits: PlanLimits
  /** Planned reads by cadence; spans name tags by their place in `decoders` and `ids`. */
  groups: ReadonlyMap<number, readonly PlannedRead[]>
  decoders: readonly Decode[]
  ids: readonly number[]
  link: ModbusLink
  clock: AgentClock
  /** Where in its cadence the device lies, 0 up to 1. */
  phase: number
  log: Log
  backoff: Backoff
}

export class ModbusSource implements Source {
  readonly device: Device
  readonly #options: ModbusSourceOptions
  readonly #groups: readonly ReadGroup[]
  readonly #requests = new Map<number, number>()
  readonly #failures = new Map<string, number>()
  readonly #roundTrips = new RoundTrips()
  #pollers: readonly Poller[] = []
  #timeouts = 0
  #silentUntil = 0
  #lastGoodAt: number | null = null
  #state: DeviceState = 'offline'

  constructor(options: ModbusSourceOptions) {
    this.device = options.device
    this.#options = options
    this.#groups = [...options.groups].map(([cadenceMs, reads]) => new ReadGroup({ cadenceMs, reads, limits: options.limits }))
  }

  get late(): number {
    return this.#pollers.reduce((sum, poller) => sum + poller.late, 0)
  }

  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const { phase, link } = this.#options
    await link.attempted
    this.#pollers = this.#groups.map(
      (group, i) =>
        new Poller({
          cadenceMs: group.cadenceMs,
          phase: (phase + i / this.#groups.length) % 1,
          poll: () => this.#poll(group, sink, signal),
          skipped: () => this.#skip(group, sink)
        })
    )
    await Promise.all(this.#pollers.map((poller) => poller.run(signal)))
  }

  health(): DeviceHealth {
    const { counters } = this.#options.link
    const [p50, p95] = this.#roundTrips.percentiles()
    return {
      id: this.device.id,
      state: this.#state,
      lastGoodAt: this.#lastGoodAt,
      requests: Object.fromEntries(this.#requests),
      refused: counters.refused,
      failures: Object.fromEntries(this.#failures),
      staleReplies: counters.stale,
      connects: counters.connects,
      roundTripP50Ms: p50,
      roundTripP95Ms: p95
    }
  }

  async #poll(group: ReadGroup, sink: Sink, signal: AbortSignal): Promise<void> {
    // After one request without an answer the rest of the cycle is not asked: a silent device costs one timeout a cycle.
    let silent: number | undefined
    for (const one of [...group.reads]) {
      if (signal.aborted) return
      const quality = this.#blocked(one) ?? silent
      if (quality !== undefined) {
        this.#deliverBad(one, quality, sink)
        continue
      }
      try {
        await this.#read(group, one, sink, signal)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof ModbusFault)) throw error
        this.#fail(group, one, error, sink)
        if (error.code === 'MODBUS_TIMEOUT') silent = error.quality
      }
    }
    group.settle()
    this.#tellState()
  }

  // The quality that stands for a read that is not asked now.
  #blocked(one: GroupRead): number | undefined {
    const { down } = this.#options.link
    if (down !== undefined) return down.quality
    const now = performance.now()
    if (now < this.#silentUntil) return BAD_TIMEOUT
    return one.rest !== undefined && now < one.rest.until ? one.rest.quality : undefined
  }

  // A cycle that is left out while the device is silent still says so; a healthy but slow one is only counted late.
  #skip(group: ReadGroup, sink: Sink): void {
    if (this.#timeouts > 0) for (const one of group.reads) this.#deliverBad(one, BAD_TIMEOUT, sink)
  }

  async #read(group: ReadGroup, one: GroupRead, sink: Sink, signal: AbortSignal): Promise<void> {
    const { link, unit, timeoutMs } = this.#options
    const { table, address, count } = one.read
    const { bytes, roundTripMs } = await link.read({ unit, table, address, count, timeoutMs }, signal)
    this.#countRequest(table)
    this.#answered()
    this.#roundTrips.add(roundTripMs)
    group.answered(one)
    this.#deliver(one.read, bytes, roundTripMs, sink)
  }

  #fail(group: ReadGroup, one: GroupRead, fault: ModbusFault, sink: Sink): void {
    const { log } = this.#options
    if (fault.code !== 'MODBUS_NOT_CONNECTED' && fault.code !== 'MODBUS_REFUSED') this.#countRequest(one.read.table)
    this.#failures.set(fault.kind, (this.#failures.get(fault.kind) ?? 0) + 1)
    this.#deliverBad(one, fault.quality, sink)
    if (fault.code === 'MODBUS_EXCEPTION') {
      this.#answered()
      if (group.refused(one, fault, performance.now()))
        log.warn({ device: this.device.id, reason: fault.message }, 'The device has no such address; its tags stay bad.')
    }
    if (fault.code !== 'MODBUS_TIMEOUT') return
    this.#timeouts++
    if (this.#timeouts >= TIMEOUTS_TO_BREAK) this.#silentUntil = performance.now() + this.#options.backoff.next()
  }

  #answered(): void {
    this.#timeouts = 0
    this.#options.backoff.reset()
  }

  #deliver({ spans, address, table }: PlannedRead, bytes: Buffer, roundTripMs: number, sink: Sink): void {
    const { decoders, ids, clock } = this.#options
    const time = clock.now()
    this.#lastGoodAt = time
    const width = isBitTable(table) ? 1 : 2
    const tags: number[] = []
    const values: SampleValue[] = []
    const qualities: number[] = []
    for (const span of spans) {
      const decoded = decoders[span.tag]?.(bytes, (span.address - address) * width)
      const id = ids[span.tag]
      if (decoded === undefined || id === undefined) continue
      tags.push(id)
      values.push(decoded.value)
      qualities.push(decoded.quality)
    }
    sink.read({ time, tags, values, qualities, roundTrip: Math.round(roundTripMs * 1000) })
  }

  #deliverBad(one: GroupRead, quality: number, sink: Sink): void {
    one.quality = quality
    const { ids, clock } = this.#options
    const tags = one.read.spans.map((span) => ids[span.tag] ?? 0)
    sink.read({ time: clock.now(), tags, values: tags.map(() => null), qualities: tags.map(() => quality) })
  }

  #countRequest(table: PlannedRead['table']): void {
    const key = FUNCTION_OF[table]
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1)
  }

  #tellState(): void {
    const reads = this.#groups.flatMap((group) => group.reads)
    const good = reads.filter((one) => one.quality === GOOD).length
    const state = good === reads.length ? 'online' : good === 0 ? 'offline' : 'degraded'
    if (state === this.#state) return
    this.#state = state
    this.#options.log[state === 'online' ? 'info' : 'warn']({ device: this.device.id, state }, 'The device changed its state.')
  }
}
