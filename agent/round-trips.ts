// The last round-trip times of a device. An overloaded PLC, or somebody in the middle, shows in them.
const KEPT = 256

export class RoundTrips {
  readonly #kept = new Float64Array(KEPT)
  #count = 0

  add(ms: number): void {
    this.#kept[this.#count++ % KEPT] = ms
  }

  /** Median and 95th percentile in milliseconds, null before the first. */
  percentiles(): [number | null, number | null] {
    const sorted = this.#kept.slice(0, Math.min(this.#count, KEPT)).sort()
    const at = (share: number) => {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
      return value === undefined ? null : Math.round(value * 1000) / 1000
    }
    return [at(0.5), at(0.95)]
  }
}
