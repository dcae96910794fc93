// All rule kinds. Those of the process judge samples; those of the fleet judge agents and what devices did.
import { clock } from './fleet/clock.ts'
import { deviceEvent } from './fleet/device-event.ts'
import { identity } from './fleet/identity.ts'
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

const OF_FLEET = [silence, stopped, clock, deviceEvent, identity] as const

const KINDS: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.kind, rule]))

export function ruleOf(kind: string): Rule | undefined {
  return KINDS.get(kind)
}

// The figures that a reason template of this kind may name.
export function figuresOf(kind: string, parameters: unknown): readonly string[] {
  const ofFleet = OF_FLEET.find((one) => one.kind === kind)
  return ofFleet?.figures() ?? ruleOf(kind)?.figures(parameters) ?? []
}
