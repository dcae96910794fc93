// What a device was not asked for, put together into gap records: one for each outage, and at most one a minute for cycles that
// are left out now and then.
import type { GapReason } from '#contract/gap.ts'
import type { Missed } from './source.ts'

const MINUTE_MS = 60_000
// Cycles left out with less than this between them belong together.
const QUIET_MS = 10_000

interface Open {
  from: number
  to: number
  samples: number
}

export class Misses {
  readonly #device: string
  readonly #tell: (missed: Missed) => void
  readonly #open = new Map<GapReason, Open>()

  constructor({ device, tell }: { device: string; tell: (missed: Missed) => void }) {
    this.#device = device
    this.#tell = tell
  }

  /** Times are agent time; a silence may be noticed after the cycle that it spoilt was due. */
  note(reason: GapReason, { from, to, samples }: Open): void {
    const open = this.#open.get(reason) ?? { from, to: from, samples: 0 }
    this.#open.set(reason, { from: Math.min(open.from, from), to: Math.max(open.to, to), samples: open.samples + samples })
  }

  /** Tells an outage that is over. */
  close(reason: GapReason, to?: number): void {
    const open = this.#open.get(reason)
    if (open === undefined) return
    this.#open.delete(reason)
    this.#tell({ device: this.#device, reason, ...open, to: Math.max(open.to, to ?? open.to) })
  }

  /** Tells what has not grown for a while or is a minute long; an outage waits for its end. */
  settle(now: number): void {
    for (const [reason, { from, to }] of this.#open)
      if (reason !== 'device-silent' && (now - to >= QUIET_MS || now - from >= MINUTE_MS)) this.close(reason)
  }

  closeAll(): void {
    for (const reason of [...this.#open.keys()]) this.close(reason)
  }
}
