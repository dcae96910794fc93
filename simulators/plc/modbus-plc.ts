// A small Modbus server on a register image, over node:net alone: it shares no code with the agent's library on purpose.
import { createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'
import { resetSocket } from '#runtime/reset-socket.ts'
import { readingAsStream, readingAtOnce } from './accepted-socket.ts'
import { DelayedReplies } from './delayed-replies.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import { CHARACTER_NAMES, mannersOf } from './modbus-characters.ts'
import type { Observer } from './modbus-exchange.ts'
import type { Identity } from './modbus-identity.ts'
import { ModbusPort, type PortOptions } from './modbus-port.ts'
import { ModbusRtuPort } from './modbus-rtu-port.ts'
import { ModbusStation } from './modbus-station.ts'
import type { RegisterImage } from './register-image.ts'

export const ModbusServerConfig = z
  .strictObject({
    host: z.string().min(1).max(255).default('127.0.0.1').describe('The address to listen on.'),
    port: z.int().min(0).max(65535).default(1502).describe('The TCP port to listen on; 0 takes a free one.'),
    framing: z
      .enum(['tcp', 'rtu-over-tcp'])
      .default('tcp')
      .describe('What goes over a connection: Modbus TCP, or serial frames as behind a serial device server.'),
    unit: z.int().min(1).max(247).default(1).describe('The unit id that the PLC answers to.'),
    character: z
      .enum(CHARACTER_NAMES)
      .default('lenient')
      .describe('The manners of the PLC: what the fields below are where they are not given. `penstock simulate --help` tells each.'),
    maxConnections: z.int().min(1).max(10_000).optional().describe('How many clients may be connected at once; lenient: 16.'),
    whenFull: z
      .enum(['refuse-new', 'close-oldest'])
      .optional()
      .describe('What happens to one client more: it is refused, or it takes the place of the oldest; lenient: refuse-new.'),
    maxRequestsPerSecond: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Requests per second beyond this are answered with exception 6, device busy; lenient: any number.'),
    responseDelayMs: z
      .int()
      .min(0)
      .max(60_000)
      .optional()
      .describe('How long the PLC takes for each reply at least, in milliseconds; lenient: 0.'),
    responseJitterMs: z
      .int()
      .min(0)
      .max(60_000)
      .optional()
      .describe('How much longer a reply may take, by chance, in milliseconds; replies keep their order; lenient: 0.'),
    maxOutstanding: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Over Modbus TCP, requests of one connection that may wait for their replies; one more is answered with exception 6.'),
    otherUnits: z
      .enum(['refuse', 'ignore'])
      .optional()
      .describe(
        'Over Modbus TCP, what happens to requests for other units: refused as by a gateway, with 0 and 255 taken for its own, or not answered.'
      ),
    path: z
      .strictObject({ port: z.int().min(0).max(65535).describe('The TCP port to listen on; 0 takes a free one.') })
      .optional()
      .describe('A second way to the PLC, for the agent, on which attackers can alter requests and replies; without it, none can.')
  })
  .transform((given) => ({ ...given, ...mannersOf(given.character, given) }))
export type ModbusServerConfig = z.infer<typeof ModbusServerConfig>

export interface ModbusPlcOptions extends Observer {
  image: RegisterImage
  config: ModbusServerConfig
  identity?: Identity
  /** The port of the PLC when something else reaches it too; the config's limits are then not looked at. */
  station?: ModbusStation
  /** At least 0 and below 1, for what takes now longer and now shorter. */
  chance?: () => number
}

const MAX_DELAYED = 10_000

export class ModbusPlc {
  /** For tests: turns right replies of Modbus TCP into wrong ones. */
  misbehaviour: Misbehaviour | null = null
  readonly station: ModbusStation
  readonly #config: ModbusServerConfig
  readonly #observer: Observer
  readonly #sockets = new Set<Socket>()
  readonly #delayed = new DelayedReplies({ most: MAX_DELAYED })
  readonly #port: PortOptions
  #server: Server | undefined
  #connection = 0

  constructor(options: ModbusPlcOptions) {
    const { image, config, identity } = options
    this.station = options.station ?? new ModbusStation({ image, limits: config, identity, now: () => performance.now() })
    this.#config = config
    this.#observer = options
    this.#port = {
      station: this.station,
      delayed: this.#delayed,
      manners: config,
      chance: options.chance ?? Math.random,
      misbehaviour: () => this.misbehaviour,
      observer: options
    }
  }

  get counts(): Readonly<ModbusStation['counts']> {
    return this.station.counts
  }

  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async start(): Promise<void> {
    const { host, port } = this.#config
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, pauseOnConnect: true }
    const server = createServer(options, (accepted) => this.#accept(accepted))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        // Afterwards only an accept can fail, for example when no file descriptor is left.
        server.on('error', () => this.station.counts.turnedAway++)
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
    const ended = [...this.#sockets].map((socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())))
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all([closed, ...ended])
  }

  #accept(accepted: Socket): void {
    const { onConnection } = this.#observer
    let port: ModbusPort | ModbusRtuPort | undefined
    // Serial frames are put together from chunks that are kept.
    const reading = this.#config.framing === 'tcp' ? readingAtOnce : readingAsStream
    const socket = reading(accepted, (own, chunk) => {
      // Nothing more is heard from a connection that is being closed.
      if (!own.writableEnded && !own.destroyed) port?.receive(chunk)
    })
    const line = {
      client: socket.remoteAddress ?? '',
      server: socket.localAddress ?? '',
      connection: ++this.#connection,
      ports: { client: socket.remotePort ?? 0, server: socket.localPort ?? 0 }
    }
    // A peer that resets is no fault of ours, and close follows.
    socket.on('error', () => {})
    const seat = this.station.seat((how) => {
      // After a restart the reply that is under way still goes out.
      if (how === 'restart') socket.destroySoon()
      else resetSocket(socket)
    })
    if (seat === null) {
      onConnection?.({ ...line, what: 'refused' })
      resetSocket(socket)
      return
    }
    this.#sockets.add(socket)
    onConnection?.({ ...line, what: 'opened' })
    port = this.#config.framing === 'tcp' ? new ModbusPort(socket, line, this.#port) : new ModbusRtuPort(socket, line, this.#port)
    socket.on('drain', () => socket.resume())
    socket.once('close', () => {
      this.#sockets.delete(socket)
      seat.leave()
      onConnection?.({ ...line, what: 'closed' })
    })
  }
}
