// The one connection to a Modbus endpoint: kept up with back-off, shared by the units behind it, each within its own budget.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#runtime/log.ts'
import type { Backoff } from '../backoff.ts'
import type { Budget } from '../budget.ts'
import { ModbusFault } from './fault.ts'
import type { AllowedIdentity } from './guard.ts'
import type { PortCounters } from './port.ts'
import { isBitTable } from './read-plan.ts'
import { ModbusReader, type ReadRequest } from './reader.ts'
import { endpointOf, type Transport } from './transport.ts'
import { type Seat, seatOf, Turns } from './turns.ts'

// So many requests in a row without any answer, from each unit that was asked: the connection is taken for dead, as after a PLC's
// restart without a FIN, which TCP itself would notice only after minutes.
const TIMEOUTS_TO_DEAD = 3

/** What the units on a line want of it; may change while it is open. */
export interface LineSettings {
  transport: Transport
  /** The budget of each unit on the line, by unit id. */
  budgets: ReadonlyMap<number, Budget>
  /** The pause of the line after each answer. */
  gapMs: number
  /** The units that may be asked who they are. */
  allowed?: AllowedIdentity | undefined
  /** How long nothing is asked after the connection is open. */
  pauseAfterConnectMs?: number
  /** Whether the connection is given up after each cycle, so that a device with one slot can serve others. */
  closeAfterCycle?: boolean
}

export interface ModbusLinkOptions extends LineSettings {
  /** On a line without transaction ids: how long no byte may follow a reply. */
  quietMs?: number | undefined
  log: Log
  backoff: Backoff
}

interface Question {
  unit: number
  registers: number
  signal: AbortSignal
}

export interface Answer<T> {
  answer: T
  roundTripMs: number
}

export class ModbusLink {
  readonly endpoint: string
  #options: ModbusLinkOptions
  readonly #reader: ModbusReader
  readonly #turns: Turns
  #seats: ReadonlyMap<number, Seat>
  readonly #attempt = Promise.withResolvers<void>()
  // While it is set the connection is away for a moment only: whoever wants to ask waits until it resolves.
  #gate: PromiseWithResolvers<void> | undefined
  #demand = Promise.withResolvers<void>()
  #cycles = 0
  #resting = false
  #backingOff = false
  #timeouts = 0
  #down: ModbusFault

  constructor(options: ModbusLinkOptions) {
    this.endpoint = endpointOf(options.transport)
    this.#options = options
    this.#reader = new ModbusReader(options.transport, options)
    this.#turns = new Turns({ gapMs: options.gapMs })
    this.#seats = seatsOf(options.budgets)
    this.#down = new ModbusFault('MODBUS_NOT_CONNECTED', 'not connected yet', { place: this.endpoint })
  }

  /** Why nothing can be asked now, or undefined when the connection is open or will be in a moment. */
  get down(): ModbusFault | undefined {
    return this.#gate !== undefined || this.#reader.isOpen ? undefined : this.#down
  }

  /** Resolves when the first attempt to connect is over, well or not; before it there is nothing true to say of the device. */
  get attempted(): Promise<void> {
    return this.#attempt.promise
  }

  get counters(): PortCounters {
    return this.#reader.counters
  }

  /** Other units, or other wishes of theirs. The connection stays, and so does what is known of units that keep their budget. */
  reseat(line: LineSettings): void {
    this.#options = { ...this.#options, ...line }
    this.#seats = seatsOf(line.budgets, this.#seats)
    this.#turns.gapMs = line.gapMs
    this.#reader.change({ allowed: line.allowed, connectTimeoutMs: line.transport.connectTimeoutMs })
  }

  /** Keeps the connection until the signal; resolves when it is gone. */
  async run(signal: AbortSignal): Promise<void> {
    const ending = () => {
      this.#reader.close()
      this.#attempt.resolve()
      this.#demand.resolve()
      this.#through()
    }
    signal.addEventListener('abort', ending, { once: true })
    while (!signal.aborted) {
      const fault = await this.#hold(signal)
      if (signal.aborted) break
      if (this.#resting) await this.#demand.promise
      else if (fault.resync) this.#shut()
      else await this.#pause(fault, signal)
    }
    await this.#reader.gone
  }

  /** A cycle of a unit begins; after it, `cycleEnded` must be called. */
  cycleBegan(): void {
    this.#cycles++
  }

  cycleEnded(): void {
    if (--this.#cycles > 0 || this.#options.closeAfterCycle !== true || !this.#reader.isOpen || this.#gate !== undefined) return
    this.#resting = true
    this.#gate = Promise.withResolvers()
    this.#demand = Promise.withResolvers()
    this.#reader.close()
  }

  /** One request within the budget. Rejects with ModbusFault, or with the signal's reason. */
  async read(request: ReadRequest, signal: AbortSignal): Promise<{ bytes: Buffer; roundTripMs: number }> {
    const { unit, table, count } = request
    const registers = isBitTable(table) ? count / 16 : count
    const { answer, roundTripMs } = await this.ask({ unit, registers, signal }, (reader) => reader.read(request))
    return { bytes: answer, roundTripMs }
  }

  /** One exchange of a unit in its turn and within its budget: `exchange` sends one request at most. */
  async ask<T>(question: Question, exchange: (reader: ModbusReader) => Promise<T>): Promise<Answer<T>> {
    try {
      return await this.#askOnce(question, exchange)
    } catch (error) {
      // Another unit's late answer, likely, which came into this exchange: its own unit is to blame for it and not this one.
      const disturbed = error instanceof ModbusFault && error.resync && error.code !== 'MODBUS_TIMEOUT'
      if (!disturbed || !this.#reader.othersOwe(question.unit)) throw error
      return await this.#askOnce(question, exchange)
    }
  }

  async #askOnce<T>({ unit, registers, signal }: Question, exchange: (reader: ModbusReader) => Promise<T>): Promise<Answer<T>> {
    const seat = this.#seats.get(unit)
    if (seat === undefined) throw new RangeError(`unit ${unit} has no budget at ${this.endpoint}`)
    await this.#turns.take(seat, registers, signal)
    let begun: number | undefined
    try {
      await this.#opened(signal)
      begun = performance.now()
      const answer = await exchange(this.#reader)
      this.#answered(seat)
      // What the framing waits for after an answer, to be sure of its end, is not the device's time.
      const { answeredAt } = this.#reader
      return { answer, roundTripMs: (answeredAt > begun ? answeredAt : performance.now()) - begun }
    } catch (error) {
      if (error instanceof ModbusFault) {
        if (begun !== undefined && error.code !== 'MODBUS_REFUSED') error.tookMs = performance.now() - begun
        // The unit is let alone here and not in its turn, so that the others have the line meanwhile.
        seat.notBefore = performance.now() + this.#reader.graceMs(unit)
        this.#judge(error, seat)
      }
      throw error
    } finally {
      this.#turns.ended(seat)
    }
  }

  async #hold(signal: AbortSignal): Promise<ModbusFault> {
    const { pauseAfterConnectMs = 0, log } = this.#options
    try {
      this.#resting = false
      const { over } = await this.#reader.connect()
      if (pauseAfterConnectMs > 0) {
        this.#gate ??= Promise.withResolvers()
        await Promise.race([over, sleep(pauseAfterConnectMs, undefined, { signal }).catch(() => {})])
      }
      this.#timeouts = 0
      this.#through()
      this.#attempt.resolve()
      log.debug({ endpoint: this.endpoint }, 'The device connection is open.')
      return await over
    } catch (error) {
      if (error instanceof ModbusFault) return error
      throw error
    }
  }

  async #pause(fault: ModbusFault, signal: AbortSignal): Promise<void> {
    const { log, backoff } = this.#options
    // Told when the reason changes, not at each attempt.
    if (fault.message !== this.#down.message)
      log.warn({ endpoint: this.endpoint, code: fault.code, reason: fault.message }, 'The device connection is down.')
    this.#down = fault
    this.#through()
    this.#attempt.resolve()
    this.#backingOff = true
    await sleep(backoff.next(), undefined, { signal }).catch(() => {})
    this.#backingOff = false
  }

  // Only when the connection will be opened anew at once: who waits at the gate shall not wait for the end of a back-off.
  #shut(): void {
    if (!this.#backingOff && !this.#reader.isOpen) this.#gate ??= Promise.withResolvers()
  }

  #through(): void {
    this.#gate?.resolve()
    this.#gate = undefined
  }

  // The gate opens within one attempt to connect and the pause after it, or with the end of the agent.
  async #opened(signal: AbortSignal): Promise<void> {
    this.#demand.resolve()
    await this.#gate?.promise
    signal.throwIfAborted()
    if (!this.#reader.isOpen) throw new ModbusFault('MODBUS_NOT_CONNECTED', this.#down.message, { place: this.endpoint, cause: this.#down })
  }

  #answered(seat: Seat): void {
    this.#timeouts = 0
    seat.timeouts = 0
    this.#options.backoff.reset()
  }

  #judge(fault: ModbusFault, seat: Seat): void {
    if (fault.code === 'MODBUS_EXCEPTION') this.#answered(seat)
    // The next in turn must find the gate shut, however soon it looks.
    if (fault.resync) this.#shut()
    if (fault.code !== 'MODBUS_TIMEOUT') return
    this.#timeouts++
    seat.timeouts++
    if (this.#timeouts < TIMEOUTS_TO_DEAD || !this.#reader.isOpen) return
    const others = [...this.#seats.values()].some(({ timeouts }) => timeouts === 0)
    // Given as the reason, so that samples say "no answer in time" until the next attempt says something else. Units that did not
    // fail, because they are seldom asked, wait for the new connection and lose nothing.
    const { place, message } = fault
    this.#reader.close(others ? new ModbusFault('MODBUS_TIMEOUT', message, { place, cause: fault, resync: true }) : fault)
    if (others) this.#shut()
  }
}

function seatsOf(budgets: ReadonlyMap<number, Budget>, before?: ReadonlyMap<number, Seat>): ReadonlyMap<number, Seat> {
  return new Map(
    [...budgets].map(([unit, budget]) => {
      const seat = before?.get(unit)
      return [unit, seat?.budget === budget ? seat : seatOf(budget)]
    })
  )
}
