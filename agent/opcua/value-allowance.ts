// How many values a server may send: a publish brings at most the queue of each item (OPC 10000-4, 5.13.1.5), and there is one for each
// publishing interval. A server that sends much more does not keep to the protocol and would fill the outbox with itself.
import { BAD, OpcUaFault } from './fault.ts'

const TIMES_THE_RATE = 2
const TIMES_THE_QUEUES = 4
const AT_LEAST = 1000

export interface ValueAllowanceOptions {
  items: readonly { queueSize: number }[]
  publishingMs: number
  now?: () => number
}

export class ValueAllowance {
  readonly #perMs: number
  readonly #most: number
  readonly #now: () => number
  #left: number
  #at: number

  constructor({ items, publishingMs, now = () => performance.now() }: ValueAllowanceOptions) {
    const queued = items.reduce((sum, { queueSize }) => sum + queueSize, 0)
    this.#perMs = (TIMES_THE_RATE * queued) / publishingMs
    this.#most = Math.max(AT_LEAST, TIMES_THE_QUEUES * queued)
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
