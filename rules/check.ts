// A check is one entry of a pack: as people see it, and made ready to judge.
import type { Severity } from '#contract/finding.ts'
import type { View } from '#contract/sample.ts'
import type { Sector } from '#contract/site.ts'
import type { Tag } from '#contract/tag.ts'
import type { Text } from '#contract/text.ts'
import { ruleOf } from './catalog.ts'
import type { Patience } from './condition.ts'
import { glob } from './expression.ts'
import type { Applies, CheckEntry, Pack } from './pack.ts'
import type { Grouping, Rule, Terms } from './rule.ts'

export interface Check {
  /** Pack and check, for example water/chlorine-setpoint. */
  id: string
  /** The kind of rule, for example process/range. */
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

/** A check that judges samples. */
export interface SampleCheck {
  check: Check
  rule: Rule
  patience: Patience
  /** State is kept over a restart only while this stays the same. */
  print: string
  judges(sector: Sector, view: View): boolean
  subjects(tags: readonly Tag[]): readonly Grouping[]
  /** Made anew for each scope. */
  terms(): Terms
}

export function checkOf(pack: Pack, entry: CheckEntry): Check {
  const { title, why, reason, advice, severity, techniques, clearAfterSeconds } = entry
  return {
    id: `${pack.id}/${entry.id}`,
    kind: entry.rule,
    pack: pack.id,
    title,
    why,
    reason,
    advice,
    severity,
    techniques,
    parameters: { ...entry.parameters },
    clearAfterSeconds,
    subjects: 0,
    faults: 0,
    notEvaluable: 0
  }
}

/** Null for the kinds that judge agents. */
export function sampleCheckOf(pack: Pack, entry: CheckEntry): SampleCheck | null {
  const rule = ruleOf(entry.rule)
  if (rule === undefined) return null
  const { parameters, applies } = entry
  return {
    check: checkOf(pack, entry),
    rule,
    patience: { holdMs: rule.holdSeconds(parameters) * 1000, clearMs: entry.clearAfterSeconds * 1000 },
    print: JSON.stringify([entry.rule, parameters]),
    judges: (sector, view) => (pack.sector === 'any' || pack.sector === sector) && applies.views.includes(view),
    subjects: (tags) =>
      rule.subjects(
        parameters,
        tags.filter((tag) => selects(applies, tag))
      ),
    terms: () => rule.terms(parameters)
  }
}

function selects(applies: Applies, tag: Tag): boolean {
  const fits = (patterns: readonly string[]) => patterns.some((pattern) => glob(tag.name, pattern))
  return (
    (applies.roles?.includes(tag.role) ?? true) &&
    (applies.dataTypes?.includes(tag.dataType) ?? true) &&
    (applies.units === undefined || (tag.unit !== undefined && applies.units.includes(tag.unit))) &&
    fits(applies.tags) &&
    !fits(applies.except)
  )
}
