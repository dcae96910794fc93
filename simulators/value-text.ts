// Values and times as people read them: with the digits that a register can carry, a unit, or a word for a flag.
import { type Language, pick } from '#contract/text.ts'
import { DAY_SECONDS } from './plants/plant.ts'
import { isRegister, readTag, type TagRow } from './plc/tag-map.ts'
import type { Works } from './works.ts'

const MOST_DIGITS = 4

export function shownValue(row: TagRow, value: number, language: Language): string {
  if (!isRegister(row.place)) return value === 0 ? pick({ zh: '否', en: 'no' }, language) : pick({ zh: '是', en: 'yes' }, language)
  const text = value.toFixed(digitsOf(row))
  return row.unit === undefined ? text : `${text} ${row.unit}`
}

/** How many digits after the point a value is worth: those of one count, or of a thousandth of the range. */
export function digitsOf({ place, range }: TagRow): number {
  if (!isRegister(place)) return 0
  const step = place.format.startsWith('float') ? (range === undefined ? 0.1 : (range.high - range.low) / 1000) : place.scale
  return Math.min(MOST_DIGITS, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))
}

const DAY_NAMES = {
  'zh-CN': ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
}

/** Weekday and time of day in the plant. */
export function clockOf(seconds: number, language: Language): string {
  const whole = Math.floor(seconds + 1e-6)
  const parts = [(whole / 3600) % 24, (whole / 60) % 60, whole % 60]
  const time = parts.map((part) => String(Math.floor(part)).padStart(2, '0')).join(':')
  return `${DAY_NAMES[language][Math.floor(whole / DAY_SECONDS) % 7]} ${time}`
}

export interface ShownAlarm {
  /** The tag that it is about. */
  tag: string
  text: string
}

/** The alarms of the PLC that stand, as a panel beside it would show them. */
export function shownAlarms({ map, plc, alarms }: Pick<Works, 'map' | 'plc' | 'alarms'>, language: Language): ShownAlarm[] {
  return alarms.flatMap(({ source, state }) => {
    const row = map.tags[source]
    const now = state()
    if (row === undefined || now === null) return []
    const title = pick(row.title, language)
    const value = readTag(plc.image, row)
    // "Pump 1 fault" says all; "Power ok" does not.
    if (now === 'Active') return [{ tag: source, text: value === 1 ? title : `${title}: ${shownValue(row, value, language)}` }]
    const word = pick(now === 'High' ? { zh: '高', en: 'high' } : { zh: '低', en: 'low' }, language)
    return [{ tag: source, text: `${title} ${word}: ${shownValue(row, value, language)}` }]
  })
}
