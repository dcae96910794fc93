// What a polled OPC UA server is not asked for, and how that is told.
import { expect, it } from 'vitest'
import { isBad } from '#contract/quality.ts'
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
