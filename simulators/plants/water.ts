// A small waterworks: well field, two pumps with drives, dosing and contact main, rising main, tower, and the zone it feeds by gravity.
// Every cubic metre is accounted for: what the aquifer gave is in the wells, in the tower, in the zone, or went over the weir.
import { ContactMain } from './contact-main.ts'
import { Demand } from './demand.ts'
import { Noise, Wander } from './noise.ts'
import { DAY_SECONDS, type Plant } from './plant.ts'
import { electricPower, type Pump, shareFlow, shutoffHead, stepColumn } from './pumps.ts'
import { Instruments, type WaterSignals } from './water-instruments.ts'

const PUMPS: readonly [Pump, Pump] = [
  { shutoffHead: 91, slope: 3e-4, bestFlow: 285, bestEfficiency: 0.79 },
  // The second pump is older: a worn impeller gives less head.
  { shutoffHead: 90, slope: 3e-4, bestFlow: 280, bestEfficiency: 0.76 }
]
const MAIN = { friction: 1.9e-4, inertia: 0.46 }
const TOWER = { area: 200, weir: 5.9, bottom: 26 }
// Level is counted from the pump intake; the yield is what the aquifer gives per metre of drawdown.
const WELLS = { area: 12, restLevel: 24, intakeBelowGround: 33, yield: 60 }
const ZONE = { below: 30, friction: 1e-4, leakage: 12, leakagePressure: 3 }
const DOSING = { gramsPerMl: 0.02, lagSeconds: 2, capacity: 500 }
const BAR_PER_METRE = 0.0980665
const DRIVE_RAMP = 0.1
const LARGEST_STEP = 0.1

export interface WaterActuators {
  /** Run command and speed in percent for each drive. */
  readonly pumps: readonly [{ run: boolean; speed: number }, { run: boolean; speed: number }]
  /** Stroke command of the dosing pump, mL/min. */
  dosing: number
}

export interface WaterVolumes {
  fromAquifer: number
  pumped: number
  overflow: number
  demand: number
  leakage: number
}

export interface WaterState {
  /** m3 */
  towerVolume: number
  wellVolume: number
  /** m3/h */
  mainFlow: number
  pumpFlows: [number, number]
  zoneFlow: number
  /** bar */
  zonePressure: number
  /** Fraction of the rated speed. */
  speeds: [number, number]
  /** mL/min, mg/L, NTU, degC, kW, kWh */
  dosing: number
  residual: number
  turbidity: number
  temperature: number
  powers: [number, number]
  energy: number
  powerOk: boolean
}

export class WaterPlant implements Plant<WaterSignals, WaterActuators> {
  readonly actuators: WaterActuators = {
    pumps: [
      { run: false, speed: 0 },
      { run: false, speed: 0 }
    ],
    dosing: 0
  }
  readonly state: WaterState
  readonly volumes: WaterVolumes = { fromAquifer: 0, pumped: 0, overflow: 0, demand: 0, leakage: 0 }
  readonly #demand: Demand
  readonly #contact: ContactMain
  readonly #rawChlorineDemand: Wander
  readonly #rawTurbidity: Wander
  readonly #air: Wander
  readonly #instruments: Instruments
  #stirred = 0
  #seconds: number

  constructor(options: { seed: number; startSeconds?: number; towerLevel?: number }) {
    const { seed, startSeconds = 0, towerLevel = 3.6 } = options
    const wander = (stream: string, deviation: number, memorySeconds: number) =>
      new Wander({ noise: new Noise(seed, stream), deviation, memorySeconds })
    this.#seconds = startSeconds
    this.#demand = new Demand({ seed, mean: 150 })
    this.#contact = new ContactMain({ volume: 8, decay: 8e-6, residual: 0.5 })
    this.#rawChlorineDemand = wander('raw water, chlorine demand', 0.01, 5400)
    this.#rawTurbidity = wander('raw water, turbidity', 0.015, 3600)
    this.#air = wander('air temperature', 0.15, 7200)
    this.#instruments = new Instruments(seed)
    this.state = {
      towerVolume: towerLevel * TOWER.area,
      wellVolume: WELLS.restLevel * WELLS.area,
      mainFlow: 0,
      pumpFlows: [0, 0],
      zoneFlow: 0,
      zonePressure: (ZONE.below + towerLevel) * BAR_PER_METRE,
      speeds: [0, 0],
      dosing: 0,
      residual: 0.5,
      turbidity: 0.18,
      temperature: 14,
      powers: [0, 0],
      energy: 0,
      powerOk: true
    }
    this.#instruments.read(this.state, this, LARGEST_STEP)
  }

  get seconds(): number {
    return this.#seconds
  }

  get signals(): Readonly<WaterSignals> {
    return this.#instruments.signals
  }

  get towerLevel(): number {
    return this.state.towerVolume / TOWER.area
  }

  get wellLevel(): number {
    return this.state.wellVolume / WELLS.area
  }

  step(seconds: number): void {
    const parts = Math.max(1, Math.ceil(seconds / LARGEST_STEP - 1e-9))
    for (let i = 0; i < parts; i++) this.#move(seconds / parts)
    this.#instruments.read(this.state, this, seconds)
  }

  #move(seconds: number): void {
    const hours = seconds / 3600
    this.#seconds += seconds
    this.#turnDrives(seconds)
    this.#pump(seconds, hours)
    this.#draw(seconds, hours)
    this.#dose(seconds)
    this.#followQuality(seconds)
  }

  #turnDrives(seconds: number): void {
    for (const i of [0, 1] as const) {
      const { run, speed } = this.actuators.pumps[i]
      const wanted = run && this.state.powerOk ? Math.min(1, Math.max(0, speed / 100)) : 0
      const most = DRIVE_RAMP * seconds
      this.state.speeds[i] += Math.min(most, Math.max(-most, wanted - this.state.speeds[i]))
    }
  }

  #pump(seconds: number, hours: number): void {
    const { state, volumes } = this
    const shutoffs: [number, number] = [shutoffHead(PUMPS[0], state.speeds[0]), shutoffHead(PUMPS[1], state.speeds[1])]
    const staticHead = TOWER.bottom + this.towerLevel + WELLS.intakeBelowGround - this.wellLevel
    const { head } = shareFlow(state.mainFlow, shutoffs, PUMPS[0].slope)
    const before = state.mainFlow
    const turning = shutoffs[0] > 0 || shutoffs[1] > 0
    const flow = turning ? stepColumn(before, { head, staticHead, main: MAIN, seconds }) : 0
    // The wells cannot give more than they hold.
    state.mainFlow = Math.min(flow, state.wellVolume / hours)
    state.pumpFlows = shareFlow(state.mainFlow, shutoffs, PUMPS[0].slope).flows
    const pumped = state.mainFlow * hours
    const fromAquifer = WELLS.yield * (WELLS.restLevel - this.wellLevel) * hours
    state.wellVolume += fromAquifer - pumped
    state.towerVolume += pumped
    volumes.fromAquifer += fromAquifer
    volumes.pumped += pumped
    for (const i of [0, 1] as const) state.powers[i] = electricPower(PUMPS[i], state.speeds[i], state.pumpFlows[i])
    state.energy += (state.powers[0] + state.powers[1]) * hours
    // Sediment is stirred up when the flow changes and settles again within minutes.
    this.#stirred = this.#stirred * (1 - seconds / 150) + 0.0008 * Math.abs(state.mainFlow - before)
  }

  #draw(seconds: number, hours: number): void {
    const { state, volumes } = this
    const overflow = Math.max(0, state.towerVolume - TOWER.weir * TOWER.area)
    state.towerVolume -= overflow
    volumes.overflow += overflow
    const demand = this.#demand.step(this.#seconds, seconds) * hours
    const leakage = ((ZONE.leakage * Math.max(0, state.zonePressure)) / ZONE.leakagePressure) * hours
    // An empty tower gives no more than it has; want and leakage go short alike.
    const given = demand + leakage > 0 ? Math.min(1, state.towerVolume / (demand + leakage)) : 0
    state.towerVolume -= (demand + leakage) * given
    volumes.demand += demand * given
    volumes.leakage += leakage * given
    state.zoneFlow = ((demand + leakage) * given) / hours
    const standing = given < 1 ? 0 : (ZONE.below + this.towerLevel - ZONE.friction * state.zoneFlow ** 2) * BAR_PER_METRE
    state.zonePressure += ((standing - state.zonePressure) * seconds) / (3 + seconds)
  }

  #dose(seconds: number): void {
    const { state } = this
    const wanted = state.powerOk ? Math.min(DOSING.capacity, Math.max(0, this.actuators.dosing)) : 0
    state.dosing += ((wanted - state.dosing) * seconds) / (DOSING.lagSeconds + seconds)
    const demand = Math.max(0, 0.15 + this.#rawChlorineDemand.step(seconds))
    this.#contact.step({ flow: state.mainFlow / 3600, dose: (state.dosing / 60) * DOSING.gramsPerMl, demand, seconds })
    state.residual = this.#contact.residual
  }

  #followQuality(seconds: number): void {
    const { state } = this
    state.turbidity = Math.max(0.02, 0.18 + this.#rawTurbidity.step(seconds) + this.#stirred)
    const daily = 0.4 * Math.cos((2 * Math.PI * (this.#seconds - 15 * 3600)) / DAY_SECONDS)
    state.temperature = 14.2 + daily + this.#air.step(seconds)
  }
}
