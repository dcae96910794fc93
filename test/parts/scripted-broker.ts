// A broker that does exactly what a test tells it, byte for byte: for answers that no real broker gives on demand.
import { createServer, type Server, type Socket } from 'node:net'

export interface Frame {
  /** The first byte: packet type and flags (MQTT 3.1.1, 2.2). */
  head: number
  body: Buffer
}

const CONNECT = 0x10
const SUBSCRIBE = 0x82
const PUBLISH_QOS1 = 0x32
const PUBACK = 0x40

export class ScriptedBroker implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets: Socket[] = []
  readonly frames: Frame[] = []
  /** What to answer to a SUBSCRIBE: the granted QoS of each filter, 0x80 for a refusal. */
  granted = 1

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return `mqtt://127.0.0.1:${address.port}`
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  connections(): number {
    return this.frames.filter(({ head }) => head === CONNECT).length
  }

  /** Ids of the PUBACKs that came, in order. */
  acknowledged(): number[] {
    return this.frames.filter(({ head }) => head === PUBACK).map(({ body }) => body.readUInt16BE(0))
  }

  published(): Frame[] {
    return this.frames.filter(({ head }) => (head & 0xf6) === PUBLISH_QOS1)
  }

  publish(topic: string, id: number, payload = ''): void {
    const body = Buffer.concat([text(topic), Buffer.of(id >> 8, id & 0xff), Buffer.from(payload)])
    this.write(frame(PUBLISH_QOS1, body))
  }

  /** To the newest connection. */
  write(bytes: Buffer): void {
    this.#sockets.at(-1)?.write(bytes)
  }

  cut(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.push(socket)
    let rest = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (let next = cut(rest); next !== undefined; next = cut(rest)) {
        rest = rest.subarray(next.length)
        this.frames.push(next.frame)
        this.#answer(socket, next.frame)
      }
    })
  }

  #answer(socket: Socket, { head, body }: Frame): void {
    if (head === CONNECT) socket.write(Buffer.of(0x20, 2, 0, 0))
    if (head === SUBSCRIBE) socket.write(frame(0x90, Buffer.concat([body.subarray(0, 2), Buffer.alloc(countFilters(body), this.granted)])))
    if (head === 0xc0) socket.write(Buffer.of(0xd0, 0))
  }
}

function countFilters(body: Buffer): number {
  let count = 0
  for (let at = 2; at < body.length; at += body.readUInt16BE(at) + 3) count++
  return count
}

function cut(bytes: Buffer): { frame: Frame; length: number } | undefined {
  let size = 0
  for (let at = 1; at < Math.min(bytes.length, 5); at++) {
    const byte = bytes.readUInt8(at)
    size += (byte & 0x7f) << (7 * (at - 1))
    if (byte >= 0x80) continue
    const length = at + 1 + size
    return bytes.length < length ? undefined : { frame: { head: bytes.readUInt8(0), body: bytes.subarray(at + 1, length) }, length }
  }
  return undefined
}

function frame(head: number, body: Buffer): Buffer {
  const size: number[] = []
  let left = body.length
  do {
    size.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0))
    left >>= 7
  } while (left > 0)
  return Buffer.concat([Buffer.of(head, ...size), body])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
}
