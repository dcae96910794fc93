// The embedded store: one folder with a SQLite database of compressed chunks and a journal of what is not in them yet.
// An append has resolved when it is in the journal: after that it survives a killed process and, with synchronous full,
// a power cut as well.
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { FilePath } from '#runtime/config-file.ts'
import type { Log } from '#runtime/log.ts'
import type { Database } from '#runtime/sqlite.ts'
import { BucketSums, layOut } from './buckets.ts'
import { ChunkTable } from './chunk-table.ts'
import { type Columns, firstAtOrAfter, merged, newColumns, part, valueAt } from './columns.ts'
import { Intake } from './intake.ts'
import { Journal } from './journal.ts'
import { encodeEntry } from './journal-entry.ts'
import { Latest } from './latest.ts'
import type { OpenSamples } from './open-samples.ts'
import { durably, openSampleDatabase } from './sample-database.ts'
import { SealedSamples } from './sealed.ts'
import { inSlices, seal } from './sealing.ts'
import { SeriesNames } from './series-names.ts'
import {
  type Buckets,
  type RangeQuery,
  type SeriesKey,
  type StoreBatch,
  type StoredSample,
  StoreFault,
  type TelemetryStore
} from './telemetry.ts'

export const EmbeddedConfig = z.strictObject({
  directory: FilePath.describe('The folder of the sample database and its journal; no other process may use it.'),
  synchronous: z
    .enum(['full', 'normal'])
    .default('full')
    .describe('full: what was acknowledged survives a power cut; normal: it survives a killed process.'),
  openSamples: z
    .int()
    .min(1000)
    .max(20_000_000)
    .default(2_000_000)
    .describe('How many samples gather in memory and journal before they are put into chunks; each takes 24 bytes of memory.'),
  openSeconds: z.int().min(1).max(86_400).default(900).describe('After how many seconds samples are put into chunks at the latest.')
})
export type EmbeddedConfig = z.infer<typeof EmbeddedConfig>

const SERIES_AT_ONCE = 2000

interface Parts {
  database: Database
  table: ChunkTable
  sealed: SealedSamples
  journal: Journal
  intake: Intake
}

export class EmbeddedStore implements TelemetryStore {
  readonly kind = 'embedded'
  readonly #config: EmbeddedConfig
  readonly #log: Log
  readonly #latest = new Latest()
  readonly #names = new SeriesNames()
  readonly #stopping = new AbortController()
  #opened: Parts | undefined

  constructor({ config, log }: { config: EmbeddedConfig; log: Log }) {
    this.#config = config
    this.#log = log
  }

  get #parts(): Parts {
    if (this.#opened === undefined) throw new StoreFault('STORE_AWAY', 'the store is not open')
    return this.#opened
  }

  /** What could not be read since the start and was set aside, each told in the log. */
  get faults(): { torn: number; spoilt: number; foreign: number; chunks: number } {
    return { ...this.#parts.journal.faults, chunks: this.#parts.sealed.spoilt }
  }

  async start(): Promise<void> {
    const { directory, synchronous, openSamples, openSeconds } = this.#config
    const log = this.#log
    const database = openSampleDatabase(join(directory, 'samples.db'), log)
    const table = new ChunkTable(database)
    const sealed = new SealedSamples({ table, log })
    const journal = new Journal({ directory, owner: table.owner(), sync: synchronous === 'full', log })
    const intake = new Intake({
      journal,
      latest: this.#latest,
      openSamples,
      openMs: openSeconds * 1000,
      seriesCount: () => this.#names.count,
      register: () => this.#register(),
      seal: (open, journalFile) => this.#seal(open, journalFile),
      log
    })
    this.#opened = { database, table, sealed, journal, intake }
    try {
      await this.#load(this.#opened)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async #load({ table, sealed, journal, intake }: Parts): Promise<void> {
    for (const { id, key } of table.allSeries()) this.#names.restore(id, key)
    this.#latest.reserve(this.#names.count)
    for (const tail of table.tails()) {
      sealed.note(tail.series, tail.last, tail.count, tail.before)
      this.#latest.note(tail.series, tail.last, tail.lastValue, tail.lastQuality)
    }
    for (const number of await journal.open()) for (const entry of await journal.read(number, this.#names.count)) intake.replay(entry)
  }

  async stop(): Promise<void> {
    if (this.#opened === undefined) return
    const { database, journal, intake } = this.#opened
    const closed = intake.close()
    this.#stopping.abort()
    await closed
    await journal.close()
    this.#opened = undefined
    database.close()
  }

  series(key: SeriesKey): number {
    if (this.#opened === undefined) throw new StoreFault('STORE_AWAY', 'the store is not open')
    return this.#names.numberOf(key)
  }

  async append(batches: readonly StoreBatch[]): Promise<void> {
    const { intake } = this.#parts
    if (batches.every(({ times }) => times.length === 0)) return
    await intake.append(encodeEntry(batches, this.#names.count))
  }

  async latest(series: readonly number[]): Promise<(StoredSample | null)[]> {
    return series.map((one) => this.#latest.of(one))
  }

  async samples({ series, from, to, limit }: RangeQuery & { limit: number }): Promise<StoredSample[]> {
    const { sealed } = this.#parts
    const found: StoredSample[] = []
    const open = this.#openSamples(series, from, to)
    let next = 0
    const take = (columns: Columns, start: number, end: number): void => {
      for (let i = start; i < end && found.length < limit; i++)
        found.push({ time: columns.times[i] as number, value: valueAt(columns, i), quality: columns.qualities[i] as number })
    }
    for (const chunk of sealed.chunks(series, from, to)) {
      if (found.length >= limit) return found
      const kept = sealed.read(series, chunk)
      if (kept === undefined) continue
      const until = firstAtOrAfter(open, chunk.last)
      const both = until > next ? merged(kept, part(open, next, until)) : kept
      next = until
      take(both, firstAtOrAfter(both, from), firstAtOrAfter(both, to))
    }
    take(open, next, open.count)
    return found
  }

  async range(query: RangeQuery & { buckets: number }): Promise<Buckets> {
    const { sealed } = this.#parts
    const { series, from, to } = query
    const sums = new BucketSums(layOut(query))
    for (const chunk of sealed.chunks(series, from, to)) {
      if (sums.addWhole(chunk)) continue
      const columns = sealed.read(series, chunk)
      if (columns !== undefined) sums.addSamples(columns)
    }
    sums.addSamples(this.#openSamples(series, from, to))
    return sums.result()
  }

  async count(series?: number): Promise<number> {
    const { sealed, intake } = this.#parts
    if (series !== undefined) return sealed.count(series) + this.#openSamples(series).count
    let total = sealed.count()
    const late = new Set<number>()
    for (const open of intake.open) {
      total += open.kept
      for (const number of open.lateSeries()) late.add(number)
    }
    // Among late samples some may be repeats; those series are looked at one by one.
    for (const number of late) {
      for (const open of intake.open) total -= open.count(number)
      total += this.#openSamples(number).count
    }
    return total
  }

  async retain(before: number): Promise<number> {
    const { database, sealed, intake } = this.#parts
    if (intake.open.some((open) => open.oldest < before)) await intake.seal()
    const numbers = Array.from({ length: this.#names.count }, (_, series) => series)
    let forgotten = 0
    const work = (series: number, _: number, isTimeUp: () => boolean): boolean => {
      const held = sealed.count(series)
      const isThrough = sealed.forget(series, before, isTimeUp)
      forgotten += held - sealed.count(series)
      return isThrough
    }
    for await (const done of inSlices({ numbers, work, sealed, database, signal: this.#stopping.signal })) {
      for (const series of done)
        if ((this.#latest.of(series)?.time ?? before) < before && this.#openSamples(series).count === 0) this.#latest.forget(series)
    }
    return forgotten
  }

  /** Puts all open samples into chunks now; it happens by itself when enough have gathered. */
  async seal(): Promise<void> {
    await this.#parts.intake.seal()
  }

  // Entries of the journal name series by their handles, so these must be on disk before them.
  async #register(): Promise<void> {
    const { database, table } = this.#parts
    const unsaved = this.#names.unsaved.slice(0, SERIES_AT_ONCE)
    if (unsaved.length === 0) return
    durably(database, () => {
      for (const { number, key } of unsaved) table.addSeries(number, key)
    })
    this.#names.saved(unsaved.length)
    await nextTurn()
    await this.#register()
  }

  async #seal(open: OpenSamples, journalFile: number): Promise<void> {
    const { database, table, sealed } = this.#parts
    await seal({ open, sealed, database, signal: this.#stopping.signal })
    durably(database, () => table.noteSealed(journalFile))
  }

  // The open samples of a series that no chunk has, in order.
  #openSamples(series: number, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): Columns {
    const { sealed, intake } = this.#parts
    let columns = newColumns()
    let late = false
    for (const open of intake.open) {
      if (open.count(series) === 0 || open.oldest >= to) continue
      late ||= open.isLate(series)
      columns = columns.count === 0 ? open.of(series) : merged(columns, open.of(series))
    }
    const wanted = part(columns, firstAtOrAfter(columns, from), firstAtOrAfter(columns, to))
    return late ? sealed.withoutKnown(series, wanted) : wanted
  }
}
