// The trends of a live run, from what the agent really published.
import { decode } from '#contract/codec.ts'
import { ContractFault } from '#contract/fault.ts'
import { parseTopic } from '#contract/topics.ts'
import type { Publish } from './mqtt-packets.ts'
import type { Trend } from './report-trend.ts'
import { TrendCollection } from './trend-collection.ts'

export class LiveTrends {
  readonly #collection: TrendCollection

  constructor({ seconds, now = Date.now() }: { seconds: number; now?: number }) {
    this.#collection = new TrendCollection({ span: { start: now, end: now + seconds * 1000 } })
  }

  hear({ topic, payload }: Publish): void {
    try {
      const { kind } = parseTopic(topic)
      if (kind === 'birth' || kind === 'samples' || kind === 'gap') this.#collection.hear(decode(kind, payload), Date.now())
    } catch (fault) {
      // What the collector will refuse draws no trend.
      if (!(fault instanceof ContractFault)) throw fault
    }
  }

  trends(): Trend[] {
    return this.#collection.trends()
  }
}
