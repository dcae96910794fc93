// OPC UA devices over a reload: what did not change keeps its session and its subscription, what changed is signed out first.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataType } from 'node-opcua'
import { expect, it } from 'vitest'
import { GOOD } from '#contract/quality.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { modbus, type ReloadingAgent, reloadingAgent } from '../parts/reloading-agent.ts'
import { until } from '../parts/wait.ts'
import { startTypesServer } from './opcua/types-server.ts'

const node = (name: string) => `nsu=urn:test:types;s=${name}`
const server = (id: string, endpoint: string, names: readonly string[], more: object = {}) => ({
  ...{ id, protocol: 'opcua', endpoint, security: { policy: 'None', mode: 'None', insecure: true } },
  ...{ subscription: { publishingMs: 100 }, budget: { requestsPerSecond: 100, minCadenceMs: 50 } },
  tags: names.map((name) => ({ name: `${id}.${name}`, node: node(name) })),
  ...more
})
const good = (world: ReloadingAgent, tag: string) => world.of(tag).filter(({ quality }) => quality === GOOD).length

it('keeps the session of a server that did not change, and never has two at one that did', async () => {
  await using mosquitto = await startMosquitto()
  await using same = await startTypesServer()
  await using other = await startTypesServer()
  await using plc = await AddressPlc.start()
  const line = modbus('plc', plc.port, { a: 'holding 1 uint16' })
  const kept = server('same', same.endpoint, ['double'])
  // The first OPC UA device of the agent comes with a reload.
  await using world = await reloadingAgent(mosquitto.url, [line])
  await until(() => good(world, 'a') > 0, { what: 'a sample' })
  await world.takes([line, kept, server('other', other.endpoint, ['double'])])
  await until(() => good(world, 'same.double') > 0 && good(world, 'other.double') > 0, { what: 'samples of both servers' })
  const { engine } = same.server
  const [sessions, subscriptions] = [engine.cumulatedSessionCount, engine.cumulatedSubscriptionCount]
  let most = 0
  const watching = setInterval(() => {
    most = Math.max(most, other.server.engine.currentSessionCount)
  }, 5)
  try {
    for (const names of [['double', 'float'], ['float'], ['double', 'int32']]) {
      await world.takes([kept, server('other', other.endpoint, names), line])
      const tag = `other.${names[0]}`
      const before = good(world, tag)
      await until(() => good(world, tag) > before, { what: `samples of ${tag}` })
    }
  } finally {
    clearInterval(watching)
  }
  expect(most).toBe(1)
  expect(other.server.engine.cumulatedSessionCount).toBe(4)
  expect([engine.cumulatedSessionCount, engine.cumulatedSubscriptionCount, engine.currentSessionCount]).toEqual([
    sessions,
    subscriptions,
    1
  ])
  const before = good(world, 'same.double')
  same.set('double', DataType.Double, 42)
  await until(() => good(world, 'same.double') > before, { what: 'a change after the reloads' })
  expect(world.of('same.double').at(-1)?.value).toBe(42)
  // Nobody can say what a server would have told meanwhile.
  const gap = await until(() => world.heard.gaps.find(({ device }) => device === 'other'), { what: 'the gap of the pause' })
  expect(gap).toMatchObject({ reason: 'reconfigured', samples: null })
  expect(world.heard.gaps.filter(({ device }) => device === 'same')).toEqual([])

  await world.takes([line, kept])
  await until(() => other.server.engine.currentSessionCount === 0, { what: 'the session to be closed' })
  expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
}, 60_000)

it('signs in anew when a secret has changed, and only where it is used', async () => {
  await using mosquitto = await startMosquitto()
  await using one = await startTypesServer()
  await using two = await startTypesServer()
  await using plc = await AddressPlc.start()
  const line = modbus('plc', plc.port, { a: 'holding 1 uint16' })
  await using world = await reloadingAgent(mosquitto.url, [line])
  const password = join(world.folder, 'password.txt')
  await writeFile(password, 'first')
  const devices = [
    line,
    server('one', one.endpoint, ['double']),
    server('two', two.endpoint, ['double'], { user: { name: 'reader', password: { file: password } } })
  ]
  await world.takes(devices)
  await until(() => good(world, 'one.double') > 0, { what: 'samples' })
  await world.reload.ask()
  await writeFile(password, 'second')
  await world.reload.ask()
  const taken = world.logged.filter(({ msg }) => msg === 'The configuration is taken over.')
  expect(taken).toMatchObject([{ started: ['one', 'two'] }, { kept: 3, started: [] }, { kept: 2, stopped: ['two'], started: ['two'] }])
  expect(JSON.stringify(world.logged)).not.toMatch(/"(first|second)"/)
  expect(one.server.engine.cumulatedSessionCount).toBe(1)
}, 60_000)
