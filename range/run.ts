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
import { reportPage, type ScenarioDetail } from './report-page.ts'
import { playJobs } from './run-jobs.ts'
import { RunProgress } from './run-progress.ts'
import { readScenarios } from './run-scenarios.ts'
import { missedThresholds, readThresholds, type Thresholds } from './thresholds.ts'

/** What becomes of a board, besides being printed. */
export interface Outputs {
  json?: string
  junit?: string
  html?: string
  thresholds?: string
  language: Language
}

export interface RunOptions extends Outputs {
  wanted: readonly string[]
  all: boolean
  jobs: number
  graceSeconds?: number
  record?: string
}

export async function runRange(options: RunOptions): Promise<void> {
  const { language, jobs, record } = options
  const scenarios = await readScenarios({ wanted: options.wanted, all: options.all, language })
  // A fault of the thresholds is told before the first scenario, not after the last.
  await thresholdsOf(options)
  if (record !== undefined) await mkdir(record, { recursive: true })
  const graceSeconds = options.graceSeconds ?? GRACE_SECONDS
  using stop = interruption()
  using progress = new RunProgress({
    lengths: new Map(scenarios.map(({ name, scenario }) => [name, lengthOf(scenario)])),
    language
  })
  const done = await playJobs({
    ...{ scenarios, jobs, graceSeconds, trends: options.html !== undefined, signal: stop.signal },
    ...(record === undefined ? {} : { record }),
    onReport: (report) => progress.take(report)
  })
  const board = buildBoard({
    mode: 'fast',
    graceSeconds,
    scenarios: done.map(({ score }) => score),
    notPlayed: done.flatMap((one) => one.notPlayed)
  })
  await publish({ ...options, board, details: new Map(done.map((one) => [one.name, one])) })
}

const thresholdsOf = async ({ thresholds: file, language }: Outputs): Promise<Thresholds | undefined> =>
  file === undefined ? undefined : readThresholds({ file, language })

/** Prints the board, writes it where it is wanted, and tells on stderr what was missed. */
export async function publish(options: Outputs & { board: Board; details?: ReadonlyMap<string, ScenarioDetail> }): Promise<void> {
  const { board, details = new Map(), language, json, junit, html } = options
  const thresholds = await thresholdsOf(options)
  const missed = thresholds === undefined ? [] : missedThresholds(board, thresholds)
  const { falsePerDayAtMost } = thresholds ?? {}
  if (json !== undefined) await writeFile(json, `${JSON.stringify(board, null, 2)}\n`)
  if (junit !== undefined)
    await writeFile(junit, boardJunit({ board, language, ...(falsePerDayAtMost === undefined ? {} : { falsePerDayAtMost }) }))
  if (html !== undefined) await writeFile(html, reportPage({ board, details, language, missed }))
  print(boardTable({ board, language }))
  for (const text of missed) console.error(pick(text, language))
  process.exitCode = missed.length > 0 ? EXIT.trouble : EXIT.ok
}
