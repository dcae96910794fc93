// What a small honest OPC UA server without security answers: enough for a session with subscriptions on variables that count.
import * as opcua from 'node-opcua'
import type { Peer, UaRequest } from './opcua-raw-server.ts'

/** A message of the library; each has its own class and encodes itself. */
export type UaMessage = object

const { DataType, StatusCodes } = opcua
const NAMESPACES = ['http://opcfoundation.org/UA/', 'urn:penstock:raw']

const headerOf = (request: UaRequest, status: opcua.StatusCode = StatusCodes.Good) =>
  new opcua.ResponseHeader({ requestHandle: request.body.requestHeader.requestHandle, serviceResult: status, timestamp: new Date() })

export const faultOf = (request: UaRequest, status: opcua.StatusCode): UaMessage =>
  new opcua.ServiceFault({ responseHeader: headerOf(request, status) })

/** The value that every variable has at this moment. */
export const counting = (): opcua.DataValue =>
  new opcua.DataValue({
    ...{ value: { dataType: DataType.Double, value: (performance.now() / 10) % 1000 }, statusCode: StatusCodes.Good },
    ...{ sourceTimestamp: new Date(), serverTimestamp: new Date() }
  })

export function endpointsAt(endpointUrl: string): opcua.EndpointDescription[] {
  return [
    new opcua.EndpointDescription({
      endpointUrl,
      server: {
        ...{ applicationUri: 'urn:penstock:raw', productUri: 'urn:penstock:raw', applicationName: { text: 'raw' } },
        ...{ applicationType: opcua.ApplicationType.Server, discoveryUrls: [endpointUrl] }
      },
      securityMode: opcua.MessageSecurityMode.None,
      securityPolicyUri: opcua.SecurityPolicy.None,
      userIdentityTokens: [{ policyId: 'anonymous', tokenType: opcua.UserTokenType.Anonymous }],
      transportProfileUri: 'http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary',
      securityLevel: 1
    })
  ]
}

export function sessionReply(request: UaRequest, endpointUrl: string): opcua.CreateSessionResponse {
  return new opcua.CreateSessionResponse({
    ...{ responseHeader: headerOf(request), sessionId: opcua.coerceNodeId('ns=1;i=1') },
    authenticationToken: opcua.coerceNodeId('ns=1;i=2'),
    ...{ revisedSessionTimeout: 30_000, serverEndpoints: endpointsAt(endpointUrl), maxRequestMessageSize: 0 }
  })
}

// OPC 10000-6, A: the numeric ids of the nodes that a client asks a server about itself.
const SERVER_STATUS = 2256
const FACTS = new Map<number, opcua.VariantOptions>([
  [2255, { dataType: DataType.String, arrayType: opcua.VariantArrayType.Array, value: NAMESPACES }],
  [2254, { dataType: DataType.String, arrayType: opcua.VariantArrayType.Array, value: ['urn:penstock:raw'] }],
  [2259, { dataType: DataType.Int32, value: 0 }],
  [2267, { dataType: DataType.Byte, value: 255 }]
])

function answerOf(nodeId: opcua.NodeId): opcua.DataValue {
  if (nodeId.namespace !== 0) return counting()
  if (nodeId.value === SERVER_STATUS) {
    const now = new Date()
    const value = new opcua.ServerStatusDataType({ ...{ startTime: now, currentTime: now, state: 0 }, buildInfo: { productName: 'raw' } })
    return new opcua.DataValue({ value: { dataType: DataType.ExtensionObject, value }, statusCode: StatusCodes.Good })
  }
  const fact = FACTS.get(Number(nodeId.value))
  if (fact !== undefined) return new opcua.DataValue({ value: fact, statusCode: StatusCodes.Good })
  return new opcua.DataValue({ statusCode: StatusCodes.BadNodeIdUnknown })
}

interface Publishing {
  handles: number[]
  /** What the server says of itself, told once. */
  facts: { clientHandle: number; value: opcua.DataValue }[]
  eventHandles: number[]
  waiting: UaRequest[]
  sequence: number
}
const publishings = new WeakMap<Peer, Publishing>()

export function notificationReply(
  request: UaRequest,
  {
    sequence,
    items = [],
    more = []
  }: { sequence: number; items?: { clientHandle: number; value: opcua.DataValue }[]; more?: opcua.ExtensionObject[] }
): opcua.PublishResponse {
  const data = items.length === 0 ? [] : [new opcua.DataChangeNotification({ monitoredItems: items })]
  return new opcua.PublishResponse({
    ...{ responseHeader: headerOf(request), subscriptionId: 1, availableSequenceNumbers: [sequence], moreNotifications: false },
    notificationMessage: { sequenceNumber: sequence, publishTime: new Date(), notificationData: [...data, ...more] }
  })
}

/** The client handles of the variables that the peer monitors. */
export const handlesOf = (peer: Peer): readonly number[] => publishings.get(peer)?.handles ?? []

/** Those of its event items. */
export const eventHandlesOf = (peer: Peer): readonly number[] => publishings.get(peer)?.eventHandles ?? []

export function honestReply(request: UaRequest, peer: Peer, endpointUrl: string): UaMessage | null {
  const responseHeader = headerOf(request)
  const { body } = request
  if (body instanceof opcua.OpenSecureChannelRequest)
    return new opcua.OpenSecureChannelResponse({
      ...{ responseHeader, serverProtocolVersion: 0, serverNonce: Buffer.alloc(0) },
      securityToken: { channelId: peer.channel, tokenId: peer.token, createdAt: new Date(), revisedLifetime: 600_000 }
    })
  if (body instanceof opcua.GetEndpointsRequest)
    return new opcua.GetEndpointsResponse({ responseHeader, endpoints: endpointsAt(body.endpointUrl ?? endpointUrl) })
  if (body instanceof opcua.CreateSessionRequest) return sessionReply(request, body.endpointUrl ?? endpointUrl)
  if (body instanceof opcua.ActivateSessionRequest) return new opcua.ActivateSessionResponse({ responseHeader, results: [] })
  if (body instanceof opcua.CloseSessionRequest) return new opcua.CloseSessionResponse({ responseHeader })
  if (body instanceof opcua.ReadRequest)
    return new opcua.ReadResponse({ responseHeader, results: (body.nodesToRead ?? []).map(({ nodeId }) => answerOf(nodeId)) })
  if (body instanceof opcua.BrowseRequest)
    return new opcua.BrowseResponse({
      ...{ responseHeader, results: (body.nodesToBrowse ?? []).map(() => ({ statusCode: StatusCodes.Good, references: [] })) }
    })
  return subscriptionReply(request, peer)
}

function subscriptionReply(request: UaRequest, peer: Peer): UaMessage | null {
  const responseHeader = headerOf(request)
  const { body } = request
  const publishing = publishings.get(peer) ?? { handles: [], facts: [], eventHandles: [], waiting: [], sequence: 1 }
  publishings.set(peer, publishing)
  if (body instanceof opcua.CreateSubscriptionRequest) {
    peer.every(Math.max(50, body.requestedPublishingInterval), () => {
      const waiting = publishing.waiting.shift()
      if (waiting === undefined) return
      const facts = publishing.facts.splice(0)
      const items = [...facts, ...publishing.handles.map((clientHandle) => ({ clientHandle, value: counting() }))]
      peer.reply(waiting, notificationReply(waiting, { sequence: publishing.sequence++, items }))
    })
    return new opcua.CreateSubscriptionResponse({
      ...{ responseHeader, subscriptionId: 1, revisedPublishingInterval: body.requestedPublishingInterval },
      revisedLifetimeCount: body.requestedLifetimeCount,
      revisedMaxKeepAliveCount: body.requestedMaxKeepAliveCount
    })
  }
  if (body instanceof opcua.CreateMonitoredItemsRequest) {
    const items = body.itemsToCreate ?? []
    for (const { itemToMonitor, requestedParameters } of items) {
      const { nodeId, attributeId } = itemToMonitor
      const { clientHandle } = requestedParameters
      if (attributeId !== opcua.AttributeIds.Value) publishing.eventHandles.push(clientHandle)
      else if (nodeId.namespace === 0) publishing.facts.push({ clientHandle, value: answerOf(nodeId) })
      else publishing.handles.push(clientHandle)
    }
    const results = items.map(({ requestedParameters: { clientHandle, samplingInterval, queueSize } }) => ({
      ...{ statusCode: StatusCodes.Good, monitoredItemId: clientHandle + 1, revisedSamplingInterval: samplingInterval },
      revisedQueueSize: queueSize
    }))
    return new opcua.CreateMonitoredItemsResponse({ responseHeader, results })
  }
  if (body instanceof opcua.PublishRequest) {
    publishing.waiting.push(request)
    return null
  }
  if (body instanceof opcua.DeleteSubscriptionsRequest)
    return new opcua.DeleteSubscriptionsResponse({ responseHeader, results: (body.subscriptionIds ?? []).map(() => StatusCodes.Good) })
  if (body instanceof opcua.DeleteMonitoredItemsRequest)
    return new opcua.DeleteMonitoredItemsResponse({ responseHeader, results: (body.monitoredItemIds ?? []).map(() => StatusCodes.Good) })
  return faultOf(request, StatusCodes.BadServiceUnsupported)
}
