// An agent whose configuration changes while it runs, before a whole centre: a second birth of one process is nothing to be alarmed at.
import { expect, it } from 'vitest'
import { readPacks } from '../../collector/packs.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { modbus, reloadingAgent } from '../parts/reloading-agent.ts'
import { World } from './world.ts'

it('learns the new tags and keeps the old ones, alarms nobody, misses nothing', async () => {
  await using mosquitto = await startMosquitto()
  await using world = await World.open({ broker: { url: mosquitto.url }, packs: await readPacks({ language: 'en' }) })
  await using plc = await AddressPlc.start()
  const devices = (...names: string[]) => [
    modbus('same', plc.port, { 'same.a': 'holding 9 uint16' }, { unit: 2 }),
    modbus('plc', plc.port, Object.fromEntries(names.map((name, i) => [name, `holding ${i + 1} uint16`])))
  ]
  await using agent = await reloadingAgent(mosquitto.url, devices('a', 'b'), {}, { stores: false })
  const count = (tag: string) =>
    world.store
      .samples({ series: world.store.series({ ...agent.name, tag, view: 'polled' }), from: 0, to: Number.MAX_SAFE_INTEGER, limit: 10_000 })
      .then(({ length }) => length)
  await world.shows('samples of b', async () => (await count('b')) > 0)
  for (const names of [
    ['a', 'c'],
    ['c', 'd'],
    ['a', 'd', 'e']
  ]) {
    await agent.takes(devices(...names))
    await world.shows(`samples of ${names.at(-1)}`, async () => (await count(names.at(-1) ?? '')) > 0)
  }
  const { site, agent: id } = agent.name
  const known = await world.spine.plant.tags({ site, agent: id })
  expect(known.map(({ tag }) => tag.name)).toEqual(['same.a', 'a', 'd', 'e'])
  expect(agent.heard.births).toHaveLength(4)
  await agent.stop()
  // Everything that was sent is stored, under its own name, and nothing was put aside.
  const sent = new Map(agent.heard.births.flatMap(({ tags }) => tags.map((tag): [number, string] => [tag.id, tag.name])))
  for (const name of new Set(sent.values())) {
    const of = agent.of(name).length
    await world.shows(`all samples of ${name}`, async () => (await count(name)) >= of)
  }
  expect(await world.codes()).toEqual([])
  expect(world.spine.alerts.find({}).alerts.filter(({ rule }) => rule !== 'base/agent-stopped')).toEqual([])
  expect((await world.gaps()).filter((gap) => !gap.includes('agent-down'))).toEqual([])
}, 60_000)
