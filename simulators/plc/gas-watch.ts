// The alarms of the gate station: what is beyond its limit, with hysteresis and delay, so that nothing chatters.
import type { GasSignals } from '../plants/gas-instruments.ts'
import type { GasTag } from './gas-map.ts'

/** bar, °C, mbar, % of the lower explosive limit, % of the tank, mg/m3(N), seconds. */
const PRESSURE_HYSTERESIS = 0.05
const COLD = { on: 2, off: 3 }
const FILTER = { on: 300, off: 270 }
const INLET = { on: 16, off: 17 }
const GAS = { on: 20, off: 15 }
const ODORANT = { level: 10, weak: 16, short: 0.6, least: 10, seconds: 120 }
const DELAY_SECONDS = 2

export interface Watched {
  signals: Readonly<GasSignals>
  highLimit: number
  lowLimit: number
  /** What the odorant pump should give, mL/h. */
  dosing: number
}

export class GasWatch {
  readonly #high = new Delayed(DELAY_SECONDS)
  readonly #low = new Delayed(DELAY_SECONDS)
  readonly #cold = new Delayed(10)
  readonly #gas = new Delayed(DELAY_SECONDS)
  readonly #filter = new Delayed(30)
  readonly #inlet = new Delayed(10)
  readonly #odorant = new Delayed(ODORANT.seconds)

  scan({ signals, highLimit, lowLimit, dosing }: Watched, seconds: number): void {
    const { outletPressure, outletTemperature, gasInRoom, filterDrop, inletPressure } = signals
    this.#high.scan(outletPressure > highLimit - (this.#high.on ? PRESSURE_HYSTERESIS : 0), seconds)
    this.#low.scan(outletPressure < lowLimit + (this.#low.on ? PRESSURE_HYSTERESIS : 0), seconds)
    this.#cold.scan(outletTemperature < (this.#cold.on ? COLD.off : COLD.on), seconds)
    this.#gas.scan(gasInRoom > (this.#gas.on ? GAS.off : GAS.on), seconds)
    this.#filter.scan(filterDrop > (this.#filter.on ? FILTER.off : FILTER.on), seconds)
    this.#inlet.scan(inletPressure < (this.#inlet.on ? INLET.off : INLET.on), seconds)
    const short = dosing > ODORANT.least && signals.odorantRate < ODORANT.short * dosing
    this.#odorant.scan(short || signals.odorantLevel < ODORANT.level || signals.concentration < ODORANT.weak, seconds)
  }

  publish(put: (tag: GasTag, value: number) => void): void {
    put('outlet.high-alarm', this.#high.value)
    put('outlet.low-alarm', this.#low.value)
    put('outlet.cold-alarm', this.#cold.value)
    put('gas.alarm', this.#gas.value)
    put('filter.alarm', this.#filter.value)
    put('inlet.low-alarm', this.#inlet.value)
    put('odorant.alarm', this.#odorant.value)
  }
}

// Comes when its cause has lasted, goes at once.
class Delayed {
  on = false
  readonly #delay: number
  #lasted = 0

  constructor(delay: number) {
    this.#delay = delay
  }

  get value(): 0 | 1 {
    return this.on ? 1 : 0
  }

  scan(cause: boolean, seconds: number): void {
    this.on = cause && this.#lasted >= this.#delay
    this.#lasted = cause ? this.#lasted + seconds : 0
  }
}
