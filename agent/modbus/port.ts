// The guarded socket under the Modbus client library: the last place before bytes leave. Only read functions pass, and no
// config key, option or environment variable can add one. What it refuses is counted and never reaches the socket.
import { randomInt } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { ModbusFault, type ModbusFaultCode } from './fault.ts'
import { frameOf, MbapStream, type Reply } from './mbap.ts'
import { endpointOf, type Transport } from './transport.ts'

// Function code -> the most that one request may ask for (Modbus Application Protocol 1.1b3, 6.1 to 6.4).
const READ_FUNCTIONS: ReadonlyMap<number, number> = new Map([
  [1, 2000],
  [2, 2000],
  [3, 125],
  [4, 125]
])

// A peer that only ever sends replies nobody asked for keeps us busy; after so many in a row the connection is given up.
const MOST_STALE_IN_A_ROW = 64

/** Counts that outlive a connection. */
export interface PortCounters {
  sent: Map<number, number>
  refused: number
  stale: number
  connects: number
}

export const noCounts = (): PortCounters => ({ sent: new Map(), refused: 0, stale: 0, connects: 0 })

interface Pending {
  transaction: number
  unit: number
  functionCode: number
  bytes: number
}

export interface GuardedPortOptions {
  transport: Transport
  counters: PortCounters
  /** Told when the request under way cannot be answered any more, and when the connection is gone. */
  onFault: (fault: ModbusFault) => void
}

// Lives for one connection. modbus-serial asks for isOpen, open, write, close, destroy, the two transaction ids and `data`
// events; it never learns the ids on the wire, so its table of requests holds one entry, and pairing is done here.
export class GuardedPort extends EventEmitter {
  readonly #options: GuardedPortOptions
  readonly #place: string
  readonly #stream: MbapStream
  #socket: Socket | undefined
  #settle: ((fault?: ModbusFault) => void) | undefined
  #open = false
  #over = false
  #transaction = randomInt(0x10000)
  #pending: Pending | undefined
  #staleInARow = 0

  constructor(options: GuardedPortOptions) {
    super()
    this.#options = options
    this.#place = endpointOf(options.transport)
    this.#stream = new MbapStream(this.#place)
  }

  get isOpen(): boolean {
    return this.#open
  }

  // The library sets both to 1 after each open and keys its requests with them; see the note on the class.
  get _transactionIdRead(): number {
    return 0
  }
  set _transactionIdRead(_value: number) {}
  get _transactionIdWrite(): number {
    return 0
  }
  set _transactionIdWrite(_value: number) {}

  open(callback: (error?: Error) => void): void {
    const { transport, counters } = this.#options
    if (transport.over !== 'tcp' || transport.frames !== 'mbap') throw new RangeError('only Modbus TCP is spoken yet')
    const { host, port, connectTimeoutMs } = transport
    // One address of a name is tried, not several side by side: a PLC sees one connection at a time.
    const socket = createConnection({ host, port, noDelay: true, autoSelectFamily: false })
    this.#socket = socket
    // Without this a connection that comes about later would hold one of the few slots of a PLC.
    const late = () => this.end(this.#fault('MODBUS_NOT_CONNECTED', `no connection within ${connectTimeoutMs} ms`))
    const timer = setTimeout(late, connectTimeoutMs)
    this.#settle = (fault) => {
      clearTimeout(timer)
      this.#settle = undefined
      callback(fault)
    }
    socket.once('connect', () => {
      counters.connects++
      this.#open = true
      this.#settle?.()
    })
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('end', () => this.end(this.#fault('MODBUS_CLOSED', 'the device closed the connection')))
    socket.on('close', () => this.end(this.#fault('MODBUS_CLOSED', 'the connection was closed')))
    socket.on('error', (cause) => {
      const code = 'code' in cause ? String(cause.code) : cause.message
      if (this.#open) this.end(this.#fault('MODBUS_CLOSED', `the connection broke (${code})`, cause))
      else this.end(this.#fault('MODBUS_NOT_CONNECTED', `cannot connect (${code})`, cause))
    })
  }

  /** `frame` is what the library makes for a serial line: unit, PDU, CRC. */
  write(frame: Buffer): void {
    const functionCode = frame.length > 1 ? frame.readUInt8(1) : -1
    const most = READ_FUNCTIONS.get(functionCode)
    if (most === undefined) throw this.#refuse(`function code ${functionCode} is not a read`)
    if (frame.length !== 8) throw this.#refuse(`a read request of ${frame.length} bytes`)
    const unit = frame.readUInt8(0)
    const address = frame.readUInt16BE(2)
    const quantity = frame.readUInt16BE(4)
    if (quantity < 1 || quantity > most || address + quantity > 0x10000)
      throw this.#refuse(`${quantity} from address ${address} with function code ${functionCode}`)
    if (this.#pending !== undefined) throw this.#refuse('a second request while one is under way')
    if (!this.#open || this.#socket === undefined) throw this.#fault('MODBUS_CLOSED', 'the connection is closed')
    this.#transaction = (this.#transaction + 1) & 0xffff
    const bytes = functionCode <= 2 ? Math.ceil(quantity / 8) : 2 * quantity
    this.#pending = { transaction: this.#transaction, unit, functionCode, bytes }
    const { sent } = this.#options.counters
    sent.set(functionCode, (sent.get(functionCode) ?? 0) + 1)
    this.#socket.write(frameOf(this.#transaction, unit, frame.subarray(1, 6)))
  }

  /** Forgets the request under way: its reply, should it still come, is stale. */
  abandon(): void {
    this.#pending = undefined
  }

  close(callback?: () => void): void {
    this.destroy()
    callback?.()
  }

  // Nothing is waited for: a peer that never says goodbye must not hold us.
  destroy(): void {
    this.end(this.#fault('MODBUS_CLOSED', 'the agent closed the connection'))
  }

  #receive(chunk: Buffer): void {
    let replies: Reply[]
    try {
      replies = this.#stream.push(chunk)
    } catch (error) {
      // Only a ModbusFault is thrown there.
      this.end(error instanceof ModbusFault ? error : this.#fault('MODBUS_BAD_FRAME', String(error)))
      return
    }
    for (const reply of replies) {
      if (this.#over) return
      this.#take(reply)
    }
  }

  #take(reply: Reply): void {
    const pending = this.#pending
    if (pending === undefined || reply.transaction !== pending.transaction) {
      this.#options.counters.stale++
      if (++this.#staleInARow >= MOST_STALE_IN_A_ROW)
        this.end(this.#fault('MODBUS_UNEXPECTED_REPLY', `${MOST_STALE_IN_A_ROW} replies in a row that nobody asked for`))
      return
    }
    this.#pending = undefined
    this.#staleInARow = 0
    const wrong = mismatch(pending, reply)
    if (wrong === undefined) this.emit('data', serialForm(reply))
    else this.#options.onFault(this.#fault('MODBUS_UNEXPECTED_REPLY', wrong))
  }

  /** Ends the connection for this reason; once. */
  end(fault: ModbusFault): void {
    if (this.#over) return
    this.#over = true
    // A reset, when something is wrong: a PLC that hangs would keep its slot for a connection that was only half closed.
    if (this.#open && fault.code !== 'MODBUS_CLOSED') this.#socket?.resetAndDestroy()
    else this.#socket?.destroy()
    this.#open = false
    this.#pending = undefined
    this.#settle?.(fault)
    this.#options.onFault(fault)
    this.emit('close')
  }

  #refuse(what: string): ModbusFault {
    this.#options.counters.refused++
    return this.#fault('MODBUS_REFUSED', `refused before the socket: ${what}`)
  }

  #fault(code: ModbusFaultCode, what: string, cause?: unknown): ModbusFault {
    return new ModbusFault(code, what, { place: this.#place, cause })
  }
}

// A reply must be for the same unit and function and hold just the bytes asked for, or be an exception of that function.
function mismatch({ unit, functionCode, bytes }: Pending, reply: Reply): string | undefined {
  const code = reply.pdu.readUInt8(0)
  if (reply.unit !== unit) return `unit ${unit} was asked, unit ${reply.unit} answers`
  if (code === (functionCode | 0x80)) return reply.pdu.length === 2 ? undefined : `an exception of ${reply.pdu.length} bytes`
  if (code !== functionCode) return `function code ${functionCode} was asked, ${code} is answered`
  if (reply.pdu.length !== 2 + bytes || reply.pdu.readUInt8(1) !== bytes)
    return `${bytes} bytes were asked for, the reply says ${reply.pdu.readUInt8(1)} and holds ${reply.pdu.length - 2}`
  return undefined
}

// The library reads serial frames: unit, PDU, CRC-16 (Modbus over Serial Line 1.02, 6.2.2).
function serialForm({ unit, pdu }: Reply): Buffer {
  const frame = Buffer.allocUnsafe(pdu.length + 3)
  frame.writeUInt8(unit, 0)
  pdu.copy(frame, 1)
  let crc = 0xffff
  for (let i = 0; i < pdu.length + 1; i++) {
    crc ^= frame.readUInt8(i)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  frame.writeUInt16LE(crc, pdu.length + 1)
  return frame
}
