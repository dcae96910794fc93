// The raw server of the safety tests: when it is honest, a client of another make finds nothing wrong with it.
import { AttributeIds, ClientMonitoredItem, type DataValue, TimestampsToReturn } from 'node-opcua'
import { expect, it } from 'vitest'
import { opcuaClient } from './opcua-client.ts'
import { RawOpcuaServer } from './opcua-raw-server.ts'
import { until } from './wait.ts'

it('serves reads and subscriptions, and counts what was asked', async () => {
  await using server = await RawOpcuaServer.start()
  {
    await using client = await opcuaClient({ port: server.port })
    const value = await client.session.read({ nodeId: 'ns=1;s=v0', attributeId: AttributeIds.Value })
    expect(value.value.value).toBeTypeOf('number')
    const subscription = await client.session.createSubscription2({ requestedPublishingInterval: 50, publishingEnabled: true })
    const node = { nodeId: 'ns=1;s=v0', attributeId: AttributeIds.Value }
    const item = ClientMonitoredItem.create(subscription, node, { samplingInterval: 50, queueSize: 10 }, TimestampsToReturn.Both)
    const heard: DataValue[] = []
    item.on('changed', (value) => heard.push(value as DataValue))
    await until(() => heard.length > 3, { what: 'some notifications' })
    expect(new Set(heard.map(({ value }) => value.value)).size).toBeGreaterThan(3)
  }
  expect(server.services.get('CreateSessionRequest')).toBe(1)
  expect(server.services.get('CreateMonitoredItemsRequest')).toBe(1)
  await until(() => server.open === 0, { what: 'the client to leave' })
})
