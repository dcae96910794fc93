// What comes out of a source while a real server does what servers do: all kinds of values, failing nodes, going away, coming back.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { coerceInt64, DataType, StatusCodes, UserTokenType } from 'node-opcua'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceEvent } from '#contract/event.ts'
import { BAD_NOT_CONNECTED, BAD_TIMEOUT } from '#contract/quality.ts'
import { quietLog } from '#runtime/log.ts'
import { openIdentity } from '../../../agent/opcua/build.ts'
import { acceptServerCertificate, listServerCertificates } from '../../../agent/opcua/trust.ts'
import { alarmOf } from '../../parts/opcua-alarms.ts'
import { opcuaClient } from '../../parts/opcua-client.ts'
import { startOpcuaPlc } from '../../parts/opcua-plc-process.ts'
import { freePort, temporaryFolder, until } from '../../parts/wait.ts'
import { readServer } from './reading.ts'
import { startTypesServer, type TypesServer } from './types-server.ts'

// BadWaitingForInitialData: said at once of what the server has not told yet.
const WAITING = 0x80320000

let plc: TypesServer
let folder: string
beforeAll(async () => {
  plc = await startTypesServer()
  folder = await temporaryFolder()
  await openIdentity(folder, quietLog())
}, 60_000)
afterAll(async () => {
  await plc[Symbol.asyncDispose]()
})

const node = (name: string) => `nsu=urn:test:types;s=${name}`
const KINDS = [
  { name: 'double', node: node('double') },
  { name: 'float', node: node('float') },
  { name: 'nan', node: node('nan') },
  { name: 'int32', node: node('int32'), type: 'integer', scale: 2, offset: 1 },
  { name: 'int64', node: node('int64'), type: 'integer' },
  { name: 'int64.text', node: node('int64'), type: 'string' },
  { name: 'uint64.text', node: node('uint64'), type: 'string' },
  { name: 'flag', node: node('flag'), type: 'bool' },
  { name: 'text', node: node('text'), type: 'string' },
  { name: 'long', node: node('long'), type: 'string' },
  { name: 'date', node: node('date'), type: 'string' },
  { name: 'array', node: node('array'), index: 1 },
  { name: 'huge', node: node('huge'), index: 19_999 },
  { name: 'whole', node: node('array') },
  { name: 'beyond', node: node('array'), index: 9 },
  { name: 'none', node: node('none') },
  { name: 'nowhere', node: 'nsu=urn:test:other;s=double' }
] as const
const EXPECTED = [
  ['double', 1.5, 0],
  ['float', 3.14, 0],
  ['nan', null, 0x80740000],
  ['int32', -13, 0],
  ['int64', -9007199254740992, 0x40920000],
  ['int64.text', '-9007199254740993', 0],
  ['uint64.text', '18446744073709551615', 0],
  ['flag', 1, 0],
  ['text', 'Nordwerk 北厂', 0],
  ['long', 'x'.repeat(500), 0x40920000],
  ['date', '2026-01-05T12:00:00.000Z', 0],
  ['array', 20, 0],
  ['huge', 19_999, 0],
  ['whole', null, 0x80740000],
  ['beyond', null, 0x80370000],
  ['none', null, 0x80340000],
  ['nowhere', null, 0x80340000]
]

describe.each(['subscribe', 'poll'] as const)('read by %s', (read) => {
  it('gives every kind of value, and lets a node that fails take none of its neighbours with it', async () => {
    await using reading = await readServer({ endpoint: plc.endpoint, read, tags: [...KINDS] }, folder)
    const isTold = (name: string) => ![undefined, WAITING].includes(reading.last(name)?.quality)
    await until(() => KINDS.every(({ name }) => isTold(name)), { what: 'a sample of each tag' })
    expect(KINDS.map(({ name }) => [name, reading.last(name)?.value, reading.last(name)?.quality])).toEqual(EXPECTED)
    const { time = 0, sourceTime = 0, serverTime = 0 } = reading.last('double') ?? {}
    expect(time - sourceTime).toBeGreaterThanOrEqual(0)
    expect(time - serverTime).toBeLessThan(60_000)
    expect(reading.source.health()).toMatchObject({ state: 'degraded', refused: 0, connects: 1, failures: {} })
  })

  it('follows values and their status', async () => {
    await using reading = await readServer({ endpoint: plc.endpoint, read, tags: [KINDS[0]] }, folder)
    await until(() => reading.last('double')?.value === 1.5, { what: 'the first value' })
    plc.set('double', DataType.Double, 2, StatusCodes.UncertainLastUsableValue)
    await until(() => reading.last('double')?.quality === 0x40900000, { what: 'an uncertain value' })
    expect(reading.last('double')?.value).toBe(2)
    plc.set('double', DataType.Double, 3, StatusCodes.BadSensorFailure)
    await until(() => reading.last('double')?.quality === 0x808c0000, { what: 'a bad value' })
    expect(reading.last('double')?.value).toBeNull()
    plc.set('double', DataType.Double, 1.5)
    await until(() => reading.last('double')?.value === 1.5, { what: 'the value as before' })
  })

  it('leaves no session behind when it is stopped', async () => {
    const before = plc.server.engine.currentSessionCount
    const reading = await readServer({ endpoint: plc.endpoint, read, tags: [KINDS[0]] }, folder)
    await until(() => plc.server.engine.currentSessionCount === before + 1 && reading.last('double'), { what: 'a session' })
    await reading[Symbol.asyncDispose]()
    expect(plc.server.engine.currentSessionCount).toBe(before)
    expect(plc.requests.at(-1)).toBe('CloseSessionRequest')
  })
})

describe('a subscription', () => {
  it('lets the server leave out what moves less than the deadband, in the unit of the tag', async () => {
    const tags = [
      { name: 'a', node: node('double'), deadband: 5, scale: 10 },
      { name: 'b', node: node('double') }
    ]
    await using reading = await readServer({ endpoint: plc.endpoint, tags }, folder)
    await until(() => reading.last('b')?.value === 1.5 && reading.last('a')?.value === 15, { what: 'the first values' })
    for (const value of [1.7, 1.9, 2.5]) {
      plc.set('double', DataType.Double, value)
      await until(() => reading.last('b')?.value === value, { what: `${value}` })
    }
    await until(() => reading.last('a')?.value === 25, { what: 'what moved far enough' })
    expect(reading.of('a').flatMap(({ value }) => value ?? [])).toEqual([15, 25])
    plc.set('double', DataType.Double, 1.5)
  })

  it('asks a node without its deadband when the server takes none for it', async () => {
    await using reading = await readServer(
      { endpoint: plc.endpoint, tags: [{ name: 'a', node: node('date'), type: 'integer', deadband: 5 }] },
      folder
    )
    await until(() => reading.last('a')?.value === Date.UTC(2026, 0, 5, 12), { what: 'a value all the same' })
    expect(reading.last('a')?.quality).toBe(0)
  })

  it('says an unchanged value again at its heartbeat, with the time at which the server made it', async () => {
    const tags = [{ name: 'a', node: node('int32'), heartbeatMs: 1000 }]
    await using reading = await readServer({ endpoint: plc.endpoint, tags, subscription: { publishingMs: 100, keepAliveMs: 500 } }, folder)
    await until(() => reading.of('a').length >= 3, { what: 'heartbeats' })
    const [first, , third] = reading.of('a')
    expect(third).toMatchObject({ value: -7, quality: 0, sourceTime: first?.sourceTime })
    expect(third?.time).toBeGreaterThan(first?.time ?? 0)
  })

  it('tells that a queue of the server overflowed', async () => {
    const tags = [{ name: 'a', node: node('double'), cadenceMs: 50 }]
    const subscription = { publishingMs: 1000, queueSize: 2 }
    await using reading = await readServer({ endpoint: plc.endpoint, tags, subscription }, folder)
    await until(() => reading.of('a').length > 0, { what: 'the first value' })
    for (let value = 100; reading.missed.length === 0 && value < 400; value++) {
      plc.set('double', DataType.Double, value)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    expect(reading.missed[0]).toMatchObject({ device: 'ua-1', reason: 'device-overflow', samples: null })
    plc.set('double', DataType.Double, 1.5)
  }, 30_000)
})

describe('a server', () => {
  it('that is not trusted gives samples that say so, and values without a restart once it is', async () => {
    const strict = await temporaryFolder()
    await using reading = await readServer({ endpoint: plc.endpoint, security: {}, tags: [KINDS[0]] }, strict)
    await until(() => reading.last('double')?.quality === 0x801a0000, { what: 'a sample that says why' })
    expect(reading.events.map(({ kind, change }) => [kind, change])).toContainEqual(['certificate', 'worse'])
    const [waiting] = await listServerCertificates(strict)
    await acceptServerCertificate(strict, waiting?.thumbprint ?? '')
    await until(() => reading.last('double')?.value === 1.5, { what: 'a value' })
    expect(reading.source.health().security).toBe('Aes256_Sha256_RsaPss SignAndEncrypt')
  })

  it('that is away costs one attempt for each step of the back-off', async () => {
    const endpoint = `opc.tcp://127.0.0.1:${await freePort()}`
    await using reading = await readServer({ endpoint, tags: [KINDS[0]] }, folder)
    await until(() => reading.last('double')?.quality === BAD_NOT_CONNECTED, { what: 'a sample that says why' })
    expect(reading.source.health()).toMatchObject({ state: 'offline', connects: 0, requests: {} })
  })

  it('that freezes is found within 10 s; killed and started again it is read again, and gaps tell what was missed', async () => {
    await using server = await startOpcuaPlc({ values: 3 })
    const tags = [{ name: 'a', node: 'ns=1;s=v.0' }]
    await using reading = await readServer({ endpoint: server.endpoint, tags }, await temporaryFolder())
    await until(() => reading.of('a').some(({ quality }) => quality === 0), { what: 'values' })
    const frozenAt = performance.now()
    await server.kill('SIGSTOP')
    await until(() => reading.last('a')?.quality === BAD_TIMEOUT, { what: 'bad samples of a frozen server', timeoutMs: 20_000 })
    expect(performance.now() - frozenAt).toBeLessThan(10_000)
    const before = reading.of('a').findLast(({ quality }) => quality === 0)?.time ?? 0
    await server.restart()
    await until(() => reading.last('a')?.quality === 0, { what: 'values again', timeoutMs: 30_000 })
    const after = reading.of('a').findLast(({ quality }) => quality !== 0)?.time ?? 0
    expect(reading.missed).toEqual([expect.objectContaining({ device: 'ua-1', reason: 'subscription-replaced', samples: null })])
    const [gap] = reading.missed
    expect(gap?.from).toBeGreaterThanOrEqual(before)
    expect(gap?.to).toBeGreaterThanOrEqual(after)
    expect(reading.events.map(({ kind, change }) => `${kind} ${change}`)).toEqual(
      expect.arrayContaining(['certificate first', 'endpoint first', 'identity first', 'server-state changed', 'subscription changed'])
    )
    expect(reading.source.health().connects).toBe(2)
  }, 90_000)
})

describe('the events of a server', () => {
  it('are passed on: alarms that come and go, and the audit log', async () => {
    process.env['PENSTOCK_BOSS'] = 'boss'
    const boss = { name: 'boss', password: { env: 'PENSTOCK_BOSS' } }
    const opcua = { users: [{ ...boss, role: 'administrator' }], security: { acceptUnknownClients: true } }
    await using server = await startOpcuaPlc({ opcua })
    const trusting = await temporaryFolder()
    await openIdentity(trusting, quietLog())
    await writeFile(join(trusting, 'trusted', 'plc.der'), server.certificate)
    const tags = [{ name: 'level', node: 'ns=1;s=tower.level' }]
    const user = { type: UserTokenType.UserName, userName: 'boss', password: 'boss' } as const
    await using client = await opcuaClient({ port: server.port, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt', user })
    // It stands before the agent comes, and is told once more when asked for.
    server.write('tower.high-limit', 0.01)
    const standing = await alarmOf(client, 'tower.level')
    await until(async () => (await standing.state('ActiveState')) === true, { what: 'the alarm at the server' })
    const events = { refresh: true }
    await using reading = await readServer({ endpoint: server.endpoint, security: {}, user: boss, tags, events }, trusting)
    await until(() => reading.of('level').some(({ quality }) => quality === 0), { what: 'values' })
    expect(reading.source.health()).toMatchObject({ refused: 0, requests: { ConditionRefresh: 1 } })
    const alarm = (change: string) => reading.events.find((event) => event.kind === 'alarm' && event.change === change)
    await until(() => alarm('worse'), { what: 'the alarm that stood already' })
    expect(alarm('worse')).toMatchObject({ severity: 700, details: { active: true, conditionName: 'tower.level-alarm' } })
    server.write('tower.high-limit', 6)
    await until(() => alarm('better'), { what: 'the end of the alarm' })
    const value = { value: { dataType: DataType.Float, value: 5.5 } }
    await client.session.write({ nodeId: 'ns=1;s=tower.high-limit', attributeId: 13, value })
    const isWrite = ({ details }: DeviceEvent) => details['type'] === 'ns=0;i=2100'
    const audit = await until(() => reading.events.find(isWrite), { what: 'the audit event of a write' })
    expect(audit).toMatchObject({ device: 'ua-1', kind: 'audit', change: 'told' })
  }, 60_000)
})

it('keeps 64-bit values whole', () => {
  expect(coerceInt64('-9007199254740993')).toEqual([0xffdfffff, 0xffffffff])
})
