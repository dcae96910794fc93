// The only door to modbus-serial. It has no method that writes, so no other file of the agent can change a register even by
// mistake; and every read settles, whatever the device or the library does.
import modbus from 'modbus-serial'
import { ModbusFault } from './fault.ts'
import { GuardedPort, noCounts } from './port.ts'
import type { Table } from './read-plan.ts'
import { endpointOf, type Transport } from './transport.ts'

// Under nodenext the class is a member of the default import.
const ModbusRTU = modbus.default
type ModbusClient = InstanceType<typeof ModbusRTU>

export interface ReadRequest {
  unit: number
  table: Table
  address: number
  count: number
  timeoutMs: number
}

interface Connection {
  port: GuardedPort
  client: ModbusClient
  /** Rejects the read under way. */
  reject: ((fault: ModbusFault) => void) | undefined
  lost: (fault: ModbusFault) => void
}

export class ModbusReader {
  readonly #transport: Transport
  readonly counters = noCounts()
  #connection: Connection | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get isOpen(): boolean {
    return this.#connection?.port.isOpen ?? false
  }

  /** Resolves when the one connection is open, to a promise that resolves to the reason when it is over. */
  async connect(): Promise<{ over: Promise<ModbusFault> }> {
    this.close()
    const { promise: over, resolve: lost } = Promise.withResolvers<ModbusFault>()
    const onFault = (fault: ModbusFault) => {
      connection.reject?.(fault)
      if (!port.isOpen) lost(fault)
    }
    const port = new GuardedPort({ transport: this.#transport, counters: this.counters, onFault })
    const connection: Connection = { port, client: new ModbusRTU(port), reject: undefined, lost }
    this.#connection = connection
    await new Promise<void>((resolve, reject) => {
      connection.client.open((error?: Error) => (error === undefined ? resolve() : reject(error)))
    })
    return { over }
  }

  /** The read under way rejects with the reason. */
  close(reason?: ModbusFault): void {
    if (reason === undefined) this.#connection?.port.destroy()
    else this.#connection?.port.end(reason)
    this.#connection = undefined
  }

  /** Registers as they are on the wire, or one byte, 0 or 1, for each coil or discrete input. Rejects with ModbusFault. */
  read(request: ReadRequest): Promise<Buffer> {
    // Single flight: a device has one request of ours at a time, in the order in which they were asked.
    const turn = this.#last.then(() => this.#exchange(request))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #exchange(request: ReadRequest): Promise<Buffer> {
    const { unit, table, address, count, timeoutMs } = request
    const place = `${table} ${address}+${count} of unit ${unit} at ${endpointOf(this.#transport)}`
    const connection = this.#connection
    if (connection === undefined || !connection.port.isOpen) throw new ModbusFault('MODBUS_CLOSED', 'the connection is closed', { place })
    // The library's promise may never settle, so ours does not wait for it alone.
    const { promise: failed, reject } = Promise.withResolvers<never>()
    connection.reject = reject
    const timer = setTimeout(() => reject(new ModbusFault('MODBUS_TIMEOUT', `no answer within ${timeoutMs} ms`, { place })), timeoutMs)
    try {
      connection.client.setID(unit)
      const { buffer } = await Promise.race([ask(connection.client, table, address, count), failed])
      return table === 'coil' || table === 'discrete-input' ? unpackBits(buffer, count) : buffer
    } catch (error) {
      throw faultOf(error, place)
    } finally {
      clearTimeout(timer)
      connection.reject = undefined
      connection.port.abandon()
    }
  }
}

function ask(client: ModbusClient, table: Table, address: number, count: number): Promise<{ buffer: Buffer }> {
  switch (table) {
    case 'coil':
      return client.readCoils(address, count)
    case 'discrete-input':
      return client.readDiscreteInputs(address, count)
    case 'input-register':
      return client.readInputRegisters(address, count)
    case 'holding-register':
      return client.readHoldingRegisters(address, count)
  }
}

// The last byte on the wire is filled up to 8 bits; what was not asked for is not handed on.
function unpackBits(packed: Buffer, count: number): Buffer {
  const bits = Buffer.alloc(count)
  for (let i = 0; i < count; i++) bits[i] = ((packed[i >> 3] ?? 0) >> (i & 7)) & 1
  return bits
}

// The library rejects with errors of several shapes, not all of them an Error.
function faultOf(error: unknown, place: string): ModbusFault {
  if (error instanceof ModbusFault) {
    return error.place === place ? error : new ModbusFault(error.code, error.message, { place, cause: error })
  }
  if (typeof error === 'object' && error !== null && 'modbusCode' in error && typeof error.modbusCode === 'number') {
    const exceptionCode = error.modbusCode
    return new ModbusFault('MODBUS_EXCEPTION', `the device answers with exception ${exceptionCode}`, { place, exceptionCode, cause: error })
  }
  const what = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
  return new ModbusFault('MODBUS_UNEXPECTED_REPLY', what, { place, cause: error })
}
