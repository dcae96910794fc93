// A PLC whose every register beats: it changes twice a second in a way that tells from a stored value when it was read.
import { createServer, type Server, type Socket } from 'node:net'

const BEAT_MS = 500
const MBAP_BYTES = 7
const REQUEST_BYTES = 12

/** The word that a register holds at a moment. */
export function beat(address: number, time: number): number {
  return (Math.floor(time / BEAT_MS) + address * 37) & 0xffff
}

/** How many milliseconds lie between the moment that a value tells and the moment that a sample claims. */
export function beatError(address: number, value: number, time: number): number {
  const beats = (value - beat(address, time)) & 0xffff
  return Math.min(beats, 0x10000 - beats) * BEAT_MS
}

export class PulsePlc {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Registers that were served; what of it was on its way when somebody was killed is not told here. */
  served = 0
  /** The most connections that were open at once. */
  mostOpen = 0

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the PLC does not listen')
    return address.port
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    this.mostOpen = Math.max(this.mostOpen, this.#sockets.size)
    socket.setNoDelay(true)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let pending: Buffer = Buffer.alloc(0)
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data])
      while (pending.length >= REQUEST_BYTES) {
        socket.write(this.#answer(pending.subarray(0, REQUEST_BYTES)))
        pending = pending.subarray(REQUEST_BYTES)
      }
    })
  }

  // Modbus Application Protocol 1.1b3, 6.3: function 3, byte count, words; everything else is exception 1.
  #answer(request: Buffer): Buffer {
    const code = request.readUInt8(MBAP_BYTES)
    const from = request.readUInt16BE(8)
    const count = request.readUInt16BE(10)
    const isRead = code === 3 && count >= 1 && count <= 125
    const reply = Buffer.alloc(isRead ? 9 + 2 * count : 9)
    request.copy(reply, 0, 0, MBAP_BYTES + 1)
    reply.writeUInt16BE(reply.length - 6, 4)
    if (!isRead) {
      reply.writeUInt8(code | 0x80, 7)
      reply.writeUInt8(1, 8)
      return reply
    }
    reply.writeUInt8(2 * count, 8)
    const now = Date.now()
    for (let i = 0; i < count; i++) reply.writeUInt16BE(beat(from + i, now), 9 + 2 * i)
    this.served += count
    return reply
  }
}
