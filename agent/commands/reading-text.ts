// How a reading is told: as a row of a table, and as the plain object of --json.
import { type Language, pick } from '#contract/language.ts'
import { QUALITY_TEXTS, type QualityClass, qualityClass } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import type { Cell } from '#runtime/console-table.ts'
import type { TagSample } from './reading.ts'
import type { Reading } from './results.ts'

export function readingOf(tag: Tag, sample: TagSample | undefined, language: Language, raw = false): Reading {
  const { name, text } = sample === undefined ? nothing(language) : qualityWords(sample.quality, language)
  return {
    device: tag.device,
    tag: tag.name,
    ...(tag.title === undefined ? {} : { title: tag.title }),
    value: sample?.value ?? null,
    ...(tag.unit === undefined ? {} : { unit: tag.unit }),
    quality: sample?.quality ?? null,
    qualityClass: sample === undefined ? 'bad' : qualityClass(sample.quality),
    qualityName: name,
    qualityText: text,
    time: sample?.time ?? null,
    ...(sample?.sourceTime === undefined ? {} : { sourceTime: sample.sourceTime }),
    ...(sample?.serverTime === undefined ? {} : { serverTime: sample.serverTime }),
    ...(sample?.roundTripMs === undefined ? {} : { roundTripMs: Math.round(sample.roundTripMs * 1000) / 1000 }),
    ...(raw && sample?.raw !== undefined ? { raw: sample.raw } : {})
  }
}

function nothing(language: Language) {
  return { name: 'NoReading', text: pick({ zh: '限时内没有读数', en: 'No reading in time' }, language) }
}

/** Codes that have no text are told by their class and number. */
export function qualityWords(quality: number, language: Language): { name: string; text: string } {
  const known = QUALITY_TEXTS.get(quality)
  if (known !== undefined) return { name: known.name, text: pick(known.text, language) }
  const name = `0x${quality.toString(16).padStart(8, '0').toUpperCase()}`
  return { name, text: pick(CLASS_TEXTS[qualityClass(quality)], language) }
}

const CLASS_TEXTS = {
  good: { zh: '良好', en: 'Good' },
  uncertain: { zh: '不确定', en: 'Uncertain' },
  bad: { zh: '坏值', en: 'Bad' }
} as const

const STYLES = { good: 'green', uncertain: 'yellow', bad: 'red' } as const satisfies Record<QualityClass, Cell['style']>

export function qualityCell({ qualityClass, qualityName, qualityText }: Reading): Cell {
  return { text: `${qualityName} ${qualityText}`, style: STYLES[qualityClass] }
}

export function valueText({ value, unit }: Pick<Reading, 'value' | 'unit'>): string {
  if (value === null) return '—'
  return `${typeof value === 'string' ? JSON.stringify(value) : numberText(value)}${unit === undefined ? '' : ` ${unit}`}`
}

export function numberText(value: SampleValue): string {
  return String(value)
}

/** 14:03:07.250 in the time of this machine. */
export function clockText(time: number): string {
  const date = new Date(time)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
