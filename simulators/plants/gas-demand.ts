// What a town and its factories draw from the gas network: kitchens by the hour, heating by the weather, factories by the week.
import { Noise, Wander } from './noise.ts'
import { DAY_SECONDS } from './plant.ts'

// m3/h(N); heating is for each degree below what people heat from, of the air as the walls of houses feel it.
const COOKING = 1900
const HEATING = { perDegree: 430, from: 15, wallSeconds: 6 * 3600 }
const FACTORY = 2700

// Shares of the mean at each full hour.
const KITCHEN = [0.3, 0.25, 0.22, 0.22, 0.3, 0.7, 1.35, 1.6, 1.2, 0.8, 0.95, 1.6, 1.7, 1, 0.7, 0.7, 1, 1.7, 2.15, 1.9, 1.4, 1.1, 0.75, 0.45]
const COMFORT = [
  0.86, 0.84, 0.83, 0.84, 0.9, 1.02, 1.12, 1.15, 1.1, 1.04, 1, 0.98, 0.97, 0.96, 0.97, 0.98, 1, 1.05, 1.1, 1.1, 1.08, 1.04, 0.97, 0.9
]
const SHIFTS = [
  0.7, 0.68, 0.68, 0.68, 0.7, 0.78, 0.95, 1.15, 1.25, 1.28, 1.28, 1.25, 1.15, 1.2, 1.28, 1.28, 1.25, 1.15, 1.05, 1, 0.95, 0.9, 0.82, 0.75
]
const RESTING = 0.55

export interface Draw {
  /** m3/h(N): homes and offices, and the industrial estate. */
  town: number
  estate: number
}

export class GasDemand {
  readonly draw: Draw = { town: 0, estate: 0 }
  readonly #town: Wander
  readonly #estate: Wander
  readonly #quick: Wander
  #felt: number

  constructor(options: { seed: number; at: number; air: number }) {
    const wander = (stream: string, deviation: number, memorySeconds: number) =>
      new Wander({ noise: new Noise(options.seed, stream), deviation, memorySeconds })
    this.#town = wander('gas demand, town', 0.03, 2400)
    this.#estate = wander('gas demand, estate', 0.05, 5400)
    this.#quick = wander('gas demand, quick', 0.008, 20)
    this.#felt = options.air
    this.step(options.at, options.air, 0)
  }

  step(at: number, air: number, seconds: number): void {
    this.#felt += ((air - this.#felt) * seconds) / (HEATING.wallSeconds + seconds)
    const hour = (at % DAY_SECONDS) / 3600
    const workday = Math.floor(at / DAY_SECONDS) % 7 < 5
    const heating = HEATING.perDegree * Math.max(0, HEATING.from - this.#felt) * share(COMFORT, hour)
    const cooking = COOKING * share(KITCHEN, hour)
    this.draw.town = Math.max(0, (cooking + heating) * (1 + this.#town.step(seconds) + this.#quick.step(seconds)))
    const shifts = workday ? share(SHIFTS, hour) : RESTING
    this.draw.estate = Math.max(0, FACTORY * shifts * (1 + this.#estate.step(seconds)))
  }
}

// Drawn through the hours with a cosine, so that demand has no corners.
function share(hours: readonly number[], hour: number): number {
  const index = Math.floor(hour)
  const from = hours[index] ?? 1
  const to = hours[(index + 1) % 24] ?? 1
  return from + ((to - from) * (1 - Math.cos(Math.PI * (hour - index)))) / 2
}
