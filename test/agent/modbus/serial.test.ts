// Serial lines for real: pseudo terminals, with pymodbus, which this project did not write, at their other end, and with devices
// that answer late, twice, wrongly or without end.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { BAD_DECODING, BAD_TIMEOUT, BAD_UNEXPECTED_REPLY, GOOD } from '#contract/quality.ts'
import { ModbusReader } from '../../../agent/modbus/reader.ts'
import type { SerialTransport } from '../../../agent/modbus/transport.ts'
import { AddressPlc } from '../../parts/address-plc.ts'
import { type Behaviour, HostilePlc } from '../../parts/hostile-plc.ts'
import { type DeviceInput, readDevices } from '../../parts/reading-devices.ts'
import { rtuFrame } from '../../parts/serial-frames.ts'
import { serialLineTo, serialPair } from '../../parts/serial-line.ts'
import { ServerProcess } from '../../parts/server-process.ts'
import { until } from '../../parts/wait.ts'

const PROGRAM = join(import.meta.dirname, '../../parts/pymodbus-serial.py')

const transport = (path: string, frames: 'rtu' | 'ascii' = 'rtu'): SerialTransport => ({
  over: 'serial',
  frames,
  path,
  baudRate: 19_200,
  parity: 'none',
  dataBits: 8,
  stopBits: 1,
  connectTimeoutMs: 5000
})

async function opened(path: string, frames: 'rtu' | 'ascii' = 'rtu') {
  const units = new Set([1])
  const reader = new ModbusReader(transport(path, frames), { allowed: { identify: units, serverId: units } })
  const { over } = await reader.connect()
  return { reader, over, [Symbol.dispose]: () => reader.close() }
}

const holding = (address: number, count = 1, timeoutMs = 10_000) => ({
  unit: 1,
  table: 'holding-register' as const,
  address,
  count,
  timeoutMs
})

describe.each(['rtu', 'ascii'] as const)('pymodbus over a serial line with %s frames', (frames) => {
  it('gives the values that it serves', async () => {
    await using line = await serialPair()
    let reader: ModbusReader | undefined
    const server = new ServerProcess({
      command: '/usr/bin/python3',
      arguments: [PROGRAM, line.far, frames],
      answers: async () => {
        if (!server.output.includes('serving')) return false
        reader ??= (await opened(line.near, frames)).reader
        await reader.read(holding(1, 1, 300))
        return true
      }
    })
    await server.start()
    await using _ending = { [Symbol.asyncDispose]: () => server.kill() }
    if (reader === undefined) throw new Error('the reader is open')
    const served: number[] = []
    const asked = Array.from({ length: 30 }, (_, i) => ({ address: 61 * i, count: 1 + ((7 * i) % 40) }))
    for (const { address, count } of asked) {
      const table = address % 2 === 0 ? 'holding-register' : 'input-register'
      const words = await reader.read({ unit: 1 + (address % 2), table, address, count, timeoutMs: 10_000 })
      served.push(...Array.from({ length: count }, (_, k) => words.readUInt16BE(2 * k)))
    }
    expect(served).toEqual(asked.flatMap(({ address, count }) => Array.from({ length: count }, (_, k) => address + k)))
    expect([...(await reader.read({ unit: 1, table: 'coil', address: 3, count: 11, timeoutMs: 10_000 }))]).toEqual([
      1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1
    ])
    expect([...(await reader.read({ unit: 2, table: 'discrete-input', address: 4, count: 3, timeoutMs: 10_000 }))]).toEqual([0, 1, 0])
    await expect(reader.read(holding(1999, 50))).rejects.toMatchObject({ code: 'MODBUS_EXCEPTION', exceptionCode: 2 })
    expect((await reader.identify({ unit: 1, level: 2, objectId: 0, timeoutMs: 10_000 })).toString('latin1')).toContain('pymodbus')
    expect((await reader.serverId({ unit: 1, timeoutMs: 10_000 })).length).toBeGreaterThan(2)
    // A unit that is not there costs its own answer and no other.
    await expect(reader.read({ ...holding(5, 1, 300), unit: 9 })).rejects.toMatchObject({ code: 'MODBUS_TIMEOUT' })
    expect((await reader.read(holding(7))).readUInt16BE(0)).toBe(7)
    expect(reader.counters.refused).toBe(0)
    reader.close()
  })
})

describe('a serial port', () => {
  it('that is not there says so', async () => {
    const reader = new ModbusReader(transport('/dev/penstock-has-no-such-port'))
    await expect(reader.connect()).rejects.toMatchObject({
      code: 'MODBUS_NOT_CONNECTED',
      what: expect.stringContaining('no such serial port')
    })
  })

  it('without its optional package says what is missing', async () => {
    const reader = pathToFileURL(join(import.meta.dirname, '../../../agent/modbus/reader.ts'))
    const program = `
      import { registerHooks } from 'node:module'
      const resolve = (specifier, context, next) => {
        if (specifier !== 'serialport') return next(specifier, context)
        throw Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' })
      }
      registerHooks({ resolve })
      const { ModbusReader } = await import('${reader}')
      const reader = new ModbusReader(${JSON.stringify(transport('/dev/ttyS99'))})
      console.log(await reader.connect().then(() => 'open', ({ code, what }) => code + ' ' + what))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    expect(stdout).toMatch(/^MODBUS_NOT_CONNECTED .*optional package serialport is not installed/)
  })

  it('that another has says so, and is free again when the other leaves it', async () => {
    await using plc = await AddressPlc.start({ frames: 'rtu' })
    await using line = await serialLineTo(plc.port)
    const { reader: first } = await opened(line.near)
    const second = new ModbusReader(transport(line.near))
    await expect(second.connect()).rejects.toMatchObject({ code: 'MODBUS_NOT_CONNECTED', what: expect.stringContaining('another program') })
    expect((await first.read(holding(3))).readUInt16BE(0)).toBe(3)
    first.close()
    // At once: connect waits until the port is really closed.
    await first.connect()
    expect((await first.read(holding(4))).readUInt16BE(0)).toBe(4)
    first.close()
    await until(() => second.connect().then(() => true), { what: 'the port to be free' })
    expect((await second.read(holding(5))).readUInt16BE(0)).toBe(5)
    second.close()
  })

  it('that is pulled out is told at once', async () => {
    await using plc = await AddressPlc.start({ frames: 'rtu' })
    const line = await serialLineTo(plc.port)
    using open = await opened(line.near)
    await line[Symbol.asyncDispose]()
    expect(await open.over).toMatchObject({ code: 'MODBUS_CLOSED' })
  })
})

const value = (address: number) => [3, 2, address >> 8, address & 0xff]
const late: Behaviour = {
  // Each answer comes after its time, but before the time of a second question is over.
  asked: ({ socket, pdu, reply }) => void setTimeout(() => socket.write(reply(value(pdu.readUInt16BE(1)))), 220)
}
const staleFirst: Behaviour = {
  asked({ socket, pdu, reply }) {
    socket.write(reply(value(0xdead)))
    setImmediate(() => socket.write(reply(value(pdu.readUInt16BE(1)))))
  }
}
const cases: [string, Behaviour, number][] = [
  ['is silent', {}, BAD_TIMEOUT],
  ['answers always too late', late, BAD_TIMEOUT],
  ['gives an old answer before the true one', staleFirst, BAD_UNEXPECTED_REPLY],
  ['answers for another unit', { asked: ({ socket, reply }) => socket.write(reply(value(10), { unit: 7 })) }, BAD_UNEXPECTED_REPLY],
  ['answers with garbage', { asked: ({ socket }) => socket.write(Buffer.alloc(5000, 0x5a)) }, BAD_DECODING],
  ['cuts its answer off', { asked: ({ socket, reply }) => socket.write(reply(value(10)).subarray(0, 5)) }, BAD_TIMEOUT]
]

describe('a device on a serial line that', () => {
  const onLine = (path: string): DeviceInput => ({
    protocol: 'modbus-rtu',
    line: { path, baudRate: 19_200, parity: 'none' },
    tags: [{ name: 'harmed', at: 'holding 10 uint16' }]
  })

  it.concurrent.each(cases)('%s gives bad samples and no false one', async (_what, behaviour, quality) => {
    await using hostile = await HostilePlc.start('rtu', behaviour)
    await using line = await serialLineTo(hostile.port)
    await using devices = readDevices([onLine(line.near)])
    const samples = () => devices.of('harmed')
    await until(() => samples().length >= 8 && samples().some((sample) => sample.quality === quality), {
      what: `quality ${quality.toString(16)}`
    })
    expect(samples().map((sample) => sample.value)).toEqual(samples().map(() => null))
    expect(hostile.requests.every(({ functionCode }) => functionCode === 3)).toBe(true)
    expect(hostile.connections).toBe(1)
  })

  it.concurrent('talks without being asked is bad while it does, and good when the line is quiet', async () => {
    let talking = true
    await using hostile = await HostilePlc.start('rtu', {
      connected(socket) {
        const timer = setInterval(() => talking && socket.write(rtuFrame(7, value(0xbeef))), 4)
        socket.once('close', () => clearInterval(timer))
      },
      asked: ({ socket, pdu, reply }) => talking || socket.write(reply(value(pdu.readUInt16BE(1))))
    })
    await using line = await serialLineTo(hostile.port)
    await using devices = readDevices([{ ...onLine(line.near), timeoutMs: 2000, connectTimeoutMs: 300 }])
    await until(() => devices.of('harmed').length >= 5, { what: 'samples of a line that is never quiet' })
    expect(devices.of('harmed').map((sample) => sample.value)).toEqual(devices.of('harmed').map(() => null))
    talking = false
    await until(() => devices.last('harmed')?.quality === GOOD, { what: 'a good sample' })
    expect(devices.last('harmed')?.value).toBe(10)
  })
})
