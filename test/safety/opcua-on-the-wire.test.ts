// Everything that a running agent sends to an OPC UA server, captured on the line and read by Wireshark's dissector: services that read,
// over one connection at a time, on good days, when the server is killed and comes back, and when it freezes.
import { setTimeout as sleep } from 'node:timers/promises'
import { AttributeIds, DataType } from 'node-opcua'
import { expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Agent } from '../../agent/agent.ts'
import { AgentConfig } from '../../agent/config.ts'
import { startCapture } from '../parts/capture.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { opcuaClient } from '../parts/opcua-client.ts'
import { dissectOpcua } from '../parts/opcua-dissector.ts'
import { startOpcuaPlc } from '../parts/opcua-plc-process.ts'
import { temporaryFolder, until } from '../parts/wait.ts'

// OPC 10000-6, annex A: the ids of the binary encodings.
const READING = new Map([
  [422, 'FindServers'],
  [428, 'GetEndpoints'],
  [446, 'OpenSecureChannel'],
  [452, 'CloseSecureChannel'],
  [461, 'CreateSession'],
  [467, 'ActivateSession'],
  [473, 'CloseSession'],
  [527, 'Browse'],
  [533, 'BrowseNext'],
  [554, 'TranslateBrowsePathsToNodeIds'],
  [631, 'Read'],
  [751, 'CreateMonitoredItems'],
  [763, 'ModifyMonitoredItems'],
  [769, 'SetMonitoringMode'],
  [781, 'DeleteMonitoredItems'],
  [787, 'CreateSubscription'],
  [793, 'ModifySubscription'],
  [799, 'SetPublishingMode'],
  [826, 'Publish'],
  [832, 'Republish'],
  [847, 'DeleteSubscriptions']
])
const CHANGING = { AddNodes: 488, AddReferences: 494, DeleteNodes: 500, DeleteReferences: 506, Write: 673, HistoryUpdate: 700, Call: 712 }

const TAGS = ['tower.level', 'zone.pressure', 'chlorine.residual', 'chlorine.setpoint', 'pump1.speed-setpoint', 'tower.high-limit']
const FLAGS = ['pump1.auto', 'pump1.hand', 'dosing.enable', 'power.ok']

function configOf(endpoint: string, url: string, read: 'subscribe' | 'poll'): AgentConfig {
  return AgentConfig.parse({
    ...{ agent: 'edge-1', broker: { url }, outbox: { file: 'outbox.db' } },
    site: { id: 'east-water', title: { zh: '东郊水厂', en: 'East waterworks' }, sector: 'water' },
    devices: [
      {
        ...{ id: 'plc-1', protocol: 'opcua', endpoint, read, cadenceMs: 250, connectTimeoutMs: 3000, timeoutMs: 1500 },
        security: { policy: 'None', mode: 'None', insecure: true },
        subscription: { publishingMs: 250, keepAliveMs: 1000 },
        tags: [
          ...TAGS.map((tag) => ({ name: tag, role: tag.includes('setpoint') ? 'setpoint' : 'measurement', node: `ns=1;s=${tag}` })),
          ...FLAGS.map((tag) => ({ name: tag, role: 'command', type: 'bool', node: `ns=1;s=${tag}` }))
        ]
      }
    ]
  })
}

it.concurrent('would see a write, a call and a second connection', async () => {
  await using plc = await startOpcuaPlc({
    opcua: { anonymous: 'operator', security: { policies: ['None'], modes: ['None'] } }
  })
  await using capture = await startCapture([plc.port])
  {
    await using first = await opcuaClient({ port: plc.port })
    await using second = await opcuaClient({ port: plc.port })
    const value = { value: { dataType: DataType.Float, value: 0.6 } }
    await first.session.write({ nodeId: 'ns=1;s=chlorine.setpoint', attributeId: AttributeIds.Value, value })
    await second.session.call({ objectId: 'ns=0;i=2253', methodId: 'ns=0;i=11492', inputArguments: [] })
  }
  const { requests, mostOpen } = await dissectOpcua(await capture.file(), plc.port)
  expect([requests.get(CHANGING.Write), requests.get(CHANGING.Call), mostOpen]).toEqual([1, 1, 2])
})

it.concurrent.each(['subscribe', 'poll'] as const)('asks for reading services only, over one connection at a time (%s)', async (read) => {
  await using mosquitto = await startMosquitto()
  await using plc = await startOpcuaPlc()
  await using capture = await startCapture([plc.port])
  const agent = new Agent({
    config: configOf(plc.endpoint, mosquitto.url, read),
    ...{ hash: 'safety', log: quietLog(), dataDir: await temporaryFolder() }
  })
  await agent.start()
  const health = () => agent.status?.health().devices[0]
  const state = (wanted: string) => until(() => health()?.state === wanted, { what: `the device to be ${wanted}`, timeoutMs: 45_000 })
  try {
    await state('online')
    await sleep(1000)
    await plc.kill()
    await state('offline')
    await plc.restart()
    await state('online')
    if (read === 'subscribe') {
      await plc.kill('SIGSTOP')
      await state('offline')
      await plc.kill('SIGCONT')
      await state('online')
    }
    await sleep(1000)
    expect(health()?.refused).toBe(0)
  } finally {
    await agent.stop()
  }
  const { requests, messages, connections, mostOpen } = await dissectOpcua(await capture.file(), plc.port)
  for (const [name, id] of Object.entries(CHANGING)) expect(requests.get(id), name).toBeUndefined()
  expect([...requests.keys()].filter((id) => !READING.has(id))).toEqual([])
  expect(requests.get(read === 'poll' ? 631 : 826)).toBeGreaterThan(5)
  expect([...messages.keys()].filter((type) => !['HEL', 'OPN', 'MSG', 'CLO'].includes(type))).toEqual([])
  expect(connections).toBeGreaterThan(2)
  expect(mostOpen).toBe(1)
  const asked = [...requests].map(([id, times]) => `${times} x ${READING.get(id)}`)
  console.log(`${read}: ${connections} connections one after another; ${asked.join(', ')}; none other`)
})
