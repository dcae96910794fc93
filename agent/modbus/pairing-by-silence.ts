// Which reply answers which request on a line without transaction ids (RTU, ASCII): a reply must fit in unit, function and length,
// and be followed by silence. So a late or repeated reply that comes before the true one is found, and both are thrown away.
// After a request without an answer, the next answer of that unit counts only when no other came until its time was over. What no
// client can tell is a peer that sends, in place of the reply, an older one of the same unit, function and length.
import type { Doubt } from './doubt.ts'
import type { Framing, Reply } from './framing.ts'
import type { Exchange, Pairing, PairingEvents } from './pairing.ts'
import { Quiet } from './quiet.ts'

export interface PairingBySilenceOptions {
  framing: Framing
  doubt: Doubt
  quietMs: number
  events: PairingEvents
}

interface Pending extends Exchange {
  /** A reply that fits; it is handed on when no other follows. */
  answer: Reply | undefined
  wasQuiet: boolean
  expired: boolean
}

export class PairingBySilence implements Pairing {
  readonly #options: PairingBySilenceOptions
  readonly #silence = new Quiet()
  #pending: Pending | undefined
  answeredAt = 0

  constructor(options: PairingBySilenceOptions) {
    this.#options = options
  }

  get busy(): boolean {
    return this.#pending !== undefined
  }

  begin(exchange: Exchange): Buffer {
    this.#pending = { ...exchange, answer: undefined, wasQuiet: false, expired: false }
    this.#options.framing.clear()
    return this.#options.framing.frameOf(0, exchange.asked.unit, exchange.asked.pdu)
  }

  receive(chunk: Buffer): void {
    const { framing, events } = this.#options
    const pending = this.#pending
    if (pending === undefined) {
      events.stale()
      events.lost('MODBUS_UNEXPECTED_REPLY', 'bytes that nobody asked for')
      return
    }
    const [reply, ...more] = framing.push(chunk)
    const surplus = pending.answer !== undefined || more.length > 0 || (reply !== undefined && framing.held > 0)
    const wrong = surplus ? 'more came than one reply' : reply && pending.asked.wrong(reply.unit, reply.pdu)
    if (wrong !== undefined) {
      events.stale()
      events.lost('MODBUS_UNEXPECTED_REPLY', wrong)
    } else if (reply !== undefined) this.#hold(pending, reply)
  }

  expire(): boolean {
    const pending = this.#pending
    if (pending?.answer === undefined) return false
    pending.expired = true
    // As in Quiet: a second reply may lie in the socket already.
    setImmediate(() => this.#handOn(pending))
    return true
  }

  abandon(): boolean {
    const pending = this.#pending
    if (pending === undefined) return false
    this.#pending = undefined
    this.#silence.stop()
    this.#options.doubt.add(pending.asked.unit, performance.now() + pending.patienceMs)
    return true
  }

  #hold(pending: Pending, reply: Reply): void {
    pending.answer = reply
    this.answeredAt = performance.now()
    this.#silence.wait(this.#options.quietMs, () => {
      pending.wasQuiet = true
      this.#handOn(pending)
    })
  }

  #handOn(pending: Pending): void {
    const { asked, answer, wasQuiet, expired, take } = pending
    const { doubt } = this.#options
    if (this.#pending !== pending || answer === undefined || !wasQuiet || (doubt.has(asked.unit) && !expired)) return
    doubt.settle(asked.unit)
    this.#pending = undefined
    take(answer)
  }
}
