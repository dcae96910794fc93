// Which samples are worth sending: those that moved, those whose quality changed, and one now and then to show that the tag lives.
import type { SampleValue } from '#contract/sample.ts'

export interface TagLimits {
  id: number
  /** How far a number must move; 0 lets every change pass. */
  deadband: number
  heartbeatMs: number
  cadenceMs: number
}

// What was last sent of each tag, in columns by the tag's place: an object per sample, kept until the next one, would age into
// the old generation of the heap, and at 10,000 samples a second that garbage is most of the agent's memory.
export class Deadband {
  readonly #limits: readonly TagLimits[]
  readonly #numbers: Float64Array
  /** Where the number is NaN: the text or null that was sent. */
  readonly #others: SampleValue[]
  readonly #qualities: Float64Array
  readonly #times: Float64Array

  constructor(limits: readonly TagLimits[]) {
    this.#limits = limits
    this.#numbers = new Float64Array(limits.length).fill(Number.NaN)
    this.#others = new Array<SampleValue>(limits.length).fill(null)
    // No quality is below 0, so the first sample of each tag is news.
    this.#qualities = new Float64Array(limits.length).fill(-1)
    this.#times = new Float64Array(limits.length)
  }

  /** Takes over what was last sent of a tag that had another place in another table. */
  takeOver(place: number, from: Deadband, there: number): void {
    this.#numbers[place] = from.#numbers[there] ?? Number.NaN
    this.#others[place] = from.#others[there] ?? null
    this.#qualities[place] = from.#qualities[there] ?? -1
    this.#times[place] = from.#times[there] ?? 0
  }

  /** True when the sample is to be sent; it is then the one that later samples of the tag are compared with. */
  passes(place: number, value: SampleValue, quality: number, time: number): boolean {
    if (!this.#isNews(place, value, quality, time)) return false
    this.#numbers[place] = typeof value === 'number' ? value : Number.NaN
    if (typeof value !== 'number') this.#others[place] = value
    this.#qualities[place] = quality
    this.#times[place] = time
    return true
  }

  #isNews(place: number, value: SampleValue, quality: number, time: number): boolean {
    const limits = this.#limits[place]
    if (limits === undefined) return false
    if (quality !== this.#qualities[place]) return true
    // Half a cadence early, or the sample that comes 2 ms before its heartbeat would make it a whole cadence late.
    if (time - (this.#times[place] ?? 0) >= limits.heartbeatMs - limits.cadenceMs / 2) return true
    const sent = this.#numbers[place] ?? Number.NaN
    if (typeof value !== 'number') return !Number.isNaN(sent) || value !== this.#others[place]
    return Number.isNaN(sent) || Math.abs(value - sent) > limits.deadband
  }
}
