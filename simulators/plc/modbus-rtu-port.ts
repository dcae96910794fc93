// One connection of an RTU-over-TCP server: serial frames in, replies out. A frame that cannot be read is passed over in
// silence, as a slave on a serial line does; silence on the line is where the next frame may begin.
import type { Socket } from 'node:net'
import { resetSocket } from '#runtime/reset-socket.ts'
import { type Outcome, serialOutcome } from './misbehaviour.ts'
import type { Exchange } from './modbus-exchange.ts'
import { MAX_PDU_BYTES } from './modbus-pdu.ts'
import type { Line, PortOptions } from './modbus-port.ts'
import { isWhole, MAX_RTU_BYTES, requestLength, rtuFrame } from './modbus-rtu.ts'

// 3.5 characters take 4 ms at 9600 baud; a network makes the pauses within a frame longer than that.
const SILENCE_MS = 50
const NOTHING = Buffer.alloc(0)

export class ModbusRtuPort {
  readonly #socket: Socket
  readonly #line: Line
  readonly #options: PortOptions
  readonly #reply = Buffer.alloc(MAX_PDU_BYTES)
  #bytes: Buffer = NOTHING
  #silence: NodeJS.Timeout | undefined
  #outstanding = 0
  #lastDue = 0

  constructor(socket: Socket, line: Line, options: PortOptions) {
    this.#socket = socket
    this.#line = line
    this.#options = options
    socket.once('close', () => clearTimeout(this.#silence))
  }

  receive(chunk: Buffer): void {
    clearTimeout(this.#silence)
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length > 0) {
      const length = requestLength(this.#bytes)
      // Where only silence tells the end, and where the length is known but the frame is not here yet.
      if (length === null || length === 0 || length > this.#bytes.length) break
      const frame = this.#bytes.subarray(0, length)
      if (!isWhole(frame)) break
      this.#bytes = this.#bytes.subarray(length)
      this.#answer(frame)
    }
    if (this.#bytes.length > MAX_RTU_BYTES) this.#passOver()
    if (this.#bytes.length > 0 && !this.#socket.destroyed) this.#silence = setTimeout(() => this.#afterSilence(), SILENCE_MS)
    this.#settle()
  }

  #afterSilence(): void {
    const frame = this.#bytes
    if (!isWhole(frame)) {
      this.#passOver()
      return
    }
    this.#bytes = NOTHING
    this.#answer(frame)
    this.#settle()
  }

  #settle(): void {
    if (this.#outstanding === 0) this.#options.station.settle()
  }

  #passOver(): void {
    this.#bytes = NOTHING
    this.#options.station.countMalformed()
  }

  #answer(frame: Buffer): void {
    const { station, manners, observer } = this.#options
    const unit = frame.readUInt8(0)
    const request = Buffer.from(frame.subarray(1, -2))
    if (unit === 0) {
      station.obey(request, 0, request.length)
      observer.onExchange?.({ ...this.#line, unit, request, reply: null })
      return
    }
    // What is for another slave is heard and not answered.
    if (unit !== station.unit) return
    const size = station.answer(request, 0, request.length, unit, this.#reply, 0)
    const reply = size === 0 ? null : Buffer.from(this.#reply.subarray(0, size))
    const misbehaviour = this.#options.misbehaviour()
    const wrong = misbehaviour === null || reply === null ? null : serialOutcome(misbehaviour, { unit, request, reply })
    const delayMs = manners.responseDelayMs + manners.responseJitterMs * this.#options.chance()
    const told = { ...this.#line, unit, request }
    if (wrong !== null) {
      observer.onExchange?.({ ...told, reply })
      this.#writeWrong(wrong, delayMs + (wrong.delayMs ?? 0))
      return
    }
    observer.onExchange?.({ ...told, reply: delayMs > 0 ? null : reply })
    if (reply === null) return
    if (delayMs === 0) this.#write(rtuFrame(unit, reply))
    else this.#writeLater(delayMs, { ...told, reply })
  }

  #write(frame: Buffer): void {
    if (!this.#socket.destroyed && !this.#socket.write(frame)) this.#socket.pause()
  }

  #writeWrong({ bytes, close }: Outcome, delayMs: number): void {
    const write = () => {
      if (bytes.length > 0) this.#write(bytes)
      if (close === 'end') this.#socket.end()
      else if (close === 'reset') resetSocket(this.#socket)
    }
    if (delayMs === 0) write()
    else this.#options.delayed.add(performance.now() + delayMs, write)
  }

  #writeLater(delayMs: number, exchange: Exchange & { reply: Buffer }): void {
    const { station, delayed, observer } = this.#options
    this.#lastDue = Math.max(this.#lastDue, performance.now() + delayMs)
    const taken = delayed.add(this.#lastDue, () => {
      this.#outstanding--
      if (!this.#socket.destroyed) observer.onLateReply?.(exchange)
      this.#write(rtuFrame(exchange.unit, exchange.reply))
      station.settle()
    })
    if (taken) this.#outstanding++
  }
}
