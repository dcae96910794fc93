// A small Modbus TCP server on a register image, over node:net alone: it shares no code with the agent's library on purpose.
// Requests may be pipelined; they are answered in order, all replies to one chunk of bytes in one write, without timers.
import { createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'
import { DelayedReplies } from './delayed-replies.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import { answerPdu, DEVICE_BUSY, GATEWAY_NO_RESPONSE, MAX_PDU_BYTES, refuse } from './modbus-pdu.ts'
import type { RegisterImage } from './register-image.ts'

export const ModbusServerConfig = z.strictObject({
  host: z.string().min(1).max(255).default('127.0.0.1').describe('The address to listen on.'),
  port: z.int().min(0).max(65535).default(1502).describe('The TCP port to listen on; 0 takes a free one.'),
  unit: z.int().min(1).max(247).default(1).describe('The unit id that the PLC answers to; 0 and 255 always reach it.'),
  maxConnections: z.int().min(1).max(10_000).default(16).describe('How many clients may be connected at once.'),
  whenFull: z
    .enum(['refuse-new', 'close-oldest'])
    .default('refuse-new')
    .describe('What happens to one client more: it is refused, or it takes the place of the oldest.'),
  maxRequestsPerSecond: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Requests per second beyond this are answered with exception 6, device busy.'),
  responseDelayMs: z.int().min(0).max(60_000).default(0).describe('How long the PLC takes for each reply, in milliseconds.')
})
export type ModbusServerConfig = z.infer<typeof ModbusServerConfig>

const HEADER = 7
// Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3: the length counts the unit id and the PDU.
const MAX_LENGTH = 1 + MAX_PDU_BYTES
const MAX_FRAME = 6 + MAX_LENGTH
const MAX_DELAYED = 10_000
const NOTHING = Buffer.alloc(0)

interface Connection {
  socket: Socket
  /** The bytes of a frame that has not come in whole: less than one frame. */
  rest: Buffer
}

export class ModbusPlc {
  /** For tests: turns right replies into wrong ones. */
  misbehaviour: Misbehaviour | null = null
  readonly counts = { connections: 0, turnedAway: 0, requests: 0, busy: 0, malformed: 0 }
  readonly #image: RegisterImage
  readonly #config: ModbusServerConfig
  readonly #connections = new Set<Connection>()
  readonly #delayed = new DelayedReplies({ most: MAX_DELAYED })
  // Replies are built here and copied out once per chunk.
  readonly #out = Buffer.alloc(64 << 10)
  #server: Server | undefined
  #tokens = 0
  #tokensAt = 0

  constructor(options: { image: RegisterImage; config: ModbusServerConfig }) {
    this.#image = options.image
    this.#config = options.config
  }

  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async start(): Promise<void> {
    const { host, port, maxRequestsPerSecond = 0 } = this.#config
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) => this.#accept(socket))
    this.#server = server
    this.#tokens = maxRequestsPerSecond
    this.#tokensAt = performance.now()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        // Afterwards only an accept can fail, for example when no file descriptor is left.
        server.on('error', () => this.counts.turnedAway++)
        resolve()
      })
    })
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.#delayed.clear()
    if (server === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const { socket } of this.#connections) socket.destroy()
    await closed
  }

  #accept(socket: Socket): void {
    this.counts.connections++
    if (this.#connections.size >= this.#config.maxConnections) {
      this.counts.turnedAway++
      const [oldest] = this.#connections
      if (this.#config.whenFull === 'refuse-new' || oldest === undefined) {
        socket.on('error', () => {})
        socket.resetAndDestroy()
        return
      }
      this.#connections.delete(oldest)
      oldest.socket.resetAndDestroy()
    }
    const connection: Connection = { socket, rest: NOTHING }
    this.#connections.add(connection)
    socket.on('data', (chunk) => this.#receive(connection, chunk))
    socket.on('drain', () => socket.resume())
    // A peer that resets is no fault of ours; close follows.
    socket.on('error', () => {})
    socket.on('close', () => this.#connections.delete(connection))
  }

  #receive(connection: Connection, chunk: Buffer): void {
    // Nothing more is heard from a connection that is being closed.
    if (connection.socket.writableEnded) return
    const bytes = connection.rest.length === 0 ? chunk : Buffer.concat([connection.rest, chunk])
    this.#refill()
    let at = 0
    let filled = 0
    while (bytes.length - at >= HEADER) {
      const length = bytes.readUInt16BE(at + 4)
      if (bytes.readUInt16BE(at + 2) !== 0 || length < 2 || length > MAX_LENGTH) {
        this.counts.malformed++
        this.#write(connection.socket, filled)
        connection.socket.destroySoon()
        return
      }
      if (bytes.length - at < 6 + length) break
      if (filled > this.#out.length - MAX_FRAME) {
        this.#write(connection.socket, filled)
        filled = 0
      }
      filled = this.#answer(connection.socket, bytes, at, length, filled)
      at += 6 + length
    }
    connection.rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at))
    this.#write(connection.socket, filled)
  }

  // Builds the reply at `filled` and gives the new end; a reply that is sent later or otherwise leaves the end where it was.
  #answer(socket: Socket, bytes: Buffer, at: number, length: number, filled: number): number {
    const out = this.#out
    this.counts.requests++
    bytes.copy(out, filled, at, at + HEADER)
    const size = this.#answerPdu(bytes, at + HEADER, length - 1, bytes[at + 6] ?? 0, filled + HEADER)
    out.writeUInt16BE(size + 1, filled + 4)
    const end = filled + HEADER + size
    if (this.misbehaviour === null && this.#config.responseDelayMs === 0) return end
    this.#sendOtherwise(socket, Buffer.from(bytes.subarray(at, at + 6 + length)), Buffer.from(out.subarray(filled, end)))
    return filled
  }

  #answerPdu(bytes: Buffer, at: number, length: number, unit: number, to: number): number {
    const code = bytes[at] ?? 0
    if (this.#config.maxRequestsPerSecond !== undefined && --this.#tokens < 0) {
      this.counts.busy++
      return refuse(code, DEVICE_BUSY, this.#out, to)
    }
    // Implementation Guide 4.4.2.1: a server reached by its IP address takes 255, and 0 is accepted too.
    if (unit !== this.#config.unit && unit !== 0 && unit !== 255) return refuse(code, GATEWAY_NO_RESPONSE, this.#out, to)
    return answerPdu(this.#image, bytes, at, length, this.#out, to)
  }

  #sendOtherwise(socket: Socket, request: Buffer, reply: Buffer): void {
    const outcome = this.misbehaviour?.(request, reply) ?? { bytes: reply }
    const delayMs = this.#config.responseDelayMs + (outcome.delayMs ?? 0)
    const send = () => {
      if (socket.destroyed) return
      if (outcome.bytes.length > 0 && !socket.write(outcome.bytes)) socket.pause()
      if (outcome.close === 'end') socket.end()
      else if (outcome.close === 'reset') socket.resetAndDestroy()
    }
    if (delayMs > 0) this.#delayed.add(delayMs, send)
    else send()
  }

  // A client that sends without reading is read no further until it has taken its replies.
  #write(socket: Socket, filled: number): void {
    if (filled > 0 && !socket.write(Buffer.from(this.#out.subarray(0, filled)))) socket.pause()
  }

  // A bucket of one second's requests, refilled once per chunk and not per request.
  #refill(): void {
    const rate = this.#config.maxRequestsPerSecond
    if (rate === undefined) return
    const now = performance.now()
    this.#tokens = Math.min(rate, Math.max(0, this.#tokens) + ((now - this.#tokensAt) / 1000) * rate)
    this.#tokensAt = now
  }
}
