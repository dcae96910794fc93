// Which reply answers which request: by the transaction id of Modbus TCP.
import { randomInt } from 'node:crypto'
import type { ModbusFaultCode } from './fault.ts'
import type { Framing, Reply } from './framing.ts'
import type { Admitted } from './guard.ts'

/** A request that may be sent, and who gets its reply. */
export interface Exchange {
  asked: Admitted
  /** How long the reply may take. */
  patienceMs: number
  take: (reply: Reply) => void
}

/** One request at a time. Nothing here throws but the framing, with ModbusFault, when the bytes are no frame. */
export interface Pairing {
  readonly busy: boolean
  /** When the last answer was whole, as performance.now() has it. */
  readonly answeredAt: number
  /** The bytes to send. */
  begin(exchange: Exchange): Buffer
  receive(chunk: Buffer): void
  /** The time of the request is over. True when its answer is there and is only held back, to be handed on soon. */
  expire(): boolean
  /** Forgets the request under way; true when the line has to be made new for that. */
  abandon(): boolean
}

export interface PairingEvents {
  /** Something came that answers nothing. */
  stale(): void
  /** The request under way is lost, the line is not. */
  failed(what: string): void
  /** Nobody can say any more to what the next byte belongs. */
  lost(code: ModbusFaultCode, what: string): void
}

// A peer that only ever sends replies nobody asked for keeps us busy; after so many in a row the connection is given up.
const MOST_STALE_IN_A_ROW = 64

export class PairingById implements Pairing {
  readonly #framing: Framing
  readonly #events: PairingEvents
  #transaction = randomInt(0x10000)
  #exchange: Exchange | undefined
  #staleInARow = 0
  answeredAt = 0

  constructor(framing: Framing, events: PairingEvents) {
    this.#framing = framing
    this.#events = events
  }

  get busy(): boolean {
    return this.#exchange !== undefined
  }

  begin(exchange: Exchange): Buffer {
    this.#exchange = exchange
    this.#transaction = (this.#transaction + 1) & 0xffff
    return this.#framing.frameOf(this.#transaction, exchange.asked.unit, exchange.asked.pdu)
  }

  receive(chunk: Buffer): void {
    for (const reply of this.#framing.push(chunk)) if (this.#staleInARow < MOST_STALE_IN_A_ROW) this.#pair(reply)
  }

  expire(): boolean {
    return false
  }

  abandon(): boolean {
    this.#exchange = undefined
    return false
  }

  #pair(reply: Reply): void {
    const exchange = this.#exchange
    if (exchange === undefined || reply.transaction !== this.#transaction) {
      this.#events.stale()
      if (++this.#staleInARow === MOST_STALE_IN_A_ROW)
        this.#events.lost('MODBUS_UNEXPECTED_REPLY', `${MOST_STALE_IN_A_ROW} replies in a row that nobody asked for`)
      return
    }
    this.#staleInARow = 0
    this.#exchange = undefined
    const wrong = exchange.asked.wrong(reply.unit, reply.pdu)
    if (wrong !== undefined) {
      this.#events.failed(wrong)
      return
    }
    this.answeredAt = performance.now()
    exchange.take(reply)
  }
}
