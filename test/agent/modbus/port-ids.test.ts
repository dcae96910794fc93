// The guarded port over Modbus TCP: which reply becomes an answer, and which ends the connection.
import { describe, expect, it, vi } from 'vitest'
import { line } from '../../parts/memory-line.ts'
import { answer, bytes, inOurTime, lastId, MBAP, mbap, opened, pass, read } from '../../parts/memory-port.ts'

vi.mock(import('../../../agent/modbus/line.ts'), () => import('../../parts/memory-line.ts'))
inOurTime()

describe('replies with ids', () => {
  it('reach the library as frames of a serial line, with the time at which they came', () => {
    const { port, given } = opened(MBAP)
    pass(30)
    read(port)
    expect(port.answeredAt).toBe(0)
    pass(12)
    bytes(mbap(lastId(), 1, [3, 2, 0, 77]))
    expect([given, port.answeredAt]).toEqual([[answer(77)], 42])
  })

  it('of another request are stale and change nothing', () => {
    const { port, given, counters, faults } = opened(MBAP)
    bytes(mbap([1, 2], 1, [3, 2, 0, 9]))
    read(port)
    const [high = 0, low = 0] = lastId()
    bytes(mbap([high, low ^ 1], 1, [3, 2, 0, 9]))
    expect([given, counters.stale]).toEqual([[], 2])
    bytes(mbap([high, low], 1, [3, 2, 0, 1]))
    bytes(mbap([high, low], 1, [3, 2, 0, 1]))
    expect([given, counters.stale, faults, port.isOpen]).toEqual([[answer(1)], 3, [], true])
  })

  it('that do not fit are a fault of the request and not of the connection', () => {
    const { port, given, faults, counters } = opened(MBAP)
    read(port)
    bytes(mbap(lastId(), 2, [3, 2, 0, 9]))
    expect(faults).toMatchObject([{ code: 'MODBUS_UNEXPECTED_REPLY', message: 'plc:502: unit 1 was asked, unit 2 answers', resync: false }])
    expect([given, port.isOpen, port.over, counters.stale, port.answeredAt]).toEqual([[], true, undefined, 0, 0])
    read(port)
    bytes(mbap(lastId(), 1, [3, 2, 0, 8]))
    expect(given).toEqual([answer(8)])
  })

  it('after the request was given up are stale', () => {
    const { port, given, counters, faults, doubt } = opened(MBAP)
    read(port)
    expect(port.expire()).toBe(false)
    port.abandon()
    bytes(mbap(lastId(), 1, [3, 2, 0, 9]))
    expect([given, counters.stale, counters.resyncs, faults, port.isOpen, doubt.has(1)]).toEqual([[], 1, 0, [], true, false])
    read(port)
    expect(line.written).toHaveLength(2)
  })

  it('that are no frames end the connection with a reset', () => {
    const { port, faults, counters } = opened(MBAP)
    read(port)
    bytes(0, 1, 0, 9, 0, 3, 1)
    expect(faults).toEqual([port.over])
    expect(port.over).toMatchObject({ code: 'MODBUS_BAD_FRAME', message: 'plc:502: a header with protocol 9 and length 3' })
    expect([line.closed, port.isOpen, counters.resyncs]).toEqual([[true], false, 0])
    bytes(mbap(lastId(), 1, [3, 2, 0, 9]))
    expect(counters.stale).toBe(0)
  })

  it('that nobody asked for end it after 64 in a row, however many more there are', () => {
    const { port, counters, given } = opened(MBAP)
    const stale = mbap([0, 1], 1, [3, 2, 0, 9])
    for (let i = 0; i < 63; i++) bytes(stale)
    read(port)
    bytes(mbap(lastId(), 1, [3, 2, 0, 4]))
    for (let i = 0; i < 63; i++) bytes(stale)
    expect([port.over, given]).toEqual([undefined, [answer(4)]])
    bytes(stale, stale, stale)
    expect(port.over).toMatchObject({ code: 'MODBUS_UNEXPECTED_REPLY', what: '64 replies in a row that nobody asked for' })
    expect(counters.stale).toBe(127)
  })

  it('that our own code chokes on are not taken for a fault of the peer', () => {
    const { port } = opened(MBAP)
    port.on('data', () => {
      throw new RangeError('ours')
    })
    read(port)
    expect(() => bytes(mbap(lastId(), 1, [3, 2, 0, 4]))).toThrow(RangeError)
    expect(port.over).toBeUndefined()
  })
})
