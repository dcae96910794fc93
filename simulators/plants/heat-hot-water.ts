// Domestic hot water: what some 3,000 people draw, heated by an exchanger of its own with a self-acting regulator.
import { WATER_HEAT } from './heat-exchanger.ts'
import { Noise, Wander } from './noise.ts'
import { DAY_SECONDS } from './plant.ts'

// m3/h at each full hour; showers in the morning and a long evening.
const DRAW = [0.9, 0.6, 0.4, 0.4, 0.6, 1.8, 5.2, 8.4, 6.9, 4.6, 3.7, 3.8, 4.6, 4, 3.4, 3.4, 3.9, 5.1, 6.8, 8.3, 9.2, 8.1, 5.2, 2.3]
const COLD = 10
// The regulator works by itself and has a proportional band: the more is drawn, the cooler it gives; degrees per m3/h.
const WANTED = 56
const DROOP = 0.2
const LAG_SECONDS = 25
// The primary water leaves this much warmer than the cold water comes.
const PINCH = 22
const EFFECTIVENESS = 0.85

export class HotWater {
  /** m3/h */
  draw = 0
  primaryFlow = 0
  /** Degrees Celsius of the water given, and of the primary water that goes back. */
  temperature = WANTED - 1
  back = COLD + PINCH
  /** kWh of the last step. */
  given = 0
  #regulated = WANTED - 1
  readonly #slow: Wander
  readonly #quick: Wander

  constructor(seed: number) {
    const wander = (stream: string, deviation: number, memorySeconds: number) =>
      new Wander({ noise: new Noise(seed, `hot water, ${stream}`), deviation, memorySeconds })
    this.#slow = wander('slow', 0.12, 2400)
    this.#quick = wander('quick', 0.1, 40)
  }

  step(at: number, primary: number, seconds: number): void {
    this.draw = Math.max(0, drawn(at) * (1 + this.#slow.step(seconds) + this.#quick.step(seconds)))
    this.#regulated += ((WANTED - DROOP * this.draw - this.#regulated) * seconds) / (LAG_SECONDS + seconds)
    this.temperature = Math.max(COLD, Math.min(this.#regulated, COLD + EFFECTIVENESS * (primary - COLD)))
    const power = WATER_HEAT * this.draw * (this.temperature - COLD)
    this.back = Math.min(COLD + PINCH, COLD + 0.6 * (primary - COLD))
    this.primaryFlow = power > 0 ? power / (WATER_HEAT * (primary - this.back)) : 0
    this.given = (power * seconds) / 3600
  }
}

function drawn(at: number): number {
  const hour = (((at % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS) / 3600
  const index = Math.floor(hour)
  const from = DRAW[index] ?? 0
  const to = DRAW[(index + 1) % 24] ?? 0
  return from + ((to - from) * (1 - Math.cos(Math.PI * (hour - index)))) / 2
}
