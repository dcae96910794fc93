// A device of the config made ready to be read: every tag with what it inherits, and the requests that read them.

import type { Device } from '#contract/device.ts'
import type { Tag } from '#contract/tag.ts'
import { nameAt, type Profile, profileOf } from '../profiles.ts'
import type { Defaults, ModbusDevice } from './config.ts'
import { isNumbered, parsePlace } from './place.ts'
import { joinQuirks, type Quirks } from './quirks.ts'
import { isBitTable, MOST_BITS, MOST_REGISTERS, type PlanLimits, type PlannedRead, planReads, type Span, type Table } from './read-plan.ts'
import { type ByteOrder, type Decode, dataTypeOf, decoderOf, type ValueForm, widthOf } from './registers.ts'
import type { ModbusTag } from './tag-config.ts'
import { endpointOf, transportOf } from './transport.ts'

export interface ResolvedTag {
  /** All of the tag but its integer id, which the outbox gives. */
  tag: Omit<Tag, 'id'>
  span: Span
  deadband: number
  form: ValueForm
  decode: Decode
  /** The place in the tags of the config, or undefined for a tag of the profile. */
  own: number | undefined
}

export interface ResolvedDevice {
  device: Device
  tags: readonly ResolvedTag[]
  limits: PlanLimits
  quirks: Quirks
  /** The pause after each answer. */
  minGapMs: number
  /** Requests by cadence in milliseconds; spans name tags by their place in `tags`. */
  groups: ReadonlyMap<number, readonly PlannedRead[]>
  requestsPerSecond: number
  /** Sixteen coils or discrete inputs count as one. */
  registersPerSecond: number
}

export const registersOf = ({ table, count }: { table: Table; count: number }): number => (isBitTable(table) ? count / 16 : count)

export function resolveDevice(config: ModbusDevice, defaults: Defaults): ResolvedDevice {
  const profile = config.profile === undefined ? undefined : profileOf(config.profile)
  const quirks = joinQuirks(config.quirks, profile?.quirks)
  const limits = limitsOf(config, profile, quirks)
  const tags = tagsOf(config, profile).map(({ tag, base, own, pace }, index) => ({
    ...resolveTag(config, tag, { base, index, pace: { ...defaults, ...defined(pace), ...defined(config), ...defined(tag) } }),
    own
  }))
  const cadences = [...new Set(tags.map(({ tag }) => tag.cadenceMs))].sort((a, b) => a - b)
  const groups = new Map(
    cadences.map((cadence) => {
      const spans = tags.filter(({ tag }) => tag.cadenceMs === cadence).map(({ span }) => span)
      return [cadence, planReads(spans, limits)]
    })
  )
  const perSecond = (cost: (read: PlannedRead) => number) =>
    [...groups].reduce((sum, [cadence, reads]) => sum + (1000 * reads.reduce((all, read) => all + cost(read), 0)) / cadence, 0)
  return {
    device: deviceOf(config),
    tags,
    limits,
    quirks,
    minGapMs: Math.max(config.budget.minGapMs, profile?.minGapMs ?? 0),
    groups,
    requestsPerSecond: perSecond(() => 1),
    registersPerSecond: perSecond(registersOf)
  }
}

// Of device and profile the more careful one wins, and no request takes more than a second's share of the budget.
function limitsOf(config: ModbusDevice, profile: Profile | undefined, quirks: Quirks): PlanLimits {
  const share = Math.floor(config.budget.registersPerSecond)
  return {
    maxRegistersPerRead: Math.min(config.maxRegistersPerRead, profile?.maxRegistersPerRead ?? MOST_REGISTERS, share),
    maxBitsPerRead: Math.min(config.maxBitsPerRead, profile?.maxBitsPerRead ?? MOST_BITS, 16 * share),
    maxGap: quirks.noGapReads ? 0 : config.maxGap,
    oneTagPerRead: quirks.oneTagPerRead,
    forbidden: [...config.forbidden, ...(profile?.forbidden ?? [])]
  }
}

interface WrittenTag {
  tag: ModbusTag
  base: number
  own: number | undefined
  /** What the profile says of tags that say nothing themselves. */
  pace: Written
}

// The tags of the profile, but for those that the device has under the same name, and then its own.
function tagsOf(config: ModbusDevice, profile: Profile | undefined): WrittenTag[] {
  const own = config.tags.map((tag, i): WrittenTag => ({ tag, base: config.quirks.addressBase, own: i, pace: profile ?? {} }))
  if (profile === undefined) return own
  const names = new Set(config.tags.map(({ name }) => name))
  const { addressBase: base } = profile.quirks
  const given = profile.tags.map((tag): WrittenTag => {
    const name = nameAt(config, tag.name)
    return { tag: { ...tag, name }, base, own: undefined, pace: profile }
  })
  return [...given.filter(({ tag }) => !names.has(tag.name)), ...own]
}

type Written = { [K in keyof Inherited]?: Inherited[K] | undefined }

interface Inherited {
  cadenceMs: number
  heartbeatMs: number
  deadband: number
  order: ByteOrder
}

function defined({ cadenceMs, heartbeatMs, deadband, order }: Written): Partial<Inherited> {
  return {
    ...(cadenceMs === undefined ? {} : { cadenceMs }),
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    ...(deadband === undefined ? {} : { deadband }),
    ...(order === undefined ? {} : { order })
  }
}

export function deviceOf(config: ModbusDevice): Device {
  const { id, title, protocol, unit } = config
  return { id, ...(title === undefined ? {} : { title }), protocol, endpoint: `${endpointOf(transportOf(config))} unit ${unit}` }
}

function resolveTag(
  device: ModbusDevice,
  config: ModbusTag,
  { base, index, pace }: { base: number; index: number; pace: Inherited }
): Omit<ResolvedTag, 'own'> {
  // The schema has made sure of table and address; bits of a coil table are bool without saying so.
  const {
    table = 'holding-register',
    address: written = 0,
    type,
    order,
    bit,
    length
  } = { ...config, ...(config.at === undefined ? {} : parsePlace(config.at)) }
  const address = config.at !== undefined && isNumbered(config.at) ? written : written - base
  const { name, title, role, unit, range, scale, offset, absent } = config
  const form: ValueForm = {
    type: type ?? (isBitTable(table) ? 'bool' : 'uint16'),
    order: order ?? pace.order,
    bit,
    length,
    scale,
    offset,
    range,
    absent
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
    cadenceMs: pace.cadenceMs,
    heartbeatMs: pace.heartbeatMs
  }
  return { tag, span, deadband: pace.deadband, form, decode: decoderOf(form) }
}

function describePlace({ table, address, count }: Span, { type, bit }: ValueForm, unit: number): string {
  const where = count > 1 ? `${address}..${address + count - 1}` : `${address}`
  return `${table} ${where}${type === 'bit' ? ` bit ${bit}` : ''} of unit ${unit}`
}
