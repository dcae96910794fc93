// `penstock range run`: plays scenarios, publishes the board, and says by its exit code whether what was wanted was reached. What was
// played before something failed or a Ctrl-C came is published too.
import { mkdir } from 'node:fs/promises'
import { pick } from '#contract/text.ts'
import { GRACE_SECONDS } from '#rules/score.ts'
import { EXIT, interruption } from '#runtime/command-line.ts'
import { lengthOf } from '../simulators/scenario.ts'
import { type Board, buildBoard } from './board.ts'
import type { BrokerKind } from './broker-kind.ts'
import { writing } from './output-fault.ts'
import { checkOutputs, type Outputs, publish } from './outputs.ts'
import type { ScenarioDetail } from './report-page.ts'
import { playJobs } from './run-jobs.ts'
import { type LiveDone, liveLength, runLive } from './run-live.ts'
import { RunProgress } from './run-progress.ts'
import { type NamedScenario, readScenarios } from './run-scenarios.ts'
import { interrupted, type Unfinished } from './unfinished.ts'

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

type Done = Pick<LiveDone, 'name' | 'score' | 'notPlayed'> & ScenarioDetail

interface Played {
  done: Map<string, Done>
  failed: Map<string, Unfinished>
  how: Pick<Board, 'mode' | 'live'>
}

export async function runRange(options: RunOptions): Promise<void> {
  const { language, live, graceSeconds = GRACE_SECONDS } = options
  const scenarios = await readScenarios({ wanted: options.wanted, all: options.all, language })
  await checkOutputs(
    options,
    scenarios.map(({ file }) => file)
  )
  using stop = interruption()
  const lengths = new Map(
    scenarios.map((one) => [one.name, live === undefined ? lengthOf(one.scenario) : liveLength(one, live.forSeconds)])
  )
  const progress = new RunProgress({ lengths, language })
  const plan: Plan = { ...options, scenarios, graceSeconds, progress, signal: stop.signal }
  const { done, failed, how } = await (live === undefined ? playFast(plan) : playAllLive(plan, live))
  // In the order in which they were given.
  const played = scenarios.flatMap(({ name }) => done.get(name) ?? [])
  const unfinished = scenarios.flatMap(({ name }) => (done.has(name) ? [] : (failed.get(name) ?? interrupted(name))))
  const isCut = unfinished.some(({ why }) => why === 'interrupted')
  if (!isCut) progress.sum()
  const notPlayed = played.flatMap((one) => one.notPlayed)
  const board = buildBoard({ ...how, graceSeconds, scenarios: played.map(({ score }) => score), notPlayed, unfinished })
  if (!isCut) return publish({ ...options, board, details: done })
  if (played.length > 0) {
    const [count, all] = [played.length, scenarios.length]
    console.error(pick({ zh: `已中断，共 ${all} 个场景，播放了 ${count} 个`, en: `interrupted, ${count} of ${all} played` }, language))
    await publish({ ...options, board, details: done })
  }
  process.exitCode = EXIT.interrupted
}

async function playFast(plan: Plan): Promise<Played> {
  const { scenarios, jobs, record, graceSeconds, progress, signal } = plan
  if (record !== undefined) await writing(record, () => mkdir(record, { recursive: true }))
  const played: Played = { done: new Map(), failed: new Map(), how: { mode: 'fast' } }
  await playJobs({
    ...{ scenarios, jobs, graceSeconds, trends: plan.html !== undefined, signal },
    ...(record === undefined ? {} : { record }),
    onReport: (report) => {
      if (report.what === 'done') played.done.set(report.name, report)
      if (report.what === 'failed') played.failed.set(report.unfinished.scenario, report.unfinished)
      progress.take(report.what === 'done' ? { ...report, unscored: report.counts.unscored } : report)
    }
  })
  return played
}

async function playAllLive(plan: Plan, live: LiveWish): Promise<Played> {
  const { scenarios, graceSeconds, progress, signal } = plan
  const { speed } = live
  const played: Played = { done: new Map(), failed: new Map(), how: { mode: 'live', live: { speed } } }
  await runLive({
    ...{ ...live, scenarios, graceSeconds, progress, signal, trends: plan.html !== undefined },
    onDone: (one) => played.done.set(one.name, one),
    onFailed: (one) => played.failed.set(one.scenario, one),
    onBroker: (broker) => {
      played.how = { mode: 'live', live: { speed, broker } }
    }
  })
  return played
}
