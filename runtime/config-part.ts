// Reads a further YAML file that a config names, at once, while the config itself is being checked: with the same places and in
// the same language.
import { closeSync, openSync, readSync } from 'node:fs'
import type { z } from 'zod'
import { en, zhCN } from 'zod/v4/locales'
import { bilingual, ConfigFault } from './config-file.ts'
import { readYaml } from './yaml-source.ts'

const MAX_PART_BYTES = 1 << 20
const MESSAGES = { 'zh-CN': zhCN().localeError, en: en().localeError }

/** Throws ConfigFault with all faults of the file. */
export function readPart<S extends z.ZodType>({ file, schema }: { file: string; schema: S }): z.output<S> {
  const refuse = (message: string) => new ConfigFault(file, [{ line: 1, column: 1, path: '', message }])
  let bytes: Buffer
  try {
    bytes = readBounded(file)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw refuse(bilingual(`文件无法读取（${code}）`, `the file cannot be read (${code})`)())
  }
  if (bytes.length > MAX_PART_BYTES)
    throw refuse(bilingual(`文件过大，上限为 ${MAX_PART_BYTES} 字节`, `the file is too large; at most ${MAX_PART_BYTES} bytes are read`)())
  // The language of the config that is being checked is known to this alone.
  const language = bilingual('zh-CN', 'en')() === 'en' ? 'en' : 'zh-CN'
  const { value, faults, place } = readYaml(bytes, language)
  if (faults.length > 0) throw new ConfigFault(file, faults)
  const { data, error } = schema.safeParse(value, { error: MESSAGES[language] })
  if (error !== undefined) throw new ConfigFault(file, place(error.issues))
  return data
}

function readBounded(file: string): Buffer {
  const bytes = Buffer.alloc(MAX_PART_BYTES + 1)
  const handle = openSync(file, 'r')
  try {
    let length = 0
    while (length < bytes.length) {
      const read = readSync(handle, bytes, length, bytes.length - length, null)
      if (read === 0) break
      length += read
    }
    return Buffer.from(bytes.subarray(0, length))
  } finally {
    closeSync(handle)
  }
}
