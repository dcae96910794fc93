// Samples in InfluxDB's line protocol, and names and texts in a form that neither it nor InfluxQL can misread.
import { isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import { isStorableQuality, isStorableTime, refuse, storedQuality } from './stored.ts'
import type { SeriesKey, StoreBatch } from './telemetry.ts'

export const MEASUREMENT = 'sample'

// Whatever has a meaning in line protocol or InfluxQL is written as %XX. The names of the contract have none of these.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass.
const UNSAFE = /[\u0000-\u0020"'%,=\\\u007f]/g

export function tagValue(name: string): string {
  // InfluxDB knows no empty tag value; a lone % is what no other name becomes.
  if (name === '') return '%'
  return name.toWellFormed().replace(UNSAFE, (unsafe) => `%${unsafe.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** The beginning of every line of a series; InfluxDB likes tags in the order of their names. */
export function linePrefix({ site, agent, tag, view }: SeriesKey): string {
  return `${MEASUREMENT},agent=${tagValue(agent)},name=${tagValue(tag)},site=${tagValue(site)},view=${tagValue(view)} `
}

/** The samples as bodies of at most so many lines. Throws StoreFault when one cannot be stored. */
export function lineBodies(options: { batches: readonly StoreBatch[]; prefixes: readonly string[]; most: number }): string[] {
  const { batches, prefixes, most } = options
  const bodies: string[] = []
  let body = ''
  let lines = 0
  // Neighbours mostly share time and quality, and writing them costs as much as the rest of the line.
  let endOf = { time: Number.NaN, quality: 0, text: '' }
  for (const batch of batches) {
    const { series, times, values, qualities } = batch
    if (series.length !== times.length || values.length !== times.length || qualities.length !== times.length)
      refuse('the columns of a batch differ in length')
    for (let i = 0; i < times.length; i++) {
      const prefix = prefixes[series[i] as number]
      const time = times[i] as number
      const value = values[i] as SampleValue
      const given = qualities[i] as number
      if (prefix === undefined) refuse(`sample ${i} of a batch names series ${series[i]}, which is not known`)
      if (!isStorableTime(time)) refuse(`sample ${i} of a batch has the time ${time}, which is out of range`)
      if (!isStorableQuality(given)) refuse(`sample ${i} of a batch has the quality ${given}, which is not a status code`)
      const quality = storedQuality(value, given)
      if (time !== endOf.time || quality !== endOf.quality) endOf = { time, quality, text: `quality=${quality}i ${time}\n` }
      body += prefix + fieldOf(value, quality) + endOf.text
      if (++lines < most) continue
      bodies.push(body)
      body = ''
      lines = 0
    }
  }
  if (lines > 0) bodies.push(body)
  return bodies
}

function fieldOf(value: SampleValue, quality: number): string {
  if (isBad(quality)) return ''
  // Adding zero turns minus zero into zero.
  if (typeof value === 'number') return `value=${value + 0},`
  return `text="${String(value).toWellFormed().replace(/["\\]/g, '\\$&')}",`
}

/** A string literal of InfluxQL. */
export function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&').replace(/\n/g, '\\n')}'`
}

/** An identifier of InfluxQL. */
export function identifier(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`
}
