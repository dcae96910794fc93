// A changed config file is taken over device by device: what did not change is not touched, what changed never has two connections.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GOOD } from '#contract/quality.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { type Mosquitto, startMosquitto } from '../parts/mosquitto.ts'
import { modbus, type ReloadingAgent, reloadingAgent } from '../parts/reloading-agent.ts'
import { until } from '../parts/wait.ts'

let mosquitto: Mosquitto
beforeAll(async () => {
  mosquitto = await startMosquitto()
}, 60_000)
afterAll(() => mosquitto[Symbol.asyncDispose]())

const good = (world: ReloadingAgent, tag: string) => world.of(tag).filter(({ quality }) => quality === GOOD).length
const comes = (world: ReloadingAgent, tag: string, more = 1) => {
  const before = good(world, tag)
  return until(() => good(world, tag) >= before + more, { what: `${more} samples of ${tag}` })
}
// What a pause of this whole process costs is not the reload's doing.
const gapsOf = ({ heard }: ReloadingAgent, id: string) =>
  heard.gaps.filter(({ device, reason }) => device === id && reason !== 'agent-down')

describe.concurrent('a device that did not change', () => {
  it('keeps connection and phase, and has not one request more or less, over 20 reloads', async () => {
    await using same = await AddressPlc.start()
    await using other = await AddressPlc.start()
    const devices = (tags: Record<string, string>) => [
      modbus('other', other.port, tags),
      modbus('same', same.port, { 'same.a': 'holding 10 uint16' }, { cadenceMs: 250 })
    ]
    await using world = await reloadingAgent(mosquitto.url, devices({ 'other.a': 'holding 1 uint16' }))
    await comes(world, 'same.a', 2)
    for (let i = 0; i < 20; i++) {
      await world.takes(devices({ 'other.a': 'holding 1 uint16', [`other.${i % 3}`]: `holding ${100 + i} uint16` }))
      await sleep(100)
    }
    await comes(world, 'same.a', 2)
    const health = world.agent.status?.health()
    await world.stop()
    expect(world.reload.counts).toMatchObject({ taken: 20, refused: 0 })
    expect([same.connections, same.mostOpen, other.connections, other.mostOpen]).toEqual([1, 1, 1, 1])
    // From the second cycle on they lie at their phase; each was asked, or was told to be late.
    const at = same.requests.slice(1).map((request) => request.at)
    const due = Math.round(((at.at(-1) ?? 0) - (at[0] ?? 0)) / 250) + 1
    const late = world.heard.gaps.filter(({ device }) => device === 'same').reduce((sum, { samples }) => sum + (samples ?? 0), 0)
    expect(at.length + late).toBe(due)
    expect(gapsOf(world, 'same')).toEqual([])
    expect(health?.devices.find(({ id }) => id === 'same')).toMatchObject({ connects: 1, refused: 0, state: 'online' })
  })

  it('is not sent again: what was last sent of it is remembered', async () => {
    await using plc = await AddressPlc.start()
    const slow = { heartbeatMs: 600_000 }
    const devices = (more: Record<string, string>) => [
      modbus('same', plc.port, { 'same.a': 'holding 10 uint16' }, { unit: 1, ...slow }),
      modbus('other', plc.port, { 'other.a': 'holding 20 uint16', ...more }, { unit: 2, ...slow })
    ]
    await using world = await reloadingAgent(mosquitto.url, devices({}))
    await until(() => good(world, 'same.a') === 1 && good(world, 'other.a') === 1, { what: 'the first samples' })
    await world.takes(devices({ 'other.b': 'holding 21 uint16' }))
    await until(() => good(world, 'other.b') === 1 && good(world, 'other.a') === 2, { what: 'the samples of the changed device' })
    const asked = plc.requests.filter(({ unit }) => unit === 1).length
    await until(() => plc.requests.filter(({ unit }) => unit === 1).length > asked + 2, { what: 'more cycles' })
    expect(good(world, 'same.a')).toBe(1)
  })
})

describe.concurrent('a line that several devices share', () => {
  it('stays open while units come, change and go', async () => {
    await using gateway = await AddressPlc.start()
    const unit = (n: number, more: object = {}) =>
      modbus(`u${n}`, gateway.port, { [`u${n}.a`]: `holding ${n} uint16` }, { unit: n, ...more })
    await using world = await reloadingAgent(mosquitto.url, [unit(1), unit(2)])
    await Promise.all([comes(world, 'u1.a'), comes(world, 'u2.a')])
    await world.takes([
      unit(3),
      unit(1),
      unit(2, { cadenceMs: 300, identify: true, connectTimeoutMs: 4000, quirks: { pauseAfterConnectMs: 100 } })
    ])
    await Promise.all([comes(world, 'u1.a'), comes(world, 'u2.a', 2), comes(world, 'u3.a', 2)])
    await until(() => gateway.requests.some(({ unit, functionCode }) => unit === 2 && functionCode === 43), { what: 'the identification' })
    await world.takes([unit(1)])
    const asked = gateway.requests.length
    await comes(world, 'u1.a', 3)
    expect(new Set(gateway.requests.slice(asked).map(({ unit }) => unit))).toEqual(new Set([1]))
    expect([gateway.connections, gateway.mostOpen]).toEqual([1, 1])
    expect(gapsOf(world, 'u1')).toEqual([])
    expect(world.heard.births.at(-1)?.devices.map(({ id }) => id)).toEqual(['u1'])
  })

  it('goes on with the budget that a changed unit has used', async () => {
    await using plc = await AddressPlc.start()
    const device = (i: number) =>
      modbus(
        'plc',
        plc.port,
        { a: 'holding 1 uint16', b: `holding ${200 + i} uint16` },
        { cadenceMs: 1000, budget: { requestsPerSecond: 4, minGapMs: 0 } }
      )
    await using world = await reloadingAgent(mosquitto.url, [device(0)])
    await comes(world, 'a')
    for (let i = 1; i <= 12; i++) {
      await world.takes([device(i)])
      await sleep(150)
    }
    await comes(world, 'a')
    const at = plc.requests.map((request) => request.at)
    // No five requests within one second, less what the way to the PLC may shorten.
    for (const [i, time] of at.entries()) if (i >= 4) expect(time - (at[i - 4] ?? 0)).toBeGreaterThan(900)
    expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
  })
})

describe.concurrent('a device that changed', () => {
  it('is closed before it is opened anew, and is closed for good when it is gone', async () => {
    await using plc = await AddressPlc.start()
    await using stays = await AddressPlc.start()
    await using next = await AddressPlc.start({ frames: 'rtu' })
    const tags = { a: 'holding 1 uint16' }
    const stay = modbus('stays', stays.port, { s: 'holding 2 uint16' })
    await using world = await reloadingAgent(mosquitto.url, [modbus('plc', plc.port, tags), stay])
    await comes(world, 'a')
    // Another name for the same PLC: the line stays.
    await world.takes([stay, modbus('renamed', plc.port, tags)])
    await comes(world, 'a', 2)
    expect(world.heard.births.at(-1)?.tags.find(({ name }) => name === 'a')).toMatchObject({ device: 'renamed', id: 1 })
    expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
    // Another PLC under the same name.
    await world.takes([stay, modbus('renamed', next.port, tags, { protocol: 'modbus-rtu-over-tcp' })])
    await comes(world, 'a', 2)
    await until(() => plc.open === 0, { what: 'the connection to be closed' })
    expect(next.connections).toBe(1)
    await world.takes([stay])
    await until(() => next.open === 0, { what: 'the connection to be closed' })
    expect(world.agent.status?.health().devices.map(({ id }) => id)).toEqual(['stays'])
    expect([stays.connections, stays.mostOpen]).toEqual([1, 1])
    expect(gapsOf(world, 'stays')).toEqual([])
  })

  it('that speaks in other frames over the same endpoint never has two connections', async () => {
    await using plc = await AddressPlc.start()
    const as = (frames: 'mbap' | 'rtu', unit: number) => {
      const protocol = frames === 'rtu' ? 'modbus-rtu-over-tcp' : 'modbus-tcp'
      return modbus(`u${unit}`, plc.port, { [`u${unit}.a`]: 'holding 1 uint16' }, { protocol, unit })
    }
    await using world = await reloadingAgent(mosquitto.url, [as('mbap', 1), as('mbap', 2)])
    await comes(world, 'u1.a')
    for (const frames of ['rtu', 'mbap', 'rtu'] as const) {
      plc.options.frames = frames
      await world.takes([as(frames, 1), as(frames, 2)])
      await Promise.all([comes(world, 'u1.a', 2), comes(world, 'u2.a', 2)])
    }
    expect(plc.mostOpen).toBe(1)
    expect(plc.connections).toBe(4)
  })

  it('tells what it missed while it was let go, and nothing when it missed nothing', async () => {
    await using plc = await AddressPlc.start()
    const device = (i: number) => modbus('plc', plc.port, { a: 'holding 1 uint16', b: `holding ${2 + i} uint16` })
    await using world = await reloadingAgent(mosquitto.url, [device(0)])
    await comes(world, 'a', 3)
    // The request under way is waited for, because its answer must not be taken for another's.
    plc.options.delayMs = 1500
    const asked = plc.requests.length
    await until(() => plc.requests.length > asked, { what: 'a slow request' })
    await world.takes([device(1)])
    plc.options.delayMs = 0
    await comes(world, 'a', 2)
    const gap = await until(() => gapsOf(world, 'plc').find(({ reason }) => reason === 'reconfigured'), { what: 'the gap' })
    expect(gap.samples).toBeGreaterThan(0)
    expect(world.of('a').map(({ time }) => time)).toContain(gap.to)
    expect((gap.to ?? 0) - (gap.from ?? 0)).toBeGreaterThan(1000)
    const paused = () => gapsOf(world, 'plc').filter(({ reason }) => reason === 'reconfigured').length
    const before = paused()
    for (const i of [2, 3]) {
      await world.takes([device(i)])
      await comes(world, 'a', 2)
    }
    expect(paused()).toBe(before)
  })
})

describe.concurrent('the tags', () => {
  it('keep their ids, and are told in a birth of the same process before the first sample of a new one', async () => {
    await using plc = await AddressPlc.start()
    const device = (...names: string[]) => [
      modbus('plc', plc.port, Object.fromEntries(names.map((name, i) => [name, `holding ${i + 1} uint16`])))
    ]
    await using world = await reloadingAgent(mosquitto.url, device('a', 'b'))
    await comes(world, 'b')
    await world.takes(device('a', 'c'))
    await comes(world, 'c')
    await world.takes(device('b', 'c', 'd'))
    await comes(world, 'd')
    const { births, order } = world.heard
    expect(births.map(({ tags }) => tags.filter(({ retired }) => retired !== true).map(({ id, name }) => `${id} ${name}`))).toEqual([
      ['1 a', '2 b'],
      ['1 a', '3 c'],
      ['2 b', '3 c', '4 d']
    ])
    expect(new Set(births.map(({ boot, startedAt, tagMap }) => `${boot} ${startedAt} ${tagMap}`)).size).toBe(1)
    expect(new Set(births.map(({ configHash }) => configHash)).size).toBe(3)
    expect(world.agent.status?.health().configHash).toBe(births[2]?.configHash)
    // Whoever reads in order knows every tag when it comes.
    let known = new Set<number>()
    for (const { kind, hash, tags = [] } of order) {
      const birth = births.find(({ configHash }) => kind === 'birth' && configHash === hash)
      if (birth !== undefined) known = new Set([...known, ...birth.tags.map(({ id }) => id)])
      for (const tag of tags) expect(known).toContain(tag)
    }
    const sequences = order.flatMap(({ sequence }) => (sequence === undefined ? [] : [sequence]))
    expect(sequences).toEqual(sequences.map((_, i) => i + 1))
  })
})
