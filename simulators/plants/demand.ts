// What a town of some 20,000 people draws: a pattern over the day and week, slow wandering and quick noise, in m3/h.
import { Noise, Wander } from './noise.ts'
import { DAY_SECONDS } from './plant.ts'

// Share of the mean demand at each full hour: two peaks on workdays, a late and long one at weekends.
const WORKDAY = [
  0.47, 0.42, 0.4, 0.4, 0.45, 0.65, 1.05, 1.48, 1.52, 1.3, 1.14, 1.09, 1.2, 1.1, 1, 1, 1.1, 1.25, 1.5, 1.55, 1.4, 1.15, 0.83, 0.6
]
const WEEKEND = [
  0.55, 0.47, 0.42, 0.4, 0.41, 0.48, 0.68, 0.98, 1.3, 1.48, 1.45, 1.35, 1.3, 1.2, 1.12, 1.1, 1.15, 1.27, 1.45, 1.48, 1.38, 1.18, 0.92, 0.7
]

const YEAR_DAYS = 365.25
const HOTTEST_DAY = 200

export class Demand {
  readonly #mean: number
  readonly #slow: Wander
  readonly #quick: Wander

  constructor(options: { seed: number; mean: number; name: string }) {
    const { seed, mean, name } = options
    this.#mean = mean
    this.#slow = new Wander({ noise: new Noise(seed, `${name}, slow`), deviation: 0.035, memorySeconds: 1500 })
    this.#quick = new Wander({ noise: new Noise(seed, `${name}, quick`), deviation: 0.015, memorySeconds: 15 })
  }

  /** share: how much of the mean this hour and season ask for. */
  step(share: number, seconds: number): number {
    return Math.max(0, this.#mean * share * (1 + this.#slow.step(seconds) + this.#quick.step(seconds)))
  }
}

/** More is drawn in summer and when it is warmer than the season; day is the day of the year. */
export const season = (day: number, warmer: number): number =>
  Math.max(0.5, 1 + 0.12 * Math.cos((2 * Math.PI * (day - HOTTEST_DAY)) / YEAR_DAYS) + 0.008 * warmer)

// The pattern is drawn through the hours with a cosine, so that demand has no corners.
export function pattern(at: number): number {
  const day = Math.floor(at / DAY_SECONDS) % 7
  const hours = day < 5 ? WORKDAY : WEEKEND
  const hour = (at % DAY_SECONDS) / 3600
  const index = Math.floor(hour)
  const from = hours[index] ?? 1
  const nextDay = (day + 1) % 7 < 5 ? WORKDAY : WEEKEND
  const to = (index === 23 ? nextDay[0] : hours[index + 1]) ?? 1
  return from + ((to - from) * (1 - Math.cos(Math.PI * (hour - index)))) / 2
}
