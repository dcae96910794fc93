// A TCP connection to a PLC or to a serial server before it.
import { createConnection } from 'node:net'
import { resetSocket } from '#runtime/reset-socket.ts'
import { ModbusFault, type ModbusFaultCode } from './fault.ts'
import type { Line, LineEvents } from './line.ts'
import { endpointOf, type TcpTransport } from './transport.ts'

export function tcpLine(transport: TcpTransport, events: LineEvents): Line {
  const { host, port } = transport
  const place = endpointOf(transport)
  // One address of a name is tried, not several side by side: a PLC sees one connection at a time.
  const socket = createConnection({ host, port, noDelay: true, autoSelectFamily: false })
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  let open = false
  const end = (code: ModbusFaultCode, what: string, cause?: unknown) => events.ended(new ModbusFault(code, what, { place, cause }))
  socket.once('connect', () => {
    open = true
    events.opened()
  })
  socket.on('data', (chunk) => events.bytes(chunk))
  socket.on('end', () => end('MODBUS_CLOSED', 'the device closed the connection'))
  socket.on('close', () => {
    resolve()
    end('MODBUS_CLOSED', 'the connection was closed')
  })
  socket.on('error', (cause) => {
    const code = 'code' in cause ? String(cause.code) : cause.message
    if (open) end('MODBUS_CLOSED', `the connection broke (${code})`, cause)
    else end('MODBUS_NOT_CONNECTED', `cannot connect (${code})`, cause)
  })
  return {
    gone,
    write: (bytes) => void socket.write(bytes),
    close(abrupt) {
      // A reset, when something is wrong: a PLC that hangs would keep its slot for a connection that was only half closed.
      if (abrupt && open) resetSocket(socket)
      else socket.destroy()
    }
  }
}
