// How a Modbus device is reached: over a TCP connection or a serial line, in which frames. Devices with one endpoint share it.
import type { ModbusDevice } from './config.ts'

export interface TcpTransport {
  over: 'tcp'
  frames: 'mbap' | 'rtu'
  host: string
  port: number
  connectTimeoutMs: number
}

export interface SerialTransport {
  over: 'serial'
  frames: 'rtu' | 'ascii'
  path: string
  baudRate: number
  parity: 'none' | 'even' | 'odd'
  dataBits: 7 | 8
  stopBits: 1 | 2
  connectTimeoutMs: number
}

export type Transport = TcpTransport | SerialTransport

export function transportOf(device: ModbusDevice): Transport {
  const { connectTimeoutMs } = device
  switch (device.protocol) {
    case 'modbus-tcp':
      return { over: 'tcp', frames: 'mbap', host: device.host, port: device.port, connectTimeoutMs }
    case 'modbus-rtu-over-tcp':
      return { over: 'tcp', frames: 'rtu', host: device.host, port: device.port, connectTimeoutMs }
    case 'modbus-rtu':
      return { over: 'serial', frames: 'rtu', ...device.line, connectTimeoutMs }
    case 'modbus-ascii':
      return { over: 'serial', frames: 'ascii', ...device.line, connectTimeoutMs }
  }
}

/** For people and logs: 10.0.0.5:502 or /dev/ttyUSB0. */
export function endpointOf(transport: Transport): string {
  return transport.over === 'tcp' ? `${transport.host.toLowerCase()}:${transport.port}` : transport.path
}

// Modbus over Serial Line 1.02, 2.5.1.1: frames are set apart by at least 3.5 characters, of 11 bits (10 in ASCII).
const SILENT_CHARACTERS = 3.5
const BITS_PER_CHARACTER = 11

/** How long a line without transaction ids must be silent: `atLeastMs`, and what the norm asks for at this speed. */
export function quietMsOf(transport: Transport, atLeastMs: number): number {
  if (transport.over === 'tcp') return atLeastMs
  return Math.max(atLeastMs, Math.ceil((1000 * SILENT_CHARACTERS * BITS_PER_CHARACTER) / transport.baudRate))
}
