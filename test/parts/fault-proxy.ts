// A TCP proxy between an agent and a PLC that spoils what comes back: late, false, broken, or not at all.
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'

export const FAULTS = [
  'none',
  'reset',
  'stall',
  'late',
  'other-unit',
  'other-transaction',
  'other-function',
  'garbage',
  'truncated',
  'oversized',
  'drip',
  'half-open',
  'refuse'
] as const
export type Fault = (typeof FAULTS)[number]

export class FaultProxy implements AsyncDisposable {
  /** What happens to replies from now on. */
  fault: Fault = 'none'
  lateMs = 400
  connections = 0
  mostOpen = 0
  readonly #target: { host: string; port: number }
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #open = 0

  private constructor(target: { host: string; port: number }) {
    this.#target = target
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#serve(socket))
  }

  static async start(target: { host?: string; port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host: target.host ?? '127.0.0.1', port: target.port })
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    // Listening on TCP, so the address is not a pipe's name.
    return (this.#server.address() as AddressInfo).port
  }

  /** Resets every connection now. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(near: Socket): void {
    this.connections++
    if (this.fault === 'refuse') {
      near.resetAndDestroy()
      return
    }
    this.mostOpen = Math.max(this.mostOpen, ++this.#open)
    const far = createConnection({ ...this.#target, noDelay: true })
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    }
    near.on('close', () => {
      this.#open--
      far.destroy()
    })
    far.on('close', () => this.fault !== 'half-open' && near.destroy())
    near.on('end', () => this.fault !== 'half-open' && near.end())
    near.on('data', (chunk) => {
      if (this.fault === 'half-open') return
      if (this.fault === 'reset') near.resetAndDestroy()
      else far.write(chunk)
    })
    far.on('data', (reply) => void this.#spoil(near, reply))
  }

  // A PLC of the tests answers each request with one write, so a chunk is a whole frame.
  async #spoil(near: Socket, reply: Buffer): Promise<void> {
    const spoilt = Buffer.from(reply)
    switch (this.fault) {
      case 'stall':
      case 'half-open':
        return
      case 'late':
        setTimeout(() => near.writable && near.write(spoilt), this.lateMs)
        return
      case 'other-unit':
        spoilt.writeUInt8((reply.readUInt8(6) + 1) & 0xff, 6)
        break
      case 'other-transaction':
        spoilt.writeUInt16BE((reply.readUInt16BE(0) + 1) & 0xffff, 0)
        break
      case 'other-function':
        spoilt.writeUInt8(reply.readUInt8(7) === 3 ? 4 : 3, 7)
        break
      case 'garbage':
        near.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
        return
      case 'truncated':
        near.end(spoilt.subarray(0, spoilt.length - 1))
        return
      case 'oversized':
        spoilt.writeUInt16BE(0xffff, 4)
        break
      case 'drip':
        for (const byte of spoilt) {
          if (!near.writable) return
          near.write(Buffer.from([byte]))
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        return
    }
    if (near.writable) near.write(spoilt)
  }
}
