// Alarms of the simulated PLC in the hands of clients: switched off and on again while they come and go, and asked for anew.
import { join } from 'node:path'
import { DataType, Variant } from 'node-opcua'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { OpcuaServerConfig } from '../../../simulators/plc/opcua-config.ts'
import { OpcuaPlc } from '../../../simulators/plc/opcua-plc.ts'
import type { AlarmState, PlcAlarm, Point } from '../../../simulators/plc/opcua-point.ts'
import { alarmOf, listen } from '../../parts/opcua-alarms.ts'
import { opcuaClient, type PlainClient } from '../../parts/opcua-client.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

// OPC 10000-9, 5.5.4, 5.5.5 and 5.5.7, by their numbers in OPC 10000-6.
const [ENABLE, DISABLE, REFRESH] = ['ns=0;i=9027', 'ns=0;i=9028', 'ns=0;i=3875']
const CONDITION_TYPE = 'ns=0;i=2782'

const states: Record<string, AlarmState | null> = { level: null, door: null }
const POINTS: Point[] = [
  { tag: 'tank.level', title: { zh: '液位', en: 'Level' }, kind: 'measurement', type: 'Float', read: () => 1 },
  { tag: 'room.door', title: { zh: '门', en: 'Door' }, kind: 'status', type: 'Boolean', read: () => false }
]
const ALARMS: PlcAlarm[] = [
  {
    ...{ name: 'LevelAlarm', source: 'tank.level', severity: 700, limits: { high: () => 5, low: () => 0.5 } },
    ...{ state: () => states['level'] ?? null, message: (state) => `The level is too ${state === 'High' ? 'high' : 'low'}.` }
  },
  {
    ...{ name: 'DoorAlarm', source: 'room.door', severity: 500 },
    ...{ state: () => states['door'] ?? null, message: () => 'The door is open.' }
  }
]

let server: OpcuaPlc
let client: PlainClient
beforeAll(async () => {
  const config = OpcuaServerConfig.parse({
    ...{ port: 0, pki: join(await temporaryFolder(), 'pki'), refreshMs: 20, anonymous: 'operator' },
    security: { policies: ['None'], modes: ['None'] }
  })
  server = new OpcuaPlc({ name: 'tank', points: POINTS, alarms: ALARMS, config, log: quietLog() })
  await server.start()
  client = await opcuaClient({ port: server.port })
}, 60_000)
afterAll(async () => {
  await client[Symbol.asyncDispose]()
  await server.stop()
})

describe.each([
  ['a limit', 'tank.level', 'level', 'High', 'The level is too high.'],
  ['a state', 'room.door', 'door', 'Active', 'The door is open.']
] as const)('an alarm of %s', (_, tag, name, raised, message) => {
  beforeEach(() => {
    states[name] = null
  })

  it('that is switched off says nothing, and what is so when it is switched on again', async () => {
    const events = await listen(client)
    const texts = () => events.map((event) => event.message)
    const alarm = await alarmOf(client, tag)
    const call = async (methodId: string) =>
      (await client.session.call({ objectId: alarm.nodeId, methodId, inputArguments: [] })).statusCode.name
    expect([await call(DISABLE), await call(DISABLE)]).toEqual(['Good', 'BadConditionAlreadyDisabled'])
    states[name] = raised
    // Some turns of the server.
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await alarm.states('EnabledState', 'Retain')).toEqual([false, false])
    expect(texts()).not.toContain(message)
    expect([await call(ENABLE), await call(ENABLE)]).toEqual(['Good', 'BadConditionAlreadyEnabled'])
    await until(() => texts().includes(message), { what: 'the alarm' })
    expect(await alarm.states('EnabledState', 'ActiveState', 'Retain')).toEqual([true, true, true])
    // It goes while it is off, and is not there any more when it is on.
    expect(await call(DISABLE)).toBe('Good')
    states[name] = null
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await call(ENABLE)).toBe('Good')
    await until(async () => (await alarm.state('ActiveState')) === false, { what: 'the end of the alarm' })
    await until(async () => (await alarm.state('Retain')) === false, { what: 'the end of the alarm' })
  })

  it('that stands stays on the list when it is acknowledged', async () => {
    const events = await listen(client)
    states[name] = raised
    await until(() => events.some((event) => event.message === message), { what: 'the alarm' })
    const { id } = events.find((event) => event.message === message) ?? { id: Buffer.alloc(0) }
    const alarm = await alarmOf(client, tag)
    expect((await client.session.acknowledgeCondition(alarm.nodeId, id, 'Seen.')).name).toBe('Good')
    await until(() => events.filter((event) => event.message === message).length === 2, { what: 'the acknowledgement' })
    expect(events.filter((event) => event.message === message).map(({ retain }) => retain)).toEqual([true, true])
    states[name] = null
    await until(() => events.some((event) => event.message === 'Back to normal.' && !event.retain), { what: 'the end' })
  })

  it('that stands is told to who comes later and asks for it', async () => {
    states[name] = raised
    const alarm = await alarmOf(client, tag)
    await until(async () => (await alarm.state('ActiveState')) === true, { what: 'the alarm' })
    await using late = await opcuaClient({ port: server.port })
    const events = await listen(late)
    const { subscriptionId } = events
    const { statusCode } = await late.session.call({
      ...{ objectId: CONDITION_TYPE, methodId: REFRESH },
      inputArguments: [new Variant({ dataType: DataType.UInt32, value: subscriptionId })]
    })
    expect(statusCode.name).toBe('Good')
    await until(() => events.some((event) => event.message === message), { what: 'the alarm once more' })
  })
})
