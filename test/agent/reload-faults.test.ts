// What cannot be taken over changes nothing; what comes at a bad moment waits or is left; nothing grows, however often it is done.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GOOD } from '#contract/quality.ts'
import { agentMetrics } from '../../agent/metrics.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { type Mosquitto, startMosquitto } from '../parts/mosquitto.ts'
import { modbus, type ReloadingAgent, reloadingAgent } from '../parts/reloading-agent.ts'
import { temporaryFolder, until } from '../parts/wait.ts'

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
const saidOf = ({ logged }: ReloadingAgent, key: string) => logged.flatMap((line) => (line[key] === undefined ? [] : [String(line[key])]))

describe.concurrent('a file that is wrong', () => {
  it('changes nothing; each fault is logged with its place and counted, and the next good file is taken', async () => {
    await using plc = await AddressPlc.start()
    const right = [modbus('plc', plc.port, { a: 'holding 1 uint16' })]
    await using world = await reloadingAgent(mosquitto.url, right)
    await comes(world, 'a')
    const { configHash } = world.agent.status?.health() ?? {}
    await world.takes([modbus('plc', plc.port, { a: 'holding 99999 uint16', 'b c': 'coil 1' })], { healthSeconds: 'often' })
    await writeFile(world.file, 'agent: [')
    await world.reload.ask()
    await writeFile(world.file, '')
    await world.reload.ask()
    const faults = saidOf(world, 'fault')
    expect(faults.length).toBeGreaterThanOrEqual(5)
    for (const fault of faults) expect(fault).toMatch(/^\/.*agent\.yaml:\d+:\d+/)
    expect(faults.join('\n')).toContain('healthSeconds')
    expect(world.reload.counts).toMatchObject({ taken: 0, refused: 3, last: { outcome: 'refused' } })
    await comes(world, 'a', 2)
    expect(world.agent.status?.health().configHash).toBe(configHash)
    expect([plc.connections, world.heard.births.length]).toEqual([1, 1])
    const metrics = await agentMetrics(world.agent, () => world.reload.counts).text()
    expect(metrics).toContain('penstock_agent_reloads_total{outcome="refused"} 3')
    expect(metrics).toMatch(/penstock_agent_last_reload_timestamp_seconds\{outcome="refused"\} \d+/)

    await world.takes([...right, modbus('other', plc.port, { b: 'holding 2 uint16' }, { unit: 2 })])
    await comes(world, 'b')
    expect(world.reload.counts).toMatchObject({ taken: 1, refused: 3, last: { outcome: 'taken' } })
    expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
  })

  it('in a profile of the site counts as well, and one that changed is read', async () => {
    await using plc = await AddressPlc.start()
    const folder = await temporaryFolder()
    const profile = join(folder, 'pump.yaml')
    const citation = { title: 't', document: 'd', revision: 'r', page: 'p' }
    const about = { name: 'pump', maker: 'M', family: 'F', citation, goldenCase: 'none' }
    const writeProfile = (tags: object[]) => writeFile(profile, JSON.stringify({ ...about, tags }))
    await writeProfile([{ name: 'speed', at: 'holding 5 uint16' }])
    const devices = [modbus('plc', plc.port, {}, { profile, prefix: 'p.' })]
    await using world = await reloadingAgent(mosquitto.url, devices)
    await comes(world, 'p.speed')
    await writeProfile([{ name: 'speed', at: 'holding nowhere' }])
    await world.reload.ask()
    expect(saidOf(world, 'fault').join('\n')).toContain('pump.yaml:1:')
    await comes(world, 'p.speed')
    await writeProfile([{ name: 'speed', at: 'holding 77 uint16' }])
    await world.reload.ask()
    await until(() => world.of('p.speed').at(-1)?.value === 77, { what: 'the value at the new address' })
    expect(world.reload.counts).toMatchObject({ taken: 1, refused: 1 })
  })

  it('names a secret that cannot be read', async () => {
    await using plc = await AddressPlc.start()
    const right = modbus('plc', plc.port, { a: 'holding 1 uint16' })
    await using world = await reloadingAgent(mosquitto.url, [right])
    const user = { name: 'reader', password: { file: 'nowhere.txt' } }
    const server = { id: 'ua', protocol: 'opcua', endpoint: 'opc.tcp://127.0.0.1:9', tags: [{ name: 'x', node: 'i=2258' }], user }
    await world.takes([right, server])
    expect(saidOf(world, 'fault')).toEqual([expect.stringMatching(/secret file .*nowhere\.txt cannot be read \(ENOENT\)/)])
    expect(world.agent.status?.health().devices.map(({ id }) => id)).toEqual(['plc'])
  })
})

describe.concurrent('settings', () => {
  it('that only a restart can change are named one by one and left; all others take effect', async () => {
    await using plc = await AddressPlc.start()
    const devices = [modbus('plc', plc.port, { a: 'holding 1 uint16' })]
    await using world = await reloadingAgent(mosquitto.url, devices, { healthSeconds: 3000 })
    await comes(world, 'a')
    expect(world.heard.healths).toEqual([])
    const site = { id: 'west', title: { zh: '西', en: 'West' }, sector: 'water' }
    await world.takes(devices, {
      ...{ agent: 'other', site, broker: { url: 'mqtt://127.0.0.1:1' }, outbox: { file: 'other.db', maxBytes: 2 << 20 } },
      ...{ acknowledge: 'none', key: 'other.pem', metrics: { port: 0 }, opcua: { folder: 'elsewhere' } },
      ...{
        publish: { maxDelayMs: 20, maxBatchSamples: 10, window: 3, resendAfterMs: 500 },
        healthSeconds: 0.2,
        clock: { server: '127.0.0.1:9' }
      }
    })
    const named = ['agent', 'site.id', 'broker', 'acknowledge', 'outbox.file', 'key', 'publish.window', 'metrics', 'opcua.folder']
    expect(saidOf(world, 'setting')).toEqual(named)
    await until(() => world.heard.healths.length >= 2, { what: 'health at its new pace' })
    await comes(world, 'a', 2)
    expect(world.heard.births.at(-1)?.siteInfo).toMatchObject({ id: 'east', title: { en: 'West' } })
    expect(world.reload.counts).toMatchObject({ taken: 1 })
    expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
    // Nothing was asked of the devices anew.
    expect(world.logged.find(({ msg }) => msg === 'The configuration is taken over.')).toMatchObject({ kept: 1, stopped: [], started: [] })
  })

  it('of tags change with the defaults that they inherit', async () => {
    await using plc = await AddressPlc.start()
    const own = modbus(
      'own',
      plc.port,
      { a: 'holding 1 uint16' },
      { cadenceMs: 300, heartbeatMs: 300, deadband: 0, order: 'ABCD', unit: 1 }
    )
    const heir = modbus('heir', plc.port, { b: 'holding 2 uint16' }, { unit: 2 })
    await using world = await reloadingAgent(mosquitto.url, [own, heir])
    await comes(world, 'b')
    await world.takes([own, heir], { defaults: { cadenceMs: 250, heartbeatMs: 250 } })
    expect(world.logged.find(({ msg }) => msg === 'The configuration is taken over.')).toMatchObject({
      kept: 1,
      stopped: ['heir'],
      started: ['heir']
    })
    await comes(world, 'b')
    expect(world.heard.births.at(-1)?.tags).toMatchObject([{ cadenceMs: 300 }, { cadenceMs: 250 }])
  })
})

describe.concurrent('a reload at a bad moment', () => {
  it('is done once more when it is asked for while one is under way', async () => {
    await using plc = await AddressPlc.start({ delayMs: 300 })
    const device = (i: number) => [modbus('plc', plc.port, { [`t${i}`]: `holding ${i + 1} uint16` })]
    await using world = await reloadingAgent(mosquitto.url, device(0))
    await comes(world, 't0')
    await world.write(device(1))
    const first = world.reload.ask()
    const others: Promise<void>[] = []
    for (let i = 2; i < 12; i++) {
      await world.write(device(i))
      others.push(world.reload.ask())
    }
    await Promise.all([first, ...others])
    await comes(world, 't11')
    expect(world.reload.counts.taken).toBeLessThan(12)
    expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
  })

  it('ends with a stop that comes meanwhile, and is left when the agent has stopped', async () => {
    await using plc = await AddressPlc.start({ delayMs: 800 })
    const device = (name: string) => [modbus('plc', plc.port, { [name]: 'holding 1 uint16' })]
    await using world = await reloadingAgent(mosquitto.url, device('a'))
    await until(() => plc.requests.length > 0, { what: 'a request under way' })
    const reloading = world.takes(device('b'))
    await sleep(20)
    await world.stop()
    await reloading
    await world.reload.ask()
    expect(world.logged.at(-1)?.['msg']).toContain('is stopping')
    await until(() => plc.open === 0, { what: 'the connection to be closed' })
    expect(plc.mostOpen).toBe(1)
    const asked = plc.requests.length
    await sleep(300)
    expect(plc.requests.length).toBe(asked)
  })
})

it('grows nothing over 50 reloads', async () => {
  await using plcs = await startPlcs(3)
  const [one, two, three] = plcs.ports
  const devices = (i: number) => [
    modbus('one', one ?? 0, { a: 'holding 1 uint16' }),
    modbus('two', (i % 2 === 0 ? two : three) ?? 0, { [`b${i % 2}`]: 'holding 1 uint16' }),
    ...(i % 3 === 0 ? [modbus('three', one ?? 0, { c: 'holding 3 uint16' }, { unit: 3 })] : [])
  ]
  await using world = await reloadingAgent(mosquitto.url, devices(0))
  await comes(world, 'a')
  const used = () => {
    const counts: Record<string, number> = {}
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }
  const settled = async () => {
    await world.takes(devices(0))
    await until(() => world.agent.status?.health().devices.every(({ state }) => state === 'online'), { what: 'all devices' })
    return used()
  }
  for (let i = 1; i <= 3; i++) await world.takes(devices(i))
  const before = await settled()
  for (let i = 1; i <= 50; i++) await world.takes(devices(i))
  const after = await settled()
  expect(world.reload.counts).toMatchObject({ taken: 55, refused: 0 })
  expect(world.agent.status?.health().devices.map(({ id }) => id)).toEqual(['one', 'two', 'three'])
  expect(plcs.open()).toEqual([1, 1, 0])
  expect(plcs.mostOpen()).toEqual([1, 1, 1])
  expect(plcs.connections()[0]).toBe(1)
  // Some come and go with the requests under way; one for each reload would show.
  expect(Math.abs((after['Timeout'] ?? 0) - (before['Timeout'] ?? 0))).toBeLessThan(30)
  expect(Math.abs((after['TCPSocketWrap'] ?? 0) - (before['TCPSocketWrap'] ?? 0))).toBeLessThan(20)
  expect(world.heard.births.at(-1)?.tags.filter(({ retired }) => retired !== true)).toHaveLength(3)
})

async function startPlcs(count: number) {
  const plcs = await Promise.all(Array.from({ length: count }, () => AddressPlc.start()))
  return {
    ports: plcs.map(({ port }) => port),
    open: () => plcs.map(({ open }) => open),
    mostOpen: () => plcs.map(({ mostOpen }) => mostOpen),
    connections: () => plcs.map(({ connections }) => connections),
    [Symbol.asyncDispose]: async () => void (await Promise.all(plcs.map((plc) => plc.stop())))
  }
}
