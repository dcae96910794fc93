// The samples that are in chunks. The chunks of a series never overlap in time, so whatever is added is either newer than
// all of them and goes to the tail, or belongs into one of them.
import type { Log } from '#runtime/log.ts'
import { BytesFault } from './bytes.ts'
import { decodeChunk, encodeChunk, summarise } from './chunk.ts'
import type { ChunkPlace, ChunkRow, ChunkTable } from './chunk-table.ts'
import { type Columns, firstAtOrAfter, merged, newColumns, part, push } from './columns.ts'

export const CHUNK_SAMPLES = 1024
// A tail with more than this becomes a full chunk as it is; with less it is opened and filled up.
const NEARLY_FULL = 768
const ADDED_AT_ONCE = 16 * CHUNK_SAMPLES
// A full chunk may grow by late samples up to this.
const MOST_SAMPLES = 2048

export class SealedSamples {
  readonly #table: ChunkTable
  readonly #log: Log
  readonly #scratch = newColumns()
  readonly #joined = newColumns()
  // What is known of each series without asking the database.
  #ends: Ends = endsOf(0)
  #total = 0
  readonly #spoilt = new Set<string>()

  constructor({ table, log }: { table: ChunkTable; log: Log }) {
    this.#table = table
    this.#log = log
  }

  /** Samples of one series, or of all. */
  count(series?: number): number {
    if (series === undefined) return this.#total
    return (this.#ends.inTail[series] ?? 0) + (this.#ends.before[series] ?? 0)
  }

  /** Chunks that could not be read; they are set aside and their samples are missing. */
  get spoilt(): number {
    return this.#spoilt.size
  }

  /** The time of the newest sample in chunks. */
  last(series: number): number {
    return this.#ends.last[series] ?? Number.NEGATIVE_INFINITY
  }

  /** Reads what is known of a series from the database again, as after a transaction that failed. */
  refresh(series: number): void {
    const tail = this.#table.tail(series)
    this.note(series, tail?.last ?? Number.NEGATIVE_INFINITY, tail?.count ?? 0, tail?.before ?? 0)
  }

  note(series: number, last: number, inTail: number, before: number): void {
    if (series >= this.#ends.last.length) this.#ends = endsOf(Math.max(1024, series * 2), this.#ends)
    this.#total += inTail + before - this.count(series)
    this.#ends.last[series] = last
    this.#ends.inTail[series] = inTail
    this.#ends.before[series] = before
  }

  chunks(series: number, from: number, to: number): ChunkRow[] {
    return this.#table.overlapping(series, from, to)
  }

  /** The samples of a chunk until the next call, or undefined when it cannot be read, which was told and counted. */
  read(series: number, row: ChunkPlace): Columns | undefined {
    try {
      return decodeChunk(this.#table.data(series, row), this.#scratch)
    } catch (error) {
      if (!(error instanceof BytesFault)) throw error
      const { id, last, count } = row
      const name = `${series} ${id}`
      if (!this.#spoilt.has(name))
        this.#log.error({ err: error, series, id, last, count }, 'a chunk of samples cannot be read; its samples are missing')
      this.#spoilt.add(name)
      return undefined
    }
  }

  /** Those of the samples that no chunk has; they must be in order. */
  withoutKnown(series: number, columns: Columns): Columns {
    const { count, times } = columns
    if (count === 0 || (times[0] as number) > this.last(series)) return columns
    const known = new Set<number>()
    for (const row of this.chunks(series, times[0] as number, (times[count - 1] as number) + 1)) {
      const kept = this.read(series, row)
      for (let i = 0; kept !== undefined && i < kept.count; i++) known.add(kept.times[i] as number)
    }
    const fresh = newColumns(count)
    for (let i = 0; i < count; i++) {
      const time = times[i] as number
      if (!known.has(time)) push(fresh, time, columns.values[i] as number, columns.qualities[i] as number, columns.texts.get(i))
    }
    return fresh
  }

  /**
   * Adds samples that are in order; those that a chunk has already change nothing. Stops when the time is up and gives
   * how many are done with. Runs inside a transaction.
   */
  add(series: number, columns: Columns, isTimeUp: () => boolean): number {
    let done = 0
    do {
      const isNewer = (columns.times[done] as number) > this.last(series)
      const place = isNewer ? undefined : this.#table.placeOf(series, columns.times[done] as number)
      const next = place === undefined ? columns.count : firstAtOrAfter(columns, place.next)
      const some = part(columns, done, Math.min(next, done + ADDED_AT_ONCE))
      if (place === undefined) this.#addNew(series, some)
      else {
        const kept = this.#open(series, place.chunk)
        // The chunk was taken out of the way; the place is another one now.
        if (kept === undefined) continue
        this.#replace(series, place.chunk, merged(kept, some))
      }
      done += some.count
    } while (done < columns.count && !isTimeUp())
    return done
  }

  #addNew(series: number, columns: Columns): void {
    const inTail = this.#ends.inTail[series] ?? 0
    const before = this.#ends.before[series] ?? 0
    if (inTail >= NEARLY_FULL) {
      this.#table.archiveTail(series)
      this.#putEnd(series, columns, before + inTail)
      return
    }
    if (inTail === 0) {
      this.#putEnd(series, columns, before)
      return
    }
    const old = this.#open(series, { id: undefined, last: this.last(series), count: inTail })
    // A tail that was taken out of the way has the chunk before it as its successor, or none.
    if (old === undefined) this.#addNew(series, columns)
    else this.#putEnd(series, merged(old, columns, this.#joined), before)
  }

  // All but the last piece become full chunks, the last one the tail.
  #putEnd(series: number, columns: Columns, before: number): void {
    let start = 0
    for (; columns.count - start > CHUNK_SAMPLES; start += CHUNK_SAMPLES) {
      const piece = part(columns, start, start + CHUNK_SAMPLES)
      this.#table.insert(series, summarise(piece), encodeChunk(piece))
    }
    const rest = start === 0 ? columns : part(columns, start, columns.count)
    this.#table.putTail(series, before + start, summarise(rest), encodeChunk(rest))
    this.note(series, rest.times[rest.count - 1] as number, rest.count, before + start)
  }

  /** Forgets the samples before a time. False when the time was up before it was through. Runs inside a transaction. */
  forget(series: number, time: number, isTimeUp: () => boolean): boolean {
    for (;;) {
      const chunk = this.#table.oldest(series)
      if (chunk === undefined || chunk.first >= time) return true
      if (chunk.last < time) {
        this.#table.remove(series, chunk)
        this.refresh(series)
      } else {
        const columns = this.#open(series, chunk)
        if (columns !== undefined) this.#replace(series, chunk, part(columns, firstAtOrAfter(columns, time), columns.count))
      }
      if (isTimeUp()) return false
    }
  }

  // Puts other samples in the place of a chunk; a full one that has become too large is parted.
  #replace(series: number, chunk: ChunkPlace, columns: Columns): void {
    if (columns.count === chunk.count) return
    const before = this.#ends.before[series] ?? 0
    if (chunk.id === undefined) {
      this.#putEnd(series, columns, before)
      return
    }
    this.#table.remove(series, chunk)
    const size = columns.count <= MOST_SAMPLES ? columns.count : CHUNK_SAMPLES
    for (let start = 0; start < columns.count; start += size) {
      const piece = part(columns, start, Math.min(columns.count, start + size))
      this.#table.insert(series, summarise(piece), encodeChunk(piece))
    }
    this.#table.setBefore(series, before + columns.count - chunk.count)
    this.refresh(series)
  }

  // Opens a chunk to change it. One that cannot be read is taken out of the way.
  #open(series: number, chunk: ChunkPlace): Columns | undefined {
    const columns = this.read(series, chunk)
    if (columns === undefined) {
      this.#table.setAside(series, chunk)
      this.refresh(series)
    }
    return columns
  }
}

interface Ends {
  last: Float64Array
  inTail: Float64Array
  before: Float64Array
}

function endsOf(length: number, old?: Ends): Ends {
  const ends = {
    last: new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
    inTail: new Float64Array(length),
    before: new Float64Array(length)
  }
  if (old !== undefined) {
    ends.last.set(old.last)
    ends.inTail.set(old.inTail)
    ends.before.set(old.before)
  }
  return ends
}
