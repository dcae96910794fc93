// The guarded port on a line without ids: which reply becomes an answer, which is thrown away, and what makes the line new.
import { describe, expect, it, vi } from 'vitest'
import { Doubt } from '../../../agent/modbus/doubt.ts'
import { ModbusFault } from '../../../agent/modbus/fault.ts'
import { line } from '../../parts/memory-line.ts'
import { answer, bytes, inOurTime, opened, pass, QUIET_MS, RTU, read, SERIAL, thrownBy } from '../../parts/memory-port.ts'
import { rtuFrame } from '../../parts/serial-frames.ts'

vi.mock(import('../../../agent/modbus/line.ts'), () => import('../../parts/memory-line.ts'))
inOurTime()

describe('replies without ids', () => {
  it('are handed on after silence, with the time at which they came', () => {
    const { port, given } = opened(RTU)
    read(port)
    expect(line.written).toEqual([[...rtuFrame(1, [3, 0, 7, 0, 1])]])
    const asked = performance.now()
    pass(5)
    bytes(answer(3).slice(0, 4))
    expect(port.answeredAt).toBe(0)
    pass(5)
    bytes(answer(3).slice(4))
    pass(QUIET_MS - 1)
    expect(given).toEqual([])
    pass(2)
    expect([given, port.answeredAt - asked]).toEqual([[answer(3)], 10])
    // The next may be asked.
    read(port)
    bytes(answer(4))
    pass(QUIET_MS + 1)
    expect(given).toEqual([answer(3), answer(4)])
  })

  const lost: [string, () => void, string, string][] = [
    ['two at once', () => bytes(answer(1), answer(1)), 'MODBUS_UNEXPECTED_REPLY', 'more came than one reply'],
    ['one and a piece', () => bytes(answer(1), 1), 'MODBUS_UNEXPECTED_REPLY', 'more came than one reply'],
    ['the one of another unit', () => bytes(answer(1, 2)), 'MODBUS_UNEXPECTED_REPLY', 'unit 1 was asked, unit 2 answers'],
    ['a wrong check sum', () => bytes(answer(1).slice(0, -1), 0), 'MODBUS_BAD_FRAME', 'a wrong check sum (CRC)'],
    [
      'one and, before silence, another',
      () => {
        bytes(answer(1))
        pass(QUIET_MS - 1)
        bytes(answer(1))
      },
      'MODBUS_UNEXPECTED_REPLY',
      'more came than one reply'
    ],
    [
      'one and, before silence, a byte',
      () => {
        bytes(answer(1))
        pass(QUIET_MS - 1)
        bytes(1)
      },
      'MODBUS_UNEXPECTED_REPLY',
      'more came than one reply'
    ]
  ]
  it.each(lost)('are thrown away when there come %s, and the line is made new', (_what, come, code, what) => {
    const { port, given, faults, counters, doubt } = opened(RTU)
    read(port, { patienceMs: 700 })
    come()
    expect(faults).toEqual([port.over])
    expect(port.over).toMatchObject({ code, what, place: 'plc:502', resync: true })
    expect(counters).toMatchObject({ stale: code === 'MODBUS_BAD_FRAME' ? 0 : 1, resyncs: 1 })
    expect(line.closed).toEqual([true])
    // Its true answer may come to the next connection.
    expect(doubt.graceMs(1, performance.now())).toBe(700)
    pass(1000)
    expect(given).toEqual([])
  })

  it('that nobody asked for end the connection', () => {
    const { port, counters } = opened(RTU)
    bytes(1)
    expect(port.over).toMatchObject({ code: 'MODBUS_UNEXPECTED_REPLY', what: 'bytes that nobody asked for', resync: true })
    expect(counters).toMatchObject({ stale: 1, resyncs: 1 })
  })

  it('that were given up and come between two requests are waited out on the same connection', async () => {
    const doubt = new Doubt()
    const { port, counters, faults, given } = opened(RTU, { doubt })
    doubt.add(1, performance.now() + 100)
    bytes(answer(9))
    expect([counters.stale, counters.resyncs, faults]).toEqual([1, 0, []])
    expect(thrownBy(() => read(port, { unit: 2 })).message).toMatch('refused before the socket: a request on a line that is not quiet')
    const silent = port.draining
    expect(silent).toBeInstanceOf(Promise)
    pass(QUIET_MS - 1)
    bytes(answer(9))
    pass(QUIET_MS - 1)
    expect(port.draining).toBe(silent)
    pass(2)
    await silent
    expect(port.draining).toBeUndefined()
    // What came while the line was waited out is not counted again.
    expect([counters.stale, counters.refused]).toEqual([1, 1])
    read(port, { unit: 2 })
    bytes(answer(6, 2))
    pass(QUIET_MS + 1)
    expect(given).toEqual([answer(6, 2)])
    // The time of the late answer is over: what comes now is a riddle.
    pass(100)
    bytes(1)
    expect(port.over?.resync).toBe(true)
  })

  it('that do not come in time leave the unit in doubt, and the line is made new', () => {
    const { port, counters, doubt } = opened(RTU)
    read(port, { unit: 3, patienceMs: 400 })
    expect(port.expire()).toBe(false)
    port.abandon()
    expect(port.over).toMatchObject({ code: 'MODBUS_TIMEOUT', what: 'no answer within 400 ms', resync: true })
    expect([counters.resyncs, counters.stale, doubt.has(3), doubt.has(1)]).toEqual([1, 0, true, false])
    expect(doubt.graceMs(3, performance.now())).toBe(400)
    port.abandon()
    expect(counters.resyncs).toBe(1)
  })

  it('that end with the connection leave the unit in doubt too', () => {
    const { port, doubt, counters } = opened(RTU)
    read(port)
    line.events.ended(new ModbusFault('MODBUS_CLOSED', 'the device closed the connection', { place: 'x' }))
    expect([doubt.has(1), counters.resyncs, port.over?.resync]).toEqual([true, 0, false])
  })

  it('of a unit in doubt count only when no other came until its time was over', () => {
    const doubt = new Doubt()
    doubt.add(1, 0)
    const { port, given } = opened(RTU, { doubt })
    read(port)
    bytes(answer(5))
    pass(400)
    expect(given).toEqual([])
    expect(port.expire()).toBe(true)
    expect(given).toEqual([])
    pass(1)
    expect([given, doubt.has(1)]).toEqual([[answer(5)], false])
    // Trusted again.
    read(port)
    bytes(answer(6))
    pass(QUIET_MS + 1)
    expect(given).toEqual([answer(5), answer(6)])
  })

  it('of a unit in doubt are thrown away when another comes in its time', () => {
    const doubt = new Doubt()
    doubt.add(1, 0)
    const { port, given, counters } = opened(RTU, { doubt })
    read(port)
    bytes(answer(5))
    pass(100)
    bytes(answer(6))
    expect(port.over).toMatchObject({ what: 'more came than one reply', resync: true })
    expect([given, counters.stale, doubt.has(1)]).toEqual([[], 1, true])
  })

  it('that came in time are handed on when the silence after them ends later', () => {
    const { port, given } = opened(RTU)
    read(port)
    bytes(answer(5))
    pass(QUIET_MS - 5)
    expect(port.expire()).toBe(true)
    pass(4)
    expect(given).toEqual([])
    pass(2)
    expect(given).toEqual([answer(5)])
  })

  it('are not handed on after the connection has ended', () => {
    const { port, given } = opened(RTU)
    read(port)
    bytes(answer(5))
    port.destroy()
    pass(1000)
    expect([given, port.answeredAt > 0]).toEqual([[], true])
  })

  it('that is due to be handed on is not, when another comes first', () => {
    const doubt = new Doubt()
    doubt.add(1, 0)
    const { port, given } = opened(RTU, { doubt })
    read(port)
    bytes(answer(5))
    pass(400)
    expect(port.expire()).toBe(true)
    bytes(answer(6))
    pass(100)
    expect([given, port.over?.what]).toEqual([[], 'more came than one reply'])
  })

  it('lost more than eight times in a row make the line let alone, until one is answered', () => {
    const doubt = new Doubt()
    const resyncAfter = (come: number) => {
      const { port } = opened(RTU, { doubt })
      bytes(come)
      return port.over?.resync
    }
    expect(Array.from({ length: 10 }, () => resyncAfter(1))).toEqual([...Array(8).fill(true), false, false])
    const { port } = opened(RTU, { doubt })
    read(port)
    bytes(answer(4))
    pass(QUIET_MS + 1)
    expect(resyncAfter(1)).toBe(true)
  })
})

describe('a serial line', () => {
  it('is waited out instead of closed, and then used again', async () => {
    const { port, faults, counters, given } = opened(SERIAL)
    read(port, { patienceMs: 300 })
    port.abandon()
    expect(faults).toMatchObject([{ code: 'MODBUS_TIMEOUT', message: '/dev/ttyS1: no answer within 300 ms', resync: true }])
    expect([port.isOpen, port.over, line.closed, counters.resyncs]).toEqual([true, undefined, [], 1])
    const silent = port.draining
    pass(QUIET_MS - 1)
    bytes(answer(9))
    pass(QUIET_MS + 1)
    await silent
    expect([counters.stale, port.draining]).toEqual([0, undefined])
    read(port, { unit: 2 })
    bytes(answer(2, 2))
    pass(QUIET_MS + 1)
    expect(given).toEqual([answer(2, 2)])
  })

  it('that ends while it is waited out, or while an answer is held back, holds nobody and leaves no timer', async () => {
    const { port, settled } = opened(SERIAL)
    bytes(1)
    const silent = port.draining
    port.destroy()
    await silent
    expect([settled, vi.getTimerCount()]).toEqual([[undefined], 0])
    const other = opened(SERIAL)
    read(other.port)
    bytes(answer(1))
    other.port.destroy()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('takes one request at a time, and half a reply to one for no part of the next', () => {
    const { port, given, counters } = opened(SERIAL)
    expect(port.expire()).toBe(false)
    read(port)
    expect(thrownBy(() => read(port)).code).toBe('MODBUS_REFUSED')
    bytes(answer(1).slice(0, 4))
    port.abandon()
    pass(QUIET_MS + 1)
    read(port, { unit: 2 })
    bytes(answer(2, 2))
    pass(QUIET_MS + 1)
    expect([given, counters.refused]).toEqual([[answer(2, 2)], 1])
  })

  it('speaks ASCII where that is set', () => {
    const { port, given } = opened({ ...SERIAL, frames: 'ascii' })
    read(port)
    expect(line.written.map((one) => Buffer.from(one).toString())).toEqual([':010300070001F4\r\n'])
    bytes([...Buffer.from(':010302000AF0\r\n')])
    pass(QUIET_MS + 1)
    expect(given).toEqual([answer(10)])
  })
})
