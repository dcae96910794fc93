// `penstock agent import`: a foreign tag list made an agent.yaml, with everything that did not fit told.

import { isUtf8 } from 'node:buffer'
import { constants } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Language, pick } from '#contract/language.ts'
import { type Outcome, type Say, sayIn, UsageFault } from '#runtime/command-line.ts'
import { ConfigFault, readConfigText } from '#runtime/config-file.ts'
import { AgentConfig } from '../config.ts'
import { agentYaml } from '../import/agent-yaml.ts'
import type { Draft, Hints } from '../import/draft.ts'
import { type Settled, settle } from '../import/settle.ts'
import type { ImportResult } from './results.ts'

export const FORMATS = ['csv', 'telegraf', 'neuron', 'kepware'] as const
export type Format = (typeof FORMATS)[number]

export interface ImportOptions extends Hints {
  file: string | undefined
  from?: Format
  out?: string
  template?: boolean
  language: Language
}

const MAX_BYTES = 16 << 20

/** Rejects with UsageFault or ImportFault. */
export async function importTags(options: ImportOptions): Promise<Outcome> {
  const { file, from, out, template, language } = options
  const say = sayIn(language)
  if (template) return await templateOf(language)
  if (file === undefined) throw new UsageFault('请给出要导入的文件，或 --template', 'name the file to import, or give --template')
  if (from === undefined) throw new UsageFault(`请给出 --from：${FORMATS.join('、')}`, `needs --from: ${FORMATS.join(', ')}`)
  const settled = settle(await readDraft(from, await readBounded(file), options))
  const yaml = agentYaml(settled, basename(file), language)
  const faults = faultsOf(yaml, out ?? 'agent.yaml', language)
  if (out !== undefined) await writeNew(out, yaml)
  const data: ImportResult = {
    format: from,
    out: out ?? null,
    yaml,
    devices: settled.devices.length,
    tags: settled.devices.reduce((sum, { tags }) => sum + tags.length, 0),
    notes: settled.notes.map(({ place, left, text }) => ({ place, left, reason: pick(text, language) })),
    ok: faults.length === 0,
    faults
  }
  return {
    text: out === undefined ? `${yaml}${commented(summary(data, settled, say))}` : summary(data, settled, say),
    data,
    trouble: !data.ok
  }
}

async function templateOf(language: Language): Promise<Outcome> {
  const { csvTemplate } = await import('../import/csv.ts')
  const template = csvTemplate(language)
  return { text: template, data: { template }, trouble: false }
}

// Each reader is loaded with its parser only when it is asked for.
async function readDraft(from: Format, text: string, hints: Hints): Promise<Draft> {
  switch (from) {
    case 'csv':
      return (await import('../import/csv.ts')).readCsv(text, hints)
    case 'telegraf':
      return (await import('../import/telegraf.ts')).readTelegraf(text)
    case 'neuron':
      return (await import('../import/neuron.ts')).readNeuron(text)
    case 'kepware':
      return (await import('../import/kepware.ts')).readKepware(text, hints)
  }
}

async function readBounded(file: string): Promise<string> {
  await using handle = await open(file, constants.O_RDONLY)
  const { size } = await handle.stat()
  const tooLarge = () => new UsageFault(`文件过大，上限为 ${MAX_BYTES} 字节`, `the file is too large; at most ${MAX_BYTES} bytes are read`)
  if (size > MAX_BYTES) throw tooLarge()
  const bytes = await handle.readFile()
  if (bytes.length > MAX_BYTES) throw tooLarge()
  // Spreadsheets of Chinese systems save in the national encoding (GB 18030), which takes every UTF-8 file for something else.
  return isUtf8(bytes) ? bytes.toString('utf8') : new TextDecoder('gb18030').decode(bytes)
}

function faultsOf(yaml: string, file: string, language: Language): string[] {
  try {
    readConfigText({ file, text: Buffer.from(yaml), schema: AgentConfig, language })
    return []
  } catch (error) {
    if (error instanceof ConfigFault) return error.message.split('\n')
    throw error
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    throw new UsageFault(`${file} 已存在，不会覆盖`, `${file} is there already and is not replaced`, { cause })
  }
}

function summary({ devices, tags, ok, faults, out }: ImportResult, { notes }: Settled, say: Say): string {
  const left = notes.filter((note) => note.left).length
  return [
    say(
      `已导入设备 ${devices} 台、测点 ${tags} 个；未导入 ${left} 项，另有 ${notes.length - left} 项需核对${out === null ? '' : `（见 ${out} 开头）`}`,
      `${devices} device(s) and ${tags} tag(s) taken over; ${left} left out and ${notes.length - left} to look at${out === null ? '' : ` (at the top of ${out})`}`
    ),
    ok
      ? say('结果可通过 penstock agent check', 'penstock agent check takes the result')
      : say('结果尚不能使用：', 'The result cannot be used yet:'),
    ...faults
  ].join('\n')
}

const commented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n')
