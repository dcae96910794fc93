// The parameter of attacks and faults that name a tag: which roles it may have is checked against the map of the plant.
import { z } from 'zod'
import type { Role } from '#contract/tag.ts'
import { TagName } from '#contract/tag.ts'

// A registry of zod, as what is said of a schema holds for those that .describe() makes of it too.
const ROLES_OF = z.registry<{ roles: readonly Role[] }>()

/** A tag of the plant with one of these roles; any role when none is given. */
export function TargetTag(...roles: Role[]): typeof TagName {
  // A schema of its own for each use, as the roles hang on it.
  const schema = TagName.meta({ ...TagName.meta() })
  ROLES_OF.add(schema, { roles })
  return schema
}

export interface Target {
  key: string
  roles: readonly Role[]
}

/** The parameters of a schema that name a tag. */
export function targetsOf(parameters: z.ZodType): Target[] {
  if (!(parameters instanceof z.ZodObject)) return []
  return Object.entries(parameters.shape).flatMap(([key, schema]) => {
    const roles = rolesOf(schema as z.ZodType)
    return roles === undefined ? [] : [{ key, roles }]
  })
}

// Optional, default and prefault wrap what they stand around.
function rolesOf(schema: z.ZodType): readonly Role[] | undefined {
  const own = ROLES_OF.get(schema)
  if (own !== undefined) return own.roles
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return rolesOf(schema.unwrap() as z.ZodType)
  return undefined
}
