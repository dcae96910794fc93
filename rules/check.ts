// A check is one entry of a pack as people see it: what it judges by, what it means and how it fares.
import type { Severity } from '#contract/finding.ts'
import type { Text } from '#contract/text.ts'

export interface Check {
  /** Pack and check, for example water/chlorine-setpoint. */
  id: string
  kind: string
  pack: string
  title: Text
  why: Text
  /** A template: {value}, {unit}, {tag} and the figures of the rule kind stand in braces. */
  reason: Text
  advice: readonly Text[]
  severity: Severity
  techniques: readonly string[]
  parameters: Record<string, unknown>
  clearAfterSeconds: number
  /** How many tags, groups of tags or agents it judges now. */
  subjects: number
  /** How often it threw; it never stops the others. */
  faults: number
  /** How often it could not judge because an input was bad, missing or too old. */
  notEvaluable: number
}
