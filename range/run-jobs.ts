// Gives scenarios to threads, the longest first, so that the last one is not alone on its processor.
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { lengthOf } from '../simulators/scenario.ts'
import { partFileOf } from './recording-writer.ts'
import type { NamedScenario } from './run-scenarios.ts'
import type { Job, JobReport } from './run-worker.ts'

export type DoneReport = Extract<JobReport, { what: 'done' }>

export interface JobsOptions {
  scenarios: readonly NamedScenario[]
  jobs: number
  /** The folder of recordings. */
  record?: string
  graceSeconds?: number
  trends?: boolean
  onReport: (report: JobReport) => void
  signal: AbortSignal
}

/** What came of the scenarios, in the order in which they were given. Throws when one could not be played. */
export async function playJobs(options: JobsOptions): Promise<DoneReport[]> {
  const { scenarios, jobs, record, graceSeconds, trends = false, onReport, signal } = options
  const waiting: Job[] = scenarios
    .toSorted((a, b) => lengthOf(b.scenario) - lengthOf(a.scenario))
    .map(({ name, file }) => ({
      ...{ name, file, trends },
      ...(record === undefined ? {} : { record: recordingOf(record, name) }),
      ...(graceSeconds === undefined ? {} : { graceSeconds })
    }))
  const done = new Map<string, DoneReport>()
  const stopping = new AbortController()
  const stop = AbortSignal.any([signal, stopping.signal])
  const threads = Array.from({ length: Math.min(jobs, waiting.length) }, () =>
    work({ waiting, stop, onReport, onDone: (report) => done.set(report.name, report) })
  )
  try {
    await Promise.all(threads)
  } finally {
    stopping.abort()
    await Promise.allSettled(threads)
    // A thread that was ended could not clean up after itself.
    if (record !== undefined) for (const { name } of scenarios) await rm(partFileOf(recordingOf(record, name)), { force: true })
  }
  return scenarios.flatMap(({ name }) => done.get(name) ?? [])
}

const recordingOf = (folder: string, name: string): string => join(folder, `${name}.jsonl.zst`)

interface Work {
  waiting: Job[]
  stop: AbortSignal
  onReport: (report: JobReport) => void
  onDone: (report: DoneReport) => void
}

async function work({ waiting, stop, onReport, onDone }: Work): Promise<void> {
  const worker = new Worker(new URL('./run-worker.ts', import.meta.url))
  try {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      worker.postMessage(job)
      const report = await endOf(worker, onReport, stop)
      if (report.what === 'failed') throw new Error(`the scenario ${report.name} could not be played: ${report.stack}`)
      onDone(report)
    }
  } finally {
    await worker.terminate()
  }
}

async function endOf(
  worker: Worker,
  onReport: (report: JobReport) => void,
  signal: AbortSignal
): Promise<Exclude<JobReport, { what: 'progress' }>> {
  for (;;) {
    // The other end of the channel is our own file, which sends nothing else.
    const [report] = (await once(worker, 'message', { signal })) as [JobReport]
    onReport(report)
    if (report.what !== 'progress') return report
  }
}
