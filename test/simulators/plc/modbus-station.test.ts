// The port of a PLC without sockets, and the offline network on it: identity, diagnostics, programming, limits, restart.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../simulators/plc/modbus-exchange.ts'
import { OfflineNetwork } from '../../../simulators/plc/modbus-network.ts'
import { ModbusStation, type StationOptions } from '../../../simulators/plc/modbus-station.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'

const identity = { vendor: 'Siyuan', product: 'RTU-7', revision: '2.1' }
const clock = { ms: 0 }

function station(limits: Partial<StationOptions['limits']> = {}, options: Partial<StationOptions> = {}): ModbusStation {
  const image = new RegisterImage({ coils: [], discreteInputs: [], inputRegisters: [], holdingRegisters: [[0, 9]] })
  for (let i = 0; i < 10; i++) image.holdingRegisters[i] = i
  const all = { unit: 1, maxConnections: 4, whenFull: 'refuse-new' as const, ...limits }
  return new ModbusStation({ image, limits: all, identity, now: () => clock.ms, ...options })
}

function ask(plc: ModbusStation, pdu: readonly number[], unit = 1): number[] {
  const out = Buffer.alloc(253)
  return [...out.subarray(0, plc.answer(Uint8Array.from(pdu), 0, pdu.length, unit, out, 0))]
}
const text = (value: string) => [value.length, ...Buffer.from(value)]
const read = [3, 0, 5, 0, 1]
const basic = [0, ...text('Siyuan'), 1, ...text('RTU-7'), 2, ...text('2.1')]

describe('identity', () => {
  it.each<[string, number[], number[]]>([
    ['basic objects', [43, 14, 1, 0], [43, 14, 1, 0x82, 0, 0, 3, ...basic]],
    ['regular objects', [43, 14, 2, 0], [43, 14, 2, 0x82, 0, 0, 4, ...basic, 4, ...text('RTU-7')]],
    ['regular ones for who asks for more', [43, 14, 3, 0], [43, 14, 3, 0x82, 0, 0, 4, ...basic, 4, ...text('RTU-7')]],
    ['a stream from its middle', [43, 14, 1, 2], [43, 14, 1, 0x82, 0, 0, 1, 2, ...text('2.1')]],
    ['the whole stream from an id that is not there', [43, 14, 1, 9], [43, 14, 1, 0x82, 0, 0, 3, ...basic]],
    ['one object', [43, 14, 4, 1], [43, 14, 4, 0x82, 0, 0, 1, 1, ...text('RTU-7')]],
    ['no object that is not there', [43, 14, 4, 3], [0xab, 2]],
    ['no other code', [43, 14, 5, 0], [0xab, 3]],
    ['no other MEI type', [43, 13, 1, 0], [0xab, 1]],
    ['the server id', [17], [17, 18, 1, 0xff, ...Buffer.from('Siyuan RTU-7 2.1')]],
    ['no exception status, which is for serial lines', [7], [0x87, 1]]
  ])('gives %s', (_what, pdu, reply) => {
    expect(ask(station(), pdu)).toEqual(reply)
  })

  it('comes in parts when it is long', () => {
    const long = station({}, { identity: { vendor: 'v'.repeat(180), product: 'p'.repeat(180), revision: '1' } })
    const first = ask(long, [43, 14, 2, 0])
    expect(first.slice(3, 7)).toEqual([0x82, 0xff, 1, 1])
    const second = ask(long, [43, 14, 2, 1])
    expect(second.slice(3, 7)).toEqual([0x82, 0xff, 4, 2])
    expect(ask(long, [43, 14, 2, 4]).slice(3, 7)).toEqual([0x82, 0, 0, 1])
  })

  it('is kept to itself by a PLC that has none', () => {
    const plc = station({}, { identity: undefined })
    expect([ask(plc, [43, 14, 1, 0]), ask(plc, [17])]).toEqual([
      [0xab, 1],
      [0x91, 1]
    ])
  })
})

describe('diagnostics', () => {
  it('echo, count and clear', () => {
    const plc = station()
    expect(ask(plc, [8, 0, 0, 1, 2, 3])).toEqual([8, 0, 0, 1, 2, 3])
    ask(plc, read)
    ask(plc, [3, 0, 99, 0, 1])
    plc.countMalformed()
    const counters = [11, 12, 13, 14].map((code) => ask(plc, [8, 0, code, 0, 0])[4])
    expect(counters).toEqual([4, 1, 1, 5])
    expect(ask(plc, [8, 0, 10, 0, 0])).toEqual([8, 0, 10, 0, 0])
    expect(ask(plc, [8, 0, 13, 0, 0])).toEqual([8, 0, 13, 0, 0])
    expect(ask(plc, [8, 0, 77, 0, 0])).toEqual([0x88, 1])
  })

  it('make it listen only until communications are restarted', () => {
    const plc = station()
    expect(ask(plc, [8, 0, 4, 0, 0])).toEqual([])
    expect(plc.listenOnly).toBe(true)
    expect(ask(plc, read)).toEqual([])
    expect(ask(plc, [8, 0, 1, 0, 0], 9)).toEqual([])
    expect(ask(plc, [8, 0, 1, 0, 0])).toEqual([])
    expect(plc.listenOnly).toBe(false)
    expect(ask(plc, read)).toEqual([3, 2, 0, 5])
  })

  it('end all connections at a restart, after the reply', () => {
    const plc = station()
    const ended: string[] = []
    plc.seat((how) => ended.push(how))
    expect(ask(plc, [8, 0, 1, 0xff, 0])).toEqual([8, 0, 1, 0xff, 0])
    expect(ended).toEqual([])
    plc.settle()
    expect([ended, plc.connected]).toEqual([['restart'], 0])
  })
})

describe('programming', () => {
  it('needs a reservation, which one workstation has at a time and loses when it is gone', () => {
    const plc = station()
    expect(ask(plc, [90, 0, 2]).slice(0, 5)).toEqual([90, 0, 0xfe, 1, 0])
    expect(ask(plc, [90, 1, 0x41])).toEqual([90, 1, 0xfd, 6])
    expect(ask(plc, [90, 0, 0x10])).toEqual([90, 0, 0xfe, 1])
    expect(ask(plc, [90, 0, 0x10])).toEqual([90, 0, 0xfd, 5])
    expect(ask(plc, [90, 1, 0x41])).toEqual([90, 1, 0xfe])
    expect([plc.programming.running, plc.programming.reserved]).toEqual([false, true])
    expect(ask(plc, [17])[3]).toBe(0)
    clock.ms += 60_000
    expect(plc.programming.reserved).toBe(false)
    expect(ask(plc, [90, 0, 0x10])).toEqual([90, 0, 0xfe, 2])
    expect(ask(plc, [90, 2, 0x40])).toEqual([90, 2, 0xfe])
    expect(ask(plc, [90, 2, 0x11])).toEqual([90, 2, 0xfe])
    expect([plc.programming.running, plc.programming.reserved]).toEqual([true, false])
    expect(ask(plc, [90, 0, 0x22])).toEqual([0xda, 1])
  })

  it('takes blocks of a program from whoever holds the PLC, and from nobody else', () => {
    const plc = station()
    const block = (session: number) => ask(plc, [90, session, 0x31, 0, 0, 1, 2, 3])
    expect(block(0)).toEqual([90, 0, 0xfd, 6])
    ask(plc, [90, 0, 0x10])
    expect([block(1), block(1), block(2)]).toEqual([
      [90, 1, 0xfe],
      [90, 1, 0xfe],
      [90, 2, 0xfd, 6]
    ])
  })
})

describe('power-up', () => {
  it('ends listening only, programming, a stopped program and all connections', () => {
    const plc = station()
    const ends: string[] = []
    plc.seat((how) => ends.push(how))
    ask(plc, [90, 0, 0x10])
    ask(plc, [90, 1, 0x41])
    expect(ask(plc, [8, 0, 4, 0, 0])).toEqual([])
    expect([plc.running, plc.listenOnly, ask(plc, read)]).toEqual([false, true, []])
    plc.powerUp()
    expect([plc.running, plc.listenOnly, plc.programming.reserved, plc.connected]).toEqual([true, false, false, 0])
    expect(ends).toEqual(['restart'])
    expect(ask(plc, read)).toEqual([3, 2, 0, 5])
    expect(ask(plc, [8, 0, 11, 0, 0])).toEqual([8, 0, 11, 0, 2])
  })
})

describe('an offline network', () => {
  it('counts connections, refuses what is too much, and tells every exchange', async () => {
    const seen: Exchange[] = []
    const news: string[] = []
    const network = new OfflineNetwork({
      stations: { '10.0.0.5': station({ maxConnections: 2 }) },
      onExchange: (exchange) => seen.push(exchange),
      onConnection: ({ client, what }) => news.push(`${client} ${what}`)
    })
    await using first = await network.connect({ from: '10.0.0.1', to: '10.0.0.5' })
    const second = await network.connect({ from: '10.0.0.2', to: '10.0.0.5' })
    await expect(network.connect({ from: '10.0.0.3', to: '10.0.0.5' })).rejects.toMatchObject({ code: 'LINK_AWAY' })
    await expect(network.connect({ from: '10.0.0.3', to: '10.0.0.6' })).rejects.toMatchObject({ code: 'LINK_AWAY' })
    await second[Symbol.asyncDispose]()
    await using _third = await network.connect({ from: '10.0.0.3', to: '10.0.0.5' })
    expect([...(await first.request(Uint8Array.from(read)))]).toEqual([3, 2, 0, 5])
    expect(news).toEqual(['10.0.0.1 opened', '10.0.0.2 opened', '10.0.0.3 refused', '10.0.0.2 closed', '10.0.0.3 opened'])
    expect(seen).toEqual([
      { client: '10.0.0.1', server: '10.0.0.5', unit: 1, request: Uint8Array.from(read), reply: Buffer.from([3, 2, 0, 5]), connection: 1 }
    ])
  })

  it('is busy beyond the rate by the clock it was given', async () => {
    const plc = station({ maxRequestsPerSecond: 20 })
    const replies = Array.from({ length: 30 }, () => ask(plc, read)[0])
    expect(replies.filter((code) => code === 0x83)).toHaveLength(10)
    clock.ms += 100
    expect([ask(plc, read)[0], ask(plc, read)[0], ask(plc, read)[0]]).toEqual([3, 3, 0x83])
  })

  it('keeps silent in listen-only mode, drops its clients at a restart, and can be unplugged', async () => {
    const network = new OfflineNetwork({ stations: { plc: station() } })
    await using one = await network.connect({ from: 'a', to: 'plc' })
    await expect(one.request(Uint8Array.of(8, 0, 4, 0, 0))).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    await expect(one.request(Uint8Array.of(8, 0, 1, 0, 0))).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    await expect(one.request(Uint8Array.from(read))).rejects.toMatchObject({ code: 'LINK_AWAY' })
    await using again = await network.connect({ from: 'a', to: 'plc' })
    network.setPlugged('plc', false)
    await expect(again.request(Uint8Array.from(read))).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    await expect(network.connect({ from: 'a', to: 'plc' })).rejects.toMatchObject({ code: 'LINK_AWAY' })
    network.setPlugged('plc', true)
    expect((await again.request(Uint8Array.from(read))).length).toBe(4)
  })
})

it('answers any bytes within a PDU and never throws', () => {
  const plc = station()
  const code = fc.constantFrom(8, 17, 22, 23, 43, 90)
  fc.assert(
    fc.property(code, fc.uint8Array({ maxLength: 252 }), (first, rest) => {
      const out = Buffer.alloc(300, 0xee)
      const size = plc.answer(Uint8Array.from([first, ...rest]), 0, 1 + rest.length, 1, out, 10)
      expect(size).toBeLessThanOrEqual(253)
      expect([...out.subarray(10 + Math.max(size, 253))]).toEqual(Array(37).fill(0xee))
      if (size > 0) expect((out[10] ?? 0) & 0x7f).toBe(first)
    }),
    { numRuns: 500 }
  )
})
