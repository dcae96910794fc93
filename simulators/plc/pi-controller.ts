// A PI controller in percent-free units: output = gain * error + integral, with the integral held inside its bounds.
export interface PiSettings {
  gain: number
  integralSeconds: number
  low: number
  high: number
}

export class PiController {
  readonly #settings: PiSettings
  #integral: number

  constructor(settings: PiSettings & { initial: number }) {
    this.#settings = settings
    this.#integral = settings.initial
  }

  /** learn: false holds the integral, for as long as the loop is open (nothing flows past the analyser). */
  step(error: number, seconds: number, learn: boolean): number {
    const { gain, integralSeconds, low, high } = this.#settings
    if (learn) this.#integral = bounded(this.#integral + (gain * error * seconds) / integralSeconds, low, high)
    return bounded(gain * error + this.#integral, low, high)
  }
}

const bounded = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
