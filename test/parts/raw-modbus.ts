// A Modbus TCP client of bare bytes for tests: it sends anything and shows whatever comes back.
import { connect, type Socket } from 'node:net'
import { until } from './wait.ts'

export interface RawClient extends AsyncDisposable {
  readonly socket: Socket
  /** Everything received so far. */
  received(): Buffer
  /** 'end' after FIN, 'reset' after RST, null while open. */
  closed(): 'end' | 'reset' | null
  send(bytes: Uint8Array): void
  /** Waits until so many bytes have come, and takes them. */
  take(count: number): Promise<Buffer>
  /** Sends one request PDU and resolves to the reply PDU. */
  ask(pdu: readonly number[], unit?: number): Promise<number[]>
}

export const frame = (transaction: number, unit: number, pdu: readonly number[]): Buffer =>
  Buffer.from([transaction >> 8, transaction & 0xff, 0, 0, (pdu.length + 1) >> 8, (pdu.length + 1) & 0xff, unit, ...pdu])

export async function rawClient(port: number): Promise<RawClient> {
  let received = Buffer.alloc(0)
  let closed: 'end' | 'reset' | null = null
  let transaction = 0
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
  })
  socket.on('error', () => {
    closed = 'reset'
  })
  socket.on('close', () => {
    closed ??= 'end'
  })
  await until(() => !socket.connecting, { what: 'the connection', everyMs: 1 })
  const take = async (count: number) => {
    await until(() => received.length >= count, { what: `${count} bytes`, everyMs: 1 })
    const taken = received.subarray(0, count)
    received = received.subarray(count)
    return taken
  }
  return {
    socket,
    received: () => received,
    closed: () => closed,
    send: (bytes) => {
      socket.write(bytes)
    },
    take,
    async ask(pdu, unit = 1) {
      transaction = (transaction + 1) & 0xffff
      socket.write(frame(transaction, unit, pdu))
      const header = await take(7)
      const reply = await take(header.readUInt16BE(4) - 1)
      if (header.readUInt16BE(0) !== transaction) throw new Error(`reply to ${header.readUInt16BE(0)} instead of ${transaction}`)
      return [...reply]
    },
    async [Symbol.asyncDispose]() {
      socket.destroy()
    }
  }
}
