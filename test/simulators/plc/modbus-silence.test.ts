// Where a PLC must keep silent, whatever else is wrong with a request or with its load.
import { afterEach, describe, expect, it } from 'vitest'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { rtuFrame } from '../../../simulators/plc/modbus-rtu.ts'
import { ModbusStation, type StationOptions } from '../../../simulators/plc/modbus-station.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { frame, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

const started: ModbusPlc[] = []
afterEach(async () => {
  for (const plc of started.splice(0)) await plc.stop()
})
async function serve(config: object): Promise<ModbusPlc> {
  const plc = new ModbusPlc({ image: empty(), config: ModbusServerConfig.parse({ port: 0, ...config }) })
  await plc.start()
  started.push(plc)
  return plc
}

const empty = () => new RegisterImage({ coils: [], discreteInputs: [], inputRegisters: [], holdingRegisters: [[0, 9]] })

function station(limits: Partial<StationOptions['limits']> = {}): ModbusStation {
  const image = empty()
  return new ModbusStation({ image, limits: { unit: 1, maxConnections: 4, whenFull: 'refuse-new', ...limits }, now: () => 0 })
}
const out = Buffer.alloc(253)
const ask = (plc: ModbusStation, pdu: readonly number[], unit = 1): number[] => [
  ...out.subarray(0, plc.answer(Uint8Array.from(pdu), 0, pdu.length, unit, out, 0))
]
const read = [3, 0, 0, 0, 1]
const LISTEN = [8, 0, 4, 0, 0]
const CLEAR = 10
const RESTART = [8, 0, 1, 0, 0]

describe('a PLC that listens only', () => {
  it.each([
    ['with data of its own', [8, 0, 1, 0x12, 0x34]],
    ['that is cut short', [8, 0, 1]],
    ['without its last byte', [8, 0, 1, 0]],
    ['with half of the data that clears the log', [8, 0, 1, 0xff, 1]],
    ['that is too long', [8, 0, 1, 0, 0, 0]]
  ])('is not brought back by a restart %s, nor answers it', (_what, pdu) => {
    const plc = station()
    ask(plc, LISTEN)
    expect([ask(plc, pdu), plc.listenOnly]).toEqual([[], true])
    expect([ask(plc, RESTART), plc.listenOnly]).toEqual([[], false])
    // One that answers says what is wrong.
    expect(ask(plc, pdu)).toEqual([0x88, 3])
  })

  it('hears a restart without an answer when it has been asked too much before', () => {
    const plc = station({ maxRequestsPerSecond: 2 })
    for (const pdu of [read, LISTEN]) ask(plc, pdu)
    expect([ask(plc, RESTART), plc.listenOnly]).toEqual([[], false])
    expect(ask(plc, read)).toEqual([0x83, 6])
  })
})

describe('a unit that is not there', () => {
  it('is silent though the PLC is asked too much, and takes its share of what may be asked', () => {
    const plc = station({ maxRequestsPerSecond: 5, otherUnits: 'ignore' })
    expect([2, 3, 0, 255].flatMap((unit) => ask(plc, read, unit))).toEqual([])
    expect([ask(plc, read), ask(plc, read)]).toEqual([
      [3, 2, 0, 0],
      [0x83, 6]
    ])
    expect(Array.from({ length: 30 }, (_, i) => ask(plc, read, i + 2)).flat()).toEqual([])
    expect(plc.counts).toMatchObject({ requests: 36, busy: 1 })
  })

  it('is refused by a PLC that refuses, which looks at nothing while it is busy', () => {
    const plc = station({ maxRequestsPerSecond: 1 })
    expect([ask(plc, read, 9), ask(plc, read, 9)]).toEqual([
      [0x83, 11],
      [0x83, 6]
    ])
  })

  it.each(['gateway', 'strict'] as const)('is not found by a scan of a %s', async (character) => {
    const plc = await serve({ character })
    await using client = await rawClient(plc.port)
    const scan = Array.from({ length: 60 }, (_, i) => frame(i, i + 2, read))
    client.send(Buffer.concat([frame(100, 1, read), ...scan]))
    expect([...(await client.take(11))]).toEqual([...frame(100, 1, [3, 2, 0, 0])])
    // What comes after them is answered after them.
    client.send(frame(101, 1, read))
    expect((await client.take(9)).readUInt16BE(0)).toBe(101)
    expect(plc.counts.requests).toBe(62)
  })
})

it('a PLC that listens only is silent to one request more than may wait', async () => {
  const plc = await serve({ responseDelayMs: 200, maxOutstanding: 1 })
  await using client = await rawClient(plc.port)
  await using other = await rawClient(plc.port)
  const heard = (requests: number) => until(() => plc.counts.requests === requests, { what: `request ${requests}`, everyMs: 1 })
  client.send(frame(1, 1, read))
  await heard(1)
  other.send(frame(2, 1, LISTEN))
  await heard(2)
  client.send(frame(3, 1, read))
  await heard(3)
  expect([...(await client.take(11))]).toEqual([...frame(1, 1, [3, 2, 0, 0])])
})

describe('a request to all on a serial line', () => {
  it('counts among those without a response, and as processed when it could be obeyed', async () => {
    const plc = await serve({ framing: 'rtu-over-tcp' })
    await using client = await rawClient(plc.port)
    const counter = async (code: number) => {
      client.send(rtuFrame(1, Uint8Array.of(8, 0, code, 0, 0)))
      return (await client.take(8)).readUInt16BE(4)
    }
    const [messages, exceptions, processed, unanswered] = [11, 13, 14, 15]
    await counter(CLEAR)
    client.send(rtuFrame(0, Uint8Array.of(6, 0, 5, 0, 77)))
    client.send(rtuFrame(0, Uint8Array.of(6, 0, 99, 0, 77)))
    expect(await counter(unanswered)).toBe(2)
    // Clearing counts itself when it is done; so do the questions before.
    expect(await counter(processed)).toBe(3)
    expect(await counter(exceptions)).toBe(0)
    expect(await counter(messages)).toBe(6)
  })
})
