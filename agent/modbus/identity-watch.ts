// Asks a device from time to time who it is, and tells when it says so for the first time or says something else. What it said
// last is kept in memory: after a restart of the agent it is told as seen for the first time, with all of it.
import type { DeviceEvent } from '#contract/event.ts'
import type { Log } from '#runtime/log.ts'
import type { AgentClock } from '../clock.ts'
import { ModbusFault } from './fault.ts'
import { changed, type Identity, readIdentification, serverIdOf } from './identity.ts'
import type { ModbusLink } from './link.ts'

const HOUR_MS = 3_600_000
// A device that does not answer the question is asked again after this long.
const AGAIN_AFTER_FAULT_MS = HOUR_MS
// A new connection may lead to another device; one that is lost all the time shall not ask all the time.
const AFTER_CONNECT_MS = 10 * 60_000
// What an answer counts for in the budget of registers: as many as its longest form.
const REGISTERS = 125

export interface IdentityWatchOptions {
  device: string
  unit: number
  timeoutMs: number
  /** Whether function 43/14 is asked, and whether function 17 is. */
  identify: boolean
  serverId: boolean
  everyHours: number
  link: ModbusLink
  clock: AgentClock
  log: Log
  /** Told of each request. */
  requested: (functionCode: number) => void
  now?: () => number
}

export class IdentityWatch {
  readonly #options: IdentityWatchOptions
  readonly #now: () => number
  #last: Identity | undefined
  #connects = -1
  #askedAt = Number.NEGATIVE_INFINITY
  #dueAt = Number.NEGATIVE_INFINITY
  #asking = false

  constructor(options: IdentityWatchOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Asks when it is time to; called while the device answers. A fault of the device is logged, never thrown. */
  async look(tell: (event: DeviceEvent) => void, signal: AbortSignal): Promise<void> {
    if (this.#asking || !this.#due) return
    const { device, everyHours, link, log } = this.#options
    this.#asking = true
    this.#askedAt = this.#now()
    this.#connects = link.counters.connects
    try {
      const identity = await this.#ask(signal)
      this.#dueAt = this.#askedAt + everyHours * HOUR_MS
      const event = this.#compared(identity)
      this.#last = identity
      if (event !== undefined) tell(event)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ModbusFault)) throw error
      this.#dueAt = this.#askedAt + AGAIN_AFTER_FAULT_MS
      log.info({ device, reason: error.message }, 'The device does not say what it is.')
    } finally {
      this.#asking = false
    }
  }

  get #due(): boolean {
    const now = this.#now()
    if (now >= this.#dueAt) return true
    // Asked in vain, a new connection alone is no reason to ask again.
    return this.#last !== undefined && this.#options.link.counters.connects !== this.#connects && now - this.#askedAt >= AFTER_CONNECT_MS
  }

  async #ask(signal: AbortSignal): Promise<Identity> {
    const { unit, timeoutMs, identify, serverId, link, requested } = this.#options
    const cost = { unit, registers: REGISTERS, signal }
    const identification = identify
      ? await readIdentification(async (objectId) => {
          requested(43)
          const { answer } = await link.ask(cost, (reader) => reader.identify({ unit, level: 2, objectId, timeoutMs }))
          return answer
        }, `unit ${unit} at ${link.endpoint}`)
      : {}
    if (!serverId) return identification
    requested(17)
    const { answer } = await link.ask(cost, (reader) => reader.serverId({ unit, timeoutMs }))
    return { ...identification, serverId: serverIdOf(answer) }
  }

  #compared(identity: Identity): DeviceEvent | undefined {
    const { device, clock } = this.#options
    const event = { device, time: clock.now(), sourceTime: null, kind: 'identity', source: null } as const
    if (this.#last === undefined) {
      const message = 'The device says what it is.'
      return { ...event, change: 'first', severity: 200, message, details: { ...identity } }
    }
    const before = this.#last
    const parts = changed(before, identity)
    if (parts === undefined) return undefined
    const details = Object.fromEntries(
      parts.flatMap((part) => [
        [`${part}.before`, before[part] ?? null],
        [`${part}.after`, identity[part] ?? null]
      ])
    )
    return { ...event, change: 'changed', severity: 800, message: `The device says that it is another: ${parts.join(', ')}.`, details }
  }
}
