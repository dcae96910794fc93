// How many values a server may send: several times what the subscription can make. A server that sends more does not keep to what was
// asked, and would fill the outbox with itself.
import { BAD, OpcUaFault } from './fault.ts'

const TIMES_THE_PLAN = 4
const TIMES_THE_QUEUES = 4
const AT_LEAST = 1000

export class ValueAllowance {
  readonly #perMs: number
  readonly #most: number
  readonly #now: () => number
  #left: number
  #at: number

  /** The cadence and the queue at the server of each item. */
  constructor(items: readonly { samplingMs: number; queueSize: number }[], now: () => number = () => performance.now()) {
    this.#perMs = TIMES_THE_PLAN * items.reduce((sum, { samplingMs }) => sum + 1 / Math.max(1, samplingMs), 0)
    this.#most = Math.max(AT_LEAST, TIMES_THE_QUEUES * items.reduce((sum, { queueSize }) => sum + queueSize, 0))
    this.#now = now
    this.#left = this.#most
    this.#at = now()
  }

  /** Throws an OpcUaFault when these values are too many. */
  take(values: number): void {
    const now = this.#now()
    this.#left = Math.min(this.#most, this.#left + (now - this.#at) * this.#perMs) - values
    this.#at = now
    if (this.#left < 0)
      throw new OpcUaFault('OPCUA_MALFORMED', BAD.tooLarge, 'the server sends many more values than the subscription can make')
  }
}
