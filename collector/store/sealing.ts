// Moves open samples into chunks, a slice of time at once, so that the event loop stays free for what arrives meanwhile.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Database, transaction } from '#runtime/sqlite.ts'
import { type Columns, newColumns, part } from './columns.ts'
import { MOST_IN_GROUP, type OpenSamples } from './open-samples.ts'
import type { SealedSamples } from './sealed.ts'

const SLICE_MS = 5

type Work = (series: number, index: number, isTimeUp: () => boolean) => boolean

interface Slicing {
  sealed: SealedSamples
  database: Database
  signal: AbortSignal
}

/** Rejects when a chunk could not be written; what was moved until then stays moved, and the rest can be tried again. */
export async function seal(options: Slicing & { open: OpenSamples }): Promise<void> {
  const { open, sealed } = options
  const scratch = Array.from({ length: MOST_IN_GROUP }, () => newColumns())
  for (const numbers of open.groups()) {
    const gathered = open.gather(numbers, scratch)
    const work: Work = (series, i, isTimeUp) => {
      const columns = gathered[i] as Columns
      const done = sealed.add(series, columns, isTimeUp)
      if (done === columns.count) return true
      gathered[i] = part(columns, done, columns.count)
      open.markLate(series)
      return false
    }
    for await (const done of inSlices({ ...options, numbers, work })) for (const series of done) open.drop(series)
  }
}

/**
 * Does the work for each series, many to a transaction, until it says that it is through; gives after each transaction
 * the series that are.
 */
export async function* inSlices(options: Slicing & { numbers: readonly number[]; work: Work }): AsyncGenerator<number[]> {
  const { numbers, work, sealed, database, signal } = options
  for (let next = 0; next < numbers.length; ) {
    signal.throwIfAborted()
    const end = performance.now() + SLICE_MS
    const isTimeUp = (): boolean => performance.now() >= end
    const first = next
    try {
      transaction(database, () => {
        do if (work(numbers[next] as number, next, isTimeUp)) next++
        while (next < numbers.length && !isTimeUp())
      })
    } catch (error) {
      for (const series of numbers.slice(first, next + 1)) sealed.refresh(series)
      throw error
    }
    yield numbers.slice(first, next)
    await nextTurn()
  }
}
