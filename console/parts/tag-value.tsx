// A value with its unit. A bool is said in a word; a missing value is a dash and never a zero.
import type { Tag } from '#contract/tag.ts'
import { useWords } from '../words.ts'

export function TagValue({ value, tag }: { value: number | string | null; tag: Pick<Tag, 'dataType' | 'range' | 'unit'> | undefined }) {
  const { t, format } = useWords()
  if (value === null) return <span className="value none">–</span>
  if (tag?.dataType === 'bool' && (value === 0 || value === 1)) return <span className="value">{t(value === 1 ? 'ui.yes' : 'ui.no')}</span>
  return (
    <span className="value">
      {format.value(value, tag)}
      {tag?.unit === undefined ? null : <span className="unit"> {unitText(tag.unit)}</span>}
    </span>
  )
}

// Units are configured in plain letters; people read m³ and °C.
export function unitText(unit: string): string {
  return unit
    .replace(/\bdegC\b/, '°C')
    .replace(/\bm2\b/, 'm²')
    .replace(/\bm3\b/, 'm³')
}
