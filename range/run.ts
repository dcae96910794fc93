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
import type { BrokerKind } from './broker-kind.ts'
import { reportPage, type ScenarioDetail } from './report-page.ts'
import { playJobs } from './run-jobs.ts'
import { type LiveDone, liveLength, runLive } from './run-live.ts'
import { RunProgress } from './run-progress.ts'
import { type NamedScenario, readScenarios } from './run-scenarios.ts'
import { missedThresholds, readThresholds, type Thresholds } from './thresholds.ts'

/** What becomes of a board, besides being printed. */
export interface Outputs {
  json?: string
  junit?: string
  html?: string
  thresholds?: string
  language: Language
}

/** How scenarios are played live. */
export interface LiveWish {
  speed: number
  forSeconds?: number
  broker?: BrokerKind
}

export interface RunOptions extends Outputs {
  wanted: readonly string[]
  all: boolean
  jobs: number
  graceSeconds?: number
  record?: string
  /** Through the real chain; without it, without sockets. */
  live?: LiveWish
}

interface Plan extends RunOptions {
  scenarios: readonly NamedScenario[]
  graceSeconds: number
  progress: RunProgress
  signal: AbortSignal
}

export async function runRange(options: RunOptions): Promise<void> {
  const { language, live, graceSeconds = GRACE_SECONDS } = options
  const scenarios = await readScenarios({ wanted: options.wanted, all: options.all, language })
  // A fault of the thresholds is told before the first scenario, not after the last.
  await thresholdsOf(options)
  using stop = interruption()
  const lengths = new Map(
    scenarios.map((one) => [one.name, live === undefined ? lengthOf(one.scenario) : liveLength(one, live.forSeconds)])
  )
  const progress = new RunProgress({ lengths, language })
  const plan: Plan = { ...options, scenarios, graceSeconds, progress, signal: stop.signal }
  try {
    await (live === undefined ? playFast(plan) : playAllLive(plan, live))
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.exitCode = EXIT.interrupted
  }
}

async function playFast(plan: Plan): Promise<void> {
  const { scenarios, jobs, record, graceSeconds, progress, signal } = plan
  if (record !== undefined) await mkdir(record, { recursive: true })
  const done = await playJobs({
    ...{ scenarios, jobs, graceSeconds, trends: plan.html !== undefined, signal },
    ...(record === undefined ? {} : { record }),
    onReport: (report) => progress.take(report.what === 'done' ? { ...report, unscored: report.counts.unscored } : report)
  })
  progress.sum()
  await publish({ ...plan, board: boardOf(done, { mode: 'fast', graceSeconds }), details: detailsOf(done) })
}

async function playAllLive(plan: Plan, live: LiveWish): Promise<void> {
  const { scenarios, graceSeconds, progress, signal } = plan
  const done: LiveDone[] = []
  try {
    await runLive({
      ...{ ...live, scenarios, graceSeconds, progress, signal, trends: plan.html !== undefined },
      onDone: (one) => done.push(one)
    })
    progress.sum()
  } finally {
    // What was played before a later one failed is told too.
    const [first] = done
    if (first !== undefined && !signal.aborted) {
      const how = { mode: 'live', live: { speed: live.speed, broker: first.broker }, graceSeconds } as const
      await publish({ ...plan, board: boardOf(done, how), details: detailsOf(done) })
    }
  }
}

type Done = Pick<LiveDone, 'name' | 'score' | 'notPlayed'> & ScenarioDetail

const detailsOf = (done: readonly Done[]) => new Map(done.map((one) => [one.name, one]))

function boardOf(done: readonly Done[], how: Pick<Board, 'mode' | 'live' | 'graceSeconds'>): Board {
  return buildBoard({ ...how, scenarios: done.map(({ score }) => score), notPlayed: done.flatMap((one) => one.notPlayed) })
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
  if (html !== undefined) await writeFile(html, reportPage({ board, details, language, ...(thresholds === undefined ? {} : { missed }) }))
  print(boardTable({ board, language }))
  for (const text of missed) console.error(pick(text, language))
  process.exitCode = missed.length > 0 ? EXIT.trouble : EXIT.ok
}
