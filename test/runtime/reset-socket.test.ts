// A connection that is reset closes, whatever its state.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { resetSocket } from '#runtime/reset-socket.ts'

it.each<[string, (accepted: Socket) => void]>([
  ['one that is open', () => {}],
  ['one that is being shut down', (accepted) => void accepted.end()],
  ['one that is closed', (accepted) => void accepted.destroy()]
])('%s', async (_, before) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const accepting = once(server, 'connection')
  const client = connect({ port: address.port, host: '127.0.0.1' })
  client.on('error', () => {})
  const [accepted]: Socket[] = await accepting
  if (accepted === undefined) throw new Error('no connection')
  const faults: unknown[] = []
  accepted.on('error', (fault) => faults.push(fault))
  const closed = once(accepted, 'close')
  before(accepted)
  resetSocket(accepted)
  await closed
  client.destroy()
  server.close()
  await once(server, 'close')
  expect(faults).toEqual([])
})
