// One connection of a Modbus TCP server: MBAP frames in, replies out. Requests may be pipelined; they are answered in order,
// all replies to one chunk of bytes in one write, without timers.
import type { Socket } from 'node:net'
import { resetSocket } from '#runtime/reset-socket.ts'
import type { DelayedReplies } from './delayed-replies.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Manners } from './modbus-characters.ts'
import type { Exchange, Observer } from './modbus-exchange.ts'
import { MAX_PDU_BYTES } from './modbus-pdu.ts'
import type { ModbusStation } from './modbus-station.ts'

/** What the connections of one server share. */
export interface PortOptions {
  station: ModbusStation
  delayed: DelayedReplies
  manners: Pick<Manners, 'responseDelayMs' | 'responseJitterMs' | 'maxOutstanding'>
  /** At least 0 and below 1. */
  chance: () => number
  misbehaviour: () => Misbehaviour | null
  observer: Observer
}

/** Who is connected to what. */
export type Line = Pick<Exchange, 'client' | 'server' | 'connection' | 'ports'>

const HEADER = 7
// Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3: the length counts the unit id and the PDU.
const MAX_LENGTH = 1 + MAX_PDU_BYTES
const MAX_FRAME = 6 + MAX_LENGTH
const NOTHING = Buffer.alloc(0)
// Replies are built here and copied out once per chunk; one chunk is answered at a time, so that all connections share it.
const out = Buffer.alloc(64 << 10)

export class ModbusPort {
  readonly #socket: Socket
  readonly #station: ModbusStation
  readonly #options: PortOptions
  readonly #line: Line
  readonly #takesTime: boolean
  readonly #isWatched: boolean
  /** The bytes of a frame that has not come in whole: less than one frame. */
  #rest: Buffer = NOTHING
  #outstanding = 0
  /** When the last of the outstanding replies goes out: none overtakes another. */
  #lastDue = 0

  constructor(socket: Socket, line: Line, options: PortOptions) {
    this.#socket = socket
    this.#line = line
    this.#options = options
    this.#station = options.station
    this.#isWatched = options.observer.onExchange !== undefined
    this.#takesTime = options.manners.responseDelayMs + options.manners.responseJitterMs > 0
  }

  receive(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    let filled = 0
    while (bytes.length - at >= HEADER) {
      const length = bytes.readUInt16BE(at + 4)
      if (bytes.readUInt16BE(at + 2) !== 0 || length < 2 || length > MAX_LENGTH) {
        this.#station.countMalformed()
        this.#write(filled)
        this.#socket.destroySoon()
        return
      }
      if (bytes.length - at < 6 + length) break
      if (filled > out.length - MAX_FRAME) {
        this.#write(filled)
        filled = 0
      }
      filled = this.#answer(bytes, at, length, filled)
      at += 6 + length
    }
    this.#rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at))
    this.#write(filled)
    // Where replies take their time, the one to a restart has not gone out yet.
    if (this.#outstanding === 0) this.#station.settle()
  }

  // Builds the reply at `filled` and gives the new end; a reply that is sent later or otherwise leaves the end where it was.
  #answer(bytes: Buffer, at: number, length: number, filled: number): number {
    const { manners } = this.#options
    const unit = bytes[at + 6] ?? 0
    const full = this.#outstanding >= manners.maxOutstanding
    const size = full
      ? this.#station.answerBusy(bytes[at + HEADER] ?? 0, unit, out, filled + HEADER)
      : this.#station.answer(bytes, at + HEADER, length - 1, unit, out, filled + HEADER)
    if (size === 0) {
      if (this.#isWatched) this.#tell(bytes.subarray(at, at + 6 + length), null)
      return filled
    }
    bytes.copy(out, filled, at, at + 4)
    out.writeUInt16BE(size + 1, filled + 4)
    out[filled + 6] = unit
    const end = filled + HEADER + size
    if (full || (!this.#takesTime && this.#options.misbehaviour() === null)) {
      if (this.#isWatched) this.#tell(bytes.subarray(at, at + 6 + length), out.subarray(filled, end))
      return end
    }
    this.#sendOtherwise(Buffer.from(bytes.subarray(at, at + 6 + length)), Buffer.from(out.subarray(filled, end)))
    return filled
  }

  #sendOtherwise(request: Buffer, reply: Buffer): void {
    const { manners, chance, misbehaviour, delayed } = this.#options
    const outcome = misbehaviour()?.(request, reply) ?? { bytes: reply }
    const delayMs = manners.responseDelayMs + manners.responseJitterMs * chance() + (outcome.delayMs ?? 0)
    const socket = this.#socket
    const send = () => {
      if (socket.destroyed) return
      if (outcome.bytes.length > 0 && !socket.write(outcome.bytes)) socket.pause()
      if (outcome.close === 'end') socket.end()
      else if (outcome.close === 'reset') resetSocket(socket)
    }
    const sent = outcome.bytes.length > HEADER ? outcome.bytes : null
    if (delayMs === 0 && this.#outstanding === 0) {
      this.#tell(request, sent)
      send()
      return
    }
    this.#tell(request, null)
    this.#lastDue = Math.max(this.#lastDue, performance.now() + delayMs)
    const taken = delayed.add(this.#lastDue, () => {
      this.#outstanding--
      if (sent !== null && !socket.destroyed) this.#tellLate(request, sent)
      send()
      this.#station.settle()
    })
    if (taken) this.#outstanding++
  }

  // The frames are copied, because the observer may keep what it is told.
  #tell(request: Buffer, reply: Buffer | null): void {
    this.#options.observer.onExchange?.({ ...this.#told(request), reply: reply === null ? null : Buffer.from(reply.subarray(HEADER)) })
  }

  #tellLate(request: Buffer, reply: Buffer): void {
    this.#options.observer.onLateReply?.({ ...this.#told(request), reply: reply.subarray(HEADER) })
  }

  #told(frame: Buffer): Omit<Exchange, 'reply'> {
    return { ...this.#line, transaction: frame.readUInt16BE(0), unit: frame.readUInt8(6), request: Buffer.from(frame.subarray(HEADER)) }
  }

  // A client that sends without reading is read no further until it has taken its replies.
  #write(filled: number): void {
    if (filled > 0 && !this.#socket.write(Buffer.from(out.subarray(0, filled)))) this.#socket.pause()
  }
}
