// Gives scenarios to threads, the longest first, so that the last one is not alone on its processor.
import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { lengthOf } from '../simulators/scenario.ts'
import { placeFor } from './output-place.ts'
import type { NamedScenario } from './run-scenarios.ts'
import type { Job, JobReport } from './run-worker.ts'
import { failed } from './unfinished.ts'

export type DoneReport = Extract<JobReport, { what: 'done' }>

export interface JobsOptions {
  scenarios: readonly NamedScenario[]
  jobs: number
  /** The folder of recordings. */
  record?: string
  graceSeconds?: number
  trends?: boolean
  /** Told of each scenario as soon as it is done or has failed, so that nothing of it is lost when the run is ended. */
  onReport: (report: JobReport) => void
  signal: AbortSignal
}

/** Resolves when all scenarios were played or have failed, or when the signal ended the run. */
export async function playJobs(options: JobsOptions): Promise<void> {
  const { scenarios, jobs, record, graceSeconds, trends = false, onReport, signal } = options
  const waiting: Job[] = scenarios
    .toSorted((a, b) => lengthOf(b.scenario) - lengthOf(a.scenario))
    .map(({ name, file }) => ({
      ...{ name, file, trends },
      ...(record === undefined ? {} : { record: recordingOf(record, name) }),
      ...(graceSeconds === undefined ? {} : { graceSeconds })
    }))
  // A thread that is ended cannot clean up after itself. One whose place is refused fails by itself, beside the others.
  const places = waiting.flatMap(({ record: file }) => (file === undefined ? [] : placeFor(file).catch(() => null)))
  const threads = Array.from({ length: Math.min(jobs, waiting.length) }, () => work({ waiting, signal, onReport }))
  await Promise.all(threads)
  for (const place of await Promise.all(places)) await place?.drop()
}

const recordingOf = (folder: string, name: string): string => join(folder, `${name}.jsonl.zst`)

interface Work extends Pick<JobsOptions, 'onReport' | 'signal'> {
  waiting: Job[]
}

async function work({ waiting, signal, onReport }: Work): Promise<void> {
  let worker = startWorker()
  for (let job = waiting.shift(); job !== undefined && !signal.aborted; job = waiting.shift()) {
    worker.postMessage(job)
    try {
      await endOf(worker, onReport, signal)
    } catch (error) {
      if (signal.aborted) break
      // The thread itself has ended; the scenarios that wait get another.
      onReport({ what: 'failed', unfinished: failed(job.name, error) })
      await worker.terminate()
      worker = startWorker()
    }
  }
  await worker.terminate()
}

const startWorker = () => new Worker(new URL('./run-worker.ts', import.meta.url))

async function endOf(worker: Worker, onReport: (report: JobReport) => void, signal: AbortSignal): Promise<void> {
  for (;;) {
    // The other end of the channel is our own file, which sends nothing else.
    const [report] = (await once(worker, 'message', { signal })) as [JobReport]
    onReport(report)
    if (report.what !== 'progress') return
  }
}
