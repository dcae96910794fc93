// What is wrong with the parameters of an attack or fault: in themselves, in the words of the reader, and for the plant that it is
// to be played on.
import type { z } from 'zod'
import type { Text } from '#contract/text.ts'
import { checkedIn } from '#runtime/config-file.ts'
import { type ParameterFault, targetFaults } from './attacks/target.ts'
import { breakdown } from './faults/breakdown.ts'
import { troubleFaults } from './faults/troubles.ts'
import type { TagMap } from './plc/tag-map.ts'

export interface Playable {
  name: string
  parameters: z.ZodType
}

/** What no schema can know, as it depends on the plant. The parameters may be anything. */
export function plantFaults({ name, parameters: schema }: Playable, given: unknown, map: TagMap): ParameterFault[] {
  return name === breakdown.name ? troubleFaults(map.plant, given) : targetFaults(schema, given, map)
}

/** The parameters as their schema gives them, or all that is wrong with them. */
export function checkParameters(play: Playable, given: unknown, map: TagMap): { data: unknown } | { faults: Text } {
  const { name, parameters: schema } = play
  const english = checkedIn('en', schema, given)
  if (english.issues !== undefined)
    return { faults: { zh: told(name, checkedIn('zh-CN', schema, given).issues ?? []), en: told(name, english.issues) } }
  const faults = plantFaults(play, english.data, map)
  if (faults.length === 0) return { data: english.data }
  const each = (language: 'zh' | 'en') => faults.map(({ key, ...text }) => ({ path: [key], message: text[language] }))
  return { faults: { zh: told(name, each('zh')), en: told(name, each('en')) } }
}

const told = (name: string, issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  `${name}: ${issues.map(({ path, message }) => `${path.map(String).join('.') || 'parameters'}: ${message}`).join('; ')}`
