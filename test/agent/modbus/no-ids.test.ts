// Truth on a line without transaction ids, RTU over TCP: whatever comes late, twice, early or from elsewhere, a read gets its own
// answer or a fault, and the connection is made new when nobody can say any more what the next byte belongs to.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { ModbusFault } from '../../../agent/modbus/fault.ts'
import { ModbusReader } from '../../../agent/modbus/reader.ts'
import { type Behaviour, HostilePlc, type Request } from '../../parts/hostile-plc.ts'
import { until } from '../../parts/wait.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function reading(behaviour: Behaviour, quietMs = 20) {
  const plc = await HostilePlc.start('rtu', behaviour)
  const reader = new ModbusReader({ over: 'tcp', frames: 'rtu', host: '127.0.0.1', port: plc.port, connectTimeoutMs: 1000 }, { quietMs })
  undo.push(
    () => plc[Symbol.asyncDispose](),
    () => reader.close()
  )
  return { plc, reader, ...(await reader.connect()) }
}
const holding = (address: number, { unit = 1, timeoutMs = 5000 } = {}) => ({
  unit,
  table: 'holding-register' as const,
  address,
  count: 1,
  timeoutMs
})
const faultOf = (read: Promise<unknown>): Promise<ModbusFault> =>
  read.then(
    () => {
      throw new Error('the read was answered')
    },
    (error) => error
  )
const trueReply = ({ pdu, reply }: Request) => reply([3, 2, ...pdu.subarray(1, 3)])
const old = [3, 2, 0xde, 0xad]

describe('a line without ids', () => {
  it('gives each read its own answer', async () => {
    const { reader, plc } = await reading({ asked: (request) => request.socket.write(trueReply(request)) })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => reader.read(holding(300 + i, { unit: 1 + (i % 3) }))))
    expect(answers.map((words) => words.readUInt16BE(0))).toEqual(Array.from({ length: 20 }, (_, i) => 300 + i))
    expect(plc.connections).toBe(1)
  })

  const unexpected: [string, Behaviour][] = [
    ['the true reply twice at once', { asked: (request) => request.socket.write(Buffer.concat([trueReply(request), trueReply(request)])) }],
    [
      'an old reply before the true one',
      {
        asked(request) {
          request.socket.write(request.reply(old))
          setTimeout(() => request.socket.write(trueReply(request)), 5)
        }
      }
    ],
    [
      'half a reply behind the true one',
      { asked: (request) => request.socket.write(Buffer.concat([trueReply(request), Buffer.from([1, 3])])) }
    ],
    ['the reply of another unit', { asked: ({ socket, reply }) => socket.write(reply(old, { unit: 2 })) }],
    ['a reply of another function', { asked: ({ socket, reply }) => socket.write(reply([4, 2, 0, 0])) }],
    ['a longer reply', { asked: ({ socket, reply }) => socket.write(reply([3, 4, 0, 0, 0, 0])) }]
  ]
  it.each(unexpected)('throws away %s, and asks for a new connection', async (_what, behaviour) => {
    const { reader, over } = await reading(behaviour)
    const fault = await faultOf(reader.read(holding(7)))
    expect(fault).toMatchObject({ code: 'MODBUS_UNEXPECTED_REPLY', resync: true })
    expect(await over).toMatchObject({ code: 'MODBUS_UNEXPECTED_REPLY', resync: true })
    expect(reader.isOpen).toBe(false)
    expect(reader.counters).toMatchObject({ stale: 1, resyncs: 1 })
  })

  it('asks for a new connection after a timeout, and after a wrong check sum', async () => {
    const broken = await reading({ asked: ({ socket, reply }) => socket.write(reply(old).fill(0, 5)) })
    expect(await faultOf(broken.reader.read(holding(7)))).toMatchObject({ code: 'MODBUS_BAD_FRAME', resync: true })
    const silent = await reading({})
    expect(await faultOf(silent.reader.read(holding(7, { timeoutMs: 60 })))).toMatchObject({ code: 'MODBUS_TIMEOUT', resync: true })
    expect(await silent.over).toMatchObject({ code: 'MODBUS_TIMEOUT', resync: true })
  })

  it('asks for a new connection when bytes come that nobody asked for', async () => {
    const { plc, reader, over } = await reading({ asked: (request) => request.socket.write(trueReply(request)) })
    expect((await reader.read(holding(3))).readUInt16BE(0)).toBe(3)
    plc.requests[0]?.socket.write(Buffer.from([0]))
    expect(await over).toMatchObject({ code: 'MODBUS_UNEXPECTED_REPLY', resync: true })
  })

  it('discards what a new connection still has to say before it counts as open', async () => {
    const { reader } = await reading({
      connected(socket) {
        for (let i = 0; i < 5; i++) setTimeout(() => socket.write(Buffer.from([1, 3, 2, 0xde, 0xad, 0, 0])), 5 * i)
      },
      asked: (request) => request.socket.write(trueReply(request))
    })
    expect((await reader.read(holding(9))).readUInt16BE(0)).toBe(9)
    expect(reader.counters).toMatchObject({ stale: 0, connects: 1 })
  })

  it('leaves a unit alone while its late answer may come, and takes that for no other answer', async () => {
    // The late answer goes to the new connection, as behind a serial server that speaks to whoever is there.
    let first: Request | undefined
    const { reader, plc } = await reading({
      asked(request) {
        if (first === undefined) first = request
        else request.socket.write(trueReply(request))
      },
      connected(socket) {
        if (first !== undefined) setTimeout(() => socket.write(first === undefined ? '' : trueReply(first)), 60)
      }
    })
    expect((await faultOf(reader.read(holding(0xdead, { timeoutMs: 200 })))).code).toBe('MODBUS_TIMEOUT')
    await reader.connect()
    expect((await reader.read(holding(8, { timeoutMs: 200 }))).readUInt16BE(0)).toBe(8)
    expect(reader.counters.stale).toBe(1)
    expect(plc.connections).toBe(2)
  })

  it('finds an answer that comes later still when the true one follows it', async () => {
    let asked = 0
    const { reader } = await reading({
      asked(request) {
        if (++asked === 1) return
        if (asked > 2) request.socket.write(trueReply(request))
        else {
          request.socket.write(request.reply(old))
          // After the silence, which alone would have let the old one pass.
          setTimeout(() => request.socket.write(trueReply(request)), 80)
        }
      }
    })
    expect((await faultOf(reader.read(holding(1, { timeoutMs: 200 })))).code).toBe('MODBUS_TIMEOUT')
    await reader.connect()
    expect((await faultOf(reader.read(holding(2, { timeoutMs: 200 })))).code).toBe('MODBUS_UNEXPECTED_REPLY')
    await reader.connect()
    expect((await reader.read(holding(3, { timeoutMs: 200 }))).readUInt16BE(0)).toBe(3)
  })

  it('does not make another unit wait for the one that owes an answer', async () => {
    const { reader } = await reading({ asked: (request) => request.unit === 1 || request.socket.write(trueReply(request)) })
    expect((await faultOf(reader.read(holding(1, { unit: 1, timeoutMs: 2000 })))).code).toBe('MODBUS_TIMEOUT')
    await reader.connect()
    const begun = performance.now()
    expect((await reader.read(holding(4, { unit: 2, timeoutMs: 2000 }))).readUInt16BE(0)).toBe(4)
    // Unit 1 would be let alone for two seconds.
    expect(performance.now() - begun).toBeLessThan(1500)
  })

  it('hands on an answer that came in time although the silence after it did not end in time', async () => {
    const { reader } = await reading({ asked: (request) => request.socket.write(trueReply(request)) }, 300)
    const begun = performance.now()
    expect((await reader.read(holding(6, { timeoutMs: 150 }))).readUInt16BE(0)).toBe(6)
    expect(reader.answeredAt - begun).toBeLessThan(performance.now() - begun)
  })

  it('is let alone like a dead device when it is lost all the time', async () => {
    const { reader } = await reading({ asked: ({ socket }) => socket.write('garbage') })
    const resyncs: boolean[] = []
    for (let i = 0; i < 10; i++) {
      if (!reader.isOpen) await reader.connect()
      resyncs.push((await faultOf(reader.read(holding(i, { timeoutMs: 30 })))).resync)
    }
    expect(resyncs).toEqual([true, true, true, true, true, true, true, true, false, false])
  })

  it('does not open a connection after it was closed while it waited for the old one to go', async () => {
    const { reader, plc } = await reading({})
    const again = reader.connect()
    reader.close()
    expect((await faultOf(again)).code).toBe('MODBUS_CLOSED')
    await sleep(50)
    expect(plc.connections).toBe(1)
    expect(reader.isOpen).toBe(false)
  })

  it('has never two connections, however fast it is made new', async () => {
    const { reader, plc } = await reading({ asked: ({ socket }) => socket.write('garbage') })
    for (let i = 0; i < 10; i++) {
      if (!reader.isOpen) await reader.connect()
      await faultOf(reader.read(holding(i, { timeoutMs: 20 })))
    }
    await until(() => plc.connections >= 10, { what: 'ten connections' })
    expect(plc.mostOpen).toBe(1)
  })
})

it('a read that waits for a late answer ends at once when the connection is closed', async () => {
  const { reader, plc } = await reading({})
  expect((await faultOf(reader.read(holding(1, { timeoutMs: 1500 })))).code).toBe('MODBUS_TIMEOUT')
  await reader.connect()
  const begun = performance.now()
  const waiting = faultOf(reader.read(holding(1, { timeoutMs: 1500 })))
  await sleep(50)
  reader.close()
  expect((await waiting).code).toBe('MODBUS_CLOSED')
  // The unit would be let alone for a second and a half, and then be asked.
  expect(performance.now() - begun).toBeLessThan(1400)
  expect(plc.requests).toHaveLength(1)
})
