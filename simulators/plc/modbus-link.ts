// How the operator and the attackers reach a PLC: over TCP when the simulator serves sockets, or straight to the register
// image when it runs offline. Both carry the same request bytes.
import { connect, type Socket } from 'node:net'
import { answerPdu, MAX_PDU_BYTES } from './modbus-pdu.ts'
import type { RegisterImage } from './register-image.ts'

export interface ModbusLink extends AsyncDisposable {
  /** The address it comes from. */
  readonly host: string
  /** Sends one request PDU and resolves to the reply PDU; one request at a time. */
  request(pdu: Uint8Array): Promise<Buffer>
}

export class LinkFault extends Error {
  readonly code: 'LINK_AWAY' | 'LINK_TIMEOUT' | 'LINK_REFUSED'
  constructor(code: 'LINK_AWAY' | 'LINK_TIMEOUT' | 'LINK_REFUSED', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LinkFault'
    this.code = code
  }
}

export function directLink(options: { image: RegisterImage; host: string }): ModbusLink {
  const reply = Buffer.alloc(MAX_PDU_BYTES)
  return {
    host: options.host,
    request: async (pdu) => Buffer.from(reply.subarray(0, answerPdu(options.image, pdu, 0, pdu.length, reply, 0))),
    async [Symbol.asyncDispose]() {}
  }
}

export interface TcpLinkOptions {
  host: string
  port: number
  unit: number
  /** The loopback address to come from, so that talkers can be told apart; another one is taken where it does not exist. */
  localAddress: string
  timeoutMs: number
}

export async function tcpLink(options: TcpLinkOptions): Promise<ModbusLink> {
  try {
    return new TcpLink(await open(options, options.localAddress), options)
  } catch (cause) {
    // Outside Linux only 127.0.0.1 is on the loopback interface; a remote PLC is not reached from a loopback address.
    if (!(cause instanceof Error && 'code' in cause && ['EADDRNOTAVAIL', 'EINVAL', 'ENETUNREACH'].includes(String(cause.code))))
      throw awayFault(options, cause)
  }
  try {
    return new TcpLink(await open(options, undefined), options)
  } catch (cause) {
    throw awayFault(options, cause)
  }
}

const awayFault = ({ host, port }: TcpLinkOptions, cause: unknown) =>
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

  async request(pdu: Uint8Array): Promise<Buffer> {
    if (this.#pending !== null) throw new Error('one request at a time')
    if (this.#socket.destroyed) throw new LinkFault('LINK_AWAY', `${this.#options.host}:${this.#options.port} closed the connection`)
    this.#transaction = (this.#transaction + 1) & 0xffff
    const frame = Buffer.alloc(7 + pdu.length)
    frame.writeUInt16BE(this.#transaction, 0)
    frame.writeUInt16BE(1 + pdu.length, 4)
    frame.writeUInt8(this.#options.unit, 6)
    frame.set(pdu, 7)
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject }
      this.#socket.setTimeout(this.#options.timeoutMs)
      this.#socket.write(frame)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
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
    const pending = this.#pending
    if (pending === null || !matches) return
    this.#pending = null
    this.#socket.setTimeout(0)
    pending.resolve(pdu)
  }

  #fail(fault: Error): void {
    const pending = this.#pending
    this.#pending = null
    pending?.reject(fault)
  }
}
