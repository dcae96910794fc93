// Which requests read all tags of a device: neighbours are read together, forbidden ranges never, values are never split. Pure.
export const TABLES = ['coil', 'discrete-input', 'input-register', 'holding-register'] as const
export type Table = (typeof TABLES)[number]

export const MOST_REGISTERS = 125
export const MOST_BITS = 2000

/** What one tag takes: registers, or bits of a coil or discrete-input table. */
export interface Span {
  tag: number
  table: Table
  address: number
  count: number
}

export interface PlannedRead {
  table: Table
  address: number
  count: number
  spans: readonly Span[]
}

/** Addresses from and to are both part of it. */
export interface AddressRange {
  table: Table
  from: number
  to: number
}

export interface PlanLimits {
  maxRegistersPerRead: number
  maxBitsPerRead: number
  /** The most unused addresses that are read along to save a request. */
  maxGap: number
  /** Only values that share registers are read together. */
  oneTagPerRead?: boolean
  forbidden: readonly AddressRange[]
}

export const isBitTable = (table: Table): boolean => table === 'coil' || table === 'discrete-input'

export function planReads(spans: readonly Span[], limits: PlanLimits): PlannedRead[] {
  return TABLES.flatMap((table) => {
    const sorted = spans.filter((span) => span.table === table).sort((a, b) => a.address - b.address || a.count - b.count)
    const most = isBitTable(table) ? limits.maxBitsPerRead : limits.maxRegistersPerRead
    const forbidden = limits.forbidden.filter((range) => range.table === table)
    const runs: Span[][] = []
    let run: Span[] = []
    let start = 0
    let end = 0
    for (const span of sorted) {
      const joins =
        run.length > 0 &&
        (limits.oneTagPerRead !== true || span.address + span.count <= end) &&
        span.address - end <= limits.maxGap &&
        Math.max(end, span.address + span.count) - start <= most &&
        !forbidden.some((range) => range.from < span.address && range.to >= end)
      if (!joins) {
        run = []
        runs.push(run)
        start = span.address
        end = start
      }
      run.push(span)
      end = Math.max(end, span.address + span.count)
    }
    return runs.map(readOf)
  })
}

export function touches(span: { table: Table; address: number; count: number }, range: AddressRange): boolean {
  return span.table === range.table && span.address <= range.to && span.address + span.count > range.from
}

/** Two halves of a request that the device refused as a whole, or undefined when there is nothing to divide. */
export function halve(read: PlannedRead): [PlannedRead, PlannedRead] | undefined {
  const spans = [...read.spans].sort((a, b) => a.address - b.address || a.count - b.count)
  const half = cutNear(spans, Math.floor(spans.length / 2))
  return half === undefined ? undefined : [readOf(spans.slice(0, half)), readOf(spans.slice(half))]
}

/** Joins requests that each were answered and lie without a hole beside each other, so that no unproven address is read. */
export function joinProven(reads: readonly PlannedRead[], limits: PlanLimits): PlannedRead[] {
  if (limits.oneTagPerRead === true) return [...reads]
  const joined: PlannedRead[] = []
  for (const read of [...reads].sort((a, b) => TABLES.indexOf(a.table) - TABLES.indexOf(b.table) || a.address - b.address)) {
    const last = joined.at(-1)
    const most = isBitTable(read.table) ? limits.maxBitsPerRead : limits.maxRegistersPerRead
    if (last !== undefined && last.table === read.table && last.address + last.count >= read.address) {
      const both = readOf([...last.spans, ...read.spans])
      if (both.count <= most) {
        joined[joined.length - 1] = both
        continue
      }
    }
    joined.push(read)
  }
  return joined
}

// Spans that share registers (bits of one word) stay together: apart, they would ask the same question twice.
function cutNear(spans: readonly Span[], middle: number): number | undefined {
  const ends: number[] = []
  let end = 0
  for (const span of spans) {
    end = Math.max(end, span.address + span.count)
    ends.push(end)
  }
  let best: number | undefined
  for (let i = 1; i < spans.length; i++) {
    const apart = (spans[i]?.address ?? 0) >= (ends[i - 1] ?? 0)
    if (apart && (best === undefined || Math.abs(i - middle) < Math.abs(best - middle))) best = i
  }
  return best
}

function readOf(spans: readonly Span[]): PlannedRead {
  const [first] = spans
  if (first === undefined) throw new RangeError('a read of no tag')
  let end = 0
  for (const span of spans) end = Math.max(end, span.address + span.count)
  return { table: first.table, address: first.address, count: end - first.address, spans }
}
