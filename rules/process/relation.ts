// process/relation: several tags must fit each other, told as a CEL expression; judged only when all of them are good and fresh.
import { z } from 'zod'
import type { Tag } from '#contract/tag.ts'
import { compileExpression, type Expression, ExpressionFault, type InputType, type Values } from '../expression.ts'
import {
  cell,
  defineRule,
  type Grouping,
  HEARTBEATS_UNTIL_STALE,
  type LatestText,
  type Memory,
  NOT_EVALUABLE,
  RIGHT,
  WRONG
} from '../rule.ts'

const MAX_INPUTS = 20

const Pattern = z
  .string()
  .max(100)
  .regex(/^([A-Za-z][A-Za-z0-9_.-]*\*?|\*)[A-Za-z0-9_.-]*$/, 'must be a tag name, with at most one *')

const Input = z.union([
  Pattern,
  z.strictObject({
    tag: Pattern.describe('A tag name; one * stands for the same text in all inputs, and each such text is judged by itself.'),
    as: z.enum(['number', 'bool', 'text']).describe('What the expression takes it for; a number when left out.')
  })
])

const Source = z.string().min(1).max(1000)

const Parameters = z
  .strictObject({
    inputs: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9]{0,30}$/, 'must be a short name of letters and digits'), Input)
      .refine(
        (inputs) => Object.keys(inputs).length >= 1 && Object.keys(inputs).length <= MAX_INPUTS,
        `must have 1 to ${MAX_INPUTS} inputs`
      )
      .describe('The name in the expression -> the tag; the first one gives the alert its tag.'),
    when: Source.optional().describe('The relation is judged only while this expression is true.'),
    must: Source.describe('The expression that must be true. Numbers are written with a point: 1.0.'),
    forSeconds: z.number().min(0).max(86_400).default(0).describe('How long the relation must be broken.')
  })
  .superRefine((parameters, context) => {
    for (const part of ['when', 'must'] as const) {
      const source = parameters[part]
      if (source === undefined) continue
      try {
        compileExpression(source, typesOf(parameters))
      } catch (fault) {
        if (!(fault instanceof ExpressionFault)) throw fault
        context.addIssue({ code: 'custom', path: [part], message: fault.message, input: source })
      }
    }
  })
type Parameters = z.infer<typeof Parameters>

interface Terms {
  names: readonly string[]
  types: readonly InputType[]
  tags: readonly string[]
  textOf: LatestText
  staleMs: readonly number[]
  when: Expression | null
  must: Expression
}

/** The latest time of any input. */
const NOW = 0
/** 0 when the values changed since it was found, RIGHT + 1 or WRONG + 1 otherwise. */
const VERDICT = 1
/** For each input its time, 0 when the latest sample was bad or none came, and its number. */
const INPUTS = 2
const INPUT_CELLS = 2

export const relation = defineRule({
  kind: 'process/relation',
  subject: 'tag',
  parameters: Parameters,
  figures: (parameters) => ['value', ...Object.keys(parameters.inputs)],
  holdSeconds: (parameters) => parameters.forSeconds,
  subjects: (parameters, tags) => match(Object.values(parameters.inputs).map(patternOf), tags),
  terms(parameters) {
    const inputs = typesOf(parameters)
    const when = parameters.when === undefined ? null : compileExpression(parameters.when, inputs)
    const must = compileExpression(parameters.must, inputs)
    const names = Object.keys(inputs)
    const types = Object.values(inputs)
    return (tags, textOf): Terms | null => {
      if (tags.some((tag, i) => (tag.dataType === 'string') !== (types[i] === 'text'))) return null
      return {
        names,
        types,
        tags: tags.map((tag) => tag.name),
        textOf,
        staleMs: tags.map((tag) => HEARTBEATS_UNTIL_STALE * tag.heartbeatMs),
        when,
        must
      }
    }
  },
  cells: ({ names }) => INPUTS + INPUT_CELLS * names.length,
  score(memory, at, terms: Terms, { time, number, text, bad, moved, input }) {
    const own = at + INPUTS + INPUT_CELLS * input
    if (moved || memory[own] === 0) memory[at + VERDICT] = 0
    memory[own] = bad ? 0 : time
    if (!bad && text === null) memory[own + 1] = number
    if (time > cell(memory, at + NOW)) memory[at + NOW] = time
    if (!isEvaluable(memory, at, terms)) return NOT_EVALUABLE
    if (memory[at + VERDICT] === 0) memory[at + VERDICT] = 1 + evaluate(memory, at, terms)
    return cell(memory, at + VERDICT) - 1
  },
  explain(memory, at, terms) {
    const values = valuesOf(memory, at, terms)
    return { evidence: { value: values[terms.names[0] ?? ''] ?? null, ...values } }
  }
})

function isEvaluable(memory: Memory, at: number, { staleMs }: Terms): boolean {
  for (let i = 0; i < staleMs.length; i++) {
    const time = cell(memory, at + INPUTS + INPUT_CELLS * i)
    if (time === 0 || cell(memory, at + NOW) - time > (staleMs[i] ?? 0)) return false
  }
  return true
}

function evaluate(memory: Memory, at: number, terms: Terms): number {
  const values = valuesOf(memory, at, terms)
  return (terms.when === null || terms.when(values)) && !terms.must(values) ? WRONG : RIGHT
}

function valuesOf(memory: Memory, at: number, { names, types, tags, textOf }: Terms): Values {
  const values: Values = {}
  for (let i = 0; i < names.length; i++) {
    const number = cell(memory, at + INPUTS + INPUT_CELLS * i + 1)
    values[names[i] ?? ''] = types[i] === 'text' ? (textOf(tags[i] ?? '') ?? '') : types[i] === 'bool' ? number !== 0 : number
  }
  return values
}

const patternOf = (input: z.infer<typeof Input>): string => (typeof input === 'string' ? input : input.tag)

function typesOf({ inputs }: Pick<Parameters, 'inputs'>): Record<string, InputType> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, typeof input === 'string' ? 'number' : input.as]))
}

// `*.running` and `*.current` are matched for each text that makes all of them names of tags.
function match(patterns: readonly string[], tags: readonly Tag[]): readonly Grouping[] {
  const byName = new Map(tags.map((tag) => [tag.name, tag]))
  const open = patterns.find((pattern) => pattern.includes('*'))
  const texts = open === undefined ? [''] : [...byName.keys()].flatMap((name) => captured(open, name) ?? [])
  return texts.flatMap((text) => {
    const members = patterns.flatMap((pattern) => byName.get(pattern.replace('*', () => text)) ?? [])
    return members.length === patterns.length ? [{ key: members.map((tag) => tag.name).join('+'), tags: members }] : []
  })
}

function captured(pattern: string, name: string): string | null {
  const [before = '', after = ''] = pattern.split('*')
  if (name.length < before.length + after.length || !name.startsWith(before) || !name.endsWith(after)) return null
  return name.slice(before.length, name.length - after.length)
}
