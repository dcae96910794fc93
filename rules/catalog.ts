// All rule kinds. Those of the process judge samples; those of the fleet judge agents on the collector's clock.
import { silence } from './fleet/silence.ts'
import { stopped } from './fleet/stopped.ts'
import { frozen } from './process/frozen.ts'
import { quality } from './process/quality.ts'
import { range } from './process/range.ts'
import { rate } from './process/rate.ts'
import { relation } from './process/relation.ts'
import { stuck } from './process/stuck.ts'
import type { Rule } from './rule.ts'

export const RULES: readonly Rule[] = [range, rate, stuck, frozen, relation, quality]

const KINDS: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.kind, rule]))

export function ruleOf(kind: string): Rule | undefined {
  return KINDS.get(kind)
}

// The figures that a reason template of this kind may name.
export function figuresOf(kind: string, parameters: unknown): readonly string[] {
  if (kind === silence.kind) return silence.figures()
  if (kind === stopped.kind) return stopped.figures()
  return ruleOf(kind)?.figures(parameters) ?? []
}
