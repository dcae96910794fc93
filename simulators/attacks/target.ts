// The parameters of attacks and faults that name a tag, and those that say what is written to it: which roles the tag may have, and
// whether its register can hold the value, is checked against the map of the plant.
import { z } from 'zod'
import type { Role } from '#contract/tag.ts'
import { TagName } from '#contract/tag.ts'

// A registry of zod, as what is said of a schema holds for those that .describe() makes of it too.
const ROLES_OF = z.registry<{ roles: readonly Role[] }>()
const VALUES = z.registry<{ isValue: true }>()

/** A tag of the plant with one of these roles; any role when none is given. */
export function TargetTag(...roles: Role[]): typeof TagName {
  // A schema of its own for each use, as the roles hang on it.
  const schema = TagName.meta({ ...TagName.meta() })
  ROLES_OF.add(schema, { roles })
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
}

/** The parameters of a schema that name a tag. */
export function targetsOf(parameters: z.ZodType): Target[] {
  return fieldsOf(parameters).flatMap(([key, schema]) => {
    const roles = saidOf(ROLES_OF, schema)?.roles
    return roles === undefined ? [] : [{ key, roles }]
  })
}

/** The parameters of a schema that are written to a tag. */
export const valuesOf = (parameters: z.ZodType): string[] =>
  fieldsOf(parameters).flatMap(([key, schema]) => (saidOf(VALUES, schema) === undefined ? [] : [key]))

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
