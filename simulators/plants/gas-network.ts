// The pipes behind the regulators: the header of the station and the network of the town, with the non-return valve and the
// friction between them. The pressure of the header is solved implicitly, since regulators answer faster than a step.
import { ATMOSPHERE, capacity, densityAt, massAt, pressureOf } from './gas-law.ts'

// m3 of pipe; kg/s for each bar of sqrt(p1² - p2²).
const HEADER = 60
const NETWORK = 1500
const CONDUCTANCE = 1.5
// Below this much difference the friction is taken as laminar.
const LAMINAR_BAR = 0.002
const RELIEF = { opens: 4.85, full: 5.15, size: 0.035 }
const PRECISION_BAR = 1e-6
const MOST_ROUNDS = 60

/** What is asked for in a step. */
export interface NetworkStep {
  seconds: number
  /** kg/s: what the regulators would give at a pressure of the header. */
  supply: (outlet: number) => number
  /** The same, and lets the regulators stand as they then are. */
  settle: (outlet: number) => number
  /** bar absolute before the regulators: the header cannot come above it. */
  inlet: number
  /** kg/s */
  draw: number
  fuel: number
  /** kg/s at the pressure of a normal day: from the network, and inside the station. */
  leak: number
  stationLeak: number
  /** °C of the gas in the header and of the ground. */
  temperature: number
  ground: number
}

export class GasNetwork {
  /** kg */
  headerMass: number
  mass: number
  /** bar absolute */
  header: number
  end: number
  /** kg/s in the step before. */
  onward = 0
  relief = 0
  leak = 0
  stationLeak = 0
  fuel = 0
  drawn = 0

  /** flow: kg/s that is drawn, for which the pressure at the end has come down. */
  constructor(options: { header: number; flow: number; temperature: number; ground: number }) {
    this.header = options.header
    this.end = Math.sqrt(Math.max(ATMOSPHERE ** 2, options.header ** 2 - (options.flow / CONDUCTANCE) ** 2))
    this.drawn = options.flow
    this.onward = options.flow
    this.headerMass = massAt(options.header, capacity(HEADER, options.temperature))
    this.mass = massAt(this.end, capacity(NETWORK, options.ground))
  }

  /** kg/s into the header, after the step. */
  step(options: NetworkStep): number {
    const { seconds, temperature, ground } = options
    this.#take(options)
    const perBar = capacity(HEADER, temperature)
    const lost = this.fuel + this.stationLeak
    const out = this.drawn + this.leak
    // Linear in the new pressures; the conductance follows one step behind.
    const stiffness = this.mass / this.end
    const difference = Math.max(LAMINAR_BAR, this.header - this.end)
    const conductance = CONDUCTANCE * Math.sqrt((this.header + this.end) / difference)
    const onwardAt = (bar: number) =>
      Math.max(0, (conductance * (stiffness * bar - this.mass + seconds * out)) / (stiffness + seconds * conductance))
    const surplus = (bar: number) =>
      massAt(bar, perBar) - this.headerMass - seconds * (options.supply(bar) - onwardAt(bar) - reliefAt(bar) - lost)
    const bar = rootOf(surplus, this.header, Math.max(options.inlet, pressureOf(this.headerMass, perBar)) + 0.01)
    const supply = options.settle(bar)
    this.onward = onwardAt(bar)
    this.relief = reliefAt(bar)
    this.headerMass += seconds * (supply - this.onward - this.relief - lost)
    this.mass += seconds * (this.onward - out)
    this.header = pressureOf(this.headerMass, perBar)
    this.end = pressureOf(this.mass, capacity(NETWORK, ground))
    return supply
  }

  // Burners go out and holes give less as the pressure falls; nothing flows out at that of the air.
  #take({ seconds, draw, fuel, leak, stationLeak }: NetworkStep): void {
    const above = Math.max(0, this.end - ATMOSPHERE)
    const spare = (this.mass * above) / this.end / (4 * seconds)
    this.drawn = Math.min(spare, draw * Math.min(1, above / 0.5))
    this.leak = Math.min(spare, (leak * above) / 4)
    const aboveHeader = Math.max(0, this.header - ATMOSPHERE)
    const spareHeader = (this.headerMass * aboveHeader) / this.header / (4 * seconds)
    this.fuel = Math.min(spareHeader, fuel * Math.min(1, aboveHeader / 0.5))
    this.stationLeak = Math.min(spareHeader, (stationLeak * aboveHeader) / 4)
  }
}

/** kg that the network would hold: what a flow computer reckons from pressures and the temperature of the ground. */
export const linepack = (header: number, end: number, ground: number): number =>
  HEADER * densityAt(header, ground) + NETWORK * densityAt(end, ground)

function reliefAt(bar: number): number {
  const lift = Math.min(1, Math.max(0, (bar - ATMOSPHERE - RELIEF.opens) / (RELIEF.full - RELIEF.opens)))
  return RELIEF.size * lift * bar
}

// The function rises with the pressure; regula falsi after Illinois, from a bracket around where it was.
function rootOf(rising: (bar: number) => number, start: number, highest: number): number {
  let low = start - 0.01
  let high = Math.min(highest, start + 0.01)
  let below = rising(low)
  let above = rising(high)
  for (let wider = 0.04; above < 0 && high < highest; wider *= 4) {
    low = high
    below = above
    high = Math.min(highest, high + wider)
    above = rising(high)
  }
  for (let wider = 0.04; below > 0 && low > 0.01; wider *= 4) {
    high = low
    above = below
    low = Math.max(0.01, low - wider)
    below = rising(low)
  }
  for (let round = 0, side = 0; round < MOST_ROUNDS && high - low > PRECISION_BAR; round++) {
    if (above === below) break
    const bar = Math.min(high, Math.max(low, (low * above - high * below) / (above - below)))
    const value = rising(bar)
    if (value === 0) return bar
    if (value > 0) {
      if (high - bar < PRECISION_BAR && side === 0) return bar
      high = bar
      above = value
      if (side === 1) below /= 2
      side = 1
    } else {
      low = bar
      below = value
      if (side === -1) above /= 2
      side = -1
    }
  }
  return (low + high) / 2
}
