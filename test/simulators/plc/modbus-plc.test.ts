import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import * as misbehaviour from '../../../simulators/plc/misbehaviour.ts'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { frame, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

const started: ModbusPlc[] = []
afterEach(async () => {
  for (const plc of started.splice(0)) await plc.stop()
})

async function serve(config: Partial<ModbusServerConfig> = {}): Promise<ModbusPlc> {
  const image = new RegisterImage({ coils: [[0, 9]], discreteInputs: [[0, 9]], inputRegisters: [[0, 199]], holdingRegisters: [[0, 199]] })
  for (let i = 0; i < 200; i++) image.holdingRegisters[i] = i
  const plc = new ModbusPlc({ image, config: ModbusServerConfig.parse({ port: 0, ...config }) })
  await plc.start()
  started.push(plc)
  return plc
}

const readOf = (address: number, count = 1) => [3, 0, address, 0, count]

describe('a Modbus TCP server', () => {
  it('answers with the transaction and unit of the request', async () => {
    const plc = await serve({ unit: 17 })
    await using client = await rawClient(plc.port)
    client.send(frame(0xbeef, 17, readOf(5, 2)))
    expect([...(await client.take(13))]).toEqual([0xbe, 0xef, 0, 0, 0, 7, 17, 3, 4, 0, 5, 0, 6].slice(0, 13))
  })

  it('takes units 0 and 255 for itself and refuses others as a gateway would', async () => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    expect(await client.ask(readOf(5), 0)).toEqual([3, 2, 0, 5])
    expect(await client.ask(readOf(5), 255)).toEqual([3, 2, 0, 5])
    expect(await client.ask(readOf(5), 2)).toEqual([0x83, 11])
  })

  it('answers pipelined requests in order, more of them than one write holds', async () => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    const requests = Array.from({ length: 1000 }, (_, i) => frame(i, 1, readOf(i % 75, 125)))
    client.send(Buffer.concat(requests))
    const size = 9 + 250
    const replies = await client.take(1000 * size)
    for (let i = 0; i < 1000; i++) {
      expect(replies.readUInt16BE(i * size)).toBe(i)
      expect(replies.readUInt16BE(i * size + 9)).toBe(i % 75)
    }
    expect(plc.counts.requests).toBe(1000)
  })

  it('puts frames together that come byte by byte', async () => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    for (const byte of Buffer.concat([frame(1, 1, readOf(7)), frame(2, 1, readOf(8))])) {
      client.send(Uint8Array.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const replies = await client.take(22)
    expect(replies.subarray(9, 11).readUInt16BE()).toBe(7)
    expect(replies.subarray(20, 22).readUInt16BE()).toBe(8)
  })

  it.each([
    ['another protocol id', Buffer.from([0, 1, 0x4d, 0x42, 0, 6, 1, 3, 0, 0, 0, 1])],
    ['a length of nothing', Buffer.from([0, 1, 0, 0, 0, 0, 1])],
    ['a length without a function', Buffer.from([0, 1, 0, 0, 0, 1, 1])],
    ['a length beyond the protocol', Buffer.from([0, 1, 0, 0, 0, 255, 1, 3, 0, 0, 0, 1])],
    ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n')]
  ])('hangs up on %s, having answered what came before', async (_what, bytes) => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    client.send(Buffer.concat([frame(1, 1, readOf(3)), bytes, frame(2, 1, [6, 0, 3, 0, 99])]))
    await until(() => client.closed() !== null, { what: 'the connection to be closed' })
    expect(client.received().length).toBe(11)
    expect(plc.counts.malformed).toBe(1)
    await using next = await rawClient(plc.port)
    expect(await next.ask(readOf(3))).toEqual([3, 2, 0, 3])
  })

  it('outlives any bytes', async () => {
    const plc = await serve()
    const nearlyModbus = fc
      .tuple(fc.nat({ max: 65535 }), fc.constantFrom(0, 0, 0, 1), fc.nat({ max: 300 }), fc.uint8Array({ maxLength: 300 }))
      .map(([id, protocol, length, rest]) => Buffer.from([id >> 8, id & 255, 0, protocol, length >> 8, length & 255, ...rest]))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(nearlyModbus, fc.uint8Array({ maxLength: 600 })), { maxLength: 8 }), async (chunks) => {
        await using client = await rawClient(plc.port)
        for (const chunk of chunks) client.send(chunk)
        await using witness = await rawClient(plc.port)
        expect((await witness.ask([3, 0, 199, 0, 1])).length).toBe(4)
      }),
      { numRuns: 60 }
    )
  })

  it('reads no further from a client that takes no replies, and goes on when it does', async () => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    client.socket.pause()
    const block = Buffer.concat(Array.from({ length: 5000 }, (_, i) => frame(i, 1, readOf(0, 125))))
    for (let i = 0; i < 20; i++) client.send(block)
    await until(() => plc.counts.requests > 1000, { what: 'the server to be busy' })
    await using other = await rawClient(plc.port)
    let before = -1
    await until(
      async () => {
        await other.ask(readOf(1))
        const stands = plc.counts.requests === before + 1
        before = plc.counts.requests
        return stands
      },
      { what: 'the server to stop reading', everyMs: 50 }
    )
    expect(plc.counts.requests).toBeLessThan(100_000)
    let taken = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk) => {
      taken += chunk.length
    })
    client.socket.resume()
    await until(() => taken === 100_000 * 259, { what: 'all replies' })
  })
})

describe('limits', () => {
  it('refuses one client too many', async () => {
    const plc = await serve({ maxConnections: 2 })
    await using first = await rawClient(plc.port)
    await using second = await rawClient(plc.port)
    await first.ask(readOf(1))
    await second.ask(readOf(1))
    await using third = await rawClient(plc.port)
    await until(() => third.closed() !== null, { what: 'the third to be refused' })
    expect(await first.ask(readOf(2))).toEqual([3, 2, 0, 2])
    expect(plc.counts.turnedAway).toBe(1)
  })

  it('or closes the oldest in its place', async () => {
    const plc = await serve({ maxConnections: 2, whenFull: 'close-oldest' })
    await using first = await rawClient(plc.port)
    await first.ask(readOf(1))
    await using second = await rawClient(plc.port)
    await second.ask(readOf(1))
    await using third = await rawClient(plc.port)
    expect(await third.ask(readOf(4))).toEqual([3, 2, 0, 4])
    await until(() => first.closed() !== null, { what: 'the first to be closed' })
    expect(await second.ask(readOf(2))).toEqual([3, 2, 0, 2])
  })

  it('is busy beyond its rate and recovers', async () => {
    const plc = await serve({ maxRequestsPerSecond: 20 })
    await using client = await rawClient(plc.port)
    client.send(Buffer.concat(Array.from({ length: 60 }, (_, i) => frame(i, 1, readOf(1)))))
    await until(() => plc.counts.requests === 60, { what: 'all requests' })
    expect(plc.counts.busy).toBeGreaterThanOrEqual(39)
    expect(plc.counts.busy).toBeLessThanOrEqual(40)
    await client.take(20 * 11 + 40 * 9)
    await until(async () => (await client.ask(readOf(1))).length === 4, { what: 'the PLC to recover', everyMs: 100 })
  })

  it('takes its time for a reply when told so, in order and each in full', async () => {
    const plc = await serve({ responseDelayMs: 120 })
    await using client = await rawClient(plc.port)
    const begin = performance.now()
    client.send(Buffer.concat(Array.from({ length: 50 }, (_, i) => frame(i, 1, readOf(i)))))
    const replies = await client.take(50 * 11)
    expect(performance.now() - begin).toBeGreaterThan(115)
    expect(Array.from({ length: 50 }, (_, i) => replies.readUInt16BE(i * 11))).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })
})

describe('diagnostics over TCP', () => {
  it('silence the PLC, and a restart ends every connection after its reply', async () => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    await using other = await rawClient(plc.port)
    await other.ask(readOf(1))
    expect(await client.ask([8, 0, 1, 0, 0])).toEqual([8, 0, 1, 0, 0])
    await until(() => client.closed() === 'end' && other.closed() !== null, { what: 'both connections to be closed' })
    await using next = await rawClient(plc.port)
    next.send(frame(1, 1, [8, 0, 4, 0, 0]))
    next.send(frame(2, 1, readOf(1)))
    await until(() => plc.counts.requests === 4, { what: 'the requests' })
    expect([next.received().length, plc.station.listenOnly]).toEqual([0, true])
    next.send(frame(3, 1, [8, 0, 1, 0, 0]))
    await until(() => next.closed(), { what: 'the restart' })
    await using last = await rawClient(plc.port)
    expect(await last.ask(readOf(2))).toEqual([3, 2, 0, 2])
  })
})

describe('misbehaviour', () => {
  const right = [0, 9, 0, 0, 0, 5, 1, 3, 2, 0, 7]
  const answers: [string, misbehaviour.Misbehaviour, number[]][] = [
    ['another unit', misbehaviour.otherUnit, [0, 9, 0, 0, 0, 5, 2, 3, 2, 0, 7]],
    ['another transaction', misbehaviour.otherTransaction, [1, 10, 0, 0, 0, 5, 1, 3, 2, 0, 7]],
    ['another function', misbehaviour.otherFunction, [0, 9, 0, 0, 0, 5, 1, 2, 2, 0, 7]],
    ['another protocol', misbehaviour.otherProtocol, [0, 9, 0x4d, 0x42, 0, 5, 1, 3, 2, 0, 7]],
    ['an endless length', misbehaviour.endless, [0, 9, 0, 0, 255, 255, 1, 3, 2, 0, 7]],
    ['an exception', misbehaviour.exception(4), [0, 9, 0, 0, 0, 3, 1, 0x83, 4]],
    ['garbage', misbehaviour.garbage(() => 0x55), Array<number>(11).fill(0x55)],
    ['half a reply', misbehaviour.breakingOff, [0, 9, 0, 0, 0]],
    ['late', misbehaviour.late(50), right]
  ]
  it.each(answers)('answers with %s', async (_what, how, expected) => {
    const plc = await serve()
    plc.misbehaviour = how
    await using client = await rawClient(plc.port)
    client.send(frame(9, 1, readOf(7)))
    expect([...(await client.take(expected.length))]).toEqual(expected)
  })

  it('answers one register too few', async () => {
    const plc = await serve()
    plc.misbehaviour = misbehaviour.tooShort
    await using client = await rawClient(plc.port)
    client.send(frame(9, 1, readOf(7, 2)))
    expect([...(await client.take(11))]).toEqual(right)
  })

  it.each([
    ['hangs up', misbehaviour.hangingUp, 'end'],
    ['resets', misbehaviour.resetting, 'reset']
  ] as const)('%s instead of answering', async (_what, how, closed) => {
    const plc = await serve()
    plc.misbehaviour = how
    await using client = await rawClient(plc.port)
    client.send(frame(9, 1, readOf(7)))
    await until(() => client.closed(), { what: 'the connection to be closed' })
    expect(client.closed()).toBe(closed)
    expect(client.received().length).toBe(0)
  })

  it('keeps silent, but does what it was asked, and answers again afterwards', async () => {
    const plc = await serve()
    plc.misbehaviour = misbehaviour.silent
    await using client = await rawClient(plc.port)
    client.send(frame(9, 1, [6, 0, 7, 0, 42]))
    await until(() => plc.counts.requests === 1, { what: 'the request' })
    plc.misbehaviour = null
    expect(await client.ask(readOf(7))).toEqual([3, 2, 0, 42])
  })
})
