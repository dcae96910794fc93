// The only door to modbus-serial. It has no method that writes, so no other file of the agent can change a register even by
// mistake; and every read settles, whatever the device or the library does.
import { setTimeout as sleep } from 'node:timers/promises'
import modbus from 'modbus-serial'
import { Doubt } from './doubt.ts'
import { ModbusFault } from './fault.ts'
import { type AllowedIdentity, NO_IDENTITY } from './guard.ts'
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
  /** Told each time that the request is sent. */
  sent?: (() => void) | undefined
}

/** One request of function 43/14: a part of what the device says of itself, from an object on. */
export interface IdentifyRequest {
  unit: number
  /** 1 basic, 2 regular, 3 extended. */
  level: 1 | 2 | 3
  objectId: number
  timeoutMs: number
}

export interface ReaderOptions {
  /** The units that may be asked who they are. */
  allowed?: AllowedIdentity | undefined
  /** On lines without transaction ids: how long no byte may follow a reply. */
  quietMs?: number | undefined
}

const QUIET_MS = 20

interface Connection {
  port: GuardedPort
  client: ModbusClient
  /** Rejects the read under way. */
  reject: ((fault: ModbusFault) => void) | undefined
  /** Aborted when the connection is over. */
  ending: AbortController
}

interface Question<T> {
  unit: number
  timeoutMs: number
  place: string
  sent?: (() => void) | undefined
  ask: (connection: Connection) => Promise<T>
}

export class ModbusReader {
  #transport: Transport
  #allowed: AllowedIdentity
  readonly #quietMs: number
  readonly #doubt = new Doubt()
  readonly counters = noCounts()
  #connection: Connection | undefined
  #gone: Promise<void> = Promise.resolve()
  #attempt = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(transport: Transport, { allowed = NO_IDENTITY, quietMs = QUIET_MS }: ReaderOptions = {}) {
    this.#transport = transport
    this.#allowed = copyOf(allowed)
    this.#quietMs = quietMs
  }

  get isOpen(): boolean {
    return this.#connection?.port.isOpen ?? false
  }

  /** Resolves when the connection is gone, after it was closed. */
  get gone(): Promise<void> {
    return this.#gone
  }

  /** Other units may be asked who they are; the time to connect holds from the next connection on. */
  change({ allowed = NO_IDENTITY, connectTimeoutMs }: Pick<ReaderOptions, 'allowed'> & { connectTimeoutMs: number }): void {
    this.#transport = { ...this.#transport, connectTimeoutMs }
    this.#allowed = copyOf(allowed)
    this.#connection?.port.allow(this.#allowed)
  }

  /** How long this unit is best left alone, because an answer that was given up may yet come. */
  graceMs(unit: number): number {
    return this.#doubt.graceMs(unit, performance.now())
  }

  /** Whether an answer of another unit was given up and may yet come. */
  othersOwe(unit: number): boolean {
    return this.#doubt.hasOther(unit)
  }

  /** When the last answer had come whole, before any silence that was waited for; as performance.now() has it. */
  get answeredAt(): number {
    return this.#connection?.port.answeredAt ?? 0
  }

  /** Resolves when the one connection is open, to a promise that resolves to the reason when it is over. */
  async connect(): Promise<{ over: Promise<ModbusFault> }> {
    this.close()
    const attempt = this.#attempt
    // A serial port cannot be opened twice, and a PLC must not see two connections.
    await this.#gone
    if (attempt !== this.#attempt) throw new ModbusFault('MODBUS_CLOSED', 'closed meanwhile', { place: endpointOf(this.#transport) })
    const { promise: over, resolve: lost } = Promise.withResolvers<ModbusFault>()
    const ending = new AbortController()
    const onFault = (fault: ModbusFault) => {
      connection.reject?.(fault)
      if (port.over === undefined) return
      ending.abort()
      lost(fault)
    }
    const port = new GuardedPort({
      transport: this.#transport,
      counters: this.counters,
      allowed: this.#allowed,
      doubt: this.#doubt,
      quietMs: this.#quietMs,
      onFault
    })
    const connection: Connection = { port, client: new ModbusRTU(port), reject: undefined, ending }
    this.#connection = connection
    await new Promise<void>((resolve, reject) => {
      connection.client.open((error?: Error) => (error === undefined ? resolve() : reject(error)))
      this.#gone = port.gone
    })
    return { over }
  }

  /** The read under way rejects with the reason. */
  close(reason?: ModbusFault): void {
    this.#attempt++
    if (reason === undefined) this.#connection?.port.destroy()
    else this.#connection?.port.end(reason)
    this.#connection = undefined
  }

  /** Registers as they are on the wire, or one byte, 0 or 1, for each coil or discrete input. Rejects with ModbusFault. */
  async read({ unit, table, address, count, timeoutMs, sent }: ReadRequest): Promise<Buffer> {
    const place = `${table} ${address}+${count} of unit ${unit}`
    const { buffer } = await this.#inTurn({ unit, timeoutMs, place, sent, ask: ({ client }) => ask(client, table, address, count) })
    return table === 'coil' || table === 'discrete-input' ? unpackBits(buffer, count) : buffer
  }

  /** The PDU of one reply of function 43/14. Rejects with ModbusFault. */
  identify({ unit, level, objectId, timeoutMs }: IdentifyRequest): Promise<Buffer> {
    const pdu = Buffer.from([43, 14, level, objectId])
    return this.#inTurn({
      unit,
      timeoutMs,
      place: `identification ${objectId} of unit ${unit}`,
      ask: ({ port }) => question(port, unit, pdu)
    })
  }

  /** The PDU of a reply of function 17. Rejects with ModbusFault. */
  serverId({ unit, timeoutMs }: { unit: number; timeoutMs: number }): Promise<Buffer> {
    return this.#inTurn({ unit, timeoutMs, place: `server id of unit ${unit}`, ask: ({ port }) => question(port, unit, Buffer.from([17])) })
  }

  #inTurn<T>(question: Question<T>): Promise<T> {
    // Single flight: a device has one request of ours at a time, in the order in which they were asked.
    const turn = this.#last.then(() => this.#exchange(question))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #exchange<T>({ unit, timeoutMs, place: what, sent, ask }: Question<T>): Promise<T> {
    const place = `${what} at ${endpointOf(this.#transport)}`
    const connection = await this.#ready(unit, timeoutMs, place)
    const { port } = connection
    // The library's promise may never settle, so ours does not wait for it alone.
    const { promise: outcome, resolve, reject } = Promise.withResolvers<T>()
    connection.reject = reject
    const timer = setTimeout(() => {
      if (!port.expire()) reject(new ModbusFault('MODBUS_TIMEOUT', `no answer within ${timeoutMs} ms`, { place }))
    }, timeoutMs)
    try {
      port.patienceMs = timeoutMs
      connection.client.setID(unit)
      ask(connection).then(resolve, reject)
      sent?.()
      return await outcome
    } catch (error) {
      port.abandon()
      throw faultOf(error, place, port.over?.resync)
    } finally {
      clearTimeout(timer)
      connection.reject = undefined
    }
  }

  // On a line without ids an answer that was given up may yet come: its unit is left alone for as long again.
  async #ready(unit: number, timeoutMs: number, place: string): Promise<Connection> {
    const connection = this.#connection
    const graceMs = Math.min(this.#doubt.graceMs(unit, performance.now()), timeoutMs)
    // The only rejection is the end of the connection, which is seen below.
    if (graceMs > 0) await sleep(graceMs, undefined, { signal: connection?.ending.signal }).catch(() => {})
    if (connection?.port.draining !== undefined) {
      const waiting = new AbortController()
      const late = sleep(timeoutMs, false, { signal: waiting.signal }).catch(() => false)
      const quiet = await Promise.race([connection.port.draining.then(() => true), late])
      waiting.abort()
      if (!quiet) throw new ModbusFault('MODBUS_UNEXPECTED_REPLY', `the line was not quiet within ${timeoutMs} ms`, { place })
    }
    if (connection !== undefined && connection === this.#connection && connection.port.isOpen) return connection
    throw new ModbusFault('MODBUS_CLOSED', 'the connection is closed', { place, resync: connection?.port.over?.resync ?? false })
  }
}

// Nobody can widen a copy by accident.
function copyOf({ identify, serverId }: AllowedIdentity): AllowedIdentity {
  return { identify: new Set(identify), serverId: new Set(serverId) }
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

function question(port: GuardedPort, unit: number, pdu: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    port.ask(unit, pdu, (reply) => {
      if (reply.readUInt8(0) < 0x80) resolve(reply)
      else reject({ modbusCode: reply.readUInt8(1) })
    })
  })
}

// The last byte on the wire is filled up to 8 bits; what was not asked for is not handed on.
function unpackBits(packed: Buffer, count: number): Buffer {
  const bits = Buffer.alloc(count)
  for (let i = 0; i < count; i++) bits[i] = ((packed[i >> 3] ?? 0) >> (i & 7)) & 1
  return bits
}

// The library rejects with errors of several shapes, not all of them an Error.
function faultOf(error: unknown, place: string, resync = false): ModbusFault {
  if (error instanceof ModbusFault) return new ModbusFault(error.code, error.what, { place, cause: error, resync })
  if (typeof error === 'object' && error !== null && 'modbusCode' in error && typeof error.modbusCode === 'number') {
    const exceptionCode = error.modbusCode
    return new ModbusFault('MODBUS_EXCEPTION', `the device answers with exception ${exceptionCode}`, { place, exceptionCode, cause: error })
  }
  const what = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
  return new ModbusFault('MODBUS_UNEXPECTED_REPLY', what, { place, cause: error, resync })
}
