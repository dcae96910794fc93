// A settled draft as the text of an agent.yaml, with what needs a look in comments at its top.
import { type Language, pick } from '#contract/language.ts'
import { printable } from '#runtime/console-table.ts'
import type { DraftTag } from './draft.ts'
import type { Settled, SettledDevice } from './settle.ts'

const MOST_COMMENTS = 500

export function agentYaml({ devices, notes }: Settled, source: string, language: Language): string {
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  const shown = notes.slice(0, MOST_COMMENTS)
  const head = [
    say(
      `由 penstock agent import 从 ${source} 生成，只读。请逐项核对后再使用：penstock agent check，再 penstock agent once`,
      `Made by penstock agent import from ${source}, for reading only. Look at all of it before use: penstock agent check, then penstock agent once`
    ),
    ...(shown.length === 0 ? [] : [say('需要核对：', 'To look at:')]),
    ...shown.map(({ place, left, text }) => `- ${left ? say('未导入 ', 'not taken over: ') : ''}${place}: ${pick(text, language)}`),
    ...(notes.length > shown.length ? [say(`……另有 ${notes.length - shown.length} 项`, `… and ${notes.length - shown.length} more`)] : [])
  ]
  const frame = [
    'agent: agent-1',
    'site: { id: site-1, title: { zh: 站点, en: Site }, sector: water }',
    'broker: { url: "mqtt://127.0.0.1:1883" }',
    'outbox: { file: ./data/outbox.db }',
    'devices:'
  ]
  return `${[...head.map((line) => `# ${printable(line)}`), '', ...frame, ...devices.flatMap(deviceLines)].join('\n')}\n`
}

function deviceLines(device: SettledDevice): string[] {
  const { id, connection, unit, timeoutMs, minGapMs, tags, name } = device
  const title = name === id ? [] : [`    title: { zh: ${scalar(name)}, en: ${scalar(name)} }`]
  const where =
    'host' in connection
      ? [`    host: ${scalar(connection.host)}`, `    port: ${connection.port}`]
      : [`    line: { ${pairs({ ...connection, protocol: undefined })} }`]
  return [
    `  - id: ${scalar(id)}`,
    ...title,
    `    protocol: ${connection.protocol}`,
    ...where,
    `    unit: ${unit}`,
    ...(timeoutMs === undefined ? [] : [`    timeoutMs: ${timeoutMs}`]),
    ...(minGapMs === undefined ? [] : [`    budget: { minGapMs: ${minGapMs} }`]),
    '    tags:',
    ...tags.map((tag) => `      - { ${tagText(tag)} }`)
  ]
}

const SHORT = { coil: 'coil', 'discrete-input': 'discrete', 'input-register': 'input', 'holding-register': 'holding' } as const

export function placeText({ table, address, type, order, bit, length }: DraftTag): string {
  const argument = bit === undefined ? (length === undefined ? '' : `:${length}`) : `:${bit}`
  const form = type === undefined || type === 'bool' ? '' : ` ${type}${argument}`
  return `${SHORT[table]} ${address}${form}${order === undefined || order === 'ABCD' ? '' : ` ${order}`}`
}

function tagText(tag: DraftTag): string {
  const { name, scale, offset, unit, low, high, title, role, cadenceMs, deadband } = tag
  return [
    pairs({ name, at: placeText(tag), scale: scale === 1 ? undefined : scale, offset: offset === 0 ? undefined : offset, unit }),
    ...(low === undefined || high === undefined ? [] : [`range: { low: ${low}, high: ${high} }`]),
    pairs({ role, cadenceMs, deadband }),
    ...(title === undefined ? [] : [`title: { zh: ${scalar(title.zh)}, en: ${scalar(title.en)} }`])
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function pairs(values: Record<string, string | number | undefined>): string {
  return Object.entries(values)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${scalar(value)}`]))
    .join(', ')
}

// Double-quoted YAML takes what JSON writes. Words that YAML reads as something else than text are quoted too.
function scalar(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = printable(value)
  return /^[A-Za-z][A-Za-z0-9_. /-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) && text.trim() === text
    ? text
    : JSON.stringify(text)
}
