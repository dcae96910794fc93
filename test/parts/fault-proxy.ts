// A TCP proxy between an agent and a PLC that spoils what comes back: late, false, broken, twice, or not at all; one fault for
// everything, or a mix drawn by a seed.
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { onceOver } from './over.ts'
import { rtuFrame } from './serial-frames.ts'

export const FAULTS = [
  'none',
  'reset',
  'stall',
  'late',
  'stale-first',
  'swapped',
  'twice',
  'twice-later',
  'corrupt',
  'cut',
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

/** What can befall a single reply. */
export const REPLY_FAULTS = FAULTS.filter((fault) => fault !== 'none' && fault !== 'half-open' && fault !== 'refuse')

export interface FaultMix {
  seed: number
  /** How many of the replies are spoilt, 0 to 1. */
  share: number
  /** How many replies after a spoilt one come through whole: two faults at once can look like a proper reply. */
  calm: number
  faults: readonly Fault[]
}

export interface FaultProxyTarget {
  host?: string
  port: number
  /** RTU frames instead of Modbus TCP. Then what comes late goes to whoever is connected, as behind a serial server. */
  frames?: 'mbap' | 'rtu'
}

export class FaultProxy implements AsyncDisposable {
  /** What happens to replies from now on. */
  fault: Fault = 'none'
  lateMs = 400
  /** Between a false reply and the true one, and between a reply and its repetition, at most. */
  gapMs = 5
  laterMs = 60
  connections = 0
  mostOpen = 0
  /** When a connection was reset last, as performance.now() has it. */
  resetAt = 0
  /** How often each fault befell a reply. */
  readonly spoilt = new Map<Fault, number>()
  readonly #target: FaultProxyTarget
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #open = 0
  #newest: Socket | undefined
  #mix: FaultMix | undefined
  #random = seeded(1)
  #calm = 0
  #held: Buffer | undefined
  #previous: Buffer | undefined

  private constructor(target: FaultProxyTarget) {
    this.#target = target
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#serve(socket))
  }

  static async start(target: FaultProxyTarget): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    // Listening on TCP, so the address is not a pipe's name.
    return (this.#server.address() as AddressInfo).port
  }

  /** From now on faults are drawn; `fault` counts no more for replies. */
  mix(mix: FaultMix): void {
    this.#mix = mix
    this.#random = seeded(mix.seed)
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
    this.#newest = near
    this.mostOpen = Math.max(this.mostOpen, ++this.#open)
    const far = createConnection({ host: this.#target.host ?? '127.0.0.1', port: this.#target.port, noDelay: true })
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    }
    onceOver(near, () => this.#open--)
    near.on('close', () => far.destroy())
    far.on('close', () => this.fault !== 'half-open' && near.destroy())
    near.on('end', () => this.fault !== 'half-open' && near.end())
    near.on('data', (chunk) => {
      if (this.fault === 'half-open') return
      if (this.fault === 'reset') near.resetAndDestroy()
      else far.write(chunk)
    })
    // A PLC of the tests answers each request with one write, so a chunk is a whole frame.
    far.on('data', (reply) => {
      const fault = this.#draw()
      this.spoilt.set(fault, (this.spoilt.get(fault) ?? 0) + 1)
      void this.#pass(near, Buffer.from(reply), fault)
      this.#previous = Buffer.from(reply)
    })
  }

  #draw(): Fault {
    if (this.#mix === undefined) return this.fault
    const { share, calm, faults } = this.#mix
    if (this.#calm-- > 0 || this.#random() >= share) return 'none'
    this.#calm = calm
    return faults[Math.floor(this.#random() * faults.length)] ?? 'none'
  }

  async #pass(near: Socket, reply: Buffer, fault: Fault): Promise<void> {
    const send = (bytes: Buffer, to = near) => void (to.writable && to.write(bytes))
    const later = () => (this.#target.frames === 'rtu' ? this.#newest : near)
    const previous = this.#previous ?? reply
    switch (fault) {
      case 'stall':
      case 'half-open':
        return
      case 'late':
        await sleep(this.lateMs)
        send(reply, later())
        return
      case 'stale-first':
        send(previous)
        await sleep(this.#random() * this.gapMs)
        send(reply)
        return
      case 'twice':
        send(Buffer.concat([reply, reply]))
        return
      case 'twice-later':
        send(reply)
        await sleep(this.#random() * this.laterMs)
        send(reply, later())
        return
      case 'reset':
        send(reply.subarray(0, reply.length >> 1))
        this.resetAt = performance.now()
        near.resetAndDestroy()
        return
      case 'truncated':
        near.end(reply.subarray(0, -1))
        return
      case 'drip':
        for (const byte of reply) {
          send(Buffer.from([byte]))
          await sleep(1)
        }
        return
      case 'swapped':
        if (this.#held === undefined) {
          this.#held = reply
          return
        }
    }
    const held = this.#held
    this.#held = undefined
    if (held === undefined) send(this.#altered(reply, fault))
    else send(Buffer.concat(this.#random() < 0.5 ? [held, reply] : [reply, held]))
  }

  #altered(reply: Buffer, fault: Fault): Buffer {
    const rtu = this.#target.frames === 'rtu'
    const start = rtu ? 0 : 6
    // With the right check sum, so that only the content is wrong.
    const changed = (at: number, value: number) => {
      reply.writeUInt8(value & 0xff, at)
      return rtu ? rtuFrame(reply.readUInt8(0), reply.subarray(1, -2)) : reply
    }
    switch (fault) {
      case 'other-unit':
        return changed(start, reply.readUInt8(start) + 1)
      case 'other-function':
        return changed(start + 1, reply.readUInt8(start + 1) === 3 ? 4 : 3)
      case 'other-transaction':
        if (!rtu) reply.writeUInt16BE((reply.readUInt16BE(0) + 1) & 0xffff, 0)
        return reply
      case 'oversized':
        return rtu ? changed(2, 0xff) : changed(4, 0xff)
      case 'garbage':
        return Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')
      case 'cut':
        return reply.subarray(0, 1 + Math.floor(this.#random() * (reply.length - 1)))
      case 'corrupt': {
        // Modbus TCP has no check sum of its own: a value that was changed under TCP's is beyond anybody.
        const at = Math.floor(this.#random() * (rtu ? reply.length : 9))
        reply.writeUInt8(reply.readUInt8(at) ^ (1 + Math.floor(this.#random() * 255)), at)
        return reply
      }
      default:
        return reply
    }
  }
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
