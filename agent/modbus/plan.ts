// The plan of Modbus devices as plain figures: every request with its bytes, what it takes of the budgets, and how the devices on
// one line get on with each other.
import type { Text } from '#contract/text.ts'
import { sustained } from '../budget.ts'
import type { ModbusDevice } from './config.ts'
import { lineShare } from './faults.ts'
import { functionOf } from './figures.ts'
import { MOST_ROUNDS } from './identity.ts'
import type { AddressRange, PlannedRead, Table } from './read-plan.ts'
import type { ResolvedDevice } from './resolve.ts'
import { endpointOf, transportOf } from './transport.ts'
import { bytesOf, expectedMs } from './wire-cost.ts'

export interface PlannedRequest {
  cadenceMs: number
  functionCode: number
  table: Table
  /** The first and the last address, counted from 0. */
  from: number
  to: number
  /** The same as manuals write them: 400001. */
  numbers: [string, string]
  count: number
  /** Addresses that no tag needs, read along to save a request. */
  unused: number
  requestBytes: number
  replyBytes: number
  expectedMs: number
  tags: string[]
}

export interface ModbusDevicePlan {
  protocol: ModbusDevice['protocol']
  id: string
  endpoint: string
  unit: number
  profile?: string
  requests: PlannedRequest[]
  requestsPerSecond: number
  registersPerSecond: number
  bytesPerSecond: number
  budget: { requestsPerSecond: number; registersPerSecond: number; minGapMs: number }
  /** Shares of the budget and of the time of the line, 1 is all of it. */
  requestShare: number
  registerShare: number
  lineShare: number
  timeoutMs: number
  forbidden: AddressRange[]
  /** When the device is asked what it is: by which functions, how often, and by how many requests at most. */
  identity?: { functions: number[]; everyHours: number; mostRequests: number }
}

export interface LinePlan {
  endpoint: string
  units: number[]
  requestsPerSecond: number
  registersPerSecond: number
  lineShare: number
  warnings: Text[]
}

export function planOfModbus(config: ModbusDevice, resolved: ResolvedDevice): ModbusDevicePlan {
  const transport = transportOf(config)
  const requests = [...resolved.groups].flatMap(([cadenceMs, reads]) =>
    reads.map((read): PlannedRequest => {
      const { request, reply } = bytesOf(transport.frames, read)
      const { table, address: from, count } = read
      const to = from + count - 1
      return {
        cadenceMs,
        functionCode: functionOf(table),
        table,
        from,
        to,
        numbers: [numberOf(table, from), numberOf(table, to)],
        count,
        unused: count - covered(read),
        requestBytes: request,
        replyBytes: reply,
        expectedMs: expectedMs(transport, read),
        tags: read.spans.map((span) => resolved.tags[span.tag]?.tag.name ?? '')
      }
    })
  )
  const { requestsPerSecond, registersPerSecond } = config.budget
  return {
    protocol: config.protocol,
    id: config.id,
    endpoint: endpointOf(transport),
    unit: config.unit,
    ...(config.profile === undefined ? {} : { profile: config.profile }),
    requests,
    requestsPerSecond: resolved.requestsPerSecond,
    registersPerSecond: resolved.registersPerSecond,
    bytesPerSecond: requests.reduce((sum, one) => sum + (1000 * (one.requestBytes + one.replyBytes)) / one.cadenceMs, 0),
    budget: { requestsPerSecond, registersPerSecond, minGapMs: resolved.minGapMs },
    requestShare: resolved.requestsPerSecond / sustained(requestsPerSecond),
    registerShare: resolved.registersPerSecond / registersPerSecond,
    lineShare: lineShare(config, resolved),
    timeoutMs: config.timeoutMs,
    forbidden: [...resolved.limits.forbidden],
    ...identityOf(config)
  }
}

function identityOf({ identify, serverId, identifyEveryHours: everyHours }: ModbusDevice): Pick<ModbusDevicePlan, 'identity'> {
  if (!identify && !serverId) return {}
  const functions = [...(identify ? [43] : []), ...(serverId ? [17] : [])]
  return { identity: { functions, everyHours, mostRequests: (identify ? MOST_ROUNDS : 0) + (serverId ? 1 : 0) } }
}

/** One for each connection or serial line. */
export function linesOf(devices: readonly ModbusDevicePlan[]): LinePlan[] {
  return [...Map.groupBy(devices, ({ endpoint }) => endpoint)].map(([endpoint, sharing]) => {
    const sum = (take: (device: ModbusDevicePlan) => number) => sharing.reduce((all, device) => all + take(device), 0)
    const busy = sum((device) => device.lineShare)
    return {
      endpoint,
      units: sharing.map(({ unit }) => unit),
      requestsPerSecond: sum((device) => device.requestsPerSecond),
      registersPerSecond: sum((device) => device.registersPerSecond),
      lineShare: busy,
      warnings: [...tooBusy(endpoint, busy), ...tightBudgets(sharing), ...longTimeouts(sharing)]
    }
  })
}

const MOST_BUSY = 0.8
const MOST_OF_BUDGET = 0.95
const percent = (share: number): string => `${Math.round(100 * share)}%`

function tooBusy(endpoint: string, share: number): Text[] {
  if (share <= MOST_BUSY) return []
  return [
    {
      zh: `${endpoint} 预计占线 ${percent(share)}，部分周期将被跳过并记为缺口`,
      en: `${endpoint} is expected to be busy ${percent(share)} of the time; cycles will be left out and told as gaps`
    }
  ]
}

// Each request begins a little after its time, and a budget that is full never catches up.
function tightBudgets(devices: readonly ModbusDevicePlan[]): Text[] {
  return devices
    .filter(({ requestShare }) => requestShare > MOST_OF_BUDGET)
    .map(({ id, requestShare }) => ({
      zh: `${id} 占用预算 ${percent(requestShare)}，不时会有周期被跳过并记为缺口`,
      en: `${id} takes ${percent(requestShare)} of its budget; now and then a cycle will be left out and told as a gap`
    }))
}

// While one unit is waited for, the others on the line wait too: a wait longer than their cadence costs them samples.
function longTimeouts(devices: readonly ModbusDevicePlan[]): Text[] {
  return devices.flatMap(({ id, timeoutMs }) => {
    const tight = devices.filter((other) => other.id !== id && shortest(other) < timeoutMs).sort((a, b) => shortest(a) - shortest(b))[0]
    if (tight === undefined) return []
    return [
      {
        zh: `${id} 不应答时占线 ${timeoutMs} 毫秒，长于同线设备 ${tight.id} 的周期 ${shortest(tight)} 毫秒；请减小 timeoutMs，否则其周期将被跳过`,
        en: `${id} holds the line for ${timeoutMs} ms when it does not answer, longer than the cadence of ${tight.id} beside it (${shortest(tight)} ms); lower its timeoutMs, or cycles of the other are left out`
      }
    ]
  })
}

const shortest = ({ requests }: ModbusDevicePlan): number => Math.min(...requests.map(({ cadenceMs }) => cadenceMs))

const FIRST_DIGIT = { coil: 0, 'discrete-input': 1, 'input-register': 3, 'holding-register': 4 } as const satisfies Record<Table, number>
const numberOf = (table: Table, address: number): string => `${FIRST_DIGIT[table]}${String(address + 1).padStart(5, '0')}`

function covered({ spans }: PlannedRead): number {
  let end = 0
  let sum = 0
  for (const span of spans) {
    sum += Math.max(0, span.address + span.count - Math.max(end, span.address))
    end = Math.max(end, span.address + span.count)
  }
  return sum
}
