// One connection of a Modbus TCP server: MBAP frames in, replies out. Requests may be pipelined; they are answered in order,
// all replies to one chunk of bytes in one write, without timers.
import type { Socket } from 'node:net'
import type { DelayedReplies } from './delayed-replies.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Exchange } from './modbus-exchange.ts'
import { MAX_PDU_BYTES } from './modbus-pdu.ts'
import type { ModbusStation } from './modbus-station.ts'

/** What the connections of one server share. */
export interface PortOptions {
  station: ModbusStation
  delayed: DelayedReplies
  responseDelayMs: number
  misbehaviour: () => Misbehaviour | null
  onExchange: ((exchange: Exchange) => void) | undefined
}

/** Who is connected to what. */
export type Line = Pick<Exchange, 'client' | 'server' | 'connection'>

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
  /** The bytes of a frame that has not come in whole: less than one frame. */
  #rest: Buffer = NOTHING

  constructor(socket: Socket, line: Line, options: PortOptions) {
    this.#socket = socket
    this.#line = line
    this.#options = options
    this.#station = options.station
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
    this.#station.settle()
  }

  // Builds the reply at `filled` and gives the new end; a reply that is sent later or otherwise leaves the end where it was.
  #answer(bytes: Buffer, at: number, length: number, filled: number): number {
    const { onExchange, responseDelayMs } = this.#options
    const unit = bytes[at + 6] ?? 0
    const size = this.#station.answer(bytes, at + HEADER, length - 1, unit, out, filled + HEADER)
    if (onExchange !== undefined) {
      const request = Buffer.from(bytes.subarray(at + HEADER, at + 6 + length))
      const reply = size === 0 ? null : Buffer.from(out.subarray(filled + HEADER, filled + HEADER + size))
      onExchange({ ...this.#line, unit, request, reply })
    }
    if (size === 0) return filled
    bytes.copy(out, filled, at, at + 4)
    out.writeUInt16BE(size + 1, filled + 4)
    out[filled + 6] = unit
    const end = filled + HEADER + size
    if (responseDelayMs === 0 && this.#options.misbehaviour() === null) return end
    this.#sendOtherwise(Buffer.from(bytes.subarray(at, at + 6 + length)), Buffer.from(out.subarray(filled, end)))
    return filled
  }

  #sendOtherwise(request: Buffer, reply: Buffer): void {
    const socket = this.#socket
    const outcome = this.#options.misbehaviour()?.(request, reply) ?? { bytes: reply }
    const delayMs = this.#options.responseDelayMs + (outcome.delayMs ?? 0)
    const send = () => {
      if (socket.destroyed) return
      if (outcome.bytes.length > 0 && !socket.write(outcome.bytes)) socket.pause()
      if (outcome.close === 'end') socket.end()
      else if (outcome.close === 'reset') socket.resetAndDestroy()
    }
    if (delayMs > 0) this.#options.delayed.add(delayMs, send)
    else send()
  }

  // A client that sends without reading is read no further until it has taken its replies.
  #write(filled: number): void {
    if (filled > 0 && !this.#socket.write(Buffer.from(out.subarray(0, filled)))) this.#socket.pause()
  }
}
