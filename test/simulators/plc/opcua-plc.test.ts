import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  AttributeIds,
  ClientMonitoredItem,
  constructEventFilter,
  DataType,
  type DataValue,
  StatusCodes,
  TimestampsToReturn,
  UserTokenType,
  type Variant
} from 'node-opcua'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import type { OpcuaPlc } from '../../../simulators/plc/opcua-plc.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { opcuaClient, type PlainClient } from '../../parts/opcua-client.ts'
import { rawClient } from '../../parts/raw-modbus.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const PROTECTED = ['Aes256_Sha256_RsaPss', 'Aes128_Sha256_RsaOaep', 'Basic256Sha256'] as const

let simulator: Simulator
let plc: OpcuaPlc
let open: PlainClient
let folder: string

beforeAll(async () => {
  folder = await temporaryFolder()
  await writeFile(join(folder, 'password'), 'water under the bridge')
  const password = { file: join(folder, 'password') }
  const config = Scenario.parse({
    modbus: { port: 0 },
    operator: { enabled: false },
    opcua: {
      port: 0,
      pki: join(folder, 'pki'),
      refreshMs: 20,
      anonymous: 'observer',
      security: { policies: [...PROTECTED, 'None'], modes: ['SignAndEncrypt', 'Sign', 'None'], acceptUnknownClients: true },
      users: [
        { name: 'eye', password },
        { name: 'hand', password, role: 'operator' },
        { name: 'chief', password, role: 'administrator' }
      ],
      limits: { sampleMs: 50, nodesPerRead: 50 }
    }
  })
  simulator = new Simulator({ config, log: quietLog() })
  await simulator.start()
  if (simulator.opcua === undefined) throw new Error('no OPC UA server')
  plc = simulator.opcua
  open = await opcuaClient({ port: plc.port })
})
afterAll(async () => {
  await open[Symbol.asyncDispose]()
  await simulator.stop()
})

const as = (userName: string, password = 'water under the bridge') =>
  opcuaClient({
    ...{ port: plc.port, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' },
    user: { type: UserTokenType.UserName, userName, password }
  })
const read = (tag: string, { session } = open): Promise<DataValue> =>
  session.read({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value })
const write = (tag: string, dataType: DataType, value: unknown, { session } = open) =>
  session.write({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value, value: { value: { dataType, value } } })
const children = async (nodeId: string) =>
  ((await open.session.browse(nodeId)).references ?? []).map(({ browseName }) => browseName.name ?? '')

describe('what the PLC shows over OPC UA', () => {
  it('is the state that its registers show', async () => {
    await using modbus = await rawClient(simulator.modbusPort)
    const reply = Buffer.from(await modbus.ask([4, 0, 0, 0, 2]))
    const { value, statusCode, sourceTimestamp, serverTimestamp } = await read('tower.level')
    expect(value.value).toBeCloseTo(reply.readFloatBE(2), 1)
    expect(statusCode).toBe(StatusCodes.Good)
    expect(Math.abs((sourceTimestamp?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000)
    expect(serverTimestamp).not.toBeNull()
    expect((await read('pump1.auto')).value.value).toBe(true)
    expect((await read('volume.total')).value.dataType).toBe(DataType.UInt32)
  })

  it('can be browsed, with units and ranges', async () => {
    expect(await children('ns=1;s=plc')).toEqual(expect.arrayContaining(['tower', 'zone', 'pump1', 'plc']))
    expect(await children('ns=1;s=tower.level')).toEqual(expect.arrayContaining(['EURange', 'EngineeringUnits']))
    const path = {
      startingNode: 'ns=1;s=tower.inflow',
      relativePath: { elements: [{ targetName: { namespaceIndex: 0, name: 'EngineeringUnits' } }] }
    }
    const [target] = (await open.session.translateBrowsePath([path as never]))[0]?.targets ?? []
    const unit = (await open.session.read({ nodeId: target?.targetId ?? '', attributeId: AttributeIds.Value })).value.value
    expect(unit.displayName.text).toBe('m³/h')
    // UNECE Recommendation 20: MQH as a number.
    expect(unit.unitId).toBe(0x4d5148)
  })

  it('lets nobody write a measurement, and observers nothing at all', async () => {
    await using hand = await as('hand')
    expect(await write('tower.level', DataType.Float, 1, hand)).toBe(StatusCodes.BadNotWritable)
    expect(await write('chlorine.setpoint', DataType.Float, 1.8)).toBe(StatusCodes.BadUserAccessDenied)
    await using eye = await as('eye')
    expect(await write('chlorine.setpoint', DataType.Float, 1.8, eye)).toBe(StatusCodes.BadUserAccessDenied)
    expect((await read('chlorine.setpoint')).value.value).toBeCloseTo(0.5)
  })

  it('passes what an operator writes on to the program, within the range', async () => {
    await using hand = await as('hand')
    expect(await write('chlorine.setpoint', DataType.Float, 0.8, hand)).toBe(StatusCodes.Good)
    expect(await write('chlorine.setpoint', DataType.Float, 99, hand)).toBe(StatusCodes.BadOutOfRange)
    expect(await write('pump2.auto', DataType.Boolean, false, hand)).toBe(StatusCodes.Good)
    await using modbus = await rawClient(simulator.modbusPort)
    expect(await modbus.ask([3, 0, 2, 0, 1])).toEqual([3, 2, 800 >> 8, 800 & 255])
    expect(await modbus.ask([1, 0, 2, 0, 1])).toEqual([1, 1, 0])
    expect(await write('pump2.auto', DataType.Boolean, true, hand)).toBe(StatusCodes.Good)
    expect(plc.counts.writes).toBe(3)
  })

  it('says so when an instrument has failed, and gives no old value then', async () => {
    plc.fail('zone.pressure', 'BadSensorFailure')
    plc.fail('zone.flow', 'UncertainSensorNotAccurate')
    await until(async () => (await read('zone.pressure')).statusCode.equals(StatusCodes.BadSensorFailure), { what: 'the failure' })
    expect((await read('zone.pressure')).value?.value ?? null).toBeNull()
    const flow = await read('zone.flow')
    expect([flow.statusCode.name, typeof flow.value.value]).toEqual(['UncertainSensorNotAccurate', 'number'])
    plc.repair('zone.pressure')
    plc.repair('zone.flow')
    await until(async () => (await read('zone.pressure')).statusCode.isGood(), { what: 'the repair' })
    expect(() => plc.fail('nothing', 'BadSensorFailure')).toThrow('shows no nothing')
  })

  it('keeps the history of some values', async () => {
    const enough = async () => {
      const result = await open.session.readHistoryValue('ns=1;s=tower.level', new Date(Date.now() - 60_000), new Date())
      const data = result.historyData as { dataValues?: unknown[] } | null
      return (data?.dataValues?.length ?? 0) > 5
    }
    await until(enough, { what: 'some history' })
    expect(await enough()).toBe(true)
  })

  it('tells its build and its limits', async () => {
    const at = (id: number) => open.session.read({ nodeId: `ns=0;i=${id}`, attributeId: AttributeIds.Value })
    expect((await at(2261)).value.value).toBe('Simulated PLC')
    expect((await at(2263)).value.value).toBe('Penstock')
    expect((await at(11_705)).value.value).toBe(50)
    const many = Array.from({ length: 51 }, () => ({ nodeId: 'ns=1;s=tower.level', attributeId: AttributeIds.Value }))
    await expect(open.session.read(many)).rejects.toThrow('BadTooManyOperations')
  })
})

describe('events of the PLC', () => {
  const FIELDS = ['EventType', 'SourceName', 'Message', 'Severity', 'ActiveState', 'NewValue']
  async function listen(client: PlainClient): Promise<Variant[][]> {
    const subscription = await client.session.createSubscription2({ requestedPublishingInterval: 50, publishingEnabled: true })
    const heard: Variant[][] = []
    const item = ClientMonitoredItem.create(
      subscription,
      { nodeId: 'ns=0;i=2253', attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize: 1000, filter: constructEventFilter(FIELDS) },
      TimestampsToReturn.Both
    )
    item.on('changed', (fields) => heard.push(fields as unknown as Variant[]))
    await new Promise((resolve) => item.once('initialized', () => resolve(undefined)))
    return heard
  }
  const texts = (heard: Variant[][]) => heard.map(([, , message]) => message?.value?.text ?? '')

  it('tells of an alarm of the program when it comes and when it goes', async () => {
    const heard = await listen(open)
    await using hand = await as('hand')
    await write('tower.high-limit', DataType.Float, 0.5, hand)
    await until(() => texts(heard).includes('The level of the tower is too high.'), { what: 'the alarm' })
    await write('tower.high-limit', DataType.Float, 5.5, hand)
    await until(() => texts(heard).includes('Back to normal.'), { what: 'the end of the alarm' })
    const alarm = heard.find(([, , message]) => message?.value?.text === 'The level of the tower is too high.')
    expect(alarm?.[1]?.value).toBe('1:level')
    expect(alarm?.[3]?.value).toBe(700)
    expect(alarm?.[4]?.value.text).toBe('Active')
    // A branch would be told with the same text once more.
    expect(texts(heard).filter((text) => text === 'The level of the tower is too high.').length).toBe(1)
  })

  it('tells the administrator, and nobody else, who has written', async () => {
    await using chief = await as('chief')
    const [told, notTold] = [await listen(chief), await listen(open)]
    await using hand = await as('hand')
    await write('pump.lead', DataType.UInt16, 2, hand)
    await write('pump.lead', DataType.UInt16, 1, hand)
    await until(() => texts(told).filter((text) => text === 'Write to ns=1;s=pump.lead').length === 2, { what: 'two audit events' })
    expect(told.some(([type]) => type?.value.toString() === 'ns=0;i=2071')).toBe(true)
    expect(texts(notTold)).not.toContain('Write to ns=1;s=pump.lead')
  })
})

describe('who is let in', () => {
  it.each(PROTECTED)('speaks %s', async (policy) => {
    await using client = await opcuaClient({ port: plc.port, policy, mode: 'Sign' })
    expect((await read('tower.level', client)).statusCode).toBe(StatusCodes.Good)
  })

  it('refuses a wrong password', async () => {
    await expect(as('hand', 'guessed')).rejects.toThrow(/BadUserAccessDenied|BadIdentityTokenRejected/)
  })

  it('by default takes neither an open connection nor an unknown client, and keeps its certificate aside', async () => {
    const pki = join(await temporaryFolder(), 'pki')
    const config = Scenario.parse({ modbus: { port: 0 }, opcua: { port: 0, pki, anonymous: 'observer' } })
    const strict = new Simulator({ config, log: quietLog() })
    await strict.start()
    try {
      const port = strict.opcua?.port ?? 0
      await expect(opcuaClient({ port })).rejects.toThrow()
      await expect(opcuaClient({ port, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' })).rejects.toThrow()
      expect((await readdir(join(pki, 'rejected'))).length).toBe(1)
    } finally {
      await strict.stop()
    }
  })

  it('refuses a scenario in which nobody could sign in, or that mixes open and protected', () => {
    const faults = (opcua: object) =>
      Scenario.safeParse({ opcua: { pki: '/tmp/x', ...opcua } }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    expect(faults({})?.join()).toContain('nobody at all could sign in')
    expect(faults({ anonymous: 'observer', security: { policies: ['None'] } })?.join()).toContain('policy None and mode None')
    const twice = { name: 'a', password: { env: 'X' } }
    expect(faults({ users: [twice, twice] })?.join()).toContain('opcua.users.1.name: this user stands here twice')
    expect(faults({ anonymous: 'observer' })).toBeUndefined()
  })
})

describe('a scenario without OPC UA', () => {
  const PROGRAM = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier.startsWith('node-opcua') || specifier === 'zod') loaded.push(specifier)
        return next(specifier, context)
      }
    })
    const { Scenario } = await import('./simulators/scenario.ts')
    const { Simulator } = await import('./simulators/simulator.ts')
    const { quietLog } = await import('./runtime/log.ts')
    const simulator = new Simulator({ config: Scenario.parse({ modbus: { port: 0 } }), log: quietLog() })
    await simulator.start()
    await simulator.stop()
    console.log([...new Set(loaded)].join())
  `
  it('never loads the library', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      cwd: join(import.meta.dirname, '../../..')
    })
    expect(stdout.trim()).toBe('zod')
  })
})
