// A write call injected below the reader, into the client library itself, is refused before the socket and counted.
import modbus from 'modbus-serial'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ModbusFault } from '../../agent/modbus/fault.ts'
import { ModbusReader } from '../../agent/modbus/reader.ts'
import { AddressPlc } from '../parts/address-plc.ts'

type Client = InstanceType<typeof modbus.default>
type Port = { write(frame: Buffer): void; ask(unit: number, pdu: Buffer, take: () => void): void }

let plc: AddressPlc
let reader: ModbusReader
let client: Client
let port: Port

const read = () => reader.read({ unit: 1, table: 'holding-register', address: 7, count: 1, timeoutMs: 10_000 })
const bytesAtThePlc = () => Buffer.concat(plc.received).length

beforeAll(async () => {
  plc = await AddressPlc.start()
  // Even where the device may be asked who it is: the library has no part in that.
  const units = new Set([1])
  reader = new ModbusReader(
    { over: 'tcp', frames: 'mbap', host: '127.0.0.1', port: plc.port, connectTimeoutMs: 10_000 },
    { allowed: { identify: units, serverId: units } }
  )
  await reader.connect()
  // The reader keeps its client to itself; one call of the library's own prototype gives it away.
  const { prototype } = modbus.default
  const { setID } = prototype
  prototype.setID = function (this: Client, unit: number) {
    client = this
    setID.call(this, unit)
  }
  await read()
  prototype.setID = setID
  // The port is a private matter of the library, so its types do not tell of it.
  port = (client as unknown as { _port: Port })._port
})

afterAll(async () => {
  reader.close()
  await plc.stop()
})

// Every method of the library that makes a request other than a plain read.
const INJECTED: Readonly<Record<string, readonly unknown[]>> = {
  writeCoil: [0, true],
  writeCoils: [0, [true, false]],
  writeRegister: [2, 1800],
  writeRegisterEnron: [2, 1800],
  writeRegisters: [2, [1800]],
  maskWriteRegister: [2, 0, 0xffff],
  readWriteRegisters: [0, 1, 2, 1, [1800]],
  reportServerID: [1],
  readFileRecords: [0, 1, 2, 3],
  readDeviceIdentification: [1, 0],
  customFunction: [65, [1, 2]],
  writeFC5: [1, 0, true, () => {}],
  writeFC6: [1, 2, 1800, () => {}],
  writeFC15: [1, 0, [true], () => {}],
  writeFC16: [1, 2, [1800], () => {}],
  writeFC17: [1, 1, () => {}],
  writeFC20: [1, 0, 1, 2, 3, () => {}],
  writeFC22: [1, 2, 0, 1, () => {}],
  writeFC23: [1, 0, 1, 2, 1, [1800], () => {}],
  writeFC43: [1, 1, 0, () => {}],
  writeCustomFC: [1, 100, [1, 2], () => {}]
}
const READS = [
  'readCoils',
  'readDiscreteInputs',
  'readHoldingRegisters',
  'readRegistersEnron',
  'readInputRegisters',
  'writeFC1',
  'writeFC2',
  'writeFC3',
  'writeFC4'
]

it('knows every request that the library can make', () => {
  const methods = Object.getOwnPropertyNames(modbus.default.prototype).filter((name) => /^(read|write|mask|report|custom)/.test(name))
  expect(methods.filter((name) => !READS.includes(name)).sort()).toEqual(Object.keys(INJECTED).sort())
})

it.each(Object.entries(INJECTED))('%s is refused before the socket', async (name, args) => {
  const method: unknown = Reflect.get(client, name)
  if (typeof method !== 'function') throw new TypeError(`${name} is not a method`)
  const before = { refused: reader.counters.refused, bytes: bytesAtThePlc() }
  const refusal = await Promise.try(() => method.apply(client, args)).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(ModbusFault)
  expect(refusal).toMatchObject({ code: 'MODBUS_REFUSED' })
  expect(reader.counters.refused).toBe(before.refused + 1)
  // A read afterwards brings its own twelve bytes and nothing else with it.
  expect((await read()).readUInt16BE(0)).toBe(7)
  expect(bytesAtThePlc()).toBe(before.bytes + 12)
})

it('every function code but 1 to 4 is refused at the port, in every length', async () => {
  const before = { refused: reader.counters.refused, bytes: bytesAtThePlc() }
  let tried = 0
  for (let code = 0; code < 256; code++)
    for (const length of [2, 4, 6, 8, 12, 260]) {
      if (code >= 1 && code <= 4 && length === 8) continue
      const frame = Buffer.alloc(length)
      frame.writeUInt8(1, 0)
      frame.writeUInt8(code, 1)
      expect(() => port.write(frame)).toThrow(ModbusFault)
      tried++
    }
  expect(() => port.write(Buffer.alloc(0))).toThrow(ModbusFault)
  expect(reader.counters.refused).toBe(before.refused + tried + 1)
  await read()
  expect(bytesAtThePlc()).toBe(before.bytes + 12)
})

it.each([
  ['readHoldingRegisters', 126],
  ['readInputRegisters', 5000],
  ['readCoils', 2001],
  ['readDiscreteInputs', 0]
] as const)('%s of %i at once is refused', async (name, quantity) => {
  const { refused } = reader.counters
  await expect(client[name](0, quantity)).rejects.toMatchObject({ code: 'MODBUS_REFUSED' })
  await expect(client[name](65_535, 2)).rejects.toMatchObject({ code: 'MODBUS_REFUSED' })
  expect(reader.counters.refused).toBe(refused + 2)
})

it('what is no identification is refused on the way past the library too', async () => {
  const before = { refused: reader.counters.refused, bytes: bytesAtThePlc() }
  const others = [...Array(256).keys()].filter((code) => code !== 17 && code !== 43).map((code) => [code, 14, 2, 0])
  // 43 with every MEI type but 14, with code 4 (one object), too long and too short; 17 with anything behind it; another unit.
  const mei = [...Array(256).keys()].filter((type) => type !== 14).map((type) => [43, type, 2, 0])
  const shapes = [[43, 14, 4, 0], [43, 14, 0, 0], [43, 14, 2, 0, 0], [43, 14, 2], [43], [17, 0], []]
  const tried = [...others, ...mei, ...shapes]
  for (const pdu of tried) expect(() => port.ask(1, Buffer.from(pdu), () => {})).toThrow(ModbusFault)
  expect(() => port.ask(2, Buffer.from([17]), () => {})).toThrow(ModbusFault)
  expect(reader.counters.refused).toBe(before.refused + tried.length + 1)
  await read()
  expect(bytesAtThePlc()).toBe(before.bytes + 12)
})

it('nothing but reads ever reached the PLC', () => {
  expect(plc.functionCodes).toEqual(new Set([3]))
})
