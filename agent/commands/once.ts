// `penstock agent once`: one reading of every tag, as a table. Publishes nothing and opens no outbox.
import { type Language, pick } from '#contract/language.ts'
import type { Tag } from '#contract/tag.ts'
import { interruption, type Outcome, progress, type Say, sayIn } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { consoleTable } from '#runtime/console-table.ts'
import { AgentConfig } from '../config.ts'
import { BAD } from '../opcua/fault.ts'
import { planOf } from '../resolve.ts'
import { refuseSecondConnection } from './own-connections.ts'
import { readDevices, type TagSample } from './reading.ts'
import { clockText, qualityCell, readingOf, valueText } from './reading-text.ts'
import type { Reading } from './results.ts'
import { atOneCadence, chosen } from './selection.ts'

export interface OnceOptions {
  file: string
  device?: readonly string[]
  tag?: readonly string[]
  timeout: number
  raw?: boolean
  secondConnection?: boolean
  language: Language
}

/** Rejects with ConfigFault or UsageFault; a device that fails is trouble, not a rejection. */
export async function once({ file, device, tag, timeout, raw, secondConnection, language }: OnceOptions): Promise<Outcome> {
  const say = sayIn(language)
  const { config: whole } = await readConfig({ file, language, schema: AgentConfig })
  const config = atOneCadence(chosen(whole, { devices: device, tags: tag }))
  if (secondConnection !== true) await refuseSecondConnection(config)
  const tags = config.devices.flatMap((one) => planOf(one, config.defaults).resolved.tags.map(({ tag }) => ({ ...tag, id: 0 })))
  progress(say(`读取 ${tags.length} 个测点……`, `Reading ${tags.length} tag(s)…`))
  const samples = await readAll(config, tags.length, timeout)
  const readings = tags.map((one) => readingOf(one, samples.get(one.name), language, raw))
  const count = (wanted: Reading['qualityClass']) => readings.filter(({ qualityClass }) => qualityClass === wanted).length
  const data = { readings, good: count('good'), uncertain: count('uncertain'), bad: count('bad') }
  const summary = say(
    `良好 ${data.good} 个，不确定 ${data.uncertain} 个，坏值 ${data.bad} 个`,
    `${data.good} good, ${data.uncertain} uncertain, ${data.bad} bad`
  )
  return { text: `${tableOf(readings, tags, raw === true, say, language)}\n\n${summary}`, data, trouble: data.bad > 0 }
}

async function readAll(config: AgentConfig, count: number, timeoutMs: number): Promise<ReadonlyMap<string, TagSample>> {
  using interrupted = interruption()
  const enough = new AbortController()
  const samples = new Map<string, TagSample>()
  const answered = new Set<string>()
  const signal = AbortSignal.any([enough.signal, interrupted.signal, AbortSignal.timeout(timeoutMs)])
  await readDevices({
    config,
    signal,
    onSample: (sample) => {
      if (enough.signal.aborted || answered.has(sample.tag.name)) return
      samples.set(sample.tag.name, sample)
      // What a subscription says before the server has sent anything is not yet a reading.
      if (sample.quality === BAD.waiting.value) return
      answered.add(sample.tag.name)
      if (answered.size === count) enough.abort()
    }
  })
  return samples
}

function tableOf(readings: readonly Reading[], tags: readonly Tag[], raw: boolean, say: Say, language: Language): string {
  const titled = tags.some(({ title }) => title !== undefined)
  const columns = [
    { title: say('设备', 'device') },
    { title: say('测点', 'tag') },
    ...(titled ? [{ title: say('名称', 'title') }] : []),
    { title: say('数值', 'value'), align: 'right' as const },
    { title: say('质量', 'quality') },
    { title: say('时间', 'time') },
    { title: say('往返', 'round trip'), align: 'right' as const },
    ...(raw ? [{ title: say('原始字节', 'raw bytes') }] : [])
  ]
  const rows = readings.map((reading) => [
    reading.device,
    reading.tag,
    ...(titled ? [reading.title === undefined ? '' : pick(reading.title, language)] : []),
    valueText(reading),
    qualityCell(reading),
    timeText(reading, say),
    reading.roundTripMs === undefined ? '' : `${reading.roundTripMs.toFixed(1)} ms`,
    ...(raw ? [spaced(reading.raw ?? '')] : [])
  ])
  return consoleTable({ columns, rows })
}

// The time of the device, where it tells one, and how old the value was when it came.
function timeText({ time, sourceTime }: Reading, say: Say): string {
  if (time === null) return ''
  if (sourceTime === undefined) return clockText(time)
  const age = Math.max(0, time - sourceTime)
  return `${clockText(sourceTime)} ${say(`（${age} 毫秒前）`, `(${age} ms old)`)}`
}

const spaced = (hex: string): string => hex.replace(/(.{4})(?=.)/g, '$1 ')
