// YAML text -> plain value, with the place of every node kept, so that a fault can be told as line and column.
import { isUtf8 } from 'node:buffer'
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { REFUSALS_IN_CHINESE } from '#contract/refusals.ts'
import { type Language, pick, type Text } from '#contract/text.ts'
import { quoted, YAML_TEXTS, yamlText } from './yaml-texts.ts'

export interface Fault {
  line: number
  column: number
  /** Keys and indexes joined by dots; empty for the file as a whole. */
  path: string
  message: string
}

export interface YamlSource {
  value: unknown
  faults: Fault[]
  /** Gives the issues of a schema their places, in the order of the file. */
  place(issues: readonly z.core.$ZodIssue[]): Fault[]
}

// How often an anchor may be used, aliases within aliases multiplied: enough for a tag list, far too little for a bomb.
const MAX_ALIASES = 1000

export function readYaml(bytes: Buffer, language: Language): YamlSource {
  const refuse = (faults: Fault[]): YamlSource => ({ value: undefined, faults: inOrder(faults), place: () => [] })
  if (!isUtf8(bytes)) return refuse([{ line: lineOfBadBytes(bytes), column: 1, path: '', message: pick(YAML_TEXTS.notUtf8, language) }])
  const lines = new LineCounter()
  let lastAlias = 0
  try {
    const document = parseDocument(bytes.toString('utf8'), { lineCounter: lines, prettyErrors: false, stringKeys: true })
    const errors = [...document.errors, ...document.warnings].map((error) => ({
      ...at(lines, error.pos[0]),
      path: '',
      message: yamlText(error, language)
    }))
    // Behind the place where the parser gave up everything else is noise.
    const gaveUp = document.errors.findIndex(({ code }) => code === 'RESOURCE_EXHAUSTION')
    if (gaveUp >= 0) return refuse(errors.slice(gaveUp, gaveUp + 1))
    if (errors.length > 0) return refuse(errors)
    if (document.contents === null) return refuse([{ line: 1, column: 1, path: '', message: pick(YAML_TEXTS.empty, language) }])
    const aliases = lookAtAliases(document)
    lastAlias = aliases.last
    if (aliases.faults.length > 0)
      return refuse(aliases.faults.map(({ offset, text }) => ({ ...at(lines, offset), path: '', message: pick(text, language) })))
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    const place = (issues: readonly z.core.$ZodIssue[]) =>
      inOrder(issues.flatMap((issue) => placesOf(issue, { root: document.contents, value, lines, language })))
    return { value, faults: [], place }
  } catch (cause) {
    // yaml throws these two instead of listing them: an alias bomb, and nesting deeper than the stack.
    if (cause instanceof ReferenceError)
      return refuse([{ ...at(lines, lastAlias), path: '', message: pick(YAML_TEXTS.tooManyAliases, language) }])
    if (cause instanceof RangeError) return refuse([{ line: 1, column: 1, path: '', message: pick(YAML_TEXTS.tooDeep, language) }])
    throw cause
  }
}

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

function lookAtAliases(document: Document.Parsed): { faults: { offset: number; text: Text }[]; last: number } {
  const faults: { offset: number; text: Text }[] = []
  const anchors = new Set<string>()
  let last = 0
  visit(document, {
    Alias(_, alias, ancestors) {
      last = alias.range?.[0] ?? last
      const name = alias.source
      const holdsItself = ancestors.some((node) => (isMap(node) || isSeq(node)) && node.anchor === name)
      if (holdsItself) faults.push({ offset: last, text: YAML_TEXTS.aliasOfItself(name) })
      else if (!anchors.has(name)) faults.push({ offset: last, text: YAML_TEXTS.unknownAlias(name) })
    },
    Value(_, node) {
      if (node.anchor !== undefined) anchors.add(node.anchor)
    }
  })
  return { faults, last }
}

interface Source {
  root: Node | null
  value: unknown
  lines: LineCounter
  language: Language
}

function placesOf(issue: z.core.$ZodIssue, source: Source): Fault[] {
  const { root, lines, language } = source
  const node = nodeAt(root, issue.path)
  const fault = (place: Node | null | undefined, path: readonly PropertyKey[], message: string): Fault => ({
    ...at(lines, place?.range?.[0] ?? 0),
    path: path.map(keyText).join('.'),
    message
  })
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => fault(keyNode(node, key) ?? node, [...issue.path, key], pick(YAML_TEXTS.unknownKey(key), language)))
  if (isMissing(issue, source.value)) return [fault(node, issue.path, pick(YAML_TEXTS.missing, language))]
  if (issue.code === 'invalid_union') {
    const nearest = nearestOption(issue)
    if (nearest !== undefined) return nearest.flatMap((inner) => placesOf({ ...inner, path: [...issue.path, ...inner.path] }, source))
    if ('options' in issue && Array.isArray(issue.options))
      return [fault(node, issue.path, pick(YAML_TEXTS.expectedOneOf(issue.options), language))]
  }
  if (issue.code === 'invalid_key')
    return issue.issues.map((inner) =>
      fault(keyNode(nodeAt(root, issue.path.slice(0, -1)), String(issue.path.at(-1))) ?? node, issue.path, worded(inner.message, language))
    )
  return [fault(node, issue.path, worded(issue.message, language))]
}

// The option of a union that fits best, when it fits well enough to have faults inside of it or keys too many.
function nearestOption(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const fitting = issue.errors.filter((option) => option.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'))
  return fitting.toSorted((a, b) => a.length - b.length)[0]
}

const worded = (message: string, language: Language) => pick({ zh: REFUSALS_IN_CHINESE.get(message) ?? message, en: message }, language)

function keyText(key: PropertyKey): string {
  const text = String(key)
  return /^[\p{L}\p{N}_-]{1,100}$/u.test(text) ? text : quoted(text)
}

function isMissing(issue: z.core.$ZodIssue, root: unknown): boolean {
  if (issue.code === 'custom' || issue.path.length === 0) return false
  let value = root
  for (const key of issue.path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return true
    // Checked just now to be an object with that key, which the compiler does not follow.
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return false
}

// The deepest node on the way to the path: a missing key is told at its parent, anything behind an alias at the alias.
function nodeAt(root: Node | null, path: readonly PropertyKey[]): Node | null {
  let node: Node | null = root
  for (const key of path) {
    const next: unknown = isMap(node) || isSeq(node) ? node.get(key, true) : undefined
    if (!isNode(next)) return node
    node = next
  }
  return node
}

function keyNode(node: Node | null, key: string): Node | undefined {
  if (!isMap(node)) return undefined
  for (const { key: candidate } of node.items) if (isScalar(candidate) && String(candidate.value) === key) return candidate
  return undefined
}

function at(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function inOrder(faults: Fault[]): Fault[] {
  return faults.sort((a, b) => a.line - b.line || a.column - b.column)
}
