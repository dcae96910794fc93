// Which stretch of time shows an alert with its before and after, and which limits it was judged with.
import type { Band } from './trend-data.ts'
import type { Span } from './trend-span.ts'

const MINUTE = 60_000
const BEFORE_MS = 20 * MINUTE
const AFTER_MS = 10 * MINUTE
const LONGEST_MS = 6 * 60 * MINUTE
const STEP_MS = 15_000

// From some time before the first sight to some time after the end, or until now; long ones show their beginning.
export function spanAround(
  { firstSeen, clearedAt }: { firstSeen: number; clearedAt: number | null },
  now: number
): { span: Span; live: boolean } {
  const from = firstSeen - BEFORE_MS
  const end = clearedAt === null ? now : clearedAt + AFTER_MS
  const to = Math.min(end, from + LONGEST_MS)
  const live = to > now - STEP_MS
  return { span: { from, to: live ? Math.ceil(now / STEP_MS) * STEP_MS : to }, live }
}

// The limits that the rule judged with, as the finding told them.
export function bandOf({ low, high }: Readonly<Record<string, unknown>>): Band | undefined {
  const band = { low: typeof low === 'number' ? low : null, high: typeof high === 'number' ? high : null }
  return band.low === null && band.high === null ? undefined : band
}
