// Turns an answer, or a missing one, into the samples of its tags.
import type { SampleValue } from '#contract/sample.ts'
import type { AgentClock } from '../clock.ts'
import type { Sink } from '../source.ts'
import { isBitTable, type PlannedRead } from './read-plan.ts'
import type { Decode } from './registers.ts'

export interface DeliveryOptions {
  /** Spans of a read name tags by their place in these two. */
  decoders: readonly Decode[]
  ids: readonly number[]
  clock: AgentClock
}

export class Delivery {
  readonly #options: DeliveryOptions
  #lastGoodAt: number | null = null

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** When the last good answer came, in agent time. */
  get lastGoodAt(): number | null {
    return this.#lastGoodAt
  }

  good({ spans, address, table }: PlannedRead, { bytes, roundTripMs }: { bytes: Buffer; roundTripMs: number }, sink: Sink): void {
    const { decoders, ids, clock } = this.#options
    const time = clock.now()
    this.#lastGoodAt = time
    const width = isBitTable(table) ? 1 : 2
    const tags: number[] = []
    const values: SampleValue[] = []
    const qualities: number[] = []
    for (const span of spans) {
      const decoded = decoders[span.tag]?.(bytes, (span.address - address) * width)
      const id = ids[span.tag]
      if (decoded === undefined || id === undefined) continue
      tags.push(id)
      values.push(decoded.value)
      qualities.push(decoded.quality)
    }
    sink.read({ time, tags, values, qualities, roundTrip: Math.round(roundTripMs * 1000) })
  }

  /** `tookMs` is how long was waited for the answer; 0 when nothing was asked. */
  bad({ spans }: PlannedRead, { quality, tookMs }: { quality: number; tookMs: number }, sink: Sink): void {
    const { ids, clock } = this.#options
    const tags = spans.map((span) => ids[span.tag] ?? 0)
    sink.read({
      time: clock.now(),
      tags,
      values: tags.map(() => null),
      qualities: tags.map(() => quality),
      roundTrip: Math.round(tookMs * 1000)
    })
  }
}
