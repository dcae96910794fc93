// The guarded port under the Modbus client library: the last place before bytes leave, whatever they travel on. Only what the
// guard admits passes; what it refuses is counted and never reaches a line.
import { EventEmitter } from 'node:events'
import type { Doubt } from './doubt.ts'
import { ModbusFault, type ModbusFaultCode } from './fault.ts'
import { framingOf } from './framing.ts'
import { type Admitted, type AllowedIdentity, admitIdentity, admitRead } from './guard.ts'
import { type Line, openLine } from './line.ts'
import { type Exchange, type Pairing, PairingById, type PairingEvents } from './pairing.ts'
import { PairingBySilence } from './pairing-by-silence.ts'
import { Quiet } from './quiet.ts'
import { rtuFrameOf } from './rtu.ts'
import { endpointOf, quietMsOf, type Transport } from './transport.ts'

/** Counts that outlive a connection. */
export interface PortCounters {
  sent: Map<number, number>
  refused: number
  /** Replies, or bytes on a line without ids, that nobody asked for or that did not fit. */
  stale: number
  connects: number
  /** How often nobody could say any more to which request the next byte belongs. */
  resyncs: number
}

export const noCounts = (): PortCounters => ({ sent: new Map(), refused: 0, stale: 0, connects: 0, resyncs: 0 })

export interface GuardedPortOptions {
  transport: Transport
  counters: PortCounters
  allowed: AllowedIdentity
  doubt: Doubt
  /** How long a line without ids must be silent to count as quiet; longer when it is slow. */
  quietMs: number
  /** Told when the request under way cannot be answered any more, and when the connection is gone. */
  onFault: (fault: ModbusFault) => void
}

// Lives for one connection. modbus-serial asks for isOpen, open, write, close, destroy, the two transaction ids and `data`
// events; it never learns the ids on the wire, so its table of requests holds one entry, and pairing is done here.
export class GuardedPort extends EventEmitter {
  readonly #options: GuardedPortOptions
  readonly #place: string
  readonly #withIds: boolean
  readonly #quietMs: number
  readonly #pairing: Pairing
  readonly #silence = new Quiet()
  #allowed: AllowedIdentity
  #line: Line | undefined
  #settle: ((fault?: ModbusFault) => void) | undefined
  #open = false
  #over: ModbusFault | undefined
  #draining: PromiseWithResolvers<void> | undefined
  /** How long the next request may take. */
  patienceMs = 0

  constructor(options: GuardedPortOptions) {
    super()
    const { transport, doubt } = options
    this.#options = options
    this.#allowed = options.allowed
    this.#place = endpointOf(transport)
    this.#withIds = transport.frames === 'mbap'
    this.#quietMs = quietMsOf(transport, options.quietMs)
    const events: PairingEvents = {
      stale: () => void options.counters.stale++,
      failed: (what) => options.onFault(this.#fault('MODBUS_UNEXPECTED_REPLY', what)),
      lost: (code, what) => this.#lose(code, what)
    }
    const framing = framingOf(transport)
    this.#pairing = this.#withIds
      ? new PairingById(framing, events)
      : new PairingBySilence({ framing, doubt, quietMs: this.#quietMs, events })
  }

  get isOpen(): boolean {
    return this.#open
  }

  // The library sets both to 1 after each open and keys its requests with them; see the note on the class.
  get _transactionIdRead(): number {
    return 0
  }
  set _transactionIdRead(_value: number) {}
  get _transactionIdWrite(): number {
    return 0
  }
  set _transactionIdWrite(_value: number) {}

  /** When the last answer was whole, as performance.now() has it. */
  get answeredAt(): number {
    return this.#pairing.answeredAt
  }

  /** Why the connection is over. */
  get over(): ModbusFault | undefined {
    return this.#over
  }

  /** Resolves when another connection may be opened. */
  get gone(): Promise<void> {
    return this.#line?.gone ?? Promise.resolve()
  }

  /** While bytes are being discarded: resolves when the line is quiet, or the connection over. */
  get draining(): Promise<void> | undefined {
    return this.#draining?.promise
  }

  open(callback: (error?: Error) => void): void {
    const { transport, counters } = this.#options
    const { connectTimeoutMs } = transport
    // Without this a connection that comes about later would hold one of the few slots of a PLC.
    const timer = setTimeout(() => {
      const what = this.#draining === undefined ? 'connection' : 'silence'
      this.end(this.#fault('MODBUS_NOT_CONNECTED', `no ${what} within ${connectTimeoutMs} ms`))
    }, connectTimeoutMs)
    this.#settle = (fault) => {
      clearTimeout(timer)
      this.#settle = undefined
      this.#open = fault === undefined
      callback(fault)
    }
    this.#line = openLine(transport, {
      opened: () => {
        counters.connects++
        // What a serial line still had to say is not for us.
        if (this.#withIds) this.#settle?.()
        else this.#drain(() => this.#settle?.())
      },
      bytes: (chunk) => this.#receive(chunk),
      ended: (fault) => this.end(fault)
    })
  }

  /** `frame` is what the library makes for a serial line: unit, PDU, CRC. Reads only. */
  write(frame: Buffer): void {
    const pdu = frame.subarray(1, Math.max(1, frame.length - 2))
    this.#send(admitRead(frame[0] ?? -1, pdu), (reply) => this.emit('data', rtuFrameOf(reply.unit, reply.pdu)))
  }

  /** Asks a device who it is, past the library; `take` gets the reply's PDU, which may be an exception. */
  ask(unit: number, pdu: Buffer, take: (pdu: Buffer) => void): void {
    this.#send(admitIdentity(unit, pdu, this.#allowed), (reply) => take(reply.pdu))
  }

  /** From now on these units may be asked who they are, and no others. */
  allow(allowed: AllowedIdentity): void {
    this.#allowed = allowed
  }

  /** The time of the request under way is over. True when its answer is there and is only held back, to be handed on soon. */
  expire(): boolean {
    return this.#pairing.expire()
  }

  /** Forgets the request under way: its reply, should it still come, is stale. */
  abandon(): void {
    if (this.#pairing.abandon()) this.#renew('MODBUS_TIMEOUT', `no answer within ${this.patienceMs} ms`)
  }

  close(callback?: () => void): void {
    this.destroy()
    callback?.()
  }

  // Nothing is waited for: a peer that never says goodbye must not hold us.
  destroy(): void {
    this.end(this.#fault('MODBUS_CLOSED', 'the agent closed the connection'))
  }

  /** Ends the connection for this reason; once. */
  end(fault: ModbusFault): void {
    if (this.#over !== undefined) return
    this.#over = fault
    this.#open = false
    this.#pairing.abandon()
    this.#silence.stop()
    this.#draining?.resolve()
    this.#line?.close(fault.code !== 'MODBUS_CLOSED')
    this.#settle?.(fault)
    this.#options.onFault(fault)
    this.emit('close')
  }

  #send(asked: Admitted | string, take: Exchange['take']): void {
    if (typeof asked === 'string') throw this.#refuse(asked)
    if (this.#pairing.busy) throw this.#refuse('a second request while one is under way')
    if (!this.#open || this.#line === undefined) throw this.#fault('MODBUS_CLOSED', 'the connection is closed')
    if (this.#draining !== undefined) throw this.#refuse('a request on a line that is not quiet')
    const { sent } = this.#options.counters
    const functionCode = asked.pdu.readUInt8(0)
    sent.set(functionCode, (sent.get(functionCode) ?? 0) + 1)
    this.#line.write(this.#pairing.begin({ asked, take, patienceMs: this.patienceMs }))
  }

  #receive(chunk: Buffer): void {
    if (this.#over !== undefined) return
    if (this.#draining !== undefined) {
      this.#silence.broken()
      return
    }
    try {
      this.#pairing.receive(chunk)
    } catch (error) {
      if (!(error instanceof ModbusFault)) throw error
      this.#lose(error.code, error.what)
    }
  }

  #lose(code: ModbusFaultCode, what: string): void {
    if (this.#withIds) this.end(this.#fault(code, what))
    // An answer that was given up is likely to come yet; its coming says nothing new about the line.
    else if (!this.#pairing.abandon() && this.#options.doubt.awaits(performance.now())) this.#drain()
    else this.#renew(code, what)
  }

  // A line without ids on which nobody can say to what the next byte belongs: a new connection, or silence, makes it sure again.
  #renew(code: ModbusFaultCode, what: string): void {
    const { transport, counters, doubt, onFault } = this.#options
    counters.resyncs++
    const fault = new ModbusFault(code, what, { place: this.#place, resync: doubt.lost() })
    if (transport.over === 'tcp') this.end(fault)
    else {
      this.#drain()
      onFault(fault)
    }
  }

  // Discards what comes until the line is quiet. The wait is bounded by whoever waits.
  #drain(done: () => void = () => {}): void {
    const draining = Promise.withResolvers<void>()
    this.#draining = draining
    this.#silence.wait(this.#quietMs, () => {
      this.#draining = undefined
      draining.resolve()
      done()
    })
  }

  #refuse(what: string): ModbusFault {
    this.#options.counters.refused++
    return this.#fault('MODBUS_REFUSED', `refused before the socket: ${what}`)
  }

  #fault(code: ModbusFaultCode, what: string): ModbusFault {
    return new ModbusFault(code, what, { place: this.#place })
  }
}
