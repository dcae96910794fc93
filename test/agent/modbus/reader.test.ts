// The guarded reader against a PLC that answers address as value, and against everything a bad peer can do.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ModbusFault } from '../../../agent/modbus/fault.ts'
import { ModbusReader, type ReadRequest } from '../../../agent/modbus/reader.ts'
import { AddressPlc, type AddressPlcOptions } from '../../parts/address-plc.ts'
import { type Fault, FaultProxy } from '../../parts/fault-proxy.ts'
import { StoppedServer } from '../../parts/stopped-server.ts'
import { freePort, until } from '../../parts/wait.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function readerOf(port: number): Promise<{ reader: ModbusReader; over: Promise<ModbusFault> }> {
  const reader = new ModbusReader({ over: 'tcp', frames: 'mbap', host: '127.0.0.1', port, connectTimeoutMs: 5000 })
  undo.push(() => reader.close())
  return { reader, ...(await reader.connect()) }
}

async function plcAndReader(options: AddressPlcOptions = {}) {
  const plc = await AddressPlc.start(options)
  undo.push(() => plc.stop())
  return { plc, ...(await readerOf(plc.port)) }
}

async function spoilt(options: AddressPlcOptions = {}) {
  const plc = await AddressPlc.start(options)
  const proxy = await FaultProxy.start({ port: plc.port })
  undo.push(
    () => plc.stop(),
    () => proxy[Symbol.asyncDispose]()
  )
  return { plc, proxy, ...(await readerOf(proxy.port)) }
}

const holding = (address: number, count = 1, timeoutMs = 5000): ReadRequest => ({
  unit: 1,
  table: 'holding-register',
  address,
  count,
  timeoutMs
})
const faultOf = (read: Promise<unknown>): Promise<ModbusFault> =>
  read.then(
    () => {
      throw new Error('the read was answered')
    },
    (error) => error
  )

describe('a device that behaves', () => {
  it('gives each table what it asked for', async () => {
    const { reader, plc } = await plcAndReader()
    const words = await reader.read({ unit: 1, table: 'input-register', address: 300, count: 3, timeoutMs: 5000 })
    expect([words.readUInt16BE(0), words.readUInt16BE(2), words.readUInt16BE(4)]).toEqual([300, 301, 302])
    expect((await reader.read(holding(65535))).readUInt16BE(0)).toBe(65535)
    // 11 bits and no more, although the device filled the last byte with ones.
    const bits = await reader.read({ unit: 1, table: 'coil', address: 4, count: 11, timeoutMs: 5000 })
    expect([...bits]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0])
    expect([...(await reader.read({ unit: 1, table: 'discrete-input', address: 7, count: 1, timeoutMs: 5000 }))]).toEqual([1])
    expect(plc.requests.map((request) => request.functionCode)).toEqual([4, 3, 1, 2])
    expect(Object.fromEntries(reader.counters.sent)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 })
  })

  it('asks one thing at a time, and every caller gets its own answer', async () => {
    const { reader, plc } = await plcAndReader({ delayMs: 1 })
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => reader.read({ ...holding(100 * i, 2), unit: 1 + (i % 3) })))
    expect(answers.map((words) => words.readUInt16BE(2))).toEqual(Array.from({ length: 60 }, (_, i) => 100 * i + 1))
    expect(plc.requests.map((request) => request.unit)).toEqual(Array.from({ length: 60 }, (_, i) => 1 + (i % 3)))
    expect(plc.mostOpen).toBe(1)
  })

  it('numbers its requests one after the other in 16 bits', async () => {
    const { reader, plc } = await plcAndReader()
    for (let i = 0; i < 20; i++) await reader.read(holding(i))
    const sent = plc.received[0] ?? Buffer.alloc(0)
    const ids = Array.from({ length: 20 }, (_, i) => sent.readUInt16BE(12 * i))
    expect(ids).toEqual(ids.map((_, i) => ((ids[0] ?? 0) + i) & 0xffff))
  })

  it.each([1, 2, 3, 4, 5, 6, 8, 10, 11])('tells exception %i with its code and place', async (exception) => {
    const { reader } = await plcAndReader({ exception })
    const fault = await faultOf(reader.read(holding(10, 2)))
    expect(fault).toBeInstanceOf(ModbusFault)
    expect(fault).toMatchObject({ code: 'MODBUS_EXCEPTION', exceptionCode: exception, kind: `MODBUS_EXCEPTION_${exception}` })
    expect(fault.message).toContain('holding-register 10+2 of unit 1 at 127.0.0.1:')
  })
})

describe('a device or a line that does not', () => {
  const outcomes: [Fault, string][] = [
    ['reset', 'MODBUS_CLOSED'],
    ['stall', 'MODBUS_TIMEOUT'],
    ['half-open', 'MODBUS_TIMEOUT'],
    ['late', 'MODBUS_TIMEOUT'],
    ['other-transaction', 'MODBUS_TIMEOUT'],
    ['other-unit', 'MODBUS_UNEXPECTED_REPLY'],
    ['other-function', 'MODBUS_UNEXPECTED_REPLY'],
    ['garbage', 'MODBUS_BAD_FRAME'],
    ['oversized', 'MODBUS_BAD_FRAME'],
    ['truncated', 'MODBUS_CLOSED']
  ]
  it.each(outcomes)('%s is %s', async (fault, code) => {
    const { reader, proxy } = await spoilt()
    expect((await reader.read(holding(5))).readUInt16BE(0)).toBe(5)
    proxy.fault = fault
    // Where no answer is what is expected, waiting long for it would only be slow.
    expect((await faultOf(reader.read(holding(6, 1, code === 'MODBUS_TIMEOUT' ? 150 : 5000)))).code).toBe(code)
  })

  it('drops a late reply and gives the next read its own', async () => {
    const { reader, proxy } = await spoilt()
    proxy.lateMs = 300
    proxy.fault = 'late'
    expect((await faultOf(reader.read(holding(0xdead, 1, 100)))).code).toBe('MODBUS_TIMEOUT')
    expect((await reader.read(holding(7))).readUInt16BE(0)).toBe(7)
    expect(reader.counters.stale).toBe(1)
  })

  it('puts a reply together that comes byte by byte', async () => {
    const { reader, proxy } = await spoilt()
    proxy.fault = 'drip'
    expect((await reader.read(holding(40, 8))).readUInt16BE(14)).toBe(47)
  })

  it('settles a read when it is closed meanwhile, and refuses further ones', async () => {
    const { reader, proxy, over } = await spoilt()
    proxy.fault = 'stall'
    const pending = faultOf(reader.read(holding(1)))
    await until(() => (reader.counters.sent.get(3) ?? 0) > 0, { what: 'the request' })
    reader.close()
    expect((await pending).code).toBe('MODBUS_CLOSED')
    expect((await over).code).toBe('MODBUS_CLOSED')
    expect((await faultOf(reader.read(holding(1)))).code).toBe('MODBUS_CLOSED')
  })

  it('says that nobody listens', async () => {
    const reader = new ModbusReader({ over: 'tcp', frames: 'mbap', host: '127.0.0.1', port: await freePort(), connectTimeoutMs: 5000 })
    expect((await faultOf(reader.connect())).code).toBe('MODBUS_NOT_CONNECTED')
  })

  it('gives up a connection that does not come about, and leaves no socket behind', async () => {
    await using server = await StoppedServer.start()
    const reader = new ModbusReader({ over: 'tcp', frames: 'mbap', host: '127.0.0.1', port: server.port, connectTimeoutMs: 150 })
    expect((await faultOf(reader.connect())).message).toContain('no connection within 150 ms')
    expect(reader.isOpen).toBe(false)
    // Woken up, the server takes only the connections that kept it busy.
    expect(await server.wakeAndCount()).toBe(server.fillers)
  })

  it('gives up a peer that floods it with replies nobody asked for', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      for (let i = 0; i < 1000; i++) socket.write(Buffer.from([0, i & 0xff, 0, 0, 0, 5, 1, 3, 2, 0xde, 0xad]))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    undo.push(() => server.close())
    // Listening on TCP, so the address is not a pipe's name.
    const { over, reader } = await readerOf((server.address() as AddressInfo).port)
    expect((await over).code).toBe('MODBUS_UNEXPECTED_REPLY')
    expect(reader.counters.stale).toBe(64)
  })

  it('never gives a value that no proper reply held', async () => {
    let script: readonly Uint8Array[] = []
    let asked = Buffer.alloc(0)
    let sent = Buffer.alloc(0)
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (request) => {
        asked = request
        const pieces = script.map((piece) => Buffer.from(piece))
        // Most of the pieces carry the right transaction id, so that the parser gets beyond it.
        for (const bytes of pieces) if (bytes.length > 2 && (bytes[0] ?? 0) < 128) request.copy(bytes, 0, 0, 2)
        for (const bytes of pieces) socket.write(bytes)
        sent = Buffer.concat(pieces)
        socket.end()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    undo.push(() => server.close())
    const header = fc.constantFrom(
      [0, 0, 0, 0, 0, 5, 1],
      [0, 0, 0, 0, 0, 7, 1],
      [0, 0, 0, 0, 0, 3, 1],
      [0, 0, 0, 0, 0, 5, 2],
      [200, 1, 0, 0, 0, 5, 1]
    )
    const body = fc.oneof(
      fc.constantFrom([3, 2, 0x12, 0x34], [4, 2, 9, 9], [3, 4, 9, 9, 9, 9], [0x83, 2], [3, 2, 0x12]),
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 })
    )
    const piece = fc.tuple(header, body).map(([head, tail]) => new Uint8Array([...head, ...tail]))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 4 }), async (pieces) => {
        script = pieces
        const { reader } = await readerOf((server.address() as AddressInfo).port)
        const outcome = await reader.read(holding(1)).catch((error) => error)
        reader.close()
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ModbusFault)
        else {
          expect(outcome).toHaveLength(2)
          // On the wire, and maybe over the end of a piece, lay a frame of this transaction, unit 1, function 3 with just these two.
          expect(sent.includes(Buffer.from([...asked.subarray(0, 2), 0, 0, 0, 5, 1, 3, 2, ...outcome]))).toBe(true)
        }
      }),
      { numRuns: 150 }
    )
  })
})
