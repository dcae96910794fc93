// A TCP server that does whatever a test wants with each request and each connection, and counts connections and what it was sent.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onceOver } from './over.ts'
import { frame } from './raw-modbus.ts'
import { rtuFrame } from './serial-frames.ts'

export type Frames = 'mbap' | 'rtu'

export interface Request {
  socket: Socket
  transaction: number
  unit: number
  functionCode: number
  pdu: Buffer
  /** A well-formed reply with this content, and with other ids when they are given. */
  reply(pdu: readonly number[], ids?: { unit?: number; transaction?: number }): Buffer
}

export interface Behaviour {
  connected?: (socket: Socket) => void
  asked?: (request: Request) => void
}

export class HostilePlc implements AsyncDisposable {
  readonly requests: Request[] = []
  connections = 0
  mostOpen = 0
  readonly #frames: Frames
  readonly #behaviour: Behaviour
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #open = 0

  private constructor(frames: Frames, behaviour: Behaviour) {
    this.#frames = frames
    this.#behaviour = behaviour
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#serve(socket))
  }

  static async start(frames: Frames, behaviour: Behaviour): Promise<HostilePlc> {
    const plc = new HostilePlc(frames, behaviour)
    plc.#server.listen(0, '127.0.0.1')
    await once(plc.#server, 'listening')
    return plc
  }

  get port(): number {
    // Listening on TCP, so the address is not a pipe's name.
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.connections++
    this.mostOpen = Math.max(this.mostOpen, ++this.#open)
    this.#sockets.add(socket)
    onceOver(socket, () => this.#open--)
    socket.on('error', () => {})
    socket.on('end', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    // The agent sends each request with one write.
    socket.on('data', (bytes) => {
      const rtu = this.#frames === 'rtu'
      const transaction = rtu ? 0 : bytes.readUInt16BE(0)
      const body = rtu ? bytes.subarray(0, -2) : bytes.subarray(6)
      const unit = body.readUInt8(0)
      const request: Request = {
        socket,
        transaction,
        unit,
        functionCode: body.readUInt8(1),
        pdu: body.subarray(1),
        reply: (pdu, ids = {}) => (rtu ? rtuFrame(ids.unit ?? unit, pdu) : frame(ids.transaction ?? transaction, ids.unit ?? unit, pdu))
      }
      this.requests.push(request)
      this.#behaviour.asked?.(request)
    })
    this.#behaviour.connected?.(socket)
  }
}
