// process/relation: several tags must fit each other, told as a CEL expression; judged only when all of them are good and fresh.
import { z } from 'zod'
import type { Tag } from '#contract/tag.ts'
import { compileExpression, type Expression, ExpressionFault, type InputType, type Values } from '../expression.ts'
import { defineRule, type Grouping, HEARTBEATS_UNTIL_STALE, NOT_EVALUABLE, RIGHT, WRONG } from '../rule.ts'

const MAX_INPUTS = 20

const Pattern = z
  .string()
  .max(100)
  .regex(/^[A-Za-z*][A-Za-z0-9_.-]*(\*[A-Za-z0-9_.-]*)?$/, 'must be a tag name, with at most one *')

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
  staleMs: readonly number[]
  when: Expression | null
  must: Expression
}

interface State {
  /** Time of the latest sample of each input, -1 when there is none. */
  times: number[]
  good: boolean[]
  numbers: number[]
  texts: (string | null)[]
  now: number
  /** The verdict on these values; null when they changed since. */
  verdict: number | null
}

export const relation = defineRule({
  kind: 'process/relation',
  subject: 'tag',
  parameters: Parameters,
  figures: (parameters) => ['value', ...Object.keys(parameters.inputs)],
  holdSeconds: (parameters) => parameters.forSeconds,
  subjects: (parameters, tags) => match(Object.values(parameters.inputs).map(patternOf), tags),
  terms(parameters) {
    const types = typesOf(parameters)
    const when = parameters.when === undefined ? null : compileExpression(parameters.when, types)
    const must = compileExpression(parameters.must, types)
    const names = Object.keys(types)
    return (tags): Terms | null => {
      const wanted = Object.values(types)
      if (tags.some((tag, i) => (tag.dataType === 'string') !== (wanted[i] === 'text'))) return null
      return { names, types: wanted, staleMs: tags.map((tag) => HEARTBEATS_UNTIL_STALE * tag.heartbeatMs), when, must }
    }
  },
  initial: ({ names }): State => ({
    times: names.map(() => -1),
    good: names.map(() => false),
    numbers: names.map(() => 0),
    texts: names.map(() => null),
    now: -1,
    verdict: null
  }),
  score(state, terms: Terms, { time, number, text, bad, input }) {
    if (bad) {
      state.good[input] = false
    } else {
      if (text !== null ? text !== state.texts[input] : number !== state.numbers[input] || state.times[input] === -1) {
        state.texts[input] = text
        if (text === null) state.numbers[input] = number
        state.verdict = null
      }
      state.good[input] = true
    }
    state.times[input] = time
    if (time > state.now) state.now = time
    if (!evaluable(state, terms)) return NOT_EVALUABLE
    state.verdict ??= evaluate(state, terms)
    return state.verdict
  },
  explain(state, terms) {
    const values = valuesOf(state, terms)
    return { evidence: { value: values[terms.names[0] ?? ''] ?? null, ...values } }
  }
})

function evaluable(state: State, { staleMs }: Terms): boolean {
  for (let i = 0; i < staleMs.length; i++) if (state.good[i] !== true || state.now - (state.times[i] ?? 0) > (staleMs[i] ?? 0)) return false
  return true
}

function evaluate(state: State, terms: Terms): number {
  const values = valuesOf(state, terms)
  return (terms.when === null || terms.when(values)) && !terms.must(values) ? WRONG : RIGHT
}

function valuesOf(state: State, { names, types }: Terms): Values {
  const values: Values = {}
  for (let i = 0; i < names.length; i++) {
    const number = state.numbers[i] ?? 0
    values[names[i] ?? ''] = types[i] === 'text' ? (state.texts[i] ?? '') : types[i] === 'bool' ? number !== 0 : number
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
