// The agent's rooms joined as agent.ts joins them, but asking a register image instead of a socket: its read plan, what it makes
// of refusals and silence, its decoding and its deadband.
import type { Birth, Health } from '#contract/agent-status.ts'
import type { SampleBatch } from '#contract/sample.ts'
import type { AgentConfig } from '../agent/config.ts'
import { ModbusFault } from '../agent/modbus/fault.ts'
import { type GroupRead, ReadGroup } from '../agent/modbus/read-group.ts'
import { isBitTable, type PlannedRead } from '../agent/modbus/read-plan.ts'
import { type ResolvedDevice, resolveDevice } from '../agent/modbus/resolve.ts'
import { Columns } from '../agent/publish/columns.ts'
import { Deadband } from '../agent/publish/deadband.ts'
import { isModbus } from '../agent/resolve.ts'
import type { Moment } from '../simulators/offline.ts'

const FUNCTION_OF = { coil: 1, 'discrete-input': 2, 'holding-register': 3, 'input-register': 4 } as const
// The answers of one cycle come one after the other.
const BETWEEN_READS_MS = 5
const MOST_IN_A_BATCH = 10_000
const MOST_BITS = 2000

export interface OfflineAgentOptions {
  config: AgentConfig
  /** What it may ask of a PLC that can answer little; what is due beyond that waits for the next second. */
  mostPerSecond?: number | undefined
  boot: number
  startedAt: number
}

export class OfflineAgent {
  readonly birth: Birth
  readonly #device: ResolvedDevice
  readonly #groups: readonly ReadGroup[]
  readonly #mostPerSecond: number | undefined
  #waiting: { group: ReadGroup; one: GroupRead }[] = []
  readonly #deadband: Deadband
  readonly #sender
  readonly #startedAt: number
  readonly #columns = new Columns(MOST_IN_A_BATCH)
  readonly #requests = new WeakMap<PlannedRead, Uint8Array>()
  readonly #bits = Buffer.alloc(MOST_BITS)
  readonly #told = { read: 0, sent: 0, requests: 0, published: 0, failures: 0 }
  #lastGood: number | null = null
  #answers = true
  #sequence = 0

  constructor({ config, mostPerSecond, boot, startedAt }: OfflineAgentOptions) {
    const [device] = config.devices
    if (device === undefined || !isModbus(device) || config.devices.length !== 1) throw new RangeError('the offline agent reads one PLC')
    this.#device = resolveDevice(device, config.defaults)
    const { tags, groups, limits } = this.#device
    this.#groups = [...groups].map(([cadenceMs, reads]) => new ReadGroup({ cadenceMs, reads, limits }))
    this.#mostPerSecond = mostPerSecond
    this.#deadband = new Deadband(tags.map(({ tag, deadband }, i) => ({ ...tag, id: i + 1, deadband })))
    this.#sender = { schema: 1, site: config.site.id, agent: config.agent, boot } as const
    this.#startedAt = startedAt
    this.birth = {
      kind: 'birth',
      ...this.#sender,
      tagMap: boot,
      startedAt,
      version: 'offline',
      configHash: '',
      acknowledge: config.acknowledge,
      siteInfo: config.site,
      devices: [this.#device.device],
      tags: tags.map(({ tag }, i) => ({ id: i + 1, ...tag }))
    }
  }

  /** What it read, and what of it was news enough to be sent. */
  get samples(): { read: number; sent: number } {
    const { read, sent } = this.#told
    return { read, sent }
  }

  /** What it gave out last; who writes under its name gives out numbers of the same row. */
  get sequence(): number {
    return this.#sequence
  }

  /** `time` is what the agent's clock shows. */
  poll({ second, request }: Pick<Moment, 'second' | 'request'>, time: number): void {
    if (this.#mostPerSecond !== undefined) {
      this.#pollSparingly(this.#mostPerSecond, { second, request, time })
      return
    }
    for (const group of this.#groups) {
      if ((second * 1000) % group.cadenceMs !== 0) continue
      let at = time
      for (const one of [...group.reads]) {
        this.#read(group, one, request, at)
        at += BETWEEN_READS_MS
      }
      group.settle()
    }
  }

  /** What is waiting to be sent, or null when nothing is. */
  seal(): SampleBatch | null {
    if (this.#columns.length === 0) return null
    const body = this.#columns.body(this.birth.tagMap)
    this.#columns.clear()
    this.#told.published++
    return { kind: 'samples', ...this.#sender, sequence: ++this.#sequence, ...body }
  }

  health(time: number, offsetMs: number): Health {
    const { read, sent, requests, published, failures } = this.#told
    return {
      kind: 'health',
      ...this.#sender,
      time,
      uptimeSeconds: Math.max(0, (time - this.#startedAt) / 1000),
      samplesRead: read,
      samplesQueued: sent,
      pollsLate: 0,
      devices: [
        {
          id: this.#device.device.id,
          state: this.#answers ? 'online' : 'offline',
          lastGoodAt: this.#lastGood,
          requests: { read: requests },
          refused: 0,
          failures: failures === 0 ? {} : { failed: failures },
          staleReplies: 0,
          connects: 1,
          roundTripP50Ms: null,
          roundTripP95Ms: null
        }
      ],
      outbox: { messages: 0, bytes: 0, oldestAt: null, droppedMessages: 0 },
      publisher: { published, resent: 0, watermark: null, ignoredAcks: 0 },
      rssBytes: 0,
      clock: { synchronised: true, offsetMs, aheadMs: 0 }
    }
  }

  #pollSparingly(most: number, { second, request, time }: Pick<Moment, 'second' | 'request'> & { time: number }): void {
    const isWaiting = (group: ReadGroup) => this.#waiting.some((one) => one.group === group)
    for (const group of this.#groups) {
      // A cycle that is not over when the next one is due takes its place.
      if ((second * 1000) % group.cadenceMs === 0 && !isWaiting(group)) this.#waiting.push(...group.reads.map((one) => ({ group, one })))
    }
    const asked = this.#waiting.splice(0, most)
    for (const [i, { group, one }] of asked.entries()) this.#read(group, one, request, time + i * BETWEEN_READS_MS)
    for (const group of new Set(asked.map((one) => one.group))) if (!isWaiting(group)) group.settle()
  }

  #read(group: ReadGroup, one: GroupRead, request: Moment['request'], time: number): void {
    const { read, rest } = one
    if (rest !== undefined && time < rest.until) {
      this.#bad(read, rest.quality, time)
      return
    }
    this.#told.requests++
    const reply = request(this.#requestOf(read))
    const bytes = reply === null ? undefined : this.#bytesOf(read, reply)
    if (bytes !== undefined) {
      this.#answers = true
      this.#lastGood = time
      group.answered(one)
      this.#take(read, bytes, time)
      return
    }
    const fault = faultOf(read, reply)
    this.#told.failures++
    this.#answers = reply !== null
    if (fault.exceptionCode !== undefined) group.refused(one, fault, time)
    this.#bad(read, fault.quality, time)
  }

  #take({ spans, address, table }: PlannedRead, bytes: Buffer, time: number): void {
    const width = isBitTable(table) ? 1 : 2
    for (const span of spans) {
      const decoded = this.#device.tags[span.tag]?.decode(bytes, (span.address - address) * width)
      if (decoded === undefined) throw new RangeError(`no tag for ${table} ${span.address}`)
      this.#offer(span.tag, decoded.value, decoded.quality, time)
    }
  }

  #bad({ spans }: PlannedRead, quality: number, time: number): void {
    for (const span of spans) this.#offer(span.tag, null, quality, time)
  }

  #offer(tag: number, value: Parameters<Deadband['passes']>[1], quality: number, time: number): void {
    this.#told.read++
    if (!this.#deadband.passes(tag, value, quality, time)) return
    this.#told.sent++
    this.#columns.add(tag + 1, time, value, quality)
  }

  #requestOf(read: PlannedRead): Uint8Array {
    const known = this.#requests.get(read)
    if (known !== undefined) return known
    const { table, address, count } = read
    const pdu = Uint8Array.of(FUNCTION_OF[table], address >> 8, address & 0xff, count >> 8, count & 0xff)
    this.#requests.set(read, pdu)
    return pdu
  }

  // Registers as they are on the wire, or one byte for each coil or discrete input, as the agent's reader hands them on.
  #bytesOf({ table, count }: PlannedRead, reply: Buffer): Buffer | undefined {
    const bits = isBitTable(table)
    const length = bits ? (count + 7) >> 3 : count * 2
    if (reply[0] !== FUNCTION_OF[table] || reply[1] !== length || reply.length !== length + 2) return undefined
    if (!bits) return reply.subarray(2)
    for (let i = 0; i < count; i++) this.#bits[i] = ((reply[2 + (i >> 3)] ?? 0) >> (i & 7)) & 1
    return this.#bits
  }
}

function faultOf({ table, address, count }: PlannedRead, reply: Buffer | null): ModbusFault {
  const place = `${table} ${address}+${count}`
  if (reply === null) return new ModbusFault('MODBUS_TIMEOUT', 'no answer', { place })
  const exceptionCode = reply[1]
  if (reply[0] === (FUNCTION_OF[table] | 0x80) && exceptionCode !== undefined)
    return new ModbusFault('MODBUS_EXCEPTION', `exception ${exceptionCode}`, { place, exceptionCode })
  return new ModbusFault('MODBUS_UNEXPECTED_REPLY', 'the reply does not belong to the request', { place })
}
