// A serial port. The only door to serialport, an optional package that is loaded when the first serial line is opened.
import { setTimeout as sleep } from 'node:timers/promises'
import type { SerialPort } from 'serialport'
import { ModbusFault, type ModbusFaultCode } from './fault.ts'
import type { Line, LineEvents } from './line.ts'
import { endpointOf, type SerialTransport } from './transport.ts'

// A driver that never says that a port is closed must not hold us.
const LONGEST_CLOSE_MS = 2000

export function serialLine(transport: SerialTransport, events: LineEvents): Line {
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  let port: SerialPort | undefined
  let closed = false
  const end = (code: ModbusFaultCode, what: string, cause?: unknown) =>
    events.ended(new ModbusFault(code, what, { place: endpointOf(transport), cause }))

  const release = (opened: SerialPort) => {
    opened.removeAllListeners('data')
    opened.close(() => resolve())
    void sleep(LONGEST_CLOSE_MS, undefined, { ref: false }).then(resolve)
  }
  const open = async () => {
    const { SerialPort } = await import('serialport')
    if (closed) return resolve()
    const { path, baudRate, parity, dataBits, stopBits } = transport
    const opening = new SerialPort({ path, baudRate, parity, dataBits, stopBits, autoOpen: false })
    opening.on('data', (chunk: Buffer) => events.bytes(chunk))
    opening.on('error', (cause) => end('MODBUS_CLOSED', `the serial port failed (${cause.message})`, cause))
    opening.on('close', (cause: Error | null) => {
      resolve()
      end('MODBUS_CLOSED', cause === null ? 'the serial port was closed' : `the serial port is gone (${cause.message})`, cause)
    })
    opening.open((cause) => {
      if (cause !== null) {
        resolve()
        end('MODBUS_NOT_CONNECTED', reasonOf(cause), cause)
      } else if (closed) release(opening)
      else {
        port = opening
        events.opened()
      }
    })
  }
  open().catch((cause) => {
    resolve()
    end('MODBUS_NOT_CONNECTED', reasonOf(cause), cause)
  })
  return {
    gone,
    write: (bytes) => void port?.write(bytes),
    close() {
      if (closed) return
      closed = true
      if (port !== undefined) release(port)
    }
  }
}

// The messages of the library and its binding name the cause only in English prose.
function reasonOf(cause: unknown): string {
  const what = cause instanceof Error ? cause.message : String(cause)
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
  if (missing || /prebuild|native build|bindings file/i.test(what))
    return 'cannot open: the optional package serialport is not installed for this machine (npm install serialport)'
  if (/No such file/i.test(what)) return `cannot open: there is no such serial port (${what})`
  if (/Permission denied|Access denied/i.test(what))
    return `cannot open: no permission; the agent's user must be in the group of the port (${what})`
  if (/lock|busy|Resource temporarily unavailable/i.test(what)) return `cannot open: another program has the serial port (${what})`
  return `cannot open (${what})`
}
