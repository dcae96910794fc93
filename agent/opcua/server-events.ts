// Events of an OPC UA server as device events: its audit log, its alarms and conditions, changes of its address space. What a
// server says is bounded here and passed on as it came.
import type { DeviceEvent } from '#contract/event.ts'
import { cut, timeOf } from './values.ts'

interface Field {
  name: string
  type: string
  path: readonly string[]
  attribute: number
}

const VALUE = 13
const NODE_ID = 1
const field = (name: string, type: string, ...path: string[]): Field => ({ name, type, path, attribute: VALUE })
// OPC 10000-5, 6.4 and OPC 10000-9, 5: the fields that are asked for, in this order.
const BASE = 'ns=0;i=2041'
const AUDIT = 'ns=0;i=2052'
const CONDITION = 'ns=0;i=2782'
const ACKNOWLEDGEABLE = 'ns=0;i=2881'
const ALARM = 'ns=0;i=2915'
export const EVENT_FIELDS: readonly Field[] = [
  field('type', BASE, 'EventType'),
  field('sourceName', BASE, 'SourceName'),
  field('time', BASE, 'Time'),
  field('message', BASE, 'Message'),
  field('severity', BASE, 'Severity'),
  field('actionTime', AUDIT, 'ActionTimeStamp'),
  field('auditStatus', AUDIT, 'Status'),
  field('server', AUDIT, 'ServerId'),
  field('user', AUDIT, 'ClientUserId'),
  field('entry', AUDIT, 'ClientAuditEntryId'),
  { name: 'condition', type: CONDITION, path: [], attribute: NODE_ID },
  field('conditionName', CONDITION, 'ConditionName'),
  field('retain', CONDITION, 'Retain'),
  field('comment', CONDITION, 'Comment'),
  field('acknowledged', ACKNOWLEDGEABLE, 'AckedState', 'Id'),
  field('active', ALARM, 'ActiveState', 'Id')
]

const MODEL_TYPES = ['ns=0;i=2132', 'ns=0;i=2133', 'ns=0;i=2738']
// RefreshStart, RefreshEnd and RefreshRequired frame a refresh; they are no news of the plant.
const REFRESH_TYPES = ['ns=0;i=2787', 'ns=0;i=2788', 'ns=0;i=2789']
const OVERFLOW_TYPE = 'ns=0;i=3035'

export type ServerEvent = Omit<DeviceEvent, 'device' | 'time'>

export interface EventChoice {
  audit: boolean
  alarms: boolean
  minSeverity: number
}

/** The event, 'overflow' when the server lost some, or undefined when it was not asked for. */
export function readEvent(fields: readonly unknown[], choice: EventChoice): ServerEvent | 'overflow' | undefined {
  const said = Object.fromEntries(EVENT_FIELDS.map(({ name }, i) => [name, contentOf(fields[i])]))
  const type = text(said['type']) ?? ''
  if (REFRESH_TYPES.includes(type)) return undefined
  if (type === OVERFLOW_TYPE) return 'overflow'
  const kind = kindOf(type, said)
  const severity = severityOf(said['severity'])
  if (kind === 'audit' && !choice.audit) return undefined
  if (kind === 'alarm' && (!choice.alarms || severity < choice.minSeverity)) return undefined
  const source = text(said['sourceName'])
  return {
    sourceTime: timeOf(asDate(said['time'])) || null,
    kind,
    change: changeOf(kind, said),
    severity,
    source: source === null ? null : cut(source, 200),
    message: cut(text(said['message']) || kind, 500),
    details: detailsOf(said, type)
  }
}

function kindOf(type: string, said: Record<string, unknown>): 'audit' | 'alarm' | 'model' {
  if (MODEL_TYPES.includes(type)) return 'model'
  const audits = ['actionTime', 'auditStatus', 'server', 'user', 'entry'].some((name) => said[name] !== null)
  return audits && said['conditionName'] === null ? 'audit' : 'alarm'
}

function changeOf(kind: string, said: Record<string, unknown>): DeviceEvent['change'] {
  if (kind === 'model') return 'changed'
  if (kind !== 'alarm' || typeof said['active'] !== 'boolean') return 'told'
  return said['active'] ? 'worse' : 'better'
}

function detailsOf(said: Record<string, unknown>, type: string): DeviceEvent['details'] {
  const details: DeviceEvent['details'] = { type: cut(type, 300) }
  for (const name of ['auditStatus', 'retain', 'acknowledged', 'active'] as const)
    if (typeof said[name] === 'boolean') details[name] = said[name]
  for (const name of ['server', 'user', 'entry', 'condition', 'conditionName', 'comment'] as const) {
    const value = text(said[name])
    if (value) details[name] = cut(value, 300)
  }
  return details
}

function severityOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(1000, Math.max(1, Math.round(value))) : 500
}

function contentOf(variant: unknown): unknown {
  return typeof variant === 'object' && variant !== null && 'value' in variant ? (variant.value ?? null) : null
}

function text(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return null
  if ('text' in value) return typeof value.text === 'string' ? value.text : null
  // A NodeId says itself; of other structures there is no text.
  return 'identifierType' in value ? String(value) : null
}

function asDate(value: unknown): Date | null {
  return value instanceof Date ? value : null
}

/** Lets so many events through in a while; what is more is counted for the one who asked. */
export class EventRate {
  readonly #most: number
  readonly #perMs: number
  #from = Number.NEGATIVE_INFINITY
  #count = 0

  constructor({ most, perMs }: { most: number; perMs: number }) {
    this.#most = most
    this.#perMs = perMs
  }

  allows(now: number): boolean {
    if (now - this.#from >= this.#perMs) {
      this.#from = now
      this.#count = 0
    }
    return ++this.#count <= this.#most
  }
}
