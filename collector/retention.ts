// How far back data are kept, counted from the newest of them: a clock that runs years ahead must not empty a centre.
const DAY_MS = 86_400_000

/** What is older may be forgotten; 0 when nothing may. */
export function forgetBefore({ now, newest, days }: { now: number; newest: number | null; days: number }): number {
  return Math.max(0, Math.min(now, newest ?? 0) - days * DAY_MS)
}
