// A thread of the runner: plays one scenario after the other, and tells how far it is and what came of it.
import { isMainThread, parentPort } from 'node:worker_threads'
import type { Text } from '#contract/text.ts'
import type { ScenarioScore } from '#rules/score-result.ts'
import { readConfig } from '#runtime/config-file.ts'
import { readPacks } from '../collector/packs.ts'
import { Scenario } from '../simulators/scenario.ts'
import type { ChainCounts } from './chain-judge.ts'
import { type ChainResult, playAndScore } from './chain-score.ts'
import { failed, type Unfinished } from './unfinished.ts'

export interface Job {
  name: string
  file: string
  /** The file of its recording. */
  record?: string
  graceSeconds?: number
  trends: boolean
}

export type JobReport =
  | { what: 'progress'; name: string; seconds: number }
  | {
      what: 'done'
      name: string
      score: ScenarioScore
      counts: ChainCounts
      labels: ChainResult['labels']
      notPlayed: ChainResult['notPlayed']
      trends: ChainResult['trends']
      title?: Text
      tookMs: number
    }
  | { what: 'failed'; unfinished: Unfinished }

async function play(job: Job, report: (one: JobReport) => void): Promise<void> {
  const { name, file, record, graceSeconds, trends: wanted } = job
  const began = performance.now()
  try {
    const { config: scenario } = await readConfig({ file, schema: Scenario })
    const { score, counts, labels, notPlayed, trends } = await playAndScore({
      ...{ name, scenario, packs: await readPacks(), trends: wanted },
      ...(record === undefined ? {} : { record }),
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
      onProgress: (seconds) => report({ what: 'progress', name, seconds })
    })
    report({
      what: 'done',
      name,
      score,
      counts,
      labels,
      notPlayed,
      trends,
      tookMs: performance.now() - began,
      ...(scenario.title === undefined ? {} : { title: scenario.title })
    })
  } catch (error) {
    report({ what: 'failed', unfinished: failed(name, error) })
  }
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort
  port.on('message', (job: Job) => void play(job, (one) => port.postMessage(one)))
}
