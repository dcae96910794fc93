// The boiler house: water that a burner keeps at a temperature which follows the weather, within limits.
import { WATER_HEAT } from './heat-exchanger.ts'
import { Noise, Wander } from './noise.ts'

// m3 of boilers and primary pipes, kW.
const VOLUME = 60
const BURNER = { most: 7000, lagSeconds: 60, gain: 300, tooHot: 120 }
const LOSS = { conductance: 0.4, around: 20 }
const CURVE = { mildest: 15, base: 82, slope: 0.9, low: 75, high: 112 }

export class HeatSource {
  temperature: number
  /** kW */
  burner: number
  /** kWh of the last step. */
  burnt = 0
  lost = 0
  readonly #wander: Wander

  constructor({ seed, outdoor, load }: { seed: number; outdoor: number; load: number }) {
    this.#wander = new Wander({ noise: new Noise(seed, 'boiler house'), deviation: 0.7, memorySeconds: 1800 })
    this.temperature = wanted(outdoor)
    this.burner = load
  }

  get heat(): number {
    return WATER_HEAT * VOLUME * this.temperature
  }

  /** taken: kWh that the station took in this step. */
  step({ taken, outdoor, tripped, seconds }: { taken: number; outdoor: number; tripped: boolean; seconds: number }): void {
    const hours = seconds / 3600
    const aim = wanted(outdoor) + this.#wander.step(seconds)
    const load = hours > 0 ? taken / hours : 0
    const asked = tripped || this.temperature > BURNER.tooHot ? 0 : load + BURNER.gain * (aim - this.temperature)
    const power = Math.min(BURNER.most, Math.max(0, asked))
    this.burner += ((power - this.burner) * seconds) / (BURNER.lagSeconds + seconds)
    this.burnt = this.burner * hours
    this.lost = LOSS.conductance * (this.temperature - LOSS.around) * hours
    this.temperature += (this.burnt - this.lost - taken) / (WATER_HEAT * VOLUME)
  }
}

const wanted = (outdoor: number): number => Math.min(CURVE.high, Math.max(CURVE.low, CURVE.base + CURVE.slope * (CURVE.mildest - outdoor)))
