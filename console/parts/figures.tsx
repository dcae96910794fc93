// Evidence and parameters: names that only the rules know, with a plain word where the dictionary has one.
import { isPlainWord } from '../i18n.ts'
import { useWords, type Words } from '../words.ts'
import { qualityText } from './quality.tsx'

export function Figures({ figures, unit }: { figures: Readonly<Record<string, unknown>>; unit?: string | undefined }) {
  const words = useWords()
  const entries = Object.entries(figures)
  if (entries.length === 0) return <p className="quiet">{words.t('figure.none')}</p>
  return (
    <dl className="figures">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{nameOf(name, words)}</dt>
          <dd>{sayFigure(name, value, words, unit)}</dd>
        </div>
      ))}
    </dl>
  )
}

function nameOf(name: string, { t }: Words) {
  const word = `figure.${name}`
  return isPlainWord(word) ? t(word) : <code>{name}</code>
}

// Which figures are in the unit of the judged tag.
const IN_UNIT: ReadonlySet<string> = new Set(['value', 'limit', 'low', 'high', 'hysteresis', 'rate', 'rise', 'fall'])

export function sayFigure(name: string, value: unknown, words: Words, unit?: string): string {
  const { t, say, format } = words
  if (value === null || value === undefined) return '–'
  if (typeof value === 'boolean') return t(value ? 'ui.yes' : 'ui.no')
  if (typeof value === 'number') {
    if (/seconds$/i.test(name)) return value === 0 ? format.milliseconds(0) : format.duration(value * 1000)
    if (name === 'quality') return qualityText(value, say)
    if (name === 'lastHeard') return format.dateTime(value)
    const text = format.figure(value)
    return unit !== undefined && IN_UNIT.has(name) ? `${text} ${unit}` : text
  }
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((item) => sayFigure('', item, words)).join(t('list.between'))
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, item]) => `${key} = ${sayFigure('', item, words)}`)
      .join(t('list.between'))
  return String(value)
}
