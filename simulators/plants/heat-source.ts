// The boiler house and its pipes: a burner keeps the boilers hotter than the weather asks for, and a mixing valve blends their
// water with what comes back, so that the pipes get as much as it asks for. It has a controller of its own.
import { WATER_HEAT } from './heat-exchanger.ts'
import { Noise, Wander } from './noise.ts'

// m3 of the boilers and of the primary pipes, kW/K to the rooms around them at a temperature, K that the boilers are hotter.
const BOILERS = { volume: 20, loss: 0.25, above: 9, usualOpening: 0.85 }
const PIPES = { volume: 40, loss: 0.15 }
const AROUND = 20
// kW
const BURNER = { most: 7000, lagSeconds: 60, gain: 250, tooHot: 122 }
// The valve leads by so many degrees for each that the pipes are away from what is wanted.
const MIXING = { lagSeconds: 40, lead: 1.5 }
const CURVE = { mildest: 15, base: 82, slope: 0.9, low: 75, high: 112 }
// bar, bar per (m3/h)^2
const PRESSURE = { supply: 7.6, back: 4.3, friction: 7e-5, deviation: 0.08, memorySeconds: 900 }

export interface SourceStep {
  /** kWh that the station took in this step, and m3/h of primary water that went through it. */
  taken: number
  flow: number
  outdoor: number
  tripped: boolean
  seconds: number
}

export class HeatSource {
  /** Of the water that the pipes bring. */
  temperature: number
  boiler: number
  /** How far the mixing valve is open to the boilers, 0 to 1. */
  mixing = BOILERS.usualOpening
  /** kW */
  burner: number
  /** kWh of the last step. */
  burnt = 0
  lost = 0
  readonly #wander: Wander
  readonly #pumps: Wander

  constructor({ seed, outdoor, load }: { seed: number; outdoor: number; load: number }) {
    this.#wander = new Wander({ noise: new Noise(seed, 'boiler house'), deviation: 0.7, memorySeconds: 1800 })
    const { deviation, memorySeconds } = PRESSURE
    this.#pumps = new Wander({ noise: new Noise(seed, 'primary network'), deviation, memorySeconds })
    this.temperature = wanted(outdoor)
    this.boiler = this.temperature + BOILERS.above
    this.burner = load
  }

  get heat(): number {
    return WATER_HEAT * (BOILERS.volume * this.boiler + PIPES.volume * this.temperature)
  }

  step({ taken, flow, outdoor, tripped, seconds }: SourceStep): void {
    const hours = seconds / 3600
    const aim = wanted(outdoor) + this.#wander.step(seconds)
    const through = WATER_HEAT * flow * hours
    const back = through > 0 ? this.temperature - taken / through : this.temperature
    this.#mix(aim + MIXING.lead * (aim - this.temperature), back, seconds)
    const mixed = through * this.mixing * (this.boiler - back)
    this.#burn({ aim: aim + BOILERS.above, load: hours > 0 ? mixed / hours : 0, tripped, seconds })
    const lost = BOILERS.loss * (this.boiler - AROUND) * hours
    const lostOnWay = PIPES.loss * (this.temperature - AROUND) * hours
    this.lost = lost + lostOnWay
    this.boiler += (this.burnt - lost - mixed) / (WATER_HEAT * BOILERS.volume)
    this.temperature += (mixed - lostOnWay - taken) / (WATER_HEAT * PIPES.volume)
  }

  /** bar before and behind the station, through which so many m3/h go. */
  pressures(flow: number, seconds: number): [supply: number, back: number] {
    const wander = this.#pumps.step(seconds)
    const drop = PRESSURE.friction * flow ** 2
    return [PRESSURE.supply + wander - drop, PRESSURE.back + wander / 2 + drop / 2]
  }

  // Boilers that are no hotter than what comes back have nothing to give, and the valve is wide open.
  #mix(aim: number, back: number, seconds: number): void {
    const hotter = this.boiler - back
    const opening = hotter > 1 ? Math.min(1, Math.max(0, (aim - back) / hotter)) : 1
    this.mixing += ((opening - this.mixing) * seconds) / (MIXING.lagSeconds + seconds)
  }

  #burn({ aim, load, tripped, seconds }: { aim: number; load: number; tripped: boolean; seconds: number }): void {
    const asked = tripped || this.boiler > BURNER.tooHot ? 0 : load + BURNER.gain * (aim - this.boiler)
    const power = Math.min(BURNER.most, Math.max(0, asked))
    this.burner += ((power - this.burner) * seconds) / (BURNER.lagSeconds + seconds)
    this.burnt = (this.burner * seconds) / 3600
  }
}

const wanted = (outdoor: number): number => Math.min(CURVE.high, Math.max(CURVE.low, CURVE.base + CURVE.slope * (CURVE.mildest - outdoor)))
