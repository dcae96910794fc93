// Places in a numbering and the holes in it: what a message stands for, and what never came or was given up. Pure.
import type { Lane, Position } from '#contract/envelope.ts'
import type { GapReason } from '#contract/gap.ts'

export interface Place {
  boot: number
  first: number
  last: number
  follows: Position | null | undefined
  lane?: Lane | undefined
  /** Event time of the first and the last sample in it, for the bracket of a hole beside it. */
  from: number | null
  to: number | null
  bytes: number
  /** Set when the message says that what it stands for was lost. */
  lost: { reason: GapReason; samples: number | null; device?: string | undefined } | null
}

export interface Hole {
  boot: number
  first: number
  last: number
  from: number | null
  to: number | null
  reason: GapReason
  samples: number | null
  /** Set when only one device is concerned; then it is no loss of messages, and nothing can fill it. */
  device?: string | undefined
}

export type Span = Pick<Place, 'boot' | 'first' | 'last'>

export const isOurs = (hole: Hole): boolean => hole.reason === 'never-arrived' || hole.reason === 'unreadable'

export const overlaps = (a: Span, b: Span): boolean => a.boot === b.boot && a.first <= b.last && b.first <= a.last

export function holeOf(place: Place, { first, last }: Pick<Span, 'first' | 'last'>): Hole {
  const whole = first === place.first && last === place.last
  const reason = place.lost?.reason ?? 'never-arrived'
  const device = place.lost?.device
  return {
    boot: place.boot,
    first,
    last,
    from: place.from,
    to: place.to,
    reason,
    samples: whole ? (place.lost?.samples ?? null) : null,
    ...(device === undefined ? {} : { device })
  }
}

// What stays of a hole when a place has come; a place that tells a loss puts its own reason in the middle.
export function without(hole: Hole, place: Place): Hole[] {
  if (!overlaps(hole, place)) return [hole]
  const left: Hole[] = []
  if (hole.first < place.first) left.push({ ...hole, last: place.first - 1, to: place.from ?? hole.to, samples: null })
  if (place.lost !== null) left.push(holeOf(place, { first: Math.max(hole.first, place.first), last: Math.min(hole.last, place.last) }))
  if (hole.last > place.last) left.push({ ...hole, first: place.last + 1, from: place.to ?? hole.from, samples: null })
  return left
}
