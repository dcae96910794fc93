// Turns the reason template of a check and the figures of a finding into one sentence in each language.
import { MISTRUSTS, type Mistrust } from '#contract/agent-key.ts'
import type { Evidence, Finding } from '#contract/finding.ts'
import { QUALITY_TEXTS } from '#contract/quality.ts'
import type { Tag } from '#contract/tag.ts'
import type { Text } from '#contract/text.ts'
import type { Check } from './check.ts'
import { MISTRUST_TEXTS } from './fleet/identity.ts'

type Tongue = keyof Text

/** Placeholders that every template may use. */
export const PLACES = ['tag', 'unit', 'device', 'agent', 'site', 'names'] as const

const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9]*)\}/g

export function placeholdersOf(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
}

export function renderReason(check: Check, finding: Finding, tag?: Tag): Text {
  return { zh: render(check, finding, tag, 'zh'), en: render(check, finding, tag, 'en') }
}

function render(check: Check, finding: Finding, tag: Tag | undefined, tongue: Tongue): string {
  if (finding.condition === 'cleared') return ended(check, finding, tag, tongue)
  const text = check.reason[tongue].replace(PLACEHOLDER, (_, name: string) => figure(name, check, finding, tag, tongue))
  // A tag without a unit leaves a space before the comma or full stop that follows.
  return text
    .replace(/ +(?=[,.;，。；])/g, '')
    .replace(/ {2,}/g, ' ')
    .slice(0, 2000)
}

// The sentence of the template says what is wrong; it would be untrue when that is over.
function ended(check: Check, { evidence, tag: name }: Finding, tag: Tag | undefined, tongue: Tongue): string {
  const value = evidence['value']
  const now =
    name === null || value === undefined || value === null ? '' : `${formatValue(value)}${tag?.unit === undefined ? '' : ` ${tag.unit}`}`
  const title = check.title[tongue]
  if (tongue === 'zh') return `已恢复正常：${title}${now === '' ? '' : `（当前值 ${now}）`}。`
  return `Back to normal: ${title}${now === '' ? '' : ` (now ${now})`}.`
}

function figure(name: string, check: Check, finding: Finding, tag: Tag | undefined, tongue: Tongue): string {
  switch (name) {
    case 'tag':
      // Chinese sets no space around a title, but one after a Latin name.
      return tag?.title?.[tongue] ?? `${finding.tag ?? ''}${tongue === 'zh' ? ' ' : ''}`
    case 'unit':
      return tag?.unit ?? ''
    case 'device':
      return finding.device ?? ''
    case 'agent':
      return finding.agent
    case 'site':
      return finding.site
    case 'names':
      return listed(finding.tags, tongue)
  }
  const value = name in finding.evidence ? finding.evidence[name] : check.parameters[name]
  if (name === 'quality' && typeof value === 'number') return QUALITY_TEXTS.get(value)?.text[tongue] ?? `0x${value.toString(16)}`
  if (name === 'why' && isMistrust(value)) return MISTRUST_TEXTS[value][tongue]
  if (typeof value === 'number' && /seconds$/i.test(name)) return formatSeconds(value, tongue)
  if (typeof value === 'boolean') return YES_NO[tongue][value ? 0 : 1]
  if (typeof value === 'number' || typeof value === 'string') return formatValue(value)
  return '—'
}

const isMistrust = (value: unknown): value is Mistrust => MISTRUSTS.some((one) => one === value)

const YES_NO = { zh: ['是', '否'], en: ['yes', 'no'] } as const

const SHOWN = 3

function listed(names: readonly string[], tongue: Tongue): string {
  const shown = names.slice(0, SHOWN).join(tongue === 'zh' ? '、' : ', ')
  if (names.length <= SHOWN) return shown
  return tongue === 'zh' ? `${shown}等` : `${shown} and others`
}

const formatValue = (value: NonNullable<Evidence[string]>): string => (typeof value === 'number' ? formatNumber(value) : String(value))

/** Whole numbers in full, others with four significant digits: 3.0012345 -> 3.001, 1234.56 -> 1235. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value)
  if (Math.abs(value) >= 1000) return String(Math.round(value))
  const short = Number(value.toPrecision(4))
  return Math.abs(short) < 1e-6 ? short.toExponential() : short.toFixed(decimalsOf(short))
}

// Plain decimals for small numbers, where String() would write 1e-7.
function decimalsOf(value: number): number {
  for (let decimals = 0; decimals < 10; decimals++) if (Number(value.toFixed(decimals)) === value) return decimals
  return 10
}

export function formatSeconds(seconds: number, tongue: Tongue): string {
  const units = tongue === 'zh' ? ([' 秒', ' 分钟', ' 小时', ' 天'] as const) : ([' s', ' min', ' h', ' d'] as const)
  if (seconds < 120) return `${formatNumber(seconds < 10 ? seconds : Math.round(seconds))}${units[0]}`
  if (seconds < 7200) return `${Math.round(seconds / 60)}${units[1]}`
  if (seconds < 172_800) return `${formatNumber(Math.round(seconds / 360) / 10)}${units[2]}`
  return `${formatNumber(Math.round(seconds / 8640) / 10)}${units[3]}`
}
