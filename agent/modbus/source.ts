// One Modbus device: polls its groups over the shared link and turns every answer, and every missing answer, into samples.
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeviceHealth } from '#contract/agent-status.ts'
import type { Device, DeviceState } from '#contract/device.ts'
import { BAD_TIMEOUT, GOOD } from '#contract/quality.ts'
import type { Log } from '#runtime/log.ts'
import type { Backoff } from '../backoff.ts'
import type { Budget } from '../budget.ts'
import { Misses } from '../misses.ts'
import { phaseOf } from '../phase.ts'
import { type LeftOut, Poller } from '../poller.ts'
import type { Sink, Source } from '../source.ts'
import { Breaker } from './breaker.ts'
import { Delivery, type DeliveryOptions } from './delivery.ts'
import { ModbusFault } from './fault.ts'
import { Figures, functionOf } from './figures.ts'
import { IdentityWatch } from './identity-watch.ts'
import type { ModbusLink } from './link.ts'
import { Pace } from './pace.ts'
import { type GroupRead, ReadGroup } from './read-group.ts'
import type { PlanLimits, PlannedRead, Table } from './read-plan.ts'

// How often it is looked whether the device is to be asked what it is.
const IDENTITY_LOOK_MS = 500

export interface ModbusSourceOptions extends DeliveryOptions {
  device: Device
  unit: number
  timeoutMs: number
  limits: PlanLimits
  /** Planned reads by cadence; spans name tags by their place in `decoders` and `ids`. */
  groups: ReadonlyMap<number, readonly PlannedRead[]>
  link: ModbusLink
  /** Whether and how often the device is asked what it is. */
  identity?: { identify: boolean; serverId: boolean; everyHours: number }
  /** The budget that the link keeps for the unit. */
  budget: Budget
  /** The place of the device among those of the config. */
  index: number
  log: Log
  backoff: Backoff
}

export class ModbusSource implements Source {
  readonly device: Device
  readonly #options: ModbusSourceOptions
  readonly #groups: readonly ReadGroup[]
  readonly #delivery: Delivery
  readonly #figures = new Figures()
  readonly #pace = new Pace()
  readonly #breaker: Breaker
  readonly #identity: IdentityWatch | undefined
  #pollers: readonly Poller[] = []
  // Since when, in agent time, the device has not answered.
  #silentSince: number | undefined
  #state: DeviceState = 'offline'

  constructor(options: ModbusSourceOptions) {
    const { device, groups, limits, backoff, identity } = options
    this.device = device
    this.#options = options
    this.#delivery = new Delivery(options)
    this.#groups = [...groups].map(([cadenceMs, reads]) => new ReadGroup({ cadenceMs, reads, limits }))
    this.#breaker = new Breaker({ backoff, shortestMs: Math.min(...groups.keys()) })
    const requested = (functionCode: number) => this.#figures.requested(functionCode)
    if (identity?.identify || identity?.serverId)
      this.#identity = new IdentityWatch({ ...options, ...identity, device: device.id, requested })
  }

  get late(): number {
    return this.#pollers.reduce((sum, poller) => sum + poller.late, 0)
  }

  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const { link, index } = this.#options
    await link.attempted
    const misses = new Misses({ device: this.device.id, tell: (missed) => sink.missed(missed) })
    const groups = this.#groups.length
    this.#pollers = this.#groups.map(
      (group, i) =>
        new Poller({
          cadenceMs: group.cadenceMs,
          phase: phaseOf({ id: this.device.id, index, group: i, groups }),
          poll: (due) => this.#cycle(group, due, { sink, misses, signal }),
          leftOut: (cycles) => this.#leftOut(group, cycles, { sink, misses, signal })
        })
    )
    await Promise.all([...this.#pollers.map((poller) => poller.run(signal)), this.#watchIdentity(sink, signal)])
    misses.closeAll()
  }

  health(): DeviceHealth {
    const { link, budget } = this.#options
    const { refused, stale, connects } = link.counters
    const { share } = this.#pace
    return {
      id: this.device.id,
      state: this.#state,
      lastGoodAt: this.#delivery.lastGoodAt,
      ...this.#figures.counts,
      refused,
      staleReplies: stale,
      connects,
      availability: this.#figures.availability,
      budgetUse: budget.use,
      ...(share < 1 ? { slowedTo: share } : {})
    }
  }

  // Beside the cycles, not within one: the many requests of an identification wait between those of the plan.
  async #watchIdentity(sink: Sink, signal: AbortSignal): Promise<void> {
    const { link } = this.#options
    while (this.#identity !== undefined && !signal.aborted) {
      await sleep(IDENTITY_LOOK_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted || this.#delivery.lastGoodAt === null || this.#silentSince !== undefined || this.#outage !== undefined) continue
      link.cycleBegan()
      try {
        await this.#identity.look((event) => sink.event(event), signal)
      } finally {
        link.cycleEnded()
      }
    }
  }

  async #cycle(group: ReadGroup, due: number, out: Out): Promise<void> {
    const { link, clock } = this.#options
    out.misses.settle(clock.now())
    const away = link.down !== undefined || this.#breaker.isOpen
    if (!this.#pace.reads(group.cycle++) && !away) {
      const time = this.#agentTime(due)
      out.misses.note('device-slow', { from: time, to: time, samples: group.tags })
      return
    }
    link.cycleBegan()
    try {
      if (link.down === undefined && this.#breaker.takeProbe()) await this.#probe(group, out)
      await this.#readAll(group, due, out)
    } finally {
      link.cycleEnded()
    }
    group.settle()
    this.#tellState()
  }

  async #readAll(group: ReadGroup, due: number, out: Out): Promise<void> {
    // After one request without an answer the rest of the cycle is not asked: a silent device costs one timeout a cycle.
    let silent: number | undefined
    for (const one of [...group.reads]) {
      if (out.signal.aborted) return
      const quality = this.#outage ?? silent
      const rest = restOf(one)
      if (quality !== undefined) this.#passOver(one, quality, due, out)
      else if (rest !== undefined) this.#deliverBad(one, rest, out.sink)
      if (quality !== undefined || rest !== undefined) continue
      try {
        await this.#read(group, one, out)
      } catch (error) {
        if (out.signal.aborted) return
        if (!(error instanceof ModbusFault)) throw error
        this.#fail(group, one, error, out)
        if (error.code === 'MODBUS_TIMEOUT') silent = error.quality
      }
    }
  }

  // The quality that stands for every read of a device that is not asked now.
  get #outage(): number | undefined {
    return this.#options.link.down?.quality ?? (this.#breaker.isOpen ? BAD_TIMEOUT : undefined)
  }

  // A read that is not asked because the device does not answer.
  #passOver(one: GroupRead, quality: number, due: number, { sink, misses }: Out): void {
    this.#figures.due(false)
    this.#deliverBad(one, quality, sink)
    const to = this.#agentTime(due)
    this.#silentSince ??= to
    misses.note('device-silent', { from: this.#silentSince, to, samples: one.read.spans.length })
  }

  // One register or bit of the plan, to see whether the unit is back; what it holds is not looked at.
  async #probe(group: ReadGroup, { misses, signal }: Out): Promise<void> {
    const { link, unit, timeoutMs } = this.#options
    const [first] = group.reads
    if (first === undefined) return
    const { table, address } = first.read
    try {
      await link.read({ unit, table, address, count: 1, timeoutMs, sent: () => this.#sent(table) }, signal)
      this.#answered(misses)
    } catch (error) {
      this.#breaker.notAsked()
      if (signal.aborted) return
      if (!(error instanceof ModbusFault)) throw error
      this.#note(error, misses)
    }
  }

  async #read(group: ReadGroup, one: GroupRead, { sink, misses, signal }: Out): Promise<void> {
    const { link, unit, timeoutMs } = this.#options
    const { table, address, count } = one.read
    const answer = await link.read({ unit, table, address, count, timeoutMs, sent: () => this.#sent(table) }, signal)
    const { roundTripMs } = answer
    this.#figures.due(true)
    this.#figures.roundTrip(roundTripMs)
    this.#answered(misses)
    if (this.#pace.answered(roundTripMs)) this.#tellPace()
    group.answered(one)
    this.#delivery.good(one.read, answer, sink)
  }

  #fail(group: ReadGroup, one: GroupRead, fault: ModbusFault, { sink, misses }: Out): void {
    this.#figures.due(fault.code === 'MODBUS_EXCEPTION')
    this.#deliverBad(one, fault.quality, sink, fault.tookMs)
    this.#note(fault, misses)
    if (fault.code === 'MODBUS_EXCEPTION' && group.refused(one, fault, performance.now()))
      this.#options.log.warn({ device: this.device.id, reason: fault.message }, 'The device has no such address; its tags stay bad.')
  }

  // What is repeated counts twice, and what never left does not count.
  #sent(table: Table): void {
    this.#figures.requested(functionOf(table))
  }

  #note({ code, kind }: ModbusFault, misses: Misses): void {
    this.#figures.failed(kind)
    if (code === 'MODBUS_EXCEPTION') this.#answered(misses)
    else this.#silentSince ??= this.#options.clock.now()
    if (code === 'MODBUS_TIMEOUT') this.#breaker.unanswered()
  }

  #answered(misses: Misses): void {
    this.#breaker.answered()
    if (this.#silentSince === undefined) return
    this.#silentSince = undefined
    misses.close('device-silent', this.#options.clock.now())
  }

  // Cycles that could not begin in time. While the device is silent they still say so; else what they missed is told as a gap.
  #leftOut(group: ReadGroup, { from, to, cycles, why }: LeftOut, out: Out): void {
    const quality = this.#outage ?? (this.#silentSince === undefined ? undefined : BAD_TIMEOUT)
    if (why === 'late' && quality !== undefined) {
      for (const one of group.reads) this.#passOver(one, quality, to, out)
      return
    }
    const span = { from: this.#agentTime(from), to: this.#agentTime(to), samples: cycles * group.tags }
    out.misses.note(why === 'paused' ? 'agent-down' : 'device-slow', span)
  }

  #agentTime(at: number): number {
    return Math.round(this.#options.clock.now() - Math.max(0, performance.now() - at))
  }

  #deliverBad(one: GroupRead, quality: number, sink: Sink, tookMs = 0): void {
    one.quality = quality
    this.#delivery.bad(one.read, { quality, tookMs }, sink)
  }

  #tellPace(): void {
    const { share } = this.#pace
    this.#options.log.warn({ device: this.device.id, share }, 'The pace of reading follows how fast the device answers.')
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

// The quality of a read that the device refused or put off, until its rest is over.
function restOf({ rest }: GroupRead): number | undefined {
  return rest !== undefined && performance.now() < rest.until ? rest.quality : undefined
}

interface Out {
  sink: Sink
  misses: Misses
  signal: AbortSignal
}
