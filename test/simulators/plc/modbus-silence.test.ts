// Where a PLC must keep silent, whatever else is wrong with a request or with its load.
import { describe, expect, it } from 'vitest'
import { ModbusStation, type StationOptions } from '../../../simulators/plc/modbus-station.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'

function station(limits: Partial<StationOptions['limits']> = {}): ModbusStation {
  const image = new RegisterImage({ coils: [], discreteInputs: [], inputRegisters: [], holdingRegisters: [[0, 9]] })
  return new ModbusStation({ image, limits: { unit: 1, maxConnections: 4, whenFull: 'refuse-new', ...limits }, now: () => 0 })
}
const out = Buffer.alloc(253)
const ask = (plc: ModbusStation, pdu: readonly number[], unit = 1): number[] => [
  ...out.subarray(0, plc.answer(Uint8Array.from(pdu), 0, pdu.length, unit, out, 0))
]
const read = [3, 0, 0, 0, 1]
const LISTEN = [8, 0, 4, 0, 0]
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
