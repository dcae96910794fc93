// A fake PLC that answers address as value, so that a mis-read shows itself, and writes down everything it is asked.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onceOver } from './over.ts'
import { rtuFrame, rtuRequestLength } from './serial-frames.ts'

export type PlcTable = 'coil' | 'discrete-input' | 'input-register' | 'holding-register'
const TABLE_OF: Readonly<Record<number, PlcTable>> = { 1: 'coil', 2: 'discrete-input', 3: 'holding-register', 4: 'input-register' }

export interface AddressPlcOptions {
  /** Other values than the address. */
  values?: Partial<Record<PlcTable, ReadonlyMap<number, number>>>
  /** Addresses that answer with exception 2, as do requests that touch them. */
  illegal?: readonly { table: PlcTable; from: number; to: number }[]
  /** An exception for every request, or undefined; may change at any time. */
  exception?: number | undefined
  /** Units that are answered; all others are met with silence. */
  units?: readonly number[]
  delayMs?: number
  /** Instead of delayMs, by unit. */
  delays?: Readonly<Record<number, number>>
  /** RTU frames instead of Modbus TCP, as behind a transparent serial server; a connection keeps those that it began with. */
  frames?: 'mbap' | 'rtu'
  /** The PDU that answers a request PDU with function code 17 or 43; without it they are answered with exception 1. */
  identity?: (pdu: Buffer) => readonly number[]
}

export interface RecordedRequest {
  unit: number
  functionCode: number
  address: number
  quantity: number
  at: number
}

export class AddressPlc implements AsyncDisposable {
  readonly options: AddressPlcOptions
  readonly requests: RecordedRequest[] = []
  /** Every byte that ever came, connection by connection. */
  readonly received: Buffer[] = []
  /** Connections accepted since the start, and the most that were open at one time. */
  connections = 0
  mostOpen = 0
  readonly #server: Server
  readonly #open = new Set<Socket>()

  private constructor(options: AddressPlcOptions) {
    this.options = options
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket))
  }

  static async start(options: AddressPlcOptions = {}, port = 0): Promise<AddressPlc> {
    const plc = new AddressPlc(options)
    plc.#server.listen(port, '127.0.0.1')
    await once(plc.#server, 'listening')
    return plc
  }

  get port(): number {
    // Listening on TCP, so the address is not a pipe's name.
    return (this.#server.address() as AddressInfo).port
  }

  get open(): number {
    return this.#open.size
  }

  get functionCodes(): Set<number> {
    return new Set(this.requests.map((request) => request.functionCode))
  }

  valueAt(table: PlcTable, address: number): number {
    const own = this.options.values?.[table]?.get(address)
    if (own !== undefined) return own
    return table === 'coil' || table === 'discrete-input' ? address & 1 : address
  }

  /** Resets every connection (RST). */
  reset(): void {
    for (const socket of this.#open) socket.resetAndDestroy()
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #serve(socket: Socket): void {
    const index = this.connections++
    const rtu = this.options.frames === 'rtu'
    this.#open.add(socket)
    this.mostOpen = Math.max(this.mostOpen, this.#open.size)
    onceOver(socket, () => this.#open.delete(socket))
    socket.on('error', () => {})
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      this.received[index] = Buffer.concat([this.received[index] ?? Buffer.alloc(0), chunk])
      rest = Buffer.concat([rest, chunk])
      for (let end = requestEnd(rest, rtu); end <= rest.length; end = requestEnd(rest, rtu)) {
        this.#answer(socket, rest.subarray(0, end), rtu)
        rest = rest.subarray(end)
      }
    })
  }

  #answer(socket: Socket, frame: Buffer, rtu: boolean): void {
    const body = rtu ? frame.subarray(0, -2) : frame.subarray(6)
    const unit = body.readUInt8(0)
    const functionCode = body.readUInt8(1)
    const address = body.length >= 6 ? body.readUInt16BE(2) : 0
    const quantity = body.length >= 6 ? body.readUInt16BE(4) : 0
    this.requests.push({ unit, functionCode, address, quantity, at: performance.now() })
    if (this.options.units !== undefined && !this.options.units.includes(unit)) return
    const identity = functionCode === 17 || functionCode === 43 ? this.options.identity?.(body.subarray(1)) : undefined
    const pdu = identity === undefined ? this.#reply(functionCode, address, quantity) : Buffer.from(identity)
    const reply = rtu ? rtuFrame(unit, pdu) : Buffer.concat([frame.subarray(0, 4), Buffer.from([0, pdu.length + 1, unit]), pdu])
    const delayMs = this.options.delays?.[unit] ?? this.options.delayMs
    if (delayMs === undefined) socket.write(reply)
    else setTimeout(() => this.#send(rtu ? ([...this.#open].at(-1) ?? socket) : socket, reply), delayMs)
  }

  // A serial server gives what comes late from its line to whoever is connected then.
  #send(socket: Socket, reply: Buffer): void {
    if (socket.writable) socket.write(reply)
  }

  #reply(functionCode: number, address: number, quantity: number): Buffer {
    const exception = (code: number) => Buffer.from([functionCode | 0x80, code])
    if (this.options.exception !== undefined) return exception(this.options.exception)
    const table = TABLE_OF[functionCode]
    if (table === undefined) return exception(1)
    const bits = functionCode <= 2
    if (quantity < 1 || quantity > (bits ? 2000 : 125)) return exception(3)
    const touched = this.options.illegal?.some((range) => range.table === table && address <= range.to && address + quantity > range.from)
    if (touched || address + quantity > 0x10000) return exception(2)
    const data = Buffer.alloc(bits ? Math.ceil(quantity / 8) : 2 * quantity)
    for (let i = 0; i < quantity; i++) {
      const value = this.valueAt(table, address + i)
      if (!bits) data.writeUInt16BE(value & 0xffff, 2 * i)
      else if (value !== 0) data[i >> 3] = (data[i >> 3] ?? 0) | (1 << (i & 7))
    }
    // Bits that nobody asked for are set, to see that they are cut off.
    if (bits && quantity % 8 !== 0) data[data.length - 1] = (data.at(-1) ?? 0) | ((0xff << (quantity % 8)) & 0xff)
    return Buffer.concat([Buffer.from([functionCode, data.length]), data])
  }
}

function requestEnd(bytes: Buffer, rtu: boolean): number {
  if (rtu) return rtuRequestLength(bytes) ?? Number.POSITIVE_INFINITY
  return bytes.length < 8 ? Number.POSITIVE_INFINITY : 6 + bytes.readUInt16BE(4)
}
