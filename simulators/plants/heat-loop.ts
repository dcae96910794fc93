// The secondary loop: cells of water from the exchanger through the supply pipe, the radiators and the return pipe back to it.
// The step is implicit along the way of the water, so it is stable for any length and gives away exactly what it takes.
import { WATER_HEAT } from './heat-exchanger.ts'

// m3 each, in the order of flow; the first is the exchanger, the last one stands before it.
const VOLUMES = [1, 5, 5, 5, 25, 5, 5, 5] as const
const RADIATORS = 4
const LAST = VOLUMES.length - 1
/** kW/K from each cell of pipe to the ground. */
const PIPE_LOSS = 0.35
// The exchanger stands insulated in a warm room.
const STATION = { loss: 0.06, around: 18 }
// How much water grows per degree, about its usual temperature in the loop.
const EXPANSION = 3.8e-4
const FILLED_AT = 15

export interface LoopStep {
  /** m3/h round the loop. */
  flow: number
  /** kW/K between the primary inlet and the secondary inlet of the exchanger, and the temperature of the former. */
  transfer: number
  primary: number
  /** kW/K from the radiators into rooms of a temperature. */
  radiation: number
  room: number
  ground: number
  /** m3 that leave before the exchanger in this step, and the temperature of the water of the vessel that takes their place. */
  lost: number
  vessel: number
  seconds: number
}

export class HeatLoop {
  /** kWh of the last step. */
  taken = 0
  radiated = 0
  wasted = 0
  readonly #cells: number[]
  readonly #offset = new Float64Array(VOLUMES.length)
  readonly #share = new Float64Array(VOLUMES.length)

  constructor({ supply, back }: { supply: number; back: number }) {
    this.#cells = VOLUMES.map((_, i) => (i < RADIATORS ? supply : back))
  }

  static readonly volume: number = VOLUMES.reduce((sum, volume) => sum + volume, 0)

  get supply(): number {
    return this.#cells[0] ?? 0
  }

  get back(): number {
    return this.#cells[LAST] ?? 0
  }

  get radiators(): number {
    return this.#cells[RADIATORS] ?? 0
  }

  /** kWh above 0 degrees. */
  get heat(): number {
    return WATER_HEAT * this.#cells.reduce((sum, temperature, i) => sum + temperature * (VOLUMES[i] ?? 0), 0)
  }

  /** m3 by which the water has grown since it was filled in cold. */
  get growth(): number {
    return Math.max(0, EXPANSION * (this.heat / WATER_HEAT - FILLED_AT * HeatLoop.volume))
  }

  // Every new temperature is offset + share x (the new temperature of the return), which the last cell then resolves.
  step({ flow, transfer, primary, radiation, room, ground, lost, vessel, seconds }: LoopStep): void {
    const hours = seconds / 3600
    const cells = this.#cells
    const offset = this.#offset
    const share = this.#share
    const moved = flow * hours
    const exchange = (transfer * hours) / WATER_HEAT
    const cooled = (STATION.loss * hours) / WATER_HEAT
    const first = VOLUMES[0] + moved + cooled
    offset[0] = (VOLUMES[0] * (cells[0] ?? 0) + exchange * primary + cooled * STATION.around) / first
    share[0] = (moved - exchange) / first
    for (let i = 1; i <= LAST; i++) {
      const volume = VOLUMES[i] ?? 0
      const out = ((i === RADIATORS ? radiation : PIPE_LOSS) * hours) / WATER_HEAT
      const ends = i === LAST ? lost : 0
      const whole = volume + moved + out + ends
      const around = i === RADIATORS ? room : ground
      offset[i] = (volume * (cells[i] ?? 0) + moved * (offset[i - 1] ?? 0) + out * around + ends * vessel) / whole
      share[i] = (moved * (share[i - 1] ?? 0)) / whole
    }
    const back = (offset[LAST] ?? 0) / (1 - (share[LAST] ?? 0))
    this.wasted = 0
    for (let i = 0; i <= LAST; i++) {
      const now = (offset[i] ?? 0) + (share[i] ?? 0) * back
      cells[i] = now
      if (i === 0) this.wasted += STATION.loss * (now - STATION.around) * hours
      else if (i !== RADIATORS) this.wasted += PIPE_LOSS * (now - ground) * hours
    }
    this.taken = transfer * (primary - back) * hours
    this.radiated = radiation * (this.radiators - room) * hours
  }
}
