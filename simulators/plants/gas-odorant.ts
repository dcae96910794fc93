// Odorant: a tank and a dosing pump at the station, and how what was dosed travels through the network to its end.
// Mixing is implicit and upwind, so that nothing is lost or made at any step.
import { Noise, Wander } from './noise.ts'

export const ODORANT_TANK = { litres: 300, gramsPerMl: 1 }
// What a stroke gives wanders with the temperature of the liquid and the wear of the valves.
const PUMP = { capacity: 1500, lagSeconds: 3, deviation: 0.02, memorySeconds: 5 * 3600 }
const TRANSFER_ML_PER_SECOND = 60
const FULL = 0.95
const CELLS = 4

export interface OdorantActuators {
  /** mL/h */
  rate: number
  /** Lets odorant from the supplier's drum into the tank until it is full. */
  refill: boolean
}

export interface GasMasses {
  /** kg at the end of the step. */
  header: number
  network: number
  /** kg in the step: to the network, and what left the header and the network on its way. */
  onward: number
  headerLost: number
  networkLost: number
  drawn: number
}

export class Odorant {
  readonly actuators: OdorantActuators = { rate: 0, refill: false }
  /** mL/h */
  rate = 0
  /** Grams. */
  received = 0
  given = 0
  tank: number
  /** Grams of odorant for each kg of gas. */
  #header: number
  readonly #cells: Float64Array
  readonly #stroke: Wander
  #headerGrams = 0
  #grams = 0
  #network: number

  constructor(options: { seed: number; level: number; gramsPerKg: number; header: number; network: number; rate: number }) {
    const { deviation, memorySeconds } = PUMP
    this.#stroke = new Wander({ noise: new Noise(options.seed, 'odorant pump'), deviation, memorySeconds })
    this.rate = options.rate
    this.actuators.rate = options.rate
    this.tank = options.level * ODORANT_TANK.litres * 1000 * ODORANT_TANK.gramsPerMl
    this.#header = options.gramsPerKg
    this.#cells = new Float64Array(CELLS).fill(options.gramsPerKg)
    this.#headerGrams = options.gramsPerKg * options.header
    this.#grams = options.gramsPerKg * options.network
    this.#network = options.network
  }

  get level(): number {
    return this.tank / (ODORANT_TANK.litres * 1000 * ODORANT_TANK.gramsPerMl)
  }

  /** Grams: in the tank and in the gas. */
  get held(): number {
    return this.tank + this.#headerGrams + this.#grams
  }

  /** Grams for each kg of gas at the end of the network. */
  get atEnd(): number {
    return this.#cells[CELLS - 1] ?? 0
  }

  step(gas: GasMasses, options: { powered: boolean; suction: number; seconds: number }): void {
    const dosed = this.#dose(options)
    const { header, onward, headerLost } = gas
    this.#header = (this.#headerGrams + dosed) / (header + onward + headerLost)
    this.#headerGrams = this.#header * header
    this.given += this.#header * headerLost
    this.#travel(gas)
    this.#network = gas.network
  }

  #dose({ powered, suction, seconds }: { powered: boolean; suction: number; seconds: number }): number {
    const { rate, refill } = this.actuators
    const stroke = this.#stroke.step(seconds)
    const wanted = powered && Number.isFinite(rate) ? Math.min(PUMP.capacity, Math.max(0, rate)) * suction * (1 + stroke) : 0
    this.rate += ((wanted - this.rate) * seconds) / (PUMP.lagSeconds + seconds)
    const dosed = Math.min(this.tank, (this.rate / 3600) * seconds * ODORANT_TANK.gramsPerMl)
    if (dosed <= 0) this.rate = 0
    this.tank -= dosed
    if (refill && powered) {
      const room = FULL * ODORANT_TANK.litres * 1000 * ODORANT_TANK.gramsPerMl - this.tank
      const filled = Math.max(0, Math.min(room, TRANSFER_ML_PER_SECOND * seconds * ODORANT_TANK.gramsPerMl))
      this.tank += filled
      this.received += filled
    }
    return dosed
  }

  // All cells hold the same gas, so what flows from one to the next follows from what the network holds and loses.
  #travel({ network, onward, networkLost, drawn }: GasMasses): void {
    const cells = this.#cells
    const held = network / CELLS
    const kept = this.#network / CELLS
    const lost = networkLost / CELLS
    let entering = onward
    let carried = this.#header * onward
    let grams = 0
    for (let i = 0; i < CELLS; i++) {
      const leaving = i === CELLS - 1 ? drawn : Math.max(0, entering - lost - (held - kept))
      // The rounding of the last cell stays with it.
      const share = ((cells[i] ?? 0) * kept + carried) / (held + lost + leaving)
      cells[i] = share
      grams += share * held
      this.given += share * lost
      carried = share * leaving
      entering = leaving
    }
    this.given += carried
    this.#grams = grams
  }
}
