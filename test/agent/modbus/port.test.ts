// The guarded port: when a connection is open and when it is over, and what leaves through it.
import { describe, expect, it, vi } from 'vitest'
import { Doubt } from '../../../agent/modbus/doubt.ts'
import { ModbusFault } from '../../../agent/modbus/fault.ts'
import { NO_IDENTITY } from '../../../agent/modbus/guard.ts'
import { GuardedPort, noCounts } from '../../../agent/modbus/port.ts'
import { line } from '../../parts/memory-line.ts'
import {
  answer,
  bytes,
  inOurTime,
  lastId,
  MBAP,
  mbap,
  opened,
  opening,
  pass,
  QUIET_MS,
  RTU,
  read,
  SERIAL,
  thrownBy
} from '../../parts/memory-port.ts'
import { rtuFrame } from '../../parts/serial-frames.ts'

vi.mock(import('../../../agent/modbus/line.ts'), () => import('../../parts/memory-line.ts'))
inOurTime()

describe('a connection', () => {
  it('is open when its line is, once, and its time to come about is then over', () => {
    const { port, settled, counters, faults } = opening(MBAP)
    expect([port.isOpen, counters.connects, settled]).toEqual([false, 0, []])
    line.events.opened()
    expect([port.isOpen, counters.connects, settled]).toEqual([true, 1, [undefined]])
    pass(60_000)
    expect([port.isOpen, settled, faults, line.closed]).toEqual([true, [undefined], [], []])
  })

  it('is given up when it does not come about', () => {
    const { port, settled, faults, closes } = opening(MBAP)
    pass(4999)
    expect(settled).toEqual([])
    pass(1)
    expect(settled).toEqual([port.over])
    expect(faults).toEqual([port.over])
    expect(port.over).toMatchObject({ code: 'MODBUS_NOT_CONNECTED', message: 'plc:502: no connection within 5000 ms', resync: false })
    expect([line.closed, closes, port.isOpen]).toEqual([[true], [5000], false])
  })

  it('that comes about too late, or was given up before it began, is not open', () => {
    for (const transport of [MBAP, RTU]) {
      const { port, settled } = opening(transport)
      pass(5000)
      line.events.opened()
      pass(1000)
      expect([port.isOpen, settled]).toEqual([false, [port.over]])
    }
    const faults: ModbusFault[] = []
    const onFault = (fault: ModbusFault) => void faults.push(fault)
    const port = new GuardedPort({ transport: MBAP, counters: noCounts(), allowed: NO_IDENTITY, doubt: new Doubt(), quietMs: 20, onFault })
    port.destroy()
    expect(faults).toMatchObject([{ code: 'MODBUS_CLOSED' }])
  })

  it('without ids is open when its line was silent, and what came before is nobody’s', async () => {
    const { port, settled, counters } = opening(RTU)
    line.events.opened()
    expect([port.isOpen, counters.connects]).toEqual([false, 1])
    const silent = port.draining
    for (let i = 0; i < 5; i++) {
      pass(QUIET_MS - 1)
      bytes(answer(9))
    }
    expect([port.isOpen, settled]).toEqual([false, []])
    pass(QUIET_MS)
    pass(1)
    await silent
    expect([port.isOpen, settled, port.draining]).toEqual([true, [undefined], undefined])
    expect(counters).toMatchObject({ stale: 0, resyncs: 0 })
  })

  it('without ids that is never silent is given up', async () => {
    const { port, settled } = opening(RTU)
    line.events.opened()
    const silent = port.draining
    for (let i = 0; i < 500 && settled.length === 0; i++) {
      pass(10)
      bytes(1)
    }
    await silent
    expect(settled).toEqual([port.over])
    expect(port.over?.message).toBe('plc:502: no silence within 5000 ms')
    pass(1000)
    expect([settled.length, port.isOpen]).toEqual([1, false])
  })

  it('on a slow serial line waits for the silence that the norm asks for', () => {
    const { port } = opening({ ...SERIAL, baudRate: 1200 })
    line.events.opened()
    pass(32)
    expect(port.isOpen).toBe(false)
    pass(2)
    expect(port.isOpen).toBe(true)
  })

  it('tells why its line ended, before it was open and after, once', () => {
    const refused = new ModbusFault('MODBUS_NOT_CONNECTED', 'cannot connect', { place: 'x' })
    const { port, settled, faults } = opening(MBAP)
    line.events.ended(refused)
    line.events.ended(new ModbusFault('MODBUS_CLOSED', 'the connection was closed', { place: 'x' }))
    expect([port.over, settled, faults, line.closed]).toEqual([refused, [refused], [refused], [true]])

    const open = opened(MBAP)
    const closed = new ModbusFault('MODBUS_CLOSED', 'the connection was closed', { place: 'x' })
    line.events.ended(closed)
    expect([open.port.over, open.settled, open.faults, open.port.isOpen]).toEqual([closed, [undefined], [closed], false])
    // A peer that said goodbye needs no reset.
    expect(line.closed).toEqual([false])
    expect(open.closes).toHaveLength(1)
  })

  it('is closed by the library without waiting for anybody', () => {
    const { port, faults, closes } = opened(MBAP)
    const done = vi.fn()
    port.close(done)
    expect([done.mock.calls.length, port.isOpen, faults.length]).toEqual([1, false, 1])
    port.close()
    port.destroy()
    expect(faults).toEqual([port.over])
    expect(port.over).toMatchObject({ code: 'MODBUS_CLOSED', message: 'plc:502: the agent closed the connection' })
    expect([line.closed, closes.length]).toEqual([[false], 1])
  })

  it('says when another may take its place', async () => {
    const port = new GuardedPort({
      transport: MBAP,
      counters: noCounts(),
      allowed: NO_IDENTITY,
      doubt: new Doubt(),
      quietMs: 20,
      onFault() {}
    })
    expect(port.gone).toBeInstanceOf(Promise)
    await port.gone
    port.open(() => {})
    expect(port.gone).toBe(line.gone)
  })

  it('keeps its transaction ids to itself', () => {
    const { port } = opened(MBAP)
    port._transactionIdRead = 7
    port._transactionIdWrite = 8
    expect([port._transactionIdRead, port._transactionIdWrite]).toEqual([0, 0])
  })
})

describe('what leaves', () => {
  it('is a read, counted by its function, with the next id', () => {
    const { port, counters } = opened(MBAP)
    for (let i = 0; i < 300; i++) {
      read(port, { address: i & 0xff })
      bytes(mbap(lastId(), 1, [3, 2, 0, 1]))
    }
    expect(line.written[7]?.slice(2)).toEqual([0, 0, 0, 6, 1, 3, 0, 7, 0, 1])
    const ids = line.written.map(([high = 0, low = 0]) => high * 256 + low)
    expect(ids).toEqual(ids.map((_, i) => ((ids[0] ?? 0) + i) & 0xffff))
    port.write(rtuFrame(9, [1, 0, 0, 0, 8]))
    expect(counters.sent).toEqual(
      new Map([
        [3, 300],
        [1, 1]
      ])
    )
  })

  it.each([[5], [6], [8], [15], [16], [21], [22], [23], [43], [0x83]])('is not function code %i, which is counted', (functionCode) => {
    const { port, counters } = opened(MBAP)
    expect(thrownBy(() => port.write(rtuFrame(1, [functionCode, 0, 1, 0, 1])))).toMatchObject({
      code: 'MODBUS_REFUSED',
      message: `plc:502: refused before the socket: function code ${functionCode} is not a read`
    })
    expect([line.written, counters.refused, counters.sent.size]).toEqual([[], 1, 0])
    // It leaves the port as it was.
    read(port)
    expect(line.written).toHaveLength(1)
  })

  it.each([[[]], [[1]], [[1, 3]], [[1, 3, 0]], [[1, 3, 0, 1, 0, 1]]])('is not a frame cut short like %j', (frame) => {
    const { port, counters } = opened(MBAP)
    expect(thrownBy(() => port.write(Buffer.from(frame))).code).toBe('MODBUS_REFUSED')
    expect([line.written, counters.refused]).toEqual([[], 1])
  })

  it('is one request at a time', () => {
    const { port, counters, given } = opened(MBAP)
    read(port)
    expect(thrownBy(() => read(port)).message).toMatch('refused before the socket: a second request while one is under way')
    expect([line.written.length, counters.refused, counters.sent.get(3)]).toEqual([1, 1, 1])
    bytes(mbap(lastId(), 1, [3, 2, 0, 5]))
    expect(given).toEqual([answer(5)])
  })

  it('is nothing before the connection is open, nor after', () => {
    const { port, counters } = opening(MBAP)
    expect(thrownBy(() => read(port))).toMatchObject({ code: 'MODBUS_CLOSED', message: 'plc:502: the connection is closed' })
    line.events.opened()
    port.destroy()
    expect(thrownBy(() => read(port)).code).toBe('MODBUS_CLOSED')
    expect([line.written, counters.refused, counters.sent.size]).toEqual([[], 0, 0])
  })

  it('is a question who a unit is only as long as that is allowed', () => {
    const { port, counters } = opened(MBAP, { allowed: { identify: new Set([4]), serverId: new Set([5]) } })
    const taken: Buffer[] = []
    const ask = (unit: number, ...pdu: number[]) => port.ask(unit, Buffer.from(pdu), (reply) => taken.push(reply))
    expect(thrownBy(() => ask(5, 43, 14, 1, 0)).code).toBe('MODBUS_REFUSED')
    ask(4, 43, 14, 1, 0)
    bytes(mbap(lastId(), 4, [43, 14, 1, 1, 0, 0, 0]))
    ask(5, 17)
    bytes(mbap(lastId(), 5, [0x91, 1]))
    expect(taken.map((pdu) => [...pdu])).toEqual([
      [43, 14, 1, 1, 0, 0, 0],
      [0x91, 1]
    ])
    port.allow(NO_IDENTITY)
    expect(thrownBy(() => ask(4, 43, 14, 1, 0)).code).toBe('MODBUS_REFUSED')
    expect(counters).toMatchObject({ refused: 2 })
    expect(Object.fromEntries(counters.sent)).toEqual({ 17: 1, 43: 1 })
  })
})
