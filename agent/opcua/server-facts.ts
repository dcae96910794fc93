// What a server says of itself: its namespaces, its limits, its state, when it was started, who built it.
import type { Caller } from './caller.ts'
import { cut, type DataValue, timeOf } from './values.ts'

export interface ServerFacts {
  namespaces: readonly string[]
  state: number
  startTime: number
  identity: string | null
  /** 0 where the server names no limit. */
  limits: { nodesPerRead: number; nodesPerBrowse: number; itemsPerCall: number }
}

// OPC 10000-5, 6.3.2 to 6.3.4, by the numbers of OPC 10000-6, annex A.
export const STATE_NODE = 'ns=0;i=2259'
export const START_TIME_NODE = 'ns=0;i=2257'
export const NAMESPACES_NODE = 'ns=0;i=2255'
const NODES = [
  NAMESPACES_NODE,
  STATE_NODE,
  START_TIME_NODE,
  'ns=0;i=2263',
  'ns=0;i=2261',
  'ns=0;i=2264',
  'ns=0;i=2265',
  'ns=0;i=11705',
  'ns=0;i=11710',
  'ns=0;i=11714'
]
const VALUE = 13
const MAX_NAMESPACES = 10_000
const STATES = ['running', 'failed', 'no configuration', 'suspended', 'shutdown', 'test', 'communication fault', 'unknown']

/** Rejects with an OpcUaFault; a server that does not know one of the nodes has no such fact. */
export async function readFacts(caller: Caller): Promise<ServerFacts> {
  const response = await caller.ask('Read', {
    nodesToRead: NODES.map((nodeId) => ({ nodeId, attributeId: VALUE })),
    timestampsToReturn: 2
  })
  const values = NODES.map((_, i) => goodValue(response.results?.[i]))
  const [namespaces, state, startTime, maker, product, version, build, nodesPerRead, nodesPerBrowse, itemsPerCall] = values
  const identity = [maker, product, version, build].filter((part) => typeof part === 'string' && part !== '').join(' ')
  return {
    namespaces: namespacesIn(namespaces),
    state: typeof state === 'number' ? state : 0,
    startTime: startTime instanceof Date ? timeOf(startTime) : 0,
    identity: identity === '' ? null : cut(identity, 500),
    limits: { nodesPerRead: limit(nodesPerRead), nodesPerBrowse: limit(nodesPerBrowse), itemsPerCall: limit(itemsPerCall) }
  }
}

export function namespacesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.slice(0, MAX_NAMESPACES).map((uri) => (typeof uri === 'string' ? cut(uri, 1000) : '')) : []
}

export function stateName(state: number): string {
  return STATES[state] ?? `state ${state}`
}

export function goodValue(value: DataValue | null | undefined): unknown {
  return value !== null && value !== undefined && value.statusCode.value < 0x40000000 ? (value.value?.value ?? null) : null
}

/** As many as both sides take. */
export function perCall(ours: number, theirs: number): number {
  return theirs > 0 ? Math.min(ours, theirs) : ours
}

function limit(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 0
}
