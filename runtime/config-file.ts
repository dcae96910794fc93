// Reads a YAML file into a checked config. Every fault is told at once, with its place, in the reader's language;
// nothing of the program has started yet when that happens.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { en, zhCN } from 'zod/v4/locales'
import { type Language, pick, type Text } from '#contract/text.ts'
import { languageOf } from './language.ts'
import { type Fault, readYaml } from './yaml-source.ts'

export { languageOf } from './language.ts'

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

/**
 * A message in the language of the reader, as the `error` of any zod schema or check: `z.int({ error: bilingual(zh, en) })`,
 * or in the place of its options: `.refine(isFree, bilingual(zh, en))`.
 */
export function bilingual(zh: string, en: string): (() => string) & { error: () => string } {
  const tell = () => pick({ zh, en }, reading?.language ?? 'en')
  return Object.assign(tell, { error: tell })
}

export async function readConfig<S extends z.ZodType>(options: {
  file: string
  schema: S
  language?: Language
}): Promise<{ config: z.output<S>; hash: string }> {
  const language = options.language ?? languageOf()
  return readConfigText({ ...options, language, text: await readText(options.file, language) })
}

/** The same for a text that is not in its file yet, or never will be; `file` is where it would be. */
export function readConfigText<S extends z.ZodType>(options: {
  file: string
  text: Buffer
  schema: S
  language: Language
}): {
  config: z.output<S>
  hash: string
} {
  const { file, text, schema, language } = options
  const { value, faults, place } = readYaml(text, language)
  if (faults.length > 0) throw new ConfigFault(file, faults)
  const { data, issues } = check(schema, value, { folder: dirname(resolve(file)), language })
  if (issues !== undefined) throw new ConfigFault(file, place(issues))
  return { config: data, hash: createHash('sha256').update(text).digest('hex').slice(0, 16) }
}

/** zod's own messages in the language of the file being read, for a schema that is checked inside another one. */
export const readersError: z.core.$ZodErrorMap = (issue) => MESSAGES[reading?.language ?? 'en'](issue)

/** Checks what stands in no file, with the messages in a language. */
export function checkedIn<S extends z.ZodType>(language: Language, schema: S, value: unknown): Checked<S> {
  return check(schema, value, { folder: process.cwd(), language })
}

const MESSAGES = { 'zh-CN': zhCN().localeError, en: en().localeError }

type Checked<S extends z.ZodType> = { data: z.output<S>; issues?: undefined } | { data?: undefined; issues: z.core.$ZodIssue[] }

// zod words its issues only when they are looked at, so that has to happen in here too.
function check<S extends z.ZodType>(schema: S, value: unknown, context: { folder: string; language: Language }): Checked<S> {
  const around = reading
  reading = context
  try {
    const result = schema.safeParse(value, { error: MESSAGES[context.language] })
    return result.success ? { data: result.data } : { issues: result.error.issues }
  } finally {
    reading = around
  }
}

async function readText(file: string, language: Language): Promise<Buffer> {
  const refuse = (zh: string, en: string, cause?: unknown) =>
    new ConfigFault(file, [{ line: 1, column: 1, path: '', message: pick({ zh, en }, language) }], { cause })
  let text: Buffer
  try {
    text = await readBounded(file, MAX_CONFIG_BYTES)
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENOENT') throw refuse('文件不存在', 'there is no such file', cause)
    throw refuse(`文件无法读取（${code}）`, `the file cannot be read (${code})`, cause)
  }
  if (text.length > MAX_CONFIG_BYTES)
    throw refuse(`文件过大，上限为 ${MAX_CONFIG_BYTES} 字节`, `the file is too large; at most ${MAX_CONFIG_BYTES} bytes are read`)
  return text
}

// At most one byte more than the limit, whatever the file system says of the size.
async function readBounded(file: string, limit: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let left = limit + 1
  await using handle = await open(file)
  while (left > 0) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(left, 64 << 10)))
    if (bytesRead === 0) break
    parts.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
  return Buffer.concat(parts)
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
}

const MAX_SECRET_BYTES = 64 << 10

export const Secret = z
  .union(
    [
      z.strictObject({ env: z.string().min(1).max(200).describe('The environment variable that holds the secret.') }),
      z.strictObject({ file: FilePath.describe('The file that holds the secret; one newline at its end is not part of it.') })
    ],
    bilingual('应写明密钥所在之处：{ env: 变量名 } 或 { file: 文件 }', 'must say where the secret is: { env: NAME } or { file: PATH }')
  )
  .describe('Where a secret is found; never the secret itself.')
export type Secret = z.infer<typeof Secret>

export class SecretFault extends Error {
  readonly code = 'SECRET_FAULT'
  readonly exitCode = 78
  readonly text: Text
  constructor(zh: string, en: string, options?: ErrorOptions) {
    super(en, options)
    this.name = 'SecretFault'
    this.text = { zh, en }
  }
}

export async function readSecret(secret: Secret): Promise<string> {
  if ('env' in secret) {
    const value = process.env[secret.env]
    if (value === undefined || value === '')
      throw new SecretFault(
        `应存放密钥的环境变量 ${secret.env} 未设置`,
        `environment variable ${secret.env}, which should hold a secret, is not set`
      )
    return value
  }
  const bytes = await readBounded(secret.file, MAX_SECRET_BYTES).catch((cause: unknown) => {
    throw new SecretFault(
      `密钥文件 ${secret.file} 无法读取（${codeOf(cause)}）`,
      `secret file ${secret.file} cannot be read (${codeOf(cause)})`,
      { cause }
    )
  })
  if (bytes.length > MAX_SECRET_BYTES)
    throw new SecretFault(
      `密钥文件 ${secret.file} 超过 ${MAX_SECRET_BYTES} 字节`,
      `secret file ${secret.file} is longer than ${MAX_SECRET_BYTES} bytes`
    )
  const value = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (value === '') throw new SecretFault(`密钥文件 ${secret.file} 是空的`, `secret file ${secret.file} is empty`)
  return value
}
