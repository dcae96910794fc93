// When the other side has ended a connection. `close` of Node comes later, when another connection may already have been accepted.
import type { Socket } from 'node:net'

export function onceOver(socket: Socket, over: () => void): void {
  let told = false
  const tell = () => {
    if (told) return
    told = true
    over()
  }
  for (const event of ['end', 'error', 'close']) socket.once(event, tell)
}
