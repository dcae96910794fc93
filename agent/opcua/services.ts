// The services that may leave the agent towards an OPC UA server. Nothing else does, and no setting widens the list.
// A request is known by the name of its schema and by the id of its binary encoding (OPC 10000-6, annex A); both must agree.
const ALLOWED: ReadonlyMap<string, number> = new Map([
  ['FindServersRequest', 422],
  ['GetEndpointsRequest', 428],
  ['CreateSessionRequest', 461],
  ['ActivateSessionRequest', 467],
  ['CloseSessionRequest', 473],
  ['BrowseRequest', 527],
  ['BrowseNextRequest', 533],
  ['TranslateBrowsePathsToNodeIdsRequest', 554],
  ['ReadRequest', 631],
  ['HistoryReadRequest', 664],
  ['CreateMonitoredItemsRequest', 751],
  ['ModifyMonitoredItemsRequest', 763],
  ['SetMonitoringModeRequest', 769],
  ['DeleteMonitoredItemsRequest', 781],
  ['CreateSubscriptionRequest', 787],
  ['ModifySubscriptionRequest', 793],
  ['SetPublishingModeRequest', 799],
  ['PublishRequest', 826],
  ['RepublishRequest', 832],
  ['TransferSubscriptionsRequest', 841],
  ['DeleteSubscriptionsRequest', 847]
])
const CALL = { name: 'CallRequest', id: 712 }
// ConditionRefresh of ConditionType asks for the alarms that stand; it changes nothing in the plant (OPC 10000-9, 5.5.7).
export const CONDITION_REFRESH = { object: 'ns=0;i=2782', method: 'ns=0;i=3875' }

/** What is looked at of a request before it is sent. */
export interface Leaving {
  schema?: { name?: unknown; encodingDefaultBinary?: { value?: unknown } }
  methodsToCall?: unknown
}

export function serviceName(request: Leaving): string {
  const name = request.schema?.name
  return typeof name === 'string' ? name.replace(/Request$/, '').slice(0, 60) : 'unknown'
}

export function isAllowed(request: Leaving, { conditionRefresh }: { conditionRefresh: boolean }): boolean {
  const name = request.schema?.name
  const id = request.schema?.encodingDefaultBinary?.value
  if (typeof name !== 'string' || typeof id !== 'number') return false
  if (name === CALL.name) return conditionRefresh && id === CALL.id && refreshesOnly(request.methodsToCall)
  return ALLOWED.get(name) === id
}

function refreshesOnly(calls: unknown): boolean {
  return (
    Array.isArray(calls) &&
    calls.length === 1 &&
    String(calls[0]?.methodId) === CONDITION_REFRESH.method &&
    String(calls[0]?.objectId) === CONDITION_REFRESH.object
  )
}
