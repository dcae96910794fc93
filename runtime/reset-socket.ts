// Ends a TCP connection at once. A connection that is being shut down already cannot be reset: libuv refuses, and Node then neither
// closes it nor says so, which leaves it open for good.
import type { Socket } from 'node:net'

export function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
