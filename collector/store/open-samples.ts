// Samples that are in the journal and not yet in chunks: one growing list in the order of arrival, in which the samples
// of each series are chained. Taking one in touches one record and the head of its chain.
import { isBad } from '#contract/quality.ts'
import { type Columns, clear, inOrder, newColumns, reserve } from './columns.ts'
import type { Entry } from './journal-entry.ts'
import type { Latest } from './latest.ts'

const BLOCK_BITS = 15
const BLOCK = 1 << BLOCK_BITS

// A record of 24 bytes: time, value, the record before it in its series (counted from 1, 0 for none), quality.
export interface Block {
  floats: Float64Array
  words: Uint32Array
}

function newBlock(): Block {
  const floats = new Float64Array(BLOCK * 3)
  return { floats, words: new Uint32Array(floats.buffer) }
}

export const MOST_IN_GROUP = 64
const GROUP_SAMPLES = 131_072

export class OpenSamples {
  readonly #latest: Latest
  readonly #spare: Block[]
  readonly #blocks: Block[] = []
  readonly #texts = new Map<number, string>()
  readonly #late = new Set<number>()
  // For each series its newest record, counted from 1, and how many there are.
  #chains = new Uint32Array(2048)
  #length = 0
  #dropped = 0
  #oldest = Number.POSITIVE_INFINITY

  /** Spare blocks are taken from a list before it that was given up, and given back to it. */
  constructor({ latest, spare }: { latest: Latest; spare: Block[] }) {
    this.#latest = latest
    this.#spare = spare
  }

  /** Samples taken in, repeats of the same sample included. */
  get length(): number {
    return this.#length
  }

  /** The same without those of dropped series. */
  get kept(): number {
    return this.#length - this.#dropped
  }

  get oldest(): number {
    return this.#oldest
  }

  add(entry: Entry, seriesCount: number): void {
    this.#latest.reserve(seriesCount)
    if (this.#chains.length < seriesCount * 2) {
      const grown = new Uint32Array(Math.max(seriesCount * 2, this.#chains.length * 2))
      grown.set(this.#chains)
      this.#chains = grown
    }
    for (const [at, text] of entry.texts) this.#texts.set(this.#length + at, text)
    for (let start = 0; start < entry.count; ) start += this.#addRun(entry, start)
  }

  // As many as the current block has room for.
  #addRun(entry: Entry, start: number): number {
    const { base, series, times, values, qualities } = entry
    const latest = this.#latest
    const chains = this.#chains
    const room = BLOCK - (this.#length & (BLOCK - 1))
    const end = Math.min(entry.count, start + room)
    const { floats, words } = this.#block(this.#length >> BLOCK_BITS)
    let record = this.#length & (BLOCK - 1)
    let number = this.#length
    let oldest = this.#oldest
    for (let i = start; i < end; i++, record++) {
      const key = series[i] as number
      const time = base + (times[i] as number)
      const value = values[i] as number
      const quality = qualities === undefined ? 0 : (qualities[i] as number)
      floats[record * 3] = time
      floats[record * 3 + 1] = value
      words[record * 6 + 4] = chains[key * 2] as number
      words[record * 6 + 5] = quality
      chains[key * 2] = ++number
      chains[key * 2 + 1] = (chains[key * 2 + 1] as number) + 1
      if (time < oldest) oldest = time
      if (time > (latest.times[key] as number)) {
        latest.times[key] = time
        latest.values[key] = value
        latest.qualities[key] = quality
        if (Number.isNaN(value) && !isBad(quality)) latest.texts.set(key, entry.texts.get(i) ?? '')
      } else this.#late.add(key)
    }
    this.#length = number
    this.#oldest = oldest
    return end - start
  }

  #block(index: number): Block {
    const block = this.#blocks[index] ?? this.#spare.pop() ?? newBlock()
    this.#blocks[index] = block
    return block
  }

  /** How many samples of a series came, repeats of the same sample included. */
  count(series: number): number {
    return this.#chains[series * 2 + 1] ?? 0
  }

  /** True when a sample came that was not newer than all before it: it may be late or a repeat. */
  isLate(series: number): boolean {
    return this.#late.has(series)
  }

  /** For a series of which only some samples are in chunks: all are looked at as if they might be. */
  markLate(series: number): void {
    this.#late.add(series)
  }

  lateSeries(): Iterable<number> {
    return this.#late
  }

  /** The series that have samples here, neighbours together, in groups of bounded size. */
  groups(): number[][] {
    const groups: number[][] = []
    let group: number[] = []
    let samples = 0
    for (let series = 0; series * 2 < this.#chains.length; series++) {
      const count = this.count(series)
      if (count === 0) continue
      if (group.length === 0 || group.length === MOST_IN_GROUP || samples + count > GROUP_SAMPLES) {
        group = []
        groups.push(group)
        samples = 0
      }
      group.push(series)
      samples += count
    }
    return groups
  }

  /** The samples of a series in order, each time once. */
  of(series: number): Columns {
    return this.gather([series], [newColumns()])[0] as Columns
  }

  // The chains are followed side by side: what came together lies together, and is then read from memory once.
  gather(group: readonly number[], into: readonly Columns[]): Columns[] {
    const heads = group.map((series) => this.#chains[series * 2] ?? 0)
    const places = group.map((series) => this.count(series))
    const found = group.map((_, i) => sized(into[i] as Columns, places[i] as number))
    for (let left = true; left; ) {
      left = false
      for (let i = 0; i < heads.length; i++) {
        const number = (heads[i] as number) - 1
        if (number < 0) continue
        left = true
        const place = (places[i] as number) - 1
        places[i] = place
        heads[i] = this.#copy(number, found[i] as Columns, place)
      }
    }
    return found.map((columns, i) => (this.#late.has(group[i] as number) ? inOrder(columns) : columns))
  }

  // Gives the record before it in its series.
  #copy(number: number, columns: Columns, place: number): number {
    const { floats, words } = this.#blocks[number >> BLOCK_BITS] as Block
    const record = number & (BLOCK - 1)
    const value = floats[record * 3 + 1] as number
    columns.times[place] = floats[record * 3] as number
    columns.values[place] = value
    columns.qualities[place] = words[record * 6 + 5] as number
    if (this.#texts.size > 0 && Number.isNaN(value)) {
      const text = this.#texts.get(number)
      if (text !== undefined) columns.texts.set(place, text)
    }
    return words[record * 6 + 4] as number
  }

  /** Leaves the samples of a series out from now on: they are in chunks. */
  drop(series: number): void {
    this.#dropped += this.count(series)
    this.#chains[series * 2] = 0
    this.#chains[series * 2 + 1] = 0
    this.#late.delete(series)
  }

  /** Gives the memory up; nothing may be asked for after it. */
  release(): void {
    this.#spare.push(...this.#blocks.splice(0))
  }
}

function sized(columns: Columns, count: number): Columns {
  clear(columns)
  reserve(columns, count)
  columns.count = count
  return columns
}
