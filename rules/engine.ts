// The engine: knows tags from births, judges samples in event time and agents on the collector's clock.
import type { Birth } from '#contract/agent-status.ts'
import type { Finding } from '#contract/finding.ts'
import type { SampleValue, View } from '#contract/sample.ts'
import type { Check } from './check.ts'
import type { Pack } from './pack.ts'

export interface Judged {
  site: string
  agent: string
  tagMap: number
  view: View
  tags: ArrayLike<number>
  /** Absolute, epoch milliseconds. */
  times: ArrayLike<number>
  values: ArrayLike<SampleValue>
  qualities: ArrayLike<number>
}

export interface Heard {
  site: string
  agent: string
  /** The collector's clock. */
  time: number
}

export interface EngineSnapshot {
  version: 1
}

const NOTHING: readonly Finding[] = []

export class Engine {
  constructor(_options: { packs: readonly Pack[] }) {}
  know(_birth: Birth): void {}
  judge(_batch: Judged): readonly Finding[] {
    return NOTHING
  }
  heard(_agent: Heard): readonly Finding[] {
    return NOTHING
  }
  stopped(_agent: Heard): readonly Finding[] {
    return NOTHING
  }
  tick(_time: number): readonly Finding[] {
    return NOTHING
  }
  snapshot(): EngineSnapshot {
    return { version: 1 }
  }
  restore(_snapshot: unknown): void {}
  checks(): readonly Check[] {
    return []
  }
  check(_id: string): Check | undefined {
    return undefined
  }
}
