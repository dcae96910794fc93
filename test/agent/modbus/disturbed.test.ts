// A live unit whose exchange on a line without ids is disturbed by the late answer of another unit: it is asked once more.
import { afterEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Backoff } from '../../../agent/backoff.ts'
import { Budget } from '../../../agent/budget.ts'
import { ModbusLink } from '../../../agent/modbus/link.ts'
import { type Behaviour, HostilePlc, type Request } from '../../parts/hostile-plc.ts'
import { until } from '../../parts/wait.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function linked(behaviour: Behaviour) {
  const plc = await HostilePlc.start('rtu', behaviour)
  const budgets = new Map([1, 2].map((unit) => [unit, new Budget({ requestsPerSecond: 50, registersPerSecond: 1000, minGapMs: 0 })]))
  const link = new ModbusLink({
    transport: { over: 'tcp', frames: 'rtu', host: '127.0.0.1', port: plc.port, connectTimeoutMs: 5000 },
    budgets,
    gapMs: 0,
    log: quietLog(),
    backoff: new Backoff({ firstMs: 10, mostMs: 20 })
  })
  const ending = new AbortController()
  const running = link.run(ending.signal)
  undo.push(
    () => plc[Symbol.asyncDispose](),
    async () => {
      ending.abort()
      await running
    }
  )
  await link.attempted
  const told: number[] = []
  const read = async (unit: number, timeoutMs = 300) => {
    const sent = () => void told.push(unit)
    const request = { unit, table: 'holding-register' as const, address: 40 + unit, count: 1, timeoutMs, sent }
    return (await link.read(request, ending.signal)).bytes.readUInt16BE(0)
  }
  const asked = (unit: number) => plc.requests.filter((request) => request.unit === unit).length
  return { plc, link, read, asked, told, budgets, ending }
}

const late = ({ socket, reply }: Request) => socket.write(reply([3, 2, 0xde, 0xad], { unit: 1 }))
const answer = ({ socket, pdu, reply }: Request) => socket.write(reply([3, 2, ...pdu.subarray(1, 3)]))

describe('a read that another unit disturbs', () => {
  it('is repeated once within the budget, and gets its own value', async () => {
    let disturbed = 0
    const { read, asked, told, link, budgets, plc } = await linked({
      asked(request) {
        if (request.unit === 1) return
        if (disturbed++ === 0) late(request)
        else answer(request)
      }
    })
    await expect(read(1)).rejects.toMatchObject({ code: 'MODBUS_TIMEOUT' })
    expect(await read(2)).toBe(42)
    expect([asked(1), asked(2)]).toEqual([1, 2])
    // What is told to have been sent is what was sent.
    expect(told).toEqual([1, 2, 2])
    expect(link.counters).toMatchObject({ stale: 1, resyncs: 2 })
    // Both requests of the minute count.
    expect(budgets.get(2)?.use).toBeCloseTo(2 / (60 * 50))
    expect(plc.mostOpen).toBe(1)
  })

  it('is not repeated twice', async () => {
    const { read, asked } = await linked({ asked: (request) => request.unit === 1 || late(request) })
    await expect(read(1)).rejects.toMatchObject({ code: 'MODBUS_TIMEOUT' })
    await expect(read(2)).rejects.toMatchObject({ code: 'MODBUS_UNEXPECTED_REPLY' })
    expect(asked(2)).toBe(2)
  })

  it('is not repeated when no other unit owes an answer, nor after a timeout of its own', async () => {
    const { read, asked, plc } = await linked({
      asked(request) {
        if (request.unit === 2 && plc.requests.length === 1) late(request)
      }
    })
    await expect(read(2)).rejects.toMatchObject({ code: 'MODBUS_UNEXPECTED_REPLY' })
    await expect(read(1)).rejects.toMatchObject({ code: 'MODBUS_TIMEOUT' })
    await expect(read(2)).rejects.toMatchObject({ code: 'MODBUS_TIMEOUT' })
    expect([asked(1), asked(2)]).toEqual([1, 2])
  })

  it('is given up with the agent while it waits to be repeated', async () => {
    const { read, asked, ending, link } = await linked({ asked: (request) => request.unit === 1 || late(request) })
    await expect(read(1)).rejects.toMatchObject({ code: 'MODBUS_TIMEOUT' })
    // The unit is let alone for ten seconds before it is asked again.
    const pending = read(2, 10_000)
    const over = expect(pending).rejects.toThrow('the agent ends')
    await until(() => link.counters.stale === 1, { what: 'the late answer' })
    ending.abort(new Error('the agent ends'))
    await over
    expect(asked(2)).toBe(1)
  })
})
