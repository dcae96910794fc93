// What a polled OPC UA server is not asked for, and how that is told.
import * as opcua from 'node-opcua'
import { expect, it } from 'vitest'
import { isBad } from '#contract/quality.ts'
import { honestReply } from '../../parts/opcua-honest.ts'
import { RawOpcuaServer } from '../../parts/opcua-raw-server.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'
import { readServer } from './reading.ts'

it('tells a pause of the agent with its length, its cycles and its true reason', async () => {
  await using server = await RawOpcuaServer.start()
  const tags = ['a', 'b'].map((name) => ({ name, node: `ns=1;s=${name}` }))
  await using reading = await readServer({ endpoint: server.endpoint, read: 'poll', tags }, await temporaryFolder())
  await until(() => reading.of('b').some(({ quality }) => !isBad(quality)), { what: 'values' })
  reading.missed.length = 0
  // Nothing of this process runs meanwhile, as when its container is stopped.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  const gap = await until(() => reading.missed.find(({ reason }) => reason === 'agent-down'), { what: 'a gap' })
  expect(gap.to - gap.from).toBeGreaterThanOrEqual(600)
  expect(gap.samples).toBe(tags.length * (Math.round((gap.to - gap.from) / 100) + 1))
})

it('puts cycles that a slow server costs together into one gap', async () => {
  let answered = 0
  await using server = await RawOpcuaServer.start((step, peer, request) => {
    const { body } = request
    if (!(body instanceof opcua.ReadRequest) || body.nodesToRead?.[0]?.nodeId.namespace === 0) return false
    peer.timers.add(
      setTimeout(() => {
        answered++
        peer.reply(request, honestReply(request, peer, '') ?? body)
      }, 350)
    )
    return step === 'ReadRequest'
  })
  const tags = [{ name: 'a', node: 'ns=1;s=a' }]
  await using reading = await readServer({ endpoint: server.endpoint, read: 'poll', tags }, await temporaryFolder())
  await until(() => answered >= 5, { what: 'slow answers' })
  await reading[Symbol.asyncDispose]()
  expect(reading.missed).toEqual([expect.objectContaining({ device: 'ua-1', reason: 'device-slow' })])
  expect(reading.missed[0]?.samples).toBeGreaterThanOrEqual(4)
}, 30_000)

it('goes on saying that the server does not have a namespace', async () => {
  await using server = await RawOpcuaServer.start()
  const tags = [
    { name: 'a', node: 'ns=1;s=a' },
    { name: 'nowhere', node: 'nsu=urn:test:other;s=a' }
  ]
  await using reading = await readServer({ endpoint: server.endpoint, read: 'poll', tags }, await temporaryFolder())
  await until(() => reading.of('nowhere').length > 1, { what: 'the bad sample again' })
  expect(reading.of('nowhere').map(({ value, quality }) => [value, quality])).toContainEqual([null, 0x80340000])
  expect(reading.of('nowhere').every(({ value }) => value === null)).toBe(true)
  expect(reading.missed).toEqual([])
})
