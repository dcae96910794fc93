// A pack is a file of checks for one sector: rule kind, tags, parameters, texts in both languages and cases that prove them.
import { z } from 'zod'
import { Severity, Technique } from '#contract/finding.ts'
import { VIEWS } from '#contract/sample.ts'
import { Id, SECTORS } from '#contract/site.ts'
import { DATA_TYPES, ROLES } from '#contract/tag.ts'
import { Text } from '#contract/text.ts'
import { figuresOf } from './catalog.ts'
import { clock } from './fleet/clock.ts'
import { deviceEvent } from './fleet/device-event.ts'
import { identity } from './fleet/identity.ts'
import { silence } from './fleet/silence.ts'
import { stopped } from './fleet/stopped.ts'
import { Cases } from './pack-case.ts'
import { frozen } from './process/frozen.ts'
import { quality } from './process/quality.ts'
import { range } from './process/range.ts'
import { rate } from './process/rate.ts'
import { relation } from './process/relation.ts'
import { stuck } from './process/stuck.ts'
import { PLACES, placeholdersOf } from './reason.ts'

const TagPattern = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_.*-]+$/, 'must be a tag name; * stands for any text')

export const Applies = z
  .strictObject({
    tags: z.array(TagPattern).min(1).max(1000).default(['*']).describe('Names of tags; * stands for any text.'),
    except: z.array(TagPattern).max(1000).default([]).describe('Names of tags that are left out.'),
    roles: z.array(z.enum(ROLES)).optional().describe('Only tags of these roles.'),
    dataTypes: z.array(z.enum(DATA_TYPES)).optional().describe('Only tags of these kinds of value.'),
    units: z.array(z.string().max(20)).optional().describe('Only tags in these units.'),
    views: z.array(z.enum(VIEWS)).min(1).default(['polled']).describe('In which views it judges.')
  })
  .prefault({})
  .describe('Which tags of a site the check looks at; a tag must fit every line. Checks of agents do not read it.')
export type Applies = z.infer<typeof Applies>

const common = {
  id: Id.describe('The name of the check within its pack.'),
  enabled: z.boolean().default(true).describe('False leaves the check in the file and judges nothing by it.'),
  applies: Applies,
  severity: Severity,
  techniques: z
    .array(Technique)
    .max(10)
    .default([])
    .describe('ATT&CK for ICS techniques that would show like this; none when a fault is likelier.'),
  clearAfterSeconds: z.number().min(0).max(86_400).default(10).describe('How long it must be right again before the condition ends.'),
  title: Text.describe('What is wrong, in a few words.'),
  why: Text.describe('Why it matters.'),
  reason: Text.describe('What happened, with figures in braces: {value}, {unit}, {tag} and those of the rule kind.'),
  advice: z.array(Text).min(1).max(10).describe('What to do, step by step.'),
  tests: Cases
}

function checkOf<K extends string, P extends z.ZodType>(rule: { readonly kind: K; readonly parameters: P }) {
  // Left out parameters are an empty mapping; whether that is enough, the schema of the kind says.
  return z.strictObject({
    ...common,
    rule: z.literal(rule.kind).describe('The kind of rule that judges.'),
    parameters: rule.parameters.prefault({} as z.input<P>)
  })
}

export const CheckEntry = z
  .discriminatedUnion('rule', [
    checkOf(range),
    checkOf(rate),
    checkOf(stuck),
    checkOf(frozen),
    checkOf(relation),
    checkOf(quality),
    checkOf(silence),
    checkOf(stopped),
    checkOf(clock),
    checkOf(deviceEvent),
    checkOf(identity)
  ])
  .superRefine((check, context) => {
    const known = new Set([...PLACES, ...figuresOf(check.rule, check.parameters), ...Object.keys(check.parameters)])
    for (const language of ['zh', 'en'] as const)
      for (const name of placeholdersOf(check.reason[language]))
        if (!known.has(name))
          context.addIssue({
            code: 'custom',
            path: ['reason', language],
            message: `{${name}} is not known to ${check.rule}; there are ${[...known].join(', ')}`,
            input: check.reason[language]
          })
  })
export type CheckEntry = z.infer<typeof CheckEntry>

export const Pack = z
  .strictObject({
    id: Id.describe('The name of the pack; it stands before the name of each check.'),
    version: z.string().min(1).max(20).describe('The version of the pack.'),
    title: Text.describe('The name that people know the pack by.'),
    sector: z.enum([...SECTORS, 'any']).describe('The sector whose sites it judges, or any.'),
    checks: z.array(CheckEntry).min(1).max(1000).describe('The checks of the pack, each with a name of its own.')
  })
  .superRefine(({ checks }, context) => {
    const seen = new Set<string>()
    checks.forEach(({ id }, index) => {
      if (seen.has(id)) context.addIssue({ code: 'custom', path: ['checks', index, 'id'], message: `${id} is there twice`, input: id })
      seen.add(id)
    })
  })
export type Pack = z.infer<typeof Pack>

export function parsePack(value: unknown): Pack {
  return Pack.parse(value)
}
