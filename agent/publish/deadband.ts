// Which samples are worth sending: those that moved, those whose quality changed, and one now and then to show that the tag lives.
import type { SampleValue } from '#contract/sample.ts'

export interface TagLimits {
  /** How far a number must move; 0 lets every change pass. */
  deadband: number
  heartbeatMs: number
  cadenceMs: number
}

interface Sent {
  value: SampleValue
  quality: number
  time: number
}

export class Deadband {
  readonly #limits: TagLimits
  #sent: Sent | undefined

  constructor(limits: TagLimits) {
    this.#limits = limits
  }

  /** True when the sample is to be sent; it is then the one that later samples are compared with. */
  passes(value: SampleValue, quality: number, time: number): boolean {
    if (!this.#isNews(value, quality, time)) return false
    this.#sent = { value, quality, time }
    return true
  }

  #isNews(value: SampleValue, quality: number, time: number): boolean {
    const sent = this.#sent
    if (sent === undefined || quality !== sent.quality) return true
    // Half a cadence early, or the sample that comes 2 ms before its heartbeat would make it a whole cadence late.
    if (time - sent.time >= this.#limits.heartbeatMs - this.#limits.cadenceMs / 2) return true
    if (typeof value !== 'number' || typeof sent.value !== 'number') return value !== sent.value
    const moved = Math.abs(value - sent.value)
    return moved > this.#limits.deadband
  }
}
