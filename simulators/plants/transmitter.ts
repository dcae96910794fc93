// A transmitter stands between the truth and the PLC: it lags, adds noise, has a resolution and an end of scale.
import { Noise } from './noise.ts'

export interface TransmitterOptions {
  name: string
  seed: number
  /** Standard deviation of the noise in the unit of the value. */
  noise: number
  /** Noise in proportion to the reading, added to the fixed one. */
  relativeNoise?: number
  lagSeconds?: number
  resolution: number
  low: number
  high: number
  /** Readings whose truth is below are given as exactly 0, as flow meters and drives do; others know no such place. */
  cutoff?: number
}

export class Transmitter {
  readonly #options: Required<TransmitterOptions>
  readonly #noise: Noise
  #lagged: number | null = null

  constructor(options: TransmitterOptions) {
    this.#options = { relativeNoise: 0, lagSeconds: 0, cutoff: Number.NEGATIVE_INFINITY, ...options }
    this.#noise = new Noise(options.seed, `transmitter ${options.name}`)
  }

  read(truth: number, seconds: number): number {
    const { noise, relativeNoise, lagSeconds, resolution, low, high, cutoff } = this.#options
    // Drawn in any case, so that a stopped pump does not shift the noise that follows.
    const disturbance = (noise + relativeNoise * Math.abs(truth)) * this.#noise.normal()
    const lagged = this.#lagged ?? truth
    this.#lagged = lagged + ((truth - lagged) * seconds) / (lagSeconds + seconds)
    if (this.#lagged < cutoff) return 0
    const reading = Math.round((this.#lagged + disturbance) / resolution) * resolution
    return Math.min(high, Math.max(low, reading))
  }
}
