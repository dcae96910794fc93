// Numbers, times and sizes as each language writes them. Pure: the moment "now" and the time zone come in.

import type { Tag } from '#contract/tag.ts'
import type { Language } from '#contract/text.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

// In running Chinese text a space stands between digits and characters; Intl writes none.
const spaced = (text: string): string => text.replace(/(\d)(?=\p{Script=Han})/gu, '$1 ')

export interface Format {
  number(value: number, digits?: number): string
  /** A value of a tag with as many digits as its range deserves; the unit stands apart. */
  value(value: number | string | null, tag?: Pick<Tag, 'dataType' | 'range'>): string
  /** A figure of unknown kind: evidence, parameters. */
  figure(value: number): string
  time(at: number): string
  dateTime(at: number): string
  utc(at: number): string
  /** Day and clock, without the year: for lists. */
  moment(at: number): string
  hourMinute(at: number): string
  day(at: number): string
  ago(at: number, now: number): string
  duration(ms: number): string
  milliseconds(ms: number): string
  /** A share of one, in per cent. */
  share(value: number): string
  bytes(count: number): string
  /** The offset of the time zone at a moment, for example UTC+8. */
  zone(at: number): string
}

export function createFormat(language: Language, timeZone?: string): Format {
  const times = (options: Intl.DateTimeFormatOptions, zone = timeZone) => {
    const format = new Intl.DateTimeFormat(language, { hourCycle: 'h23', ...options, ...(zone === undefined ? {} : { timeZone: zone }) })
    return (at: number) => format.format(at)
  }
  const unit = (name: string, digits = 0) => {
    const format = new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits })
    return (value: number) => spaced(format.format(value))
  }
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
  const offsets = new Intl.DateTimeFormat('en', { timeZoneName: 'shortOffset', ...(timeZone === undefined ? {} : { timeZone }) })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'short' })
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 6, maximumSignificantDigits: 6, useGrouping: true })
  const units = { d: unit('day'), h: unit('hour'), m: unit('minute'), s: unit('second'), ms: unit('millisecond', 1) }
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const fixed = new Map<number, Intl.NumberFormat>()

  const number = (value: number, digits = 0) => {
    let format = fixed.get(digits)
    if (format === undefined) {
      format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })
      fixed.set(digits, format)
    }
    return format.format(value)
  }

  return {
    number,
    value(value, tag) {
      if (value === null) return '–'
      if (typeof value === 'string') return value
      return tag?.dataType === 'float' ? number(value, digitsOf(tag.range)) : plain.format(value)
    },
    figure: (value) => plain.format(value),
    time: times(clock),
    dateTime: times({ year: 'numeric', month: 'short', day: 'numeric', ...clock }),
    utc: times({ year: 'numeric', month: 'short', day: 'numeric', ...clock }, 'UTC'),
    moment: times({ month: 'short', day: 'numeric', ...clock }),
    hourMinute: times({ hour: '2-digit', minute: '2-digit' }),
    day: times({ month: 'short', day: 'numeric' }),
    ago(at, now) {
      const ms = Math.max(0, now - at)
      const [step, name] =
        ms < MINUTE
          ? [SECOND, 'second' as const]
          : ms < HOUR
            ? [MINUTE, 'minute' as const]
            : ms < DAY
              ? [HOUR, 'hour' as const]
              : [DAY, 'day' as const]
      return spaced(relative.format(-Math.floor(ms / step), name))
    },
    duration(ms) {
      if (ms < SECOND) return units.ms(ms)
      const parts = [
        [Math.floor(ms / DAY), units.d],
        [Math.floor(ms / HOUR) % 24, units.h],
        [Math.floor(ms / MINUTE) % 60, units.m],
        [Math.floor(ms / SECOND) % 60, units.s]
      ] as const
      const first = parts.findIndex(([count]) => count > 0)
      return parts
        .slice(first, first + 2)
        .filter(([count]) => count > 0)
        .map(([count, write]) => write(count))
        .join(' ')
    },
    share: (value) => percent.format(value),
    milliseconds: (ms) => units.ms(ms),
    bytes(count) {
      const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
      const step = count < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(count) / 3))
      return unit(names[step] ?? 'byte', step === 0 ? 0 : 1)(count / 1000 ** step)
    },
    zone(at) {
      const name = offsets.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'UTC'
      return name.replace('GMT', 'UTC')
    }
  }
}

// A range of 6 m deserves three digits after the point, one of 500 m3/h a single one.
function digitsOf(range: Tag['range']): number {
  if (range === undefined) return 2
  const magnitude = Math.ceil(Math.log10(range.high - range.low))
  return Math.min(3, Math.max(0, 4 - magnitude))
}
