// CEL expressions, guarded: everything is checked when a pack is loaded, so that a hostile or careless one costs nothing later.
import { type ASTNode, Environment, ParseError, TypeError as TypeFault } from '@marcbachmann/cel-js'

export type InputType = 'number' | 'bool' | 'text'
export type Values = Record<string, number | boolean | string>
export type Expression = (values: Values) => boolean

export class ExpressionFault extends Error {
  readonly code = 'EXPRESSION_FAULT'
  readonly line: number
  readonly column: number
  constructor(source: string, start: number, problem: string, options?: ErrorOptions) {
    const before = source.slice(0, start).split('\n')
    const column = (before.at(-1)?.length ?? 0) + 1
    const shown = source.split('\n')[before.length - 1] ?? ''
    super(`line ${before.length}, column ${column}: ${problem}\n  ${shown}\n  ${' '.repeat(column - 1)}^`, options)
    this.name = 'ExpressionFault'
    this.line = before.length
    this.column = column
  }
}

const MAX_LENGTH = 1000
const MAX_NODES = 200
const MAX_DEPTH = 16

const CEL_TYPES = { number: 'double', bool: 'bool', text: 'string' } as const

// What an expression may be made of. Anything else is refused: matches() is a backtracking regular expression, and all(),
// exists(), map() and filter() multiply the work.
const OPERATORS = new Set(['id', 'value', '?:', '||', '&&', '!_', '-_', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', 'in', 'list'])
const FUNCTIONS = new Set(['abs', 'least', 'greatest', 'glob'])

export function compileExpression(source: string, inputs: Readonly<Record<string, InputType>>): Expression {
  if (source.length > MAX_LENGTH)
    throw new ExpressionFault(source.slice(0, 80), 0, `an expression of ${source.length} characters; at most ${MAX_LENGTH} are read`)
  const environment = environmentOf(inputs)
  const compiled = located(source, () => environment.parse(source))
  guard(source, compiled.ast, 1)
  const { valid, type, error } = compiled.check()
  if (!valid) throw faultOf(source, error)
  if (type !== 'bool') throw new ExpressionFault(source, 0, `must be true or false, but is of type ${type}`)
  return (values) => compiled(values) === true
}

function environmentOf(inputs: Readonly<Record<string, InputType>>): Environment {
  const environment = new Environment({ limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH, maxListElements: 50, maxCallArguments: 4 } })
    .registerFunction('abs(double): double', (a: number) => Math.abs(a))
    .registerFunction('least(double, double): double', (a: number, b: number) => Math.min(a, b))
    .registerFunction('greatest(double, double): double', (a: number, b: number) => Math.max(a, b))
    .registerFunction('glob(string, string): bool', glob)
  for (const [name, type] of Object.entries(inputs)) environment.registerVariable(name, CEL_TYPES[type])
  return environment
}

function guard(source: string, node: ASTNode, depth: number): void {
  const refuse = (problem: string): never => {
    throw new ExpressionFault(source, node.start, problem)
  }
  // The parser's own limit does not count a chain of ! or -.
  if (depth > MAX_DEPTH) refuse(`nested deeper than ${MAX_DEPTH}`)
  if (node.op === 'call' || node.op === 'rcall') {
    const name = node.args[0]
    if (node.op === 'rcall' || !FUNCTIONS.has(name)) refuse(`the function ${name} is not offered; there are ${[...FUNCTIONS].join(', ')}`)
  } else if (!OPERATORS.has(node.op)) {
    refuse(`${node.op} is not offered`)
  }
  // 0 / 0 is no number and makes every comparison false, which would look like a broken relation.
  if (node.op === '/' && !isNonZero(node.args[1])) refuse('division is offered by a fixed number other than 0 only; multiply instead')
  for (const child of childrenOf(node)) guard(source, child, depth + 1)
}

const isNonZero = (node: ASTNode): boolean => node.op === 'value' && node.args !== 0 && node.args !== 0n

function childrenOf(node: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = []
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) for (const item of part) walk(item)
    else if (isNode(part)) found.push(part)
  }
  walk(node.args)
  return found
}

const isNode = (part: unknown): part is ASTNode => typeof part === 'object' && part !== null && 'op' in part && 'args' in part

function located<T>(source: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw faultOf(source, error)
  }
}

function faultOf(source: string, error: unknown): ExpressionFault {
  if (error instanceof ParseError || error instanceof TypeFault)
    return new ExpressionFault(source, error.range?.start ?? 0, `${error.summary}${hint(error.summary)}`, { cause: error })
  return new ExpressionFault(source, 0, String(error), { cause: error })
}

const hint = (summary: string): string => (/\bint\b/.test(summary) ? ' (numbers are written with a point: 1.0)' : '')

/** Does the pattern, in which each * stands for any text, fit? Linear in the length of the text for each *. */
export function glob(text: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return text === head
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false
  const end = text.length - tail.length
  let at = head.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
