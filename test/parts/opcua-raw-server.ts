// An OPC UA server on a raw TCP socket, without security, that can be told to misbehave at every step: OPC 10000-6, section 7 is done
// by hand here, so that any byte can be wrong; what stands inside the messages is encoded by node-opcua.
import { createServer, type Server, type Socket } from 'node:net'
import * as opcua from 'node-opcua'
import { honestReply, type UaMessage } from './opcua-honest.ts'

export interface UaRequest {
  /** As in CreateSessionRequest. */
  name: string
  id: number
  body: UaMessage & { requestHeader: { requestHandle: number } }
}

/** Called for connect, HEL, OPN, CLO and for each request by its name; true when it has dealt with the step itself. */
export type Trick = (step: string, peer: Peer, request: UaRequest) => boolean

interface Encodable extends UaMessage {
  encode(stream: opcua.BinaryStream): void
}

const NO_REQUEST: UaRequest = { name: '', id: 0, body: { requestHeader: { requestHandle: 0 } } }
const CHUNK_HEADER = 24
const SETTLED_MS = 100
// With its header it stays below what every client takes.
const MOST_IN_CHUNK = 8000
const scratch = Buffer.alloc(24 << 20)

/** A frame: three letters, the kind of chunk, the length of all, and the rest. */
export function frameOf(type: string, kind: string, ...rest: Buffer[]): Buffer {
  const head = Buffer.from(`${type}${kind}\0\0\0\0`, 'latin1')
  const frame = Buffer.concat([head, ...rest])
  frame.writeUInt32LE(frame.length, 4)
  return frame
}

export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * i)
  return bytes
}

export function bytesOf(message: UaMessage): Buffer {
  // Every message class of the library can encode itself; its types do not say so in one place.
  const encodable = message as Encodable
  const stream = new opcua.BinaryStream(scratch)
  const id = (message.constructor as unknown as { encodingDefaultBinary: opcua.ExpandedNodeId }).encodingDefaultBinary
  opcua.encodeExpandedNodeId(id, stream)
  encodable.encode(stream)
  return Buffer.from(scratch.subarray(0, stream.length))
}

// Requests by the numeric id of their binary encoding.
const REQUESTS = new Map(
  Object.entries(opcua).flatMap(([name, type]) => {
    if (!name.endsWith('Request') || typeof type !== 'function' || !('encodingDefaultBinary' in type)) return []
    const { value } = type.encodingDefaultBinary as opcua.ExpandedNodeId
    return [[value, { name, type: type as unknown as new () => UaRequest['body'] & { decode(stream: opcua.BinaryStream): void } }] as const]
  })
)

/** One connection of a client. */
export class Peer {
  readonly socket: Socket
  /** Whatever a trick wants to remember. */
  readonly memory = new Map<string, number>()
  readonly timers = new Set<NodeJS.Timeout>()
  channel = 7
  token = 1
  #sequence = 1

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Takes the place of the honest reply to the request; in as many chunks as it needs. */
  reply(request: UaRequest, message: UaMessage): void {
    const body = bytesOf(message)
    for (let at = 0; at < body.length; at += MOST_IN_CHUNK)
      this.raw(this.messageOf(request.id, body.subarray(at, at + MOST_IN_CHUNK), at + MOST_IN_CHUNK < body.length ? 'C' : 'F'))
  }

  raw(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  messageOf(requestId: number, body: Buffer, kind: 'F' | 'C' | 'A' = 'F'): Buffer {
    return frameOf('MSG', kind, words(this.channel, this.token, this.#sequence++, requestId), body)
  }

  openOf(requestId: number, message: UaMessage): Buffer {
    const policy = Buffer.from('http://opcfoundation.org/UA/SecurityPolicy#None')
    const security = Buffer.concat([words(policy.length), policy, words(-1, -1)])
    return frameOf('OPN', 'F', words(this.channel), security, words(this.#sequence++, requestId), bytesOf(message))
  }

  /** Does it again and again until the connection ends. */
  every(ms: number, act: () => void): void {
    this.timers.add(setInterval(act, ms))
  }

  ack(limits: { buffer?: number; size?: number; chunks?: number } = {}): void {
    const { buffer = 65_536, size = 0, chunks = 0 } = limits
    this.raw(frameOf('ACK', 'F', words(0, buffer, buffer, size, chunks)))
  }
}

export class RawOpcuaServer implements AsyncDisposable {
  readonly services = new Map<string, number>()
  readonly sessionTimes: number[] = []
  connections = 0
  open = 0
  /** How often a connection was still open well after the next one had come. */
  overlaps = 0
  #trick: Trick
  readonly #server: Server
  readonly #peers = new Set<Peer>()

  private constructor(trick: Trick) {
    this.#trick = trick
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  static async start(trick: Trick = () => false, port = 0): Promise<RawOpcuaServer> {
    const server = new RawOpcuaServer(trick)
    await new Promise<void>((resolve, reject) => server.#server.once('error', reject).listen(port, '127.0.0.1', resolve))
    return server
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get endpoint(): string {
    return `opc.tcp://127.0.0.1:${this.port}`
  }

  set trick(trick: Trick) {
    this.#trick = trick
  }

  /** Resets all connections. */
  drop(): void {
    for (const { socket } of this.#peers) socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.drop()
    await closed
  }

  #accept(socket: Socket): void {
    const peer = new Peer(socket)
    this.#peers.add(peer)
    this.connections++
    this.open++
    // The end of one connection and the beginning of the next may be told in any order.
    peer.timers.add(
      setTimeout(() => {
        if (this.open > 1) this.overlaps++
      }, SETTLED_MS)
    )
    let rest = Buffer.alloc(0)
    const parts: Buffer[] = []
    socket.on('error', () => {})
    socket.on('close', () => {
      this.open--
      this.#peers.delete(peer)
      for (const timer of peer.timers) clearInterval(timer)
    })
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      while (rest.length >= 8 && rest.length >= rest.readUInt32LE(4)) {
        const frame = rest.subarray(0, rest.readUInt32LE(4))
        rest = rest.subarray(frame.length)
        if (frame.length < 8) return socket.destroy()
        parts.push(frame)
        if (frame.toString('latin1', 3, 4) !== 'C') this.#take(peer, parts.splice(0))
      }
    })
    this.#trick('connect', peer, NO_REQUEST)
  }

  #take(peer: Peer, frames: Buffer[]): void {
    const [first = Buffer.alloc(0)] = frames
    const type = first.toString('latin1', 0, 3)
    if (type === 'HEL') {
      if (!this.#trick('HEL', peer, NO_REQUEST)) peer.ack()
      return
    }
    // The client tells what it thinks of us and leaves.
    if (type === 'ERR') return
    const head = type === 'OPN' ? openHeader(first) : CHUNK_HEADER
    const id = first.readUInt32LE(head - 4)
    const body = Buffer.concat(frames.map((frame) => frame.subarray(type === 'OPN' ? head : CHUNK_HEADER)))
    const stream = new opcua.BinaryStream(body)
    const known = REQUESTS.get(Number(opcua.decodeExpandedNodeId(stream).value))
    if (known === undefined) return void peer.socket.destroy()
    const decoded = new known.type()
    decoded.decode(stream)
    const request = { name: known.name, id, body: decoded }
    this.services.set(known.name, (this.services.get(known.name) ?? 0) + 1)
    if (known.name === 'CreateSessionRequest') this.sessionTimes.push(performance.now())
    if (this.#trick(type === 'MSG' ? known.name : type, peer, request)) return
    if (type === 'CLO') return void peer.socket.end()
    const reply = honestReply(request, peer, this.endpoint)
    if (reply === null) return
    if (type === 'OPN') peer.raw(peer.openOf(id, reply))
    else peer.reply(request, reply)
  }
}

// OPC 10000-6, 6.7.2.3: the asymmetric header has three strings of its own length.
function openHeader(frame: Buffer): number {
  let at = 12
  for (let i = 0; i < 3; i++) at += 4 + Math.max(0, frame.readInt32LE(at))
  return at + 8
}
