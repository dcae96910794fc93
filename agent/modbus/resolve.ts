// A device of the config made ready to be read: every tag with what it inherits, and the requests that read them.

import type { Device } from '#contract/device.ts'
import type { Tag } from '#contract/tag.ts'
import type { Defaults, ModbusDevice, ModbusTag } from './config.ts'
import { parsePlace } from './place.ts'
import { isBitTable, type PlanLimits, type PlannedRead, planReads, type Span } from './read-plan.ts'
import { type Decode, dataTypeOf, decoderOf, type ValueForm, widthOf } from './registers.ts'
import { endpointOf, transportOf } from './transport.ts'

export interface ResolvedTag {
  /** All of the tag but its integer id, which the outbox gives. */
  tag: Omit<Tag, 'id'>
  span: Span
  deadband: number
  decode: Decode
}

export interface ResolvedDevice {
  device: Device
  tags: readonly ResolvedTag[]
  limits: PlanLimits
  /** Requests by cadence in milliseconds; spans name tags by their place in `tags`. */
  groups: ReadonlyMap<number, readonly PlannedRead[]>
  requestsPerSecond: number
}

export function resolveDevice(config: ModbusDevice, defaults: Defaults): ResolvedDevice {
  const tags = config.tags.map((tag, i) => resolveTag(config, tag, defaults, i))
  const { maxRegistersPerRead, maxBitsPerRead, maxGap, forbidden } = config
  const limits: PlanLimits = { maxRegistersPerRead, maxBitsPerRead, maxGap, forbidden }
  const cadences = [...new Set(tags.map(({ tag }) => tag.cadenceMs))].sort((a, b) => a - b)
  const groups = new Map(
    cadences.map((cadence) => {
      const spans = tags.filter(({ tag }) => tag.cadenceMs === cadence).map(({ span }) => span)
      return [cadence, planReads(spans, limits)]
    })
  )
  const requestsPerSecond = [...groups].reduce((sum, [cadence, reads]) => sum + (1000 * reads.length) / cadence, 0)
  return { device: deviceOf(config), tags, limits, groups, requestsPerSecond }
}

export function deviceOf(config: ModbusDevice): Device {
  const { id, title, protocol, unit } = config
  return { id, ...(title === undefined ? {} : { title }), protocol, endpoint: `${endpointOf(transportOf(config))} unit ${unit}` }
}

function resolveTag(device: ModbusDevice, config: ModbusTag, defaults: Defaults, index: number): ResolvedTag {
  // The schema has made sure of table and address; bits of a coil table are bool without saying so.
  const {
    table = 'holding-register',
    address = 0,
    type,
    order,
    bit,
    length
  } = { ...config, ...(config.at === undefined ? {} : parsePlace(config.at)) }
  const { name, title, role, unit, range, scale, offset } = config
  const form: ValueForm = {
    type: type ?? (isBitTable(table) ? 'bool' : 'uint16'),
    order: order ?? device.order ?? defaults.order,
    bit,
    length,
    scale,
    offset,
    range
  }
  const span = { tag: index, table, address, count: widthOf(form) }
  const tag = {
    name,
    device: device.id,
    role,
    dataType: dataTypeOf(form),
    ...(title === undefined ? {} : { title }),
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined ? {} : { range }),
    address: describePlace(span, form, device.unit),
    cadenceMs: config.cadenceMs ?? device.cadenceMs ?? defaults.cadenceMs,
    heartbeatMs: config.heartbeatMs ?? device.heartbeatMs ?? defaults.heartbeatMs
  }
  return { tag, span, deadband: config.deadband ?? device.deadband ?? defaults.deadband, decode: decoderOf(form) }
}

function describePlace({ table, address, count }: Span, { type, bit }: ValueForm, unit: number): string {
  const where = count > 1 ? `${address}..${address + count - 1}` : `${address}`
  return `${table} ${where}${type === 'bit' ? ` bit ${bit}` : ''} of unit ${unit}`
}
