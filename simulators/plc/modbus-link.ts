// How the operator and the attackers reach a PLC: over TCP when the simulator serves sockets, or straight to the register
// image when it runs offline. Both carry the same request bytes.
import { lookup } from 'node:dns/promises'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { MAX_PDU_BYTES } from './modbus-pdu.ts'
import { isWhole, MAX_RTU_BYTES, replyLength, rtuFrame } from './modbus-rtu.ts'

export interface ModbusLink extends AsyncDisposable {
  /** The address it comes from. */
  readonly host: string
  /** Sends one request PDU and resolves to the reply PDU; one request at a time. Without a unit it goes to the PLC's own. */
  request(pdu: Uint8Array, unit?: number): Promise<Buffer>
  /** Sends bytes as they are, which need be no Modbus; nothing is waited for. Only where there is a wire. */
  raw?(bytes: Uint8Array): Promise<void>
}

export class LinkFault extends Error {
  readonly code: 'LINK_AWAY' | 'LINK_TIMEOUT' | 'LINK_REFUSED'
  constructor(code: 'LINK_AWAY' | 'LINK_TIMEOUT' | 'LINK_REFUSED', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LinkFault'
    this.code = code
  }
}

export interface TcpLinkOptions {
  host: string
  port: number
  unit: number
  /** The loopback address to come from, so that talkers can be told apart; another one is taken where it does not exist. */
  localAddress: string
  timeoutMs: number
  /** Serial frames over the connection, as behind a serial device server; Modbus TCP without it. */
  framing?: 'tcp' | 'rtu-over-tcp'
}

// Where only silence tells the end of a serial frame.
const SILENCE_MS = 50

/** Reaches PLCs of this machine and no other: what is played with it writes, and must never do so to a real one. */
export async function tcpLink(wanted: TcpLinkOptions): Promise<ModbusLink> {
  const options = { ...wanted, host: await ownAddress(wanted) }
  try {
    return new TcpLink(await open(options, options.localAddress), options)
  } catch (cause) {
    // Outside Linux only 127.0.0.1 is on the loopback interface.
    if (!(cause instanceof Error && 'code' in cause && ['EADDRNOTAVAIL', 'EINVAL', 'ENETUNREACH'].includes(String(cause.code))))
      throw awayFault(options, cause)
  }
  try {
    return new TcpLink(await open(options, undefined), options)
  } catch (cause) {
    throw awayFault(options, cause)
  }
}

// The address itself is connected to afterwards, so that a name cannot come to mean another one in between.
async function ownAddress({ host, port }: TcpLinkOptions): Promise<string> {
  const { address } = await lookup(host).catch((cause: unknown) => {
    throw awayFault({ host, port }, cause)
  })
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map((one) => one.address))
  if (address.startsWith('127.') || own.includes(address)) return address
  throw new LinkFault('LINK_AWAY', `${host}:${port} is not on this machine, and nothing is played against another`)
}

const awayFault = ({ host, port }: Pick<TcpLinkOptions, 'host' | 'port'>, cause: unknown) =>
  new LinkFault('LINK_AWAY', `no connection to the PLC at ${host}:${port}`, { cause })

function open({ host, port, timeoutMs }: TcpLinkOptions, localAddress: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) })
    socket.setTimeout(timeoutMs, () => socket.destroy(new LinkFault('LINK_TIMEOUT', `${host}:${port} does not answer`)))
    // Stays on the socket: an error without any listener would end the process.
    socket.on('error', reject)
    socket.once('connect', () => {
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

class TcpLink implements ModbusLink {
  readonly host: string
  readonly #socket: Socket
  readonly #options: TcpLinkOptions
  #received: Buffer = Buffer.alloc(0)
  #transaction = 0
  #silence: NodeJS.Timeout | undefined
  #pending: { resolve: (pdu: Buffer) => void; reject: (fault: Error) => void } | null = null

  constructor(socket: Socket, options: TcpLinkOptions) {
    this.#socket = socket
    this.#options = options
    this.host = socket.localAddress ?? options.localAddress
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('timeout', () => socket.destroy(new LinkFault('LINK_TIMEOUT', `no reply from ${options.host}:${options.port}`)))
    socket.on('error', (fault) => this.#fail(fault))
    socket.on('close', () => this.#fail(new LinkFault('LINK_AWAY', `${options.host}:${options.port} closed the connection`)))
  }

  async request(pdu: Uint8Array, unit = this.#options.unit): Promise<Buffer> {
    if (this.#pending !== null) throw new Error('one request at a time')
    if (this.#socket.destroyed) throw new LinkFault('LINK_AWAY', `${this.#options.host}:${this.#options.port} closed the connection`)
    this.#transaction = (this.#transaction + 1) & 0xffff
    const { framing } = this.#options
    const frame = framing === 'rtu-over-tcp' ? rtuFrame(unit, pdu) : tcpFrame(this.#transaction, unit, pdu)
    // What came too late for a serial request must not be taken for the reply to this one.
    if (framing === 'rtu-over-tcp') this.#received = Buffer.alloc(0)
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject }
      this.#socket.setTimeout(this.#options.timeoutMs)
      this.#socket.write(frame)
    })
  }

  async raw(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed) throw new LinkFault('LINK_AWAY', `${this.#options.host}:${this.#options.port} closed the connection`)
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (cause) => (cause == null ? resolve() : reject(awayFault(this.#options, cause))))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    if (this.#options.framing === 'rtu-over-tcp') this.#receiveSerial()
    else this.#receiveTcp()
  }

  #receiveSerial(): void {
    clearTimeout(this.#silence)
    const length = replyLength(this.#received)
    if (length === null && this.#received.length <= MAX_RTU_BYTES) {
      this.#silence = setTimeout(() => this.#takeSerial(), SILENCE_MS)
      return
    }
    if (length === null || this.#received.length >= length) this.#takeSerial()
  }

  #takeSerial(): void {
    const frame = this.#received
    this.#received = Buffer.alloc(0)
    const { unit, host, port } = this.#options
    if (isWhole(frame) && frame[0] === unit) this.#settle(frame.subarray(1, -2))
    else this.#socket.destroy(new LinkFault('LINK_AWAY', `${host}:${port} sent no Modbus`))
  }

  #receiveTcp(): void {
    if (this.#received.length < 7) return
    const length = this.#received.readUInt16BE(4)
    const end = 6 + length
    if (length < 2 || length > 1 + MAX_PDU_BYTES || this.#received.length > end) {
      this.#socket.destroy(new LinkFault('LINK_AWAY', `${this.#options.host}:${this.#options.port} sent no Modbus`))
      return
    }
    if (this.#received.length < end) return
    const matches = this.#received.readUInt16BE(0) === this.#transaction
    const pdu = this.#received.subarray(7, end)
    this.#received = Buffer.alloc(0)
    if (matches) this.#settle(pdu)
  }

  #settle(pdu: Buffer): void {
    const pending = this.#pending
    if (pending === null) return
    this.#pending = null
    this.#socket.setTimeout(0)
    pending.resolve(pdu)
  }

  #fail(fault: Error): void {
    clearTimeout(this.#silence)
    const pending = this.#pending
    this.#pending = null
    pending?.reject(fault)
  }
}

function tcpFrame(transaction: number, unit: number, pdu: Uint8Array): Buffer {
  const frame = Buffer.alloc(7 + pdu.length)
  frame.writeUInt16BE(transaction, 0)
  frame.writeUInt16BE(1 + pdu.length, 4)
  frame.writeUInt8(unit, 6)
  frame.set(pdu, 7)
  return frame
}
