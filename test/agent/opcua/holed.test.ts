// A notification message that the server made and that never came.
import { expect, it } from 'vitest'
import { counting, handlesOf, notificationReply } from '../../parts/opcua-honest.ts'
import { RawOpcuaServer, type UaRequest } from '../../parts/opcua-raw-server.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'
import { readServer } from './reading.ts'

it('is told as a gap from the message before it to the one after it', async () => {
  let sent = 0
  const waiting: UaRequest[] = []
  await using server = await RawOpcuaServer.start((step, peer, request) => {
    if (step === 'CreateSubscriptionRequest')
      peer.every(100, () => {
        const publish = handlesOf(peer).length > 0 ? waiting.shift() : undefined
        if (publish === undefined) return
        // The fourth is lost.
        const sequence = ++sent < 4 ? sent : sent + 1
        const items = handlesOf(peer).map((clientHandle) => ({ clientHandle, value: counting() }))
        peer.reply(publish, notificationReply(publish, { sequence, items }))
      })
    if (step !== 'PublishRequest') return false
    waiting.push(request)
    return true
  })
  await using reading = await readServer({ endpoint: server.endpoint, tags: [{ name: 'a', node: 'ns=1;s=a' }] }, await temporaryFolder())
  const gap = await until(() => reading.missed[0], { what: 'a gap' })
  expect(gap).toMatchObject({ device: 'ua-1', reason: 'device-overflow', samples: null })
  expect(gap.to - gap.from).toBeGreaterThanOrEqual(30)
  expect(reading.missed).toHaveLength(1)
})
