// Spreads what an attack sends over its strikes: so much at each, in order, and from the beginning again when all was sent.
import { z } from 'zod'
import { answered } from './kept-link.ts'

export const PerStrike = z.int().min(1).max(200).default(20).describe('How many requests are sent at each strike.')

export const EverySeconds = z.number().min(1).max(3600).default(1).describe('How many seconds lie between two strikes.')

/** Ends a strike early at the first thing that gets no answer, so that a silent PLC holds up nothing. */
export function inBursts<T>(items: readonly T[], { perStrike, send }: { perStrike: number; send: (item: T) => Promise<unknown> }) {
  let next = 0
  return async (): Promise<void> => {
    for (let sent = 0; sent < Math.min(perStrike, items.length); sent++) {
      const item = items[next]
      next = (next + 1) % items.length
      if (item !== undefined && !(await answered(() => send(item)))) return
    }
  }
}

export const wordBytes = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff]
