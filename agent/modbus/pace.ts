// How fast a device may be read, judged by how fast it answers: a PLC that answers much more slowly than it used to has no time
// to spare, and is asked half as often, down to an eighth, until it answers as before.

// So many answers make a judgement; two of them may be slow by chance (the 95th percentile of 40 is the 38th).
const JUDGED = 40
const PERCENTILE = 37
const SLOW = 3
const RECOVERED = 2
const LEAST = 1 / 8
// Each answer moves the baseline by a thousandth at most, so that it follows another network path within an hour, and an
// overload hardly at all.
const DRIFT = 0.001
// Below this the times are noise: of the network, and of a busy box that reads its sockets late.
const FLOOR_MS = 20

export class Pace {
  readonly #floorMs: number
  #times: number[] = []
  #baseline: number | undefined
  #share = 1
  #goodInARow = 0

  constructor({ floorMs = FLOOR_MS }: { floorMs?: number } = {}) {
    this.#floorMs = floorMs
  }

  /** The share of its cycles in which the device is read: 1, a half, a quarter, an eighth. */
  get share(): number {
    return this.#share
  }

  /** True when the share changed. */
  answered(roundTripMs: number): boolean {
    if (this.#baseline !== undefined) this.#baseline *= roundTripMs > this.#baseline ? 1 + DRIFT : 1 - DRIFT
    this.#times.push(roundTripMs)
    if (this.#times.length < JUDGED) return false
    const sorted = this.#times.sort((a, b) => a - b)
    this.#times = []
    this.#baseline ??= sorted[JUDGED / 2] ?? this.#floorMs
    return this.#judge(sorted[PERCENTILE] ?? 0, Math.max(this.#baseline, this.#floorMs))
  }

  /** Whether the cycle with this number is read; numbers count from 0. */
  reads(cycle: number): boolean {
    return cycle % Math.round(1 / this.#share) === 0
  }

  // Down at once, up only after two good judgements in a row.
  #judge(p95: number, usual: number): boolean {
    const before = this.#share
    if (p95 > SLOW * usual) {
      this.#goodInARow = 0
      this.#share = Math.max(LEAST, this.#share / 2)
    } else if (p95 > RECOVERED * usual || this.#share === 1) this.#goodInARow = 0
    else if (++this.#goodInARow >= 2) {
      this.#goodInARow = 0
      this.#share *= 2
    }
    return this.#share !== before
  }
}
