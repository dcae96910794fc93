// The one connection to a Modbus TCP endpoint: kept up with back-off, shared by the units behind it, within one budget.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#runtime/log.ts'
import type { Backoff } from '../backoff.ts'
import type { Budget } from '../budget.ts'
import { ModbusFault } from './fault.ts'
import type { PortCounters } from './port.ts'
import { ModbusReader, type ReadRequest } from './reader.ts'
import { endpointOf, type Transport } from './transport.ts'

// So many requests in a row without any answer, whichever unit was asked: the connection is taken for dead, as after a PLC's
// restart without a FIN, which TCP itself would notice only after minutes.
const TIMEOUTS_TO_DEAD = 3

export interface ModbusLinkOptions {
  transport: Transport
  budget: Budget
  log: Log
  backoff: Backoff
}

export class ModbusLink {
  readonly endpoint: string
  readonly #reader: ModbusReader
  readonly #budget: Budget
  readonly #backoff: Backoff
  readonly #log: Log
  readonly #attempt = Promise.withResolvers<void>()
  #timeouts = 0
  #down: ModbusFault
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ transport, budget, log, backoff }: ModbusLinkOptions) {
    this.endpoint = endpointOf(transport)
    this.#reader = new ModbusReader(transport)
    this.#budget = budget
    this.#backoff = backoff
    this.#log = log
    this.#down = new ModbusFault('MODBUS_NOT_CONNECTED', 'not connected yet', { place: this.endpoint })
  }

  /** Why nothing can be asked now, or undefined when the connection is open. */
  get down(): ModbusFault | undefined {
    return this.#reader.isOpen ? undefined : this.#down
  }

  /** Resolves when the first attempt to connect is over, well or not; before it there is nothing true to say of the device. */
  get attempted(): Promise<void> {
    return this.#attempt.promise
  }

  get counters(): PortCounters {
    return this.#reader.counters
  }

  /** Keeps the connection until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#reader.close(), { once: true })
    signal.addEventListener('abort', () => this.#attempt.resolve(), { once: true })
    while (!signal.aborted) {
      const fault = await this.#hold()
      if (signal.aborted) return
      // Told when the reason changes, not at each attempt.
      if (fault.message !== this.#down.message)
        this.#log.warn({ endpoint: this.endpoint, code: fault.code, reason: fault.message }, 'The device connection is down.')
      this.#down = fault
      this.#attempt.resolve()
      await sleep(this.#backoff.next(), undefined, { signal }).catch(() => {})
    }
  }

  /** One request within the budget. Rejects with ModbusFault, or with the signal's reason. */
  read(request: ReadRequest, signal: AbortSignal): Promise<{ bytes: Buffer; roundTripMs: number }> {
    const turn = this.#turn.then(() => this.#ask(request, signal))
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #hold(): Promise<ModbusFault> {
    try {
      const { over } = await this.#reader.connect()
      this.#timeouts = 0
      this.#attempt.resolve()
      this.#log.debug({ endpoint: this.endpoint }, 'The device connection is open.')
      return await over
    } catch (error) {
      if (error instanceof ModbusFault) return error
      throw error
    }
  }

  async #ask(request: ReadRequest, signal: AbortSignal): Promise<{ bytes: Buffer; roundTripMs: number }> {
    await this.#budget.take(signal)
    if (!this.#reader.isOpen) throw new ModbusFault('MODBUS_NOT_CONNECTED', this.#down.message, { place: this.endpoint, cause: this.#down })
    const begun = performance.now()
    try {
      const bytes = await this.#reader.read(request)
      this.#answered()
      return { bytes, roundTripMs: performance.now() - begun }
    } catch (error) {
      if (error instanceof ModbusFault) this.#judge(error)
      throw error
    } finally {
      this.#budget.ended()
    }
  }

  #answered(): void {
    this.#timeouts = 0
    this.#backoff.reset()
  }

  #judge(fault: ModbusFault): void {
    if (fault.code === 'MODBUS_EXCEPTION') this.#answered()
    if (fault.code !== 'MODBUS_TIMEOUT' || ++this.#timeouts < TIMEOUTS_TO_DEAD) return
    // Given as the reason, so that samples say "no answer in time" until the next attempt says something else.
    this.#reader.close(fault)
  }
}
