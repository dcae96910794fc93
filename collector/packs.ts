// Reads rule packs: those that ship with Penstock and those that a centre adds. A fault is told with file, line and column.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Language, pick, type Text } from '#contract/text.ts'
import { Pack } from '#rules/pack.ts'
import { ConfigFault, languageOf, readConfig } from '#runtime/config-file.ts'

export const SHIPPED_PACKS = fileURLToPath(new URL('../rules/packs/', import.meta.url))

/** All packs of the folders, in order of folder and file name; a pack of a later folder takes the place of one with the same id. */
export async function readPacks(options: { folders?: readonly string[]; language?: Language } = {}): Promise<Pack[]> {
  const { folders = [SHIPPED_PACKS], language = languageOf() } = options
  const packs = new Map<string, Pack>()
  for (const folder of folders) {
    const here = new Map<string, string>()
    for (const file of await filesOf(folder, language)) {
      const { config } = await readConfig({ file, schema: Pack, language })
      const other = here.get(config.id)
      if (other !== undefined)
        throw refusal(
          file,
          { zh: `规则包编号 ${config.id} 与 ${other} 重复`, en: `${other} already holds a pack with the id ${config.id}` },
          language
        )
      here.set(config.id, file)
      packs.set(config.id, config)
    }
  }
  return [...packs.values()]
}

async function filesOf(folder: string, language: Language): Promise<string[]> {
  try {
    const names = await readdir(folder)
    return names
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => join(folder, name))
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw refusal(folder, { zh: `规则包文件夹无法读取（${why}）`, en: `the folder of rule packs cannot be read (${why})` }, language)
  }
}

const refusal = (file: string, message: Text, language: Language): ConfigFault =>
  new ConfigFault(file, [{ line: 1, column: 1, path: '', message: pick(message, language) }])
