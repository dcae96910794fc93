// Reads a YAML file into a checked config. Every fault is told at once, with its place, in the reader's language;
// nothing of the program has started yet when that happens.
import { createHash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { en, zhCN } from 'zod/v4/locales'
import { type Language, pick } from '#contract/text.ts'
import { type Fault, readYaml } from './yaml-source.ts'

export const MAX_CONFIG_BYTES = 4 << 20

export class ConfigFault extends Error {
  readonly code = 'CONFIG_FAULT'
  readonly exitCode = 78
  readonly faults: readonly (Fault & { file: string })[]
  constructor(file: string, faults: readonly Fault[], options?: ErrorOptions) {
    super(faults.map((f) => `${file}:${f.line}:${f.column}${f.path === '' ? '' : ` ${f.path}`}: ${f.message}`).join('\n'), options)
    this.name = 'ConfigFault'
    this.faults = faults.map((fault) => ({ file, ...fault }))
  }
}

// What FilePath and bilingual() need to know of the file being read. It is set only while zod runs, which is synchronous,
// so two files read at the same time cannot see each other's.
let reading: { folder: string; language: Language } | undefined

export const FilePath = z
  .string()
  .min(1)
  .max(4096)
  .transform((path) => (reading === undefined ? path : resolve(reading.folder, path)))
  .describe('A file or folder; a relative path starts at the folder of the config file.')

/** An `error` for any zod check that is told in the language of the reader. */
export function bilingual(zh: string, en: string): () => string {
  return () => pick({ zh, en }, reading?.language ?? 'en')
}

export function languageOf(environment: NodeJS.ProcessEnv = process.env): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = environment
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh-CN' : 'en'
}

export async function readConfig<S extends z.ZodType>(options: {
  file: string
  schema: S
  language?: Language
}): Promise<{ config: z.output<S>; hash: string }> {
  const { file, schema } = options
  const language = options.language ?? languageOf()
  const text = await readText(file, language)
  const { value, faults, place } = readYaml(text, language)
  if (faults.length > 0) throw new ConfigFault(file, faults)
  const result = check(schema, value, { folder: dirname(resolve(file)), language })
  if (!result.success) throw new ConfigFault(file, place(result.error.issues))
  return { config: result.data, hash: createHash('sha256').update(text).digest('hex').slice(0, 16) }
}

export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) }
}

const MESSAGES = { 'zh-CN': zhCN().localeError, en: en().localeError }

function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  context: { folder: string; language: Language }
): z.ZodSafeParseResult<z.output<S>> {
  reading = context
  try {
    return schema.safeParse(value, { error: MESSAGES[context.language] })
  } finally {
    reading = undefined
  }
}

async function readText(file: string, language: Language): Promise<Buffer> {
  const refuse = (zh: string, en: string, cause?: unknown) =>
    new ConfigFault(file, [{ line: 1, column: 1, path: '', message: pick({ zh, en }, language) }], { cause })
  try {
    const { size } = await stat(file)
    if (size > MAX_CONFIG_BYTES)
      throw refuse(
        `文件过大（${size} 字节），上限为 ${MAX_CONFIG_BYTES} 字节`,
        `the file has ${size} bytes; at most ${MAX_CONFIG_BYTES} are read`
      )
    return await readFile(file)
  } catch (cause) {
    if (cause instanceof ConfigFault) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    if (code === 'ENOENT') throw refuse('文件不存在', 'there is no such file', cause)
    throw refuse(`文件无法读取（${code}）`, `the file cannot be read (${code})`, cause)
  }
}

const MAX_SECRET_BYTES = 64 << 10

export const Secret = z
  .union([
    z.strictObject({ env: z.string().min(1).max(200).describe('The environment variable that holds the secret.') }),
    z.strictObject({ file: FilePath.describe('The file that holds the secret; one newline at its end is not part of it.') })
  ])
  .describe('Where a secret is found; never the secret itself.')
export type Secret = z.infer<typeof Secret>

export class SecretFault extends Error {
  readonly code = 'SECRET_FAULT'
  readonly exitCode = 78
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SecretFault'
  }
}

export async function readSecret(secret: Secret): Promise<string> {
  if ('env' in secret) {
    const value = process.env[secret.env]
    if (value === undefined || value === '')
      throw new SecretFault(`environment variable ${secret.env}, which should hold a secret, is not set`)
    return value
  }
  const bytes = await readBounded(secret.file)
  if (bytes.length > MAX_SECRET_BYTES) throw new SecretFault(`secret file ${secret.file} is longer than ${MAX_SECRET_BYTES} bytes`)
  const value = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (value === '') throw new SecretFault(`secret file ${secret.file} is empty`)
  return value
}

async function readBounded(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file)
    const buffer = Buffer.alloc(MAX_SECRET_BYTES + 1)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new SecretFault(`secret file ${file} cannot be read (${code})`, { cause })
  }
}
