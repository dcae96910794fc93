// The tag that an attack works on when the scenario names none: what the works keep a history of matters most to them.
import type { Role } from '#contract/tag.ts'
import type { TagMap } from '../plc/tag-map.ts'

export function usualTag({ tags }: TagMap, role: Role): string {
  const rows = Object.entries(tags).filter(([, row]) => row.role === role)
  const [name] = rows.find(([, { history }]) => history === true) ?? rows[0] ?? []
  if (name === undefined) throw new Error(`the plant has no ${role}`)
  return name
}
