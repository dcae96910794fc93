// YAML text -> plain value, with the place of every node kept, so that a fault can be told as line and column.
import { isUtf8 } from 'node:buffer'
import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml'
import type { z } from 'zod'
import { type Language, pick } from '#contract/text.ts'
import { yamlText } from './yaml-texts.ts'

export interface Fault {
  line: number
  column: number
  /** Keys and indexes joined by dots; empty for the whole file. */
  path: string
  message: string
}

export interface YamlSource {
  value: unknown
  faults: Fault[]
  /** Gives the faults of a schema their places, in the order of the file. */
  place(issues: readonly z.core.$ZodIssue[]): Fault[]
}

export function readYaml(bytes: Buffer, language: Language): YamlSource {
  const broken = (faults: Fault[]): YamlSource => ({ value: undefined, faults: inOrder(faults), place: () => [] })
  if (!isUtf8(bytes)) return broken([{ line: lineOfBadBytes(bytes), column: 1, path: '', message: pick(NOT_UTF8, language) }])
  const lines = new LineCounter()
  try {
    const document = parseDocument(bytes.toString('utf8'), { lineCounter: lines, prettyErrors: false, stringKeys: true })
    const errors: YAMLError[] = [...document.errors, ...document.warnings]
    if (errors.length > 0)
      return broken(errors.map((error) => ({ ...at(lines, error.pos[0]), path: '', message: yamlText(error, language) })))
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    const place = (issues: readonly z.core.$ZodIssue[]) => inOrder(issues.flatMap((issue) => placeOf(issue, document.contents, lines)))
    return { value, faults: [], place }
  } catch (cause) {
    // What yaml throws instead of listing: alias bombs, unknown aliases, and nesting deeper than the stack.
    return broken([{ line: 1, column: 1, path: '', message: String(cause) }])
  }
}

const NOT_UTF8 = { zh: '文件不是 UTF-8 编码', en: 'the file is not UTF-8 text' }

function lineOfBadBytes(bytes: Buffer): number {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start)
    const stop = end === -1 ? bytes.length : end
    if (!isUtf8(bytes.subarray(start, stop))) return line
    start = stop + 1
  }
  return 1
}

function placeOf(issue: z.core.$ZodIssue, root: Node | null, lines: LineCounter): Fault[] {
  const node = nodeAt(root, issue.path)
  if (issue.code !== 'unrecognized_keys')
    return [{ ...at(lines, node?.range?.[0] ?? 0), path: issue.path.join('.'), message: issue.message }]
  return issue.keys.map((key) => ({
    ...at(lines, keyNode(node, key)?.range?.[0] ?? node?.range?.[0] ?? 0),
    path: [...issue.path, key].join('.'),
    message: issue.message
  }))
}

// The deepest node on the way to the path: a missing key is told at its parent.
function nodeAt(root: Node | null, path: readonly PropertyKey[]): Node | null {
  let node = root
  for (const key of path) {
    const next = isCollection(node) ? node.get(key, true) : undefined
    if (next === undefined || next === null) return node
    node = next as Node
  }
  return node
}

function keyNode(node: Node | null, key: string): Node | undefined {
  if (!isMap(node)) return undefined
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key)
  return isScalar(pair?.key) ? pair.key : undefined
}

function at(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function inOrder(faults: Fault[]): Fault[] {
  return faults.sort((a, b) => a.line - b.line || a.column - b.column)
}
