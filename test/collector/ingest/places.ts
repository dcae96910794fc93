// Messages as the sequencer sees them, small enough to count with.
import type { Place } from '../../../collector/ingest/hole.ts'

export const limits = { holdMs: 1000, holdMessages: 8, holdBytes: 80 }

export interface Item {
  name: string
}
export const item = (name: string): Item => ({ name })

/** A message of ten bytes and one sample, taken at ten times its number. */
export function place(boot: number, sequence: number, more: Partial<Place> = {}): Place {
  return {
    boot,
    first: sequence,
    last: sequence,
    follows: undefined,
    from: sequence * 10,
    to: sequence * 10,
    bytes: 10,
    lost: null,
    ...more
  }
}
