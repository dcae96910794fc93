// Somebody in the middle of a TCP line to a PLC: forwards whole frames, of Modbus TCP or serial ones, and may change or drop them.
// Bytes that are no Modbus pass as they are.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { resetSocket } from '#runtime/reset-socket.ts'
import { replyLength, requestLength } from './modbus-rtu.ts'
import type { Tamper } from './tamper.ts'
import { type FrameChange, serialFrames, tcpFrames } from './wire-frames.ts'

export interface WirePathOptions {
  listen: { host: string; port: number }
  plc: { host: string; port: number }
  framing?: 'tcp' | 'rtu-over-tcp'
}

const MAX_CONNECTIONS = 1000
const MAX_WAITING = 1000

export class WirePath {
  /** What is done to the traffic from now on; null lets everything pass. */
  tamper: Tamper | null = null
  readonly counts = { connections: 0, turnedAway: 0, changed: 0, dropped: 0 }
  readonly #options: WirePathOptions
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(options: WirePathOptions) {
    this.#options = options
  }

  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async start(): Promise<void> {
    const { host, port } = this.#options.listen
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
    this.#server = server
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
    if (server === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #accept(client: Socket): void {
    client.on('error', () => {})
    if (this.#sockets.size >= 2 * MAX_CONNECTIONS) {
      this.counts.turnedAway++
      resetSocket(client)
      return
    }
    this.counts.connections++
    const plc = connect({ ...this.#options.plc, noDelay: true, ...localAddressOf(client) })
    plc.on('error', () => {})
    // What was asked, by transaction, until it is replied to.
    const asked = new Map<number, Buffer>()
    const change: FrameChange = (transaction, pdu) => this.#request(asked, transaction, pdu)
    const changeBack: FrameChange = (transaction, pdu) => this.#reply(asked, transaction, pdu)
    const isSerial = this.#options.framing === 'rtu-over-tcp'
    join(client, plc, isSerial ? serialFrames(change, requestLength) : tcpFrames(change))
    join(plc, client, isSerial ? serialFrames(changeBack, replyLength) : tcpFrames(changeBack))
    for (const [end, other] of [
      [client, plc],
      [plc, client]
    ] as const) {
      this.#sockets.add(end)
      end.on('close', () => {
        this.#sockets.delete(end)
        other.destroySoon()
      })
    }
  }

  #request(asked: Map<number, Buffer>, transaction: number, pdu: Buffer): Buffer | null {
    asked.delete(transaction)
    asked.set(transaction, Buffer.from(pdu))
    const [oldest] = asked.keys()
    if (asked.size > MAX_WAITING && oldest !== undefined) asked.delete(oldest)
    const change = this.tamper?.request
    return change === undefined ? pdu : this.#counted(pdu, change.call(this.tamper, Buffer.from(pdu)))
  }

  #reply(asked: Map<number, Buffer>, transaction: number, pdu: Buffer): Buffer | null {
    const request = asked.get(transaction)
    asked.delete(transaction)
    const change = this.tamper?.reply
    return change === undefined || request === undefined ? pdu : this.#counted(pdu, change.call(this.tamper, request, Buffer.from(pdu)))
  }

  #counted(before: Buffer, after: Buffer | null): Buffer | null {
    if (after === null) this.counts.dropped++
    else if (!after.equals(before)) this.counts.changed++
    return after
  }
}

// On Linux all of 127/8 is ours, so that the PLC sees the client's own address, as behind a forged ARP entry.
function localAddressOf({ remoteAddress }: Socket): { localAddress?: string } {
  return process.platform === 'linux' && remoteAddress?.startsWith('127.') ? { localAddress: remoteAddress } : {}
}

function join(from: Socket, to: Socket, change: (chunk: Buffer) => Buffer): void {
  from.on('data', (chunk) => {
    const bytes = change(chunk)
    if (bytes.length > 0 && !to.destroyed && !to.writableEnded && !to.write(bytes)) from.pause()
  })
  to.on('drain', () => from.resume())
}
