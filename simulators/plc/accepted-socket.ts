// Reads from accepted connections into one buffer that all of them share. Node has this for sockets that connect (`onread`), and
// for accepted ones only behind an option that is not documented; without it each chunk costs an allocation of 64 KiB, a sixth of
// what a small request takes. Where Node does not have it, chunks come as they always did.
import { Socket, type SocketConstructorOpts } from 'node:net'

const shared = Buffer.alloc(64 << 10)

/** Takes over the connection of a server with `pauseOnConnect`. What `receive` is given is overwritten once it returns. */
export function readingAtOnce(accepted: Socket, receive: (socket: Socket, chunk: Buffer) => void): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle')
  if (typeof handle !== 'object' || handle === null) return readingAsStream(accepted, receive)
  const onread = {
    buffer: shared,
    callback: (size: number): boolean => {
      receive(socket, shared.subarray(0, size))
      return true
    }
  }
  Reflect.set(accepted, '_handle', null)
  // The option is not in the declared type.
  const socket = new Socket({ handle, onread } as SocketConstructorOpts)
  // It has nothing left to close, and is counted no more by its server.
  accepted.destroy()
  return socket
}

export function readingAsStream(accepted: Socket, receive: (socket: Socket, chunk: Buffer) => void): Socket {
  accepted.on('data', (chunk) => receive(accepted, chunk))
  accepted.resume()
  return accepted
}
