// The port of a PLC as its clients know it, without any socket: unit id, how many may be connected, how much may be asked in a
// second, counters, listen-only mode and restart. The servers and the offline network share it.
import { Diagnostics } from './modbus-diagnostics.ts'
import { answerIdentification, answerServerId, type Identity, type IdentityObjects, objectsOf } from './modbus-identity.ts'
import { answerPdu, DEVICE_BUSY, GATEWAY_NO_RESPONSE, ILLEGAL_FUNCTION, MAX_PDU_BYTES, refuse } from './modbus-pdu.ts'
import { Programming } from './modbus-programming.ts'
import type { RegisterImage } from './register-image.ts'

export interface StationOptions {
  image: RegisterImage
  limits: {
    unit: number
    maxConnections: number
    whenFull: 'refuse-new' | 'close-oldest'
    maxRequestsPerSecond?: number | undefined
    /** Refused by default. */
    otherUnits?: 'refuse' | 'ignore'
  }
  /** Without it the PLC does not say who it is. */
  identity?: Identity | undefined
  /** Milliseconds of any clock that never goes back. */
  now: () => number
}

/** A client that is connected. */
export interface Seat {
  leave(): void
}

/** How a PLC ends a connection: for another client's sake, or as its communications are restarted. */
export type HangUp = (how: 'full' | 'restart') => void

const BURST_MS = 1000

export class ModbusStation {
  readonly counts = { connections: 0, turnedAway: 0, requests: 0, busy: 0, malformed: 0 }
  readonly programming: Programming
  readonly #image: RegisterImage
  readonly #limits: StationOptions['limits']
  readonly #unit: number
  readonly #limited: boolean
  readonly #now: () => number
  readonly #identity: Identity | undefined
  readonly #objects: IdentityObjects
  readonly #diagnostics: Diagnostics
  readonly #unsent = new Uint8Array(MAX_PDU_BYTES)
  readonly #seats = new Set<{ hangUp: HangUp }>()
  #restarted = false
  // The time at which the allowance is whole again, as in a leaky bucket that is kept as one number.
  #wholeAt = 0

  constructor({ image, limits, identity, now }: StationOptions) {
    this.#image = image
    this.#limits = limits
    this.#unit = limits.unit
    this.#limited = limits.maxRequestsPerSecond !== undefined
    this.#now = now
    this.#identity = identity
    this.#objects = identity === undefined ? [] : objectsOf(identity)
    this.programming = new Programming({ name: identity?.product ?? 'PLC', now })
    this.#diagnostics = new Diagnostics({ onRestart: () => this.#restart() })
  }

  get unit(): number {
    return this.#unit
  }

  get connected(): number {
    return this.#seats.size
  }

  /** Whether it was told to keep silent until its communications are restarted. */
  get listenOnly(): boolean {
    return this.#diagnostics.listenOnly
  }

  /** A seat for one more client, or null when there is none; hangUp is called when the PLC ends the connection. */
  seat(hangUp: HangUp): Seat | null {
    this.counts.connections++
    if (this.#seats.size >= this.#limits.maxConnections) {
      this.counts.turnedAway++
      const [oldest] = this.#seats
      if (this.#limits.whenFull === 'refuse-new' || oldest === undefined) return null
      this.#seats.delete(oldest)
      oldest.hangUp('full')
    }
    const taken = { hangUp }
    this.#seats.add(taken)
    return { leave: () => this.#seats.delete(taken) }
  }

  /** Reads the request in input[at .. at + length), writes the reply to output[to ..) and gives its length: 0 for no reply. */
  answer(input: Uint8Array, at: number, length: number, unit: number, output: Uint8Array, to: number): number {
    this.counts.requests++
    const { counters } = this.#diagnostics
    counters.messages++
    const size = this.#reply(input, at, length, unit, output, to)
    if (size === 0) counters.unanswered++
    else if ((output[to] ?? 0) & 0x80) counters.exceptions++
    else counters.processed++
    return size
  }

  /** A request to all on a serial line: obeyed and not answered. */
  obey(input: Uint8Array, at: number, length: number): void {
    this.counts.requests++
    const { counters } = this.#diagnostics
    counters.messages++
    const size = this.#reply(input, at, length, this.#unit, this.#unsent, 0)
    if (size > 0 && (this.#unsent[0] ?? 0) < 0x80) counters.processed++
    counters.unanswered++
  }

  /** The same as answer for a request that comes while too many of its connection wait. */
  answerBusy(code: number, unit: number, output: Uint8Array, to: number): number {
    this.counts.requests++
    const { counters } = this.#diagnostics
    counters.messages++
    if (this.listenOnly || this.#ignores(unit)) {
      counters.unanswered++
      return 0
    }
    counters.exceptions++
    return this.#busy(code, output, to)
  }

  /** A frame that cannot be read; nothing was done. */
  countMalformed(): void {
    this.counts.malformed++
    this.#diagnostics.counters.communicationErrors++
  }

  /** Whether the program is to run. */
  get running(): boolean {
    return this.programming.running
  }

  /** After a loss of power nothing is left of connections, counters, listen-only mode and what a workstation had done. */
  powerUp(): void {
    this.#diagnostics.powerUp()
    this.programming.powerUp()
    this.#hangUpAll()
  }

  /** To be called when replies are sent: a restart of communications ends all connections, after its own reply. */
  settle(): void {
    if (!this.#restarted) return
    this.#hangUpAll()
  }

  #hangUpAll(): void {
    this.#restarted = false
    const all = [...this.#seats]
    this.#seats.clear()
    for (const { hangUp } of all) hangUp('restart')
  }

  #reply(input: Uint8Array, at: number, length: number, unit: number, output: Uint8Array, to: number): number {
    const code = input[at] ?? 0
    if (this.listenOnly) {
      if (this.#isMine(unit)) this.#diagnostics.hear(input.subarray(at, at + length))
      return 0
    }
    // What is for another unit takes up the line too, but nobody is there to say that it is busy.
    const busy = this.#limited && this.#isBusy()
    if (this.#ignores(unit)) return 0
    if (busy) return this.#busy(code, output, to)
    if (!this.#isMine(unit)) return refuse(code, GATEWAY_NO_RESPONSE, output, to)
    switch (code) {
      case 8:
        return this.#diagnostics.answer(input.subarray(at, at + length), output, to)
      case 17:
        if (this.#identity === undefined || length !== 1) return refuse(code, ILLEGAL_FUNCTION, output, to)
        return answerServerId({ unit: this.#unit, running: this.programming.running, identity: this.#identity }, output, to)
      case 43:
        if (this.#identity === undefined) return refuse(code, ILLEGAL_FUNCTION, output, to)
        return answerIdentification(this.#objects, input.subarray(at, at + length), output, to)
      case 90:
        return this.programming.answer(input.subarray(at, at + length), output, to)
      default:
        return answerPdu(this.#image, input, at, length, output, to)
    }
  }

  // Implementation Guide 4.4.2.1: a server reached by its IP address takes 255, and 0 is accepted too.
  #isMine(unit: number): boolean {
    return unit === this.#unit || ((unit === 0 || unit === 255) && this.#limits.otherUnits !== 'ignore')
  }

  #ignores(unit: number): boolean {
    return this.#limits.otherUnits === 'ignore' && !this.#isMine(unit)
  }

  #restart(): void {
    this.#restarted = true
    this.programming.release()
  }

  #busy(code: number, output: Uint8Array, to: number): number {
    this.counts.busy++
    this.#diagnostics.counters.busy++
    return refuse(code, DEVICE_BUSY, output, to)
  }

  #isBusy(): boolean {
    const each = BURST_MS / (this.#limits.maxRequestsPerSecond ?? BURST_MS)
    const now = this.#now()
    const whole = Math.max(this.#wholeAt, now)
    // A little room for what thirds of a millisecond lose by adding up.
    if (whole - now > BURST_MS - each + 1e-6) return true
    this.#wholeAt = whole + each
    return false
  }
}
