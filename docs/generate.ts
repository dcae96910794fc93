// Writes docs/reference from the schemas; `--check` only tells whether what is committed still agrees with them.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { commandPage } from './command-pages.ts'
import { CONFIGS, faultClasses, MESSAGES, REQUESTS, RESULTS } from './reference-sources.ts'
import { worksPages } from './works-pages.ts'

interface Node {
  type?: string | string[]
  description?: string
  default?: unknown
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, Node>
  required?: string[]
  items?: Node
  anyOf?: Node[]
  oneOf?: Node[]
  allOf?: Node[]
  $ref?: string
  $defs?: Record<string, Node>
  additionalProperties?: Node | boolean
  propertyNames?: Node
  minimum?: number
  maximum?: number
  pattern?: string
}

const folder = new URL('reference/', import.meta.url).pathname
const HEAD = '<!-- Written by docs/generate.ts from the schemas; change those. -->\n'

async function pages(): Promise<Map<string, string>> {
  const out = new Map<string, string>()
  for (const { name, title, about, schema, inFull = false } of CONFIGS) {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: inFull ? 'inline' : 'ref' })
    out.set(`${name}.schema.json`, `${JSON.stringify({ ...json, title }, null, 2)}\n`)
    const hint = `Editors check the file when its first line is\n\`# yaml-language-server: $schema=<path>/docs/reference/${name}.schema.json\`.`
    out.set(`${name}.md`, `${HEAD}# ${title}\n\n${about}\n\n${hint}\n\n${table(json as Node)}`)
  }
  out.set('messages.md', sections('Messages', 'What agents and collectors say over MQTT: JSON, zstd above 512 bytes.', MESSAGES))
  out.set(
    'api.md',
    sections('HTTP API', 'Shapes of requests and answers; the running collector serves the whole as OpenAPI under /docs.', REQUESTS)
  )
  out.set('command-line.md', `${HEAD}${await commandPage('en')}\n`)
  out.set('command-line.zh-CN.md', `${HEAD}${await commandPage('zh-CN')}\n`)
  out.set('command-results.md', sections('Results of commands', 'What commands print with --json.', RESULTS))
  for (const [name, text] of await worksPages({ head: HEAD, fields: (schema) => table(schema as Node) })) out.set(name, text)
  out.set('errors.md', errors())
  return out
}

function sections(title: string, about: string, schemas: Record<string, z.ZodType>): string {
  const parts = Object.entries(schemas).map(([name, schema]) => {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node
    return `## ${name}\n\n${json.description ? `${json.description}\n\n` : ''}${table(json)}`
  })
  return `${HEAD}# ${title}\n\n${about}\n\n${parts.join('\n')}`
}

function errors(): string {
  const parts = faultClasses().map(({ name, file, about, codes }) => {
    const list = codes.map((code) => `\n- \`${code}\``).join('')
    return `## ${name}\n\n${about} (${file})\n${list}\n`
  })
  return `${HEAD}# Error codes\n\nThe fault classes and the codes they carry.\n\n${parts.join('\n')}`
}

// One row per field, nested fields by their path; [] stands for each element, * for each key. Where kinds of one thing are told apart
// by a constant field, a row that is not the same for all of them names its kinds.
function table(root: Node): string {
  const rows = new Map<string, { path: string; kinds: Set<string> }>()
  const kindsAt = new Map<string, Set<string>>()
  const resolve = (node: Node): Node => {
    const name = node.$ref?.replace('#/$defs/', '')
    if (name === undefined) return node
    const { $ref: _, ...own } = node
    return { ...resolve(root.$defs?.[name] ?? {}), ...own }
  }
  const add = (node: Node, { path, required, kind }: Place) => {
    const value = node.default === undefined ? (required ? '**required**' : '') : `\`${JSON.stringify(node.default)}\``
    const text = `${typeOf(node)} | ${value} | ${cell(node.description ?? '')} |`
    const row = rows.get(`${path} ${text}`) ?? { path, kinds: new Set() }
    rows.set(`${path} ${text}`, row)
    if (kind !== undefined) row.kinds.add(kind)
  }
  const walk = (raw: Node, place: Place, depth: number) => {
    const node = resolve(raw)
    const { path, kind } = place
    if (path !== '' && !place.told) add(node, place)
    if (depth > 8) return
    for (const [key, child] of Object.entries(node.properties ?? {}))
      walk(child, { path: path === '' ? key : `${path}.${key}`, required: node.required?.includes(key) ?? false, kind }, depth + 1)
    for (const part of [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]) {
      const resolved = resolve(part)
      if (!(resolved.properties || resolved.items || resolved.anyOf || resolved.oneOf)) continue
      const own = kindOf(Object.values(resolved.properties ?? {}).map(resolve))
      if (own !== undefined) kindsAt.set(path, (kindsAt.get(path) ?? new Set()).add(own))
      walk(part, { ...place, told: true, kind: own ?? kind }, depth + 1)
    }
    if (node.items) walk(node.items, { path: `${path}[]`, required: false, kind }, depth + 1)
    if (typeof node.additionalProperties === 'object')
      walk(node.additionalProperties, { path: `${path}.*`, required: false, kind }, depth + 1)
  }
  walk(root, { path: '', required: true }, 0)
  const lines = [...rows].map(([key, { path, kinds }]) => {
    const all = [...kindsAt].find(([at]) => path.startsWith(at))?.[1] ?? new Set()
    const others = [...all].filter((kind) => !kinds.has(kind))
    const named = others.length === 1 && all.size > 2 ? `not ${others[0]}` : [...kinds].join(', ')
    const which = kinds.size > 0 && others.length > 0 ? ` (${named})` : ''
    return `| \`${path}\`${which} | ${key.slice(path.length + 1)}`
  })
  return `| field | type | default | meaning |\n|---|---|---|---|\n${lines.join('\n')}\n`
}

interface Place {
  path: string
  required: boolean
  /** Of which kind the thing is that holds it. */
  kind?: string | undefined
  /** Whether its row is there already. */
  told?: boolean
}

// The constant that tells this kind from the others; fields that are constant in themselves, such as a version, are numbers.
function kindOf(fields: readonly Node[]): string | undefined {
  const constants = fields.flatMap((field) => (typeof field.const === 'string' ? [field.const] : []))
  return constants.length === 1 ? constants[0] : undefined
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum) return node.enum.map((one) => `\`${one}\``).join(' ')
  const choices = node.anyOf ?? node.oneOf
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ')
  const bounds = [node.minimum, node.maximum].map((one) => (one === undefined || Math.abs(one) >= 2 ** 53 - 1 ? '' : String(one)))
  const span = bounds.some((one) => one !== '') ? ` ${bounds[0]}..${bounds[1]}` : ''
  return cell(`${Array.isArray(node.type) ? node.type.join(' or ') : (node.type ?? 'any')}${span}`)
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const wanted = await pages()
if (process.argv.includes('--check')) {
  const present = new Set(readdirSync(folder))
  const stale = [...wanted]
    .filter(([name, text]) => !present.has(name) || readFileSync(join(folder, name), 'utf8') !== text)
    .map(([name]) => name)
  const extra = [...present].filter((name) => !wanted.has(name))
  if (stale.length + extra.length > 0) {
    console.error(`docs/reference does not agree with the schemas: ${[...stale, ...extra].join(', ')}. Run: npm run docs`)
    process.exitCode = 1
  }
} else {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of wanted) writeFileSync(join(folder, name), text)
  console.log(`docs/reference: ${wanted.size} files`)
}
