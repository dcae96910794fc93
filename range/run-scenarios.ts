// Which scenarios a run plays: files, or names of those that come with Penstock. All of them are checked before any is played.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Language, pick } from '#contract/text.ts'
import { EXIT, UsageFault } from '#runtime/command-line.ts'
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import { Scenario } from '../simulators/scenario.ts'
import { nearNames } from './near-names.ts'

const SHIPPED = fileURLToPath(new URL('../simulators/scenarios/', import.meta.url))

export interface NamedScenario {
  name: string
  file: string
  scenario: Scenario
}

/** Every fault of every scenario, one a line, as file:line:column. */
export class ScenarioFaults extends Error {
  readonly code = 'CONFIG_FAULT'
  readonly exitCode = EXIT.config
  readonly faults: ConfigFault['faults']
  constructor(faults: readonly ConfigFault[]) {
    super(faults.map((fault) => fault.message).join('\n'), { cause: faults[0] })
    this.name = 'ScenarioFaults'
    this.faults = faults.flatMap((fault) => fault.faults)
  }
}

/** The files of the scenarios that come with Penstock, in the order of their names. */
export async function shippedScenarios(): Promise<string[]> {
  const names = await readdir(SHIPPED)
  return names
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(SHIPPED, name))
}

export async function readScenarios(options: { wanted: readonly string[]; all?: boolean; language: Language }): Promise<NamedScenario[]> {
  const { wanted, all = false, language } = options
  const shipped = await shippedScenarios()
  const files = [...new Set([...(all ? shipped : []), ...wanted.map((word) => fileOf(word))])]
  if (files.length === 0) throw new UsageFault('请给出场景文件或名称，或使用 --all', 'name scenarios by file or name, or give --all')
  const names = shipped.map(nameOf)
  const outcomes = await Promise.allSettled(
    files.map(async (file) => {
      if (!existsSync(file)) throw nowhere(file, names, language)
      return readScenario(file, language)
    })
  )
  const read = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const faults = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []))
  const stranger = faults.find((fault) => !(fault instanceof ConfigFault))
  if (stranger !== undefined) throw stranger
  const doubles = doublesOf(read, language)
  const told = [...faults.filter((fault) => fault instanceof ConfigFault), ...doubles]
  if (told.length > 0) throw new ScenarioFaults(told)
  return read
}

async function readScenario(file: string, language: Language): Promise<NamedScenario> {
  const { config } = await readConfig({ file, schema: Scenario, language })
  return { name: nameOf(file), file, scenario: config }
}

const nameOf = (file: string): string => basename(file).replace(/\.ya?ml$/, '')

// A file wins over a name, as a path does over a command.
function fileOf(word: string): string {
  const shipped = join(SHIPPED, `${basename(word)}.yaml`)
  return !existsSync(word) && /^[\w.-]+$/.test(word) && existsSync(shipped) ? shipped : word
}

function nowhere(word: string, names: readonly string[], language: Language): ConfigFault {
  const near = nearNames(nameOf(word), names)
  const [zh, en] =
    near.length === 0
      ? ['penstock range list 列出全部', 'penstock range list names them all']
      : [`相近的有 ${near.join('、')}`, `did you mean ${near.join(', ')}?`]
  const message = pick({ zh: `没有这个场景文件或名称；${zh}`, en: `there is no scenario with that file or name; ${en}` }, language)
  return new ConfigFault(word, [{ line: 1, column: 1, path: '', message }])
}

// The board, thresholds and recordings know a scenario by its name.
function doublesOf(scenarios: readonly NamedScenario[], language: Language): ConfigFault[] {
  return scenarios.flatMap(({ name, file }, i) => {
    const other = scenarios.slice(0, i).find((one) => one.name === name)
    if (other === undefined) return []
    const message = pick({ zh: `与 ${other.file} 重名`, en: `${other.file} has the same name` }, language)
    return [new ConfigFault(file, [{ line: 1, column: 1, path: '', message }])]
  })
}
