// One connection of an RTU-over-TCP server: serial frames in, replies out. A frame that cannot be read is passed over in
// silence, as a slave on a serial line does; silence on the line is where the next frame may begin.
import type { Socket } from 'node:net'
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
    this.#options.station.settle()
  }

  #afterSilence(): void {
    const frame = this.#bytes
    if (!isWhole(frame)) {
      this.#passOver()
      return
    }
    this.#bytes = NOTHING
    this.#answer(frame)
    this.#options.station.settle()
  }

  #passOver(): void {
    this.#bytes = NOTHING
    this.#options.station.countMalformed()
  }

  #answer(frame: Buffer): void {
    const { station, onExchange, delayed, responseDelayMs } = this.#options
    const unit = frame.readUInt8(0)
    // What is for another slave is heard and not answered; a broadcast is obeyed and not answered.
    if (unit !== station.unit && unit !== 0) return
    const size = station.answer(frame, 1, frame.length - 3, unit, this.#reply, 0)
    const reply = size === 0 || unit === 0 ? null : Buffer.from(this.#reply.subarray(0, size))
    onExchange?.({ ...this.#line, unit, request: Buffer.from(frame.subarray(1, -2)), reply })
    if (reply === null) return
    const send = () => {
      if (!this.#socket.destroyed && !this.#socket.write(rtuFrame(unit, reply))) this.#socket.pause()
    }
    if (responseDelayMs > 0) delayed.add(responseDelayMs, send)
    else send()
  }
}
