// A pack is a file of checks for one sector: rule kind, tags, parameters, texts in both languages and test cases.
import { z } from 'zod'
import { SECTORS } from '#contract/site.ts'
import { Text } from '#contract/text.ts'

export const Pack = z.strictObject({
  id: z.string(),
  version: z.string(),
  title: Text,
  sector: z.enum([...SECTORS, 'any']),
  checks: z.array(z.unknown())
})
export type Pack = z.infer<typeof Pack>

export function parsePack(value: unknown): Pack {
  return Pack.parse(value)
}
