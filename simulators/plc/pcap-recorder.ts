// Writes what clients and PLCs exchanged as a packet capture, which any analyser reads: each connection with handshake, right
// sequence numbers and end. The capture is made from the exchanges, so that offline worlds have one too.
import { isIPv4 } from 'node:net'
import type { Exchange, Observer } from './modbus-exchange.ts'
import { rtuFrame } from './modbus-rtu.ts'
import { ACK, type End, FIN, PSH, pcapHeader, pcapRecord, RST, SYN } from './pcap-packet.ts'

export interface PcapOptions {
  /** Takes the next bytes of the file; when it throws, the recording ends there. */
  write: (bytes: Buffer) => void
  maxBytes: number
  /** True while nothing may be handed out yet: it is kept. */
  isHeld?: () => boolean
  /** Called once, when no more is recorded: the size is reached, or it cannot be written. */
  onFull?: (reason: unknown) => void
  /** Epoch milliseconds. */
  now: () => number
}

interface Flow {
  client: End
  server: End
  /** The next sequence number of each side. */
  sent: { client: number; server: number }
  transaction: number
}

const MOST_FLOWS = 10_000
const BUFFERED_BYTES = 64 << 10
const MOST_HELD_BYTES = 64 << 20
const FIRST_PORT = 10_000
const PORTS = 55_536
const NOTHING = Buffer.alloc(0)

export class PcapRecorder {
  readonly counts = { packets: 0, bytes: 0, dropped: 0 }
  readonly #options: PcapOptions
  readonly #flows = new Map<string, Flow>()
  readonly #named = new Map<string, Buffer>()
  #waiting: Buffer[] = [pcapHeader()]
  #waitingBytes = 24
  #full = false
  #last = 0
  #connections = 0
  #observers = 0

  constructor(options: PcapOptions) {
    this.#options = options
    this.counts.bytes = this.#waitingBytes
  }

  /** What a server or an offline network is to tell; port is that of PLCs without sockets. */
  observer({ port = 502, framing = 'tcp' }: { port?: number; framing?: 'tcp' | 'rtu-over-tcp' } = {}): Observer {
    const prefix = `${this.#observers++}/`
    const key = ({ server, connection }: { server: string; connection: number }) => `${prefix}${server}/${connection}`
    return {
      onConnection: (news) => {
        if (news.what === 'closed') this.#close(key(news), FIN | ACK)
        else this.#open(key(news), news, port)
        if (news.what === 'refused') this.#close(key(news), RST | ACK)
      },
      onExchange: (exchange) => {
        const flow = this.#flows.get(key(exchange)) ?? this.#open(key(exchange), exchange, port)
        if (flow !== null) this.#exchange(flow, exchange, framing)
      },
      onLateReply: ({ unit, reply, transaction = 0, ...exchange }) => {
        const flow = this.#flows.get(key(exchange))
        if (flow !== undefined)
          this.#put(flow, 'server', PSH | ACK, framing === 'tcp' ? mbapFrame(transaction, unit, reply) : rtuFrame(unit, reply))
      }
    }
  }

  /** Ends all connections and hands out what is left. */
  end(): void {
    for (const key of [...this.#flows.keys()]) this.#close(key, FIN | ACK)
    this.flush()
    this.#full = true
  }

  #open(key: string, { client, server, ports }: Pick<Exchange, 'client' | 'server' | 'ports'>, port: number): Flow | null {
    if (this.#full || this.#flows.size >= MOST_FLOWS) {
      this.counts.dropped++
      return null
    }
    const n = this.#connections++
    const sent = { client: Math.imul(n, 64_021) >>> 0, server: Math.imul(n + 1, 250_007) >>> 0 }
    const flow: Flow = {
      client: { ip: this.#addressOf(client), port: ports?.client ?? FIRST_PORT + (n % PORTS) },
      server: { ip: this.#addressOf(server), port: ports?.server ?? port },
      sent,
      transaction: 0
    }
    this.#flows.set(key, flow)
    this.#put(flow, 'client', SYN, NOTHING)
    this.#put(flow, 'server', SYN | ACK, NOTHING)
    this.#put(flow, 'client', ACK, NOTHING)
    return flow
  }

  #exchange(flow: Flow, { unit, request, reply, transaction = flow.transaction++ }: Exchange, framing: 'tcp' | 'rtu-over-tcp'): void {
    const framed = (pdu: Uint8Array) => (framing === 'tcp' ? mbapFrame(transaction, unit, pdu) : rtuFrame(unit, pdu))
    this.#put(flow, 'client', PSH | ACK, framed(request))
    if (reply === null) this.#put(flow, 'server', ACK, NOTHING)
    else this.#put(flow, 'server', PSH | ACK, framed(reply))
  }

  #close(key: string, flags: number): void {
    const flow = this.#flows.get(key)
    if (flow === undefined) return
    this.#flows.delete(key)
    this.#put(flow, flags & RST ? 'server' : 'client', flags, NOTHING)
    if (flags & RST) return
    this.#put(flow, 'server', FIN | ACK, NOTHING)
    this.#put(flow, 'client', ACK, NOTHING)
  }

  #put(flow: Flow, who: 'client' | 'server', flags: number, payload: Buffer): void {
    const other = who === 'client' ? 'server' : 'client'
    // Two packets never bear the same time, so that their order is plain.
    this.#last = Math.max(this.#last + 1, Math.round(this.#options.now() * 1000))
    const acknowledged = flags & ACK ? flow.sent[other] : 0
    const segment = { from: flow[who], to: flow[other], sequence: flow.sent[who], acknowledged, flags, payload, id: this.counts.packets }
    const record = pcapRecord(this.#last, segment)
    // The recording is cut at its end and nowhere in the middle.
    if (!this.#full && this.counts.bytes + record.length > this.#options.maxBytes) this.#end(null)
    if (this.#full) {
      this.counts.dropped++
      return
    }
    flow.sent[who] = (flow.sent[who] + payload.length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0
    this.counts.packets++
    this.counts.bytes += record.length
    this.#waiting.push(record)
    this.#waitingBytes += record.length
    if (this.#waitingBytes > BUFFERED_BYTES) this.flush()
  }

  /** Hands out what waits. */
  flush(): void {
    if (this.#options.isHeld?.() === true) {
      if (this.#waitingBytes > MOST_HELD_BYTES && !this.#full) this.#end(new Error('too much came before it could be written'))
      return
    }
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    try {
      if (bytes.length > 0) this.#options.write(bytes)
    } catch (fault) {
      // A full disk ends the recording, not the simulator.
      this.counts.dropped++
      if (!this.#full) this.#end(fault)
    }
  }

  #end(reason: unknown): void {
    this.#full = true
    this.#options.onFull?.(reason)
  }

  // A host that is only a name gets an address of its own from a block that no plant uses.
  #addressOf(host: string): Buffer {
    const plain = host.replace(/^::ffff:/i, '')
    if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number))
    const known = this.#named.get(host)
    if (known !== undefined) return known
    const n = (this.#named.size % 65_000) + 1
    const made = Buffer.from([10, 99, n >> 8, n & 0xff])
    if (this.#named.size < 65_000) this.#named.set(host, made)
    return made
  }
}

function mbapFrame(transaction: number, unit: number, pdu: Uint8Array): Buffer {
  const frame = Buffer.alloc(7 + pdu.length)
  frame.writeUInt16BE(transaction & 0xffff, 0)
  frame.writeUInt16BE(1 + pdu.length, 4)
  frame.writeUInt8(unit, 6)
  frame.set(pdu, 7)
  return frame
}
