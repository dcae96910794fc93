// What a client hears and sees of the alarms of a simulated PLC.
import { AttributeIds, ClientMonitoredItem, constructEventFilter, type NodeId, TimestampsToReturn, type Variant } from 'node-opcua'
import type { PlainClient } from './opcua-client.ts'

const HAS_CONDITION = 'i=9006'

export interface HeardEvent {
  id: Buffer
  message: string
  /** Whether it still belongs on the list of whoever watches. */
  retain: boolean
}

/** The list grows with every event of the server from now on. */
export async function listen({ session }: PlainClient): Promise<HeardEvent[] & { subscriptionId: number }> {
  const subscription = await session.createSubscription2({ requestedPublishingInterval: 50, publishingEnabled: true })
  const heard = Object.assign<HeardEvent[], { subscriptionId: number }>([], { subscriptionId: subscription.subscriptionId })
  const item = ClientMonitoredItem.create(
    subscription,
    { nodeId: 'ns=0;i=2253', attributeId: AttributeIds.EventNotifier },
    { samplingInterval: 0, queueSize: 1000, filter: constructEventFilter(['EventId', 'Message', 'Retain']) },
    TimestampsToReturn.Both
  )
  item.on('changed', (fields) => {
    // The library types the values of data, and gives the fields of events.
    const [id, message, retain] = fields as unknown as Variant[]
    heard.push({ id: id?.value ?? Buffer.alloc(0), message: message?.value?.text ?? '', retain: retain?.value === true })
  })
  await new Promise((resolve) => item.once('initialized', () => resolve(undefined)))
  return heard
}

export interface SeenAlarm {
  nodeId: NodeId
  /** A field of the condition; of a state with two values, its Id. */
  state(name: string): Promise<unknown>
  states(...names: string[]): Promise<unknown[]>
}

export async function alarmOf({ session }: PlainClient, tag: string): Promise<SeenAlarm> {
  const { references } = await session.browse({ nodeId: `ns=1;s=${tag}`, referenceTypeId: HAS_CONDITION, resultMask: 63 })
  const nodeId = references?.[0]?.nodeId
  if (nodeId === undefined) throw new Error(`${tag} has no alarm`)
  const state = async (name: string) => {
    const names = name.endsWith('State') ? [name, 'Id'] : [name]
    const path = { startingNode: nodeId, relativePath: { elements: names.map((one) => ({ targetName: { name: one } })) } }
    const [target] = (await session.translateBrowsePath([path as never]))[0]?.targets ?? []
    if (target === undefined) throw new Error(`the alarm has no ${name}`)
    return (await session.read({ nodeId: target.targetId, attributeId: AttributeIds.Value })).value.value as unknown
  }
  return { nodeId, state, states: (...names) => Promise.all(names.map(state)) }
}
