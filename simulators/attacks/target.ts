// The parameters of attacks and faults that name a tag, and those that say what is written to it: which roles the tag may have, what
// else it needs, and whether its register can hold the value, is checked against the map of the plant.
import { z } from 'zod'
import type { Role } from '#contract/tag.ts'
import { TagName } from '#contract/tag.ts'
import type { Text } from '#contract/text.ts'
import { hasAlarms } from '../plc/alarm-sources.ts'
import { emptyImageOf, isRegister, readTag, type TagMap, type TagRow, writeTag } from '../plc/tag-map.ts'

// A registry of zod, as what is said of a schema holds for those that .describe() makes of it too.
const WANTED = z.registry<{ roles: readonly Role[]; need?: Need }>()
const VALUES = z.registry<{ isValue: true }>()

/** What a tag may have to have besides its role: a range to take a share of, or alarms. */
type Need = 'range' | 'alarms'

/** A tag of the plant with one of these roles; any role when none is given. */
export const TargetTag = (...roles: Role[]): typeof TagName => tagWith({ roles })

/** The same, and with a range. */
export const RangedTag = (...roles: Role[]): typeof TagName => tagWith({ roles, need: 'range' })

/** A tag of any role whose alarms the OPC UA server tells. */
export const AlarmedTag = (): typeof TagName => tagWith({ roles: [], need: 'alarms' })

function tagWith(wanted: { roles: readonly Role[]; need?: Need }): typeof TagName {
  // A schema of its own for each use, as what is wanted hangs on it.
  const schema = TagName.meta({ ...TagName.meta() })
  WANTED.add(schema, wanted)
  return schema
}

/** A value that is written to the tag beside it, in its unit. */
export function TargetValue(): z.ZodNumber {
  const schema = z.number()
  VALUES.add(schema, { isValue: true })
  return schema
}

export interface Target {
  key: string
  roles: readonly Role[]
  need?: Need
}

/** The parameters of a schema that name a tag. */
export function targetsOf(parameters: z.ZodType): Target[] {
  return fieldsOf(parameters).flatMap(([key, schema]) => {
    const wanted = saidOf(WANTED, schema)
    return wanted === undefined ? [] : [{ key, ...wanted }]
  })
}

/** The parameters of a schema that are written to a tag. */
export const valuesOf = (parameters: z.ZodType): string[] =>
  fieldsOf(parameters).flatMap(([key, schema]) => (saidOf(VALUES, schema) === undefined ? [] : [key]))

export interface ParameterFault extends Text {
  /** The parameter that is wrong. */
  key: string
}

/**
 * Tags that the plant does not have, that are of another role than the attack works on or without what it needs, and values that no
 * register of theirs holds. The parameters may be anything.
 */
export function targetFaults(schema: z.ZodType, given: unknown, map: TagMap): ParameterFault[] {
  if (typeof given !== 'object' || given === null) return []
  return targetsOf(schema).flatMap(({ key, roles, need }) => {
    const name = Reflect.get(given, key) as unknown
    if (typeof name !== 'string') return []
    const row = Object.hasOwn(map.tags, name) ? map.tags[name] : undefined
    if (row === undefined) return [{ key, zh: `没有测点 ${name}`, en: `there is no tag ${name}` }]
    if (roles.length > 0 && !roles.includes(row.role))
      return [
        {
          key,
          zh: `${name} 的角色是 ${row.role}，应为 ${roles.join('、')}`,
          en: `${name} is a ${row.role}, not a ${roles.join(' or ')}`
        }
      ]
    if (need === 'range' && row.range === undefined)
      return [{ key, zh: `${name} 没有量程，无从按百分数取值`, en: `${name} has no range to take a share of` }]
    if (need === 'alarms' && !hasAlarms(map, name)) return [{ key, zh: `${name} 没有报警`, en: `${name} has no alarms` }]
    return valuesOf(schema).flatMap((valueKey) => {
      const value = Reflect.get(given, valueKey) as unknown
      if (typeof value !== 'number' || holds(map, row, value)) return []
      return [{ key: valueKey, zh: `${name} 的寄存器放不下 ${value}`, en: `the register of ${name} cannot hold ${value}` }]
    })
  })
}

function holds(map: TagMap, row: TagRow, value: number): boolean {
  if (!isRegister(row.place)) return value === 0 || value === 1
  const image = emptyImageOf(map)
  writeTag(image, row, value)
  const kept = readTag(image, row)
  return row.place.format.startsWith('float') ? Number.isFinite(kept) : Math.abs(kept - value) <= row.place.scale
}

// The shape of an object is typed more loosely than what stands in it.
const fieldsOf = (parameters: z.ZodType): [string, z.ZodType][] =>
  parameters instanceof z.ZodObject ? Object.entries(parameters.shape as Record<string, z.ZodType>) : []

// Optional, default and prefault wrap what they stand around.
function saidOf<T extends object>(registry: z.core.$ZodRegistry<T>, schema: z.ZodType): T | undefined {
  const own = registry.get(schema) as T | undefined
  if (own !== undefined) return own
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return saidOf(registry, schema.unwrap() as z.ZodType)
  return undefined
}
