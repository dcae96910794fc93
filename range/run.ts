// `penstock range run`: plays scenarios, prints the board, writes what was asked for, and says by its exit code whether what was
// wanted was reached.
import { mkdir, writeFile } from 'node:fs/promises'
import { type Language, pick } from '#contract/text.ts'
import { GRACE_SECONDS } from '#rules/score.ts'
import { EXIT, interruption, print } from '#runtime/command-line.ts'
import { lengthOf } from '../simulators/scenario.ts'
import { type Board, buildBoard } from './board.ts'
import { boardJunit } from './board-junit.ts'
import { boardTable } from './board-table.ts'
import { playJobs } from './run-jobs.ts'
import { RunProgress } from './run-progress.ts'
import { readScenarios } from './run-scenarios.ts'
import { missedThresholds, readThresholds, type Thresholds } from './thresholds.ts'

export interface RunOptions {
  wanted: readonly string[]
  all: boolean
  jobs: number
  graceSeconds?: number
  json?: string
  junit?: string
  thresholds?: string
  record?: string
  language: Language
}

export async function runRange(options: RunOptions): Promise<void> {
  const { language, jobs, record } = options
  const scenarios = await readScenarios({ wanted: options.wanted, all: options.all, language })
  const thresholds = options.thresholds === undefined ? undefined : await readThresholds({ file: options.thresholds, language })
  if (record !== undefined) await mkdir(record, { recursive: true })
  const graceSeconds = options.graceSeconds ?? GRACE_SECONDS
  using stop = interruption()
  using progress = new RunProgress({
    lengths: new Map(scenarios.map(({ name, scenario }) => [name, lengthOf(scenario)])),
    language
  })
  const done = await playJobs({
    ...{ scenarios, jobs, graceSeconds, signal: stop.signal },
    ...(record === undefined ? {} : { record }),
    onReport: (report) => progress.take(report)
  })
  const board = buildBoard({ mode: 'fast', graceSeconds, scenarios: done.map(({ score }) => score) })
  const { json, junit } = options
  publish({ board, language, ...(thresholds === undefined ? {} : { wanted: thresholds }) })
  if (json !== undefined) await writeFile(json, `${JSON.stringify(board, null, 2)}\n`)
  if (junit !== undefined) await writeFile(junit, boardJunit({ board, language, ...atMost(thresholds) }))
}

const atMost = (thresholds?: Thresholds) =>
  thresholds?.falsePerDayAtMost === undefined ? {} : { falsePerDayAtMost: thresholds.falsePerDayAtMost }

/** Prints the board, and on stderr what was missed. */
export function publish({ board, wanted, language }: { board: Board; wanted?: Thresholds; language: Language }): void {
  print(boardTable({ board, language }))
  const missed = wanted === undefined ? [] : missedThresholds(board, wanted)
  for (const text of missed) console.error(pick(text, language))
  process.exitCode = missed.length > 0 ? EXIT.trouble : EXIT.ok
}
