// What an OPC UA server says of itself: its build, its state, its clock, and the endpoints that it offers.
import { quietLog } from '#runtime/log.ts'
import { Budget } from '../budget.ts'
import { openIdentity } from '../opcua/build.ts'
import { Caller } from '../opcua/caller.ts'
import type { OpcUaDevice } from '../opcua/config.ts'
import { connectServer } from '../opcua/connect.ts'
import { securityText } from '../opcua/plan-lines.ts'
import { seenOf } from '../opcua/seen.ts'
import { goodValue, stateName } from '../opcua/server-facts.ts'
import { ServerTally } from '../opcua/tally.ts'
import { cut } from '../opcua/values.ts'
import type { IdentifyResult } from './results.ts'

type Fact = IdentifyResult['facts'][number]

// OPC 10000-5, 6.3.2 to 6.3.4 (ServerStatus and its BuildInfo), by the numbers of OPC 10000-6, annex A.
const NODES = {
  vendor: 'ns=0;i=2263',
  productName: 'ns=0;i=2261',
  productUri: 'ns=0;i=2262',
  revision: 'ns=0;i=2264',
  build: 'ns=0;i=2265',
  buildDate: 'ns=0;i=2266',
  state: 'ns=0;i=2259',
  startTime: 'ns=0;i=2257',
  currentTime: 'ns=0;i=2258',
  serviceLevel: 'ns=0;i=2267'
} as const
const VALUE = 13
const MOST_CHARACTERS = 300

/** Rejects with an OpcUaFault. */
export async function askOpcUa(config: OpcUaDevice, folder: string, signal: AbortSignal): Promise<Fact[]> {
  const identity = await openIdentity(folder, quietLog())
  const tally = new ServerTally()
  const endpoints: string[] = []
  const session = await connectServer({
    config,
    folder,
    identity,
    tally,
    signal,
    offered: async (offered) => void endpoints.push(...seenOf(offered, null).endpoints)
  })
  try {
    const budget = new Budget({ ...config.budget, registersPerSecond: Number.POSITIVE_INFINITY })
    const life = AbortSignal.any([signal, session.ended])
    const caller = new Caller({ session, budget, tally, timeoutMs: config.timeoutMs, signal: life })
    const response = await caller.ask('Read', {
      nodesToRead: Object.values(NODES).map((nodeId) => ({ nodeId, attributeId: VALUE }))
    })
    const facts = Object.keys(NODES).flatMap((name, i) => {
      const text = textOf(name, goodValue(response.results?.[i]))
      return text === '' ? [] : [{ name, value: cut(text, MOST_CHARACTERS) }]
    })
    return [...facts, { name: 'connection', value: securityText(config) }, ...endpoints.map((value) => ({ name: 'endpoint', value }))]
  } finally {
    await session.close()
  }
}

function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  return name === 'state' && typeof value === 'number' ? stateName(value) : String(value)
}
