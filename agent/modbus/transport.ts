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
