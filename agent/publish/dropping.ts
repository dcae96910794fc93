// What a full or old outbox gives up: the oldest messages, replaced by one gap message for all their numbers. Pure.
import type { GapReason } from '#contract/gap.ts'

/** A row of the outbox without its payload. */
export interface Entry {
  boot: number
  first: number
  sequence: number
  kind: string
  reason: string | null
  samples: number | null
  from: number | null
  to: number | null
  madeAt: number
  bytes: number
}

export interface DroppedRun {
  boot: number
  /** Numbers first..sequence are lost. */
  first: number
  sequence: number
  reason: GapReason
  samples: number | null
  from: number | null
  to: number | null
  madeAt: number
  /** How many messages went into it in this round; a gap that was there before is not one. */
  messages: number
  /** True when a gap that was there before grew. */
  grown: boolean
}

/**
 * Goes through the oldest entries and gathers what must go; stops at the first that may stay. A gap of another reason goes like any
 * message, its span becoming part of the run's, or endless outages would fill the outbox; only what says that the file was damaged stays.
 */
export function gatherDrops(oldest: Iterable<Entry>, mustGo: (entry: Entry) => GapReason | undefined): DroppedRun[] {
  const runs: DroppedRun[] = []
  let head: DroppedRun | undefined
  for (const entry of oldest) {
    if (entry.reason === 'outbox-size' || entry.reason === 'outbox-age') {
      head = runOf(entry, entry.reason, true)
      continue
    }
    if (entry.reason === 'outbox-damaged') {
      head = undefined
      continue
    }
    const reason = mustGo(entry)
    if (reason === undefined) break
    if (head?.boot === entry.boot && head.reason === reason && head.sequence + 1 === entry.first) extend(head, entry)
    else head = runOf(entry, reason, false)
    if (runs.at(-1) !== head) runs.push(head)
  }
  return runs
}

function runOf(entry: Entry, reason: GapReason, grown: boolean): DroppedRun {
  const { boot, first, sequence, from, to, madeAt } = entry
  return {
    boot,
    first,
    sequence,
    reason,
    samples: grown ? entry.samples : carriedBy(entry),
    from,
    to,
    madeAt,
    messages: grown ? 0 : 1,
    grown
  }
}

function extend(run: DroppedRun, entry: Entry): void {
  run.sequence = entry.sequence
  const samples = carriedBy(entry)
  run.samples = run.samples === null || samples === null ? null : run.samples + samples
  run.from = run.from === null || entry.from === null ? null : Math.min(run.from, entry.from)
  run.to = run.to === null || entry.to === null ? null : Math.max(run.to, entry.to)
  run.messages++
}

// Samples that a gap speaks of were never in the outbox; the count of the run stays exact about those that were.
const carriedBy = (entry: Entry): number | null => (entry.kind === 'gap' ? 0 : entry.samples)
