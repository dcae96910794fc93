// Plays or reads one scenario to its end and scores what the rules made of it.
import type { Label } from '#contract/label.ts'
import type { Pack } from '#rules/pack.ts'
import { type ScoredAlert, scoreScenario } from '#rules/score.ts'
import type { ScenarioScore } from '#rules/score-result.ts'
import { lengthOf, type Scenario } from '../simulators/scenario.ts'
import { playChain, START_TIME, stepOf } from './chain.ts'
import { type ChainCounts, ChainJudge } from './chain-judge.ts'
import { countedOf, type FailedStep, type NotPlayed, withoutLabel } from './not-played.ts'
import { playableIn } from './playable.ts'
import type { RecordingReader } from './recording-reader.ts'
import { RecordingWriter } from './recording-writer.ts'
import type { Trend } from './report-trend.ts'
import { TrendCollection } from './trend-collection.ts'

export interface ChainResult {
  score: ScenarioScore
  counts: ChainCounts
  alerts: readonly ScoredAlert[]
  labels: readonly Label[]
  notPlayed: readonly NotPlayed[]
  /** Empty unless they were asked for. */
  trends: readonly Trend[]
}

export interface PlayAndScore {
  name: string
  scenario: Scenario
  packs: readonly Pack[]
  graceSeconds?: number
  /** Also writes a recording of it. */
  record?: string
  trends?: boolean
  onProgress?: (seconds: number) => void
  signal?: AbortSignal
}

export async function playAndScore(options: PlayAndScore): Promise<ChainResult> {
  const { name, packs, record, trends: wanted, ...rest } = options
  const seconds = lengthOf(options.scenario)
  const { scenario, notPlayed } = playableIn('fast', options, seconds)
  const span = { start: START_TIME, end: START_TIME + seconds * 1000 }
  const labels: Label[] = []
  const steps: FailedStep[] = [...notPlayed]
  const trends = wanted === true ? new TrendCollection({ span }) : null
  using judge = new ChainJudge({ packs, startTime: START_TIME })
  await using writer = record === undefined ? null : await writerOf({ file: record, name, scenario, seconds, notPlayed })
  await playChain({
    ...rest,
    ...{ name, scenario, seconds },
    onFailed: (time, step) => {
      steps.push(step)
      return writer?.notPlayed(time, step)
    },
    onMessage: (time, message) => {
      judge.take(time, message)
      trends?.hear(message, time)
      return writer?.message(time, message)
    },
    onLabel: (time, label) => {
      labels.push(label)
      return writer?.label(time, label)
    }
  })
  await writer?.finish()
  return resultOf({ judge, labels, steps, trends, span, scenario: name, site: scenario.site, ...grace(options) })
}

/** Writes what the agent would send and what is played, without judging it; gives back what could not be played. */
export async function recordScenario(
  options: Omit<PlayAndScore, 'packs' | 'graceSeconds' | 'trends'> & { record: string }
): Promise<NotPlayed[]> {
  const { name, record, ...rest } = options
  const seconds = lengthOf(options.scenario)
  const { scenario, notPlayed } = playableIn('fast', options, seconds)
  const steps: FailedStep[] = [...notPlayed]
  await using writer = await writerOf({ file: record, name, scenario, seconds, notPlayed })
  await playChain({
    ...rest,
    ...{ name, scenario, seconds },
    onFailed: (time, step) => {
      steps.push(step)
      return writer.notPlayed(time, step)
    },
    onMessage: (time, message) => writer.message(time, message),
    onLabel: (time, label) => writer.label(time, label)
  })
  await writer.finish()
  return steps.map(withoutLabel)
}

export async function judgeRecording(options: {
  reader: RecordingReader
  packs: readonly Pack[]
  graceSeconds?: number
  trends?: boolean
}): Promise<ChainResult> {
  const { reader, packs } = options
  const { scenario, site, startTime, durationSeconds } = reader.head
  const span = { start: startTime, end: startTime + Math.round(durationSeconds * 1000) }
  const labels: Label[] = []
  const steps: FailedStep[] = []
  const trends = options.trends === true ? new TrendCollection({ span }) : null
  using judge = new ChainJudge({ packs, startTime })
  for await (const entry of reader) {
    trends?.take(entry)
    if ('label' in entry) labels.push(entry.label)
    else if ('message' in entry) judge.take(entry.time, entry.message)
    else steps.push(entry.notPlayed)
  }
  return resultOf({ judge, labels, steps, trends, span, scenario, site, ...grace(options) })
}

function resultOf(o: {
  judge: ChainJudge
  labels: readonly Label[]
  steps: readonly FailedStep[]
  trends: TrendCollection | null
  span: { start: number; end: number }
  scenario: string
  site: string
  graceSeconds?: number
}): ChainResult {
  const { judge, steps, trends, ...rest } = o
  judge.finish(o.span.end)
  const { labels, alerts } = countedOf({ ...o, alerts: judge.scored })
  const score = scoreScenario({ ...rest, labels, alerts })
  const notPlayed = steps.map(withoutLabel)
  return { score, counts: judge.counts, alerts: judge.scored, labels, notPlayed, trends: trends?.trends() ?? [] }
}

const grace = ({ graceSeconds }: { graceSeconds?: number }) => (graceSeconds === undefined ? {} : { graceSeconds })

interface Written {
  file: string
  name: string
  scenario: Scenario
  seconds: number
  /** Steps that were left out before anything was played. */
  notPlayed: readonly NotPlayed[]
}

async function writerOf({ file, name, scenario, seconds: durationSeconds, notPlayed }: Written): Promise<RecordingWriter> {
  const { site, plant, seed } = scenario
  const stepMs = stepOf(scenario, durationSeconds)
  const head = { scenario: name, site, plant, seed, stepMs, startTime: START_TIME, durationSeconds }
  const writer = await RecordingWriter.create({ file, head })
  for (const step of notPlayed) await writer.notPlayed(START_TIME, step)
  return writer
}
