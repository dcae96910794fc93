// The guarded port over a line in memory, in time that a test moves on.
import { beforeEach, expect, vi } from 'vitest'
import { Doubt } from '../../agent/modbus/doubt.ts'
import { ModbusFault } from '../../agent/modbus/fault.ts'
import { type AllowedIdentity, NO_IDENTITY } from '../../agent/modbus/guard.ts'
import { GuardedPort, noCounts } from '../../agent/modbus/port.ts'
import type { SerialTransport, TcpTransport, Transport } from '../../agent/modbus/transport.ts'
import { line } from './memory-line.ts'
import { rtuFrame } from './serial-frames.ts'

export const MBAP: TcpTransport = { over: 'tcp', frames: 'mbap', host: 'PLC', port: 502, connectTimeoutMs: 5000 }
export const RTU: TcpTransport = { ...MBAP, frames: 'rtu' }
export const SERIAL: SerialTransport = {
  over: 'serial',
  frames: 'rtu',
  path: '/dev/ttyS1',
  baudRate: 9600,
  parity: 'none',
  dataBits: 8,
  stopBits: 1,
  connectTimeoutMs: 5000
}
export const QUIET_MS = 20

/** For the start of a test file. */
export const inOurTime = () =>
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
    return () => vi.useRealTimers()
  })
export const pass = (ms: number) => void vi.advanceTimersByTime(ms)
export const bytes = (...all: (number | readonly number[])[]) => line.events.bytes(Buffer.from(all.flat()))

export function opening(
  transport: Transport,
  { allowed = NO_IDENTITY, doubt = new Doubt() }: { allowed?: AllowedIdentity; doubt?: Doubt } = {}
) {
  const counters = noCounts()
  const faults: ModbusFault[] = []
  const port = new GuardedPort({ transport, counters, allowed, doubt, quietMs: QUIET_MS, onFault: (fault) => void faults.push(fault) })
  const given: number[][] = []
  port.on('data', (frame: Buffer) => given.push([...frame]))
  const closes: number[] = []
  port.on('close', () => closes.push(performance.now()))
  const settled: (Error | undefined)[] = []
  port.open((error) => settled.push(error))
  return { port, counters, faults, given, closes, settled, doubt }
}

export function opened(transport: Transport, options: Parameters<typeof opening>[1] = {}) {
  const all = opening(transport, options)
  line.events.opened()
  if (transport.frames !== 'mbap') pass(QUIET_MS + 1)
  expect(all.port.isOpen).toBe(true)
  return all
}

// As the library makes it for a serial line; the guard looks at what is between unit and CRC.
export const read = (port: GuardedPort, { unit = 1, address = 7, patienceMs = 500 } = {}) => {
  port.patienceMs = patienceMs
  port.write(rtuFrame(unit, [3, 0, address, 0, 1]))
}
export const answer = (value: number, unit = 1) => [...rtuFrame(unit, [3, 2, 0, value])]
export const lastId = () => line.written.at(-1)?.slice(0, 2) ?? []
export const mbap = (id: readonly number[], unit: number, pdu: readonly number[]) => [...id, 0, 0, 0, 1 + pdu.length, unit, ...pdu]
export function thrownBy(call: () => void): ModbusFault {
  try {
    call()
  } catch (error) {
    if (error instanceof ModbusFault) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
