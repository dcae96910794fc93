// A small waterworks: well field, two pumps with drives, filter, dosing and contact main, rising main, tower, and two zones it feeds.
// Every cubic metre is accounted for: what the aquifer gave is in the wells or the tower, was drawn or lost, or went over the weir.
import { ContactMain } from './contact-main.ts'
import { pattern, season } from './demand.ts'
import { Noise, Wander } from './noise.ts'
import { type Balance, DAY_SECONDS, type Plant, USUAL_START_DAY } from './plant.ts'
import { electricPower, type Pump, shareFlow, shutoffHead, stepColumn } from './pumps.ts'
import { Instruments, type WaterSignals } from './water-instruments.ts'
import { NO_TROUBLES, type WaterTroubles } from './water-troubles.ts'
import { mostFrom, stepWells, WELLS, type Wells } from './water-wells.ts'
import { Taps, type Zones, zonesAt } from './water-zones.ts'

const PUMPS: readonly [Pump, Pump] = [
  { shutoffHead: 91, slope: 3e-4, bestFlow: 285, bestEfficiency: 0.79 },
  // The second pump is older: a worn impeller gives less head.
  { shutoffHead: 90, slope: 3e-4, bestFlow: 280, bestEfficiency: 0.76 }
]
const MAIN = { friction: 1.9e-4, inertia: 0.46 }
const TOWER = { area: 200, weir: 5.9, bottom: 26 }
const DOSING = { gramsPerMl: 0.02, lagSeconds: 2, capacity: 500 }
// What the filter has taken up, as a share of what it is built for: it costs head and lets fines through. Both in m3: what loads
// it fully when it is filtered, and what cleans it again when it is washed.
const FILTER = { loadedBy: 12_000, most: 1.5, head: 1.2, turbidity: 0.05, cleanedBy: 12 }
const DRIVE_RAMP = 0.1
const MOST_SECONDS = 30
const MID_APRIL = 105

export interface WaterActuators {
  /** Run command and speed in percent for each drive. */
  readonly pumps: readonly [{ run: boolean; speed: number }, { run: boolean; speed: number }]
  /** Stroke command of the dosing pump, mL/min. */
  dosing: number
  /** What the reducing valve of the lower zone is set to, bar. */
  reducedPressure: number
  inletOpen: boolean
  washing: boolean
}

/** m3 since the start of the simulation. */
export interface WaterVolumes {
  fromAquifer: number
  pumped: number
  /** Lost from the rising main before the tower's meter. */
  mainLeakage: number
  overflow: number
  demand: number
  leakage: number
  wash: number
}

export interface WaterState extends Wells, Zones {
  /** m3 */
  towerVolume: number
  /** m3/h; what reaches the tower. */
  mainFlow: number
  pumpFlows: [number, number]
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
  /** Load of the filter; it asks for a wash at about a half. */
  clogging: number
}

export interface WaterOptions {
  seed: number
  startSeconds?: number
  /** The day of the year at the start, from 0. */
  startDay?: number
  towerLevel?: number
  weather?: { warmer: number }
}

export class WaterPlant implements Plant<WaterSignals, WaterActuators> {
  readonly actuators: WaterActuators = {
    pumps: [
      { run: false, speed: 0 },
      { run: false, speed: 0 }
    ],
    ...{ dosing: 0, reducedPressure: 3, inletOpen: true, washing: false }
  }
  readonly state: WaterState
  readonly volumes: WaterVolumes = { fromAquifer: 0, pumped: 0, mainLeakage: 0, overflow: 0, demand: 0, leakage: 0, wash: 0 }
  readonly troubles: WaterTroubles = { ...NO_TROUBLES }
  readonly #taps: Taps
  readonly #contact: ContactMain
  readonly #rawChlorineDemand: Wander
  readonly #rawTurbidity: Wander
  readonly #air: Wander
  readonly #instruments: Instruments
  readonly #year: { startsAt: number; warmer: number }
  #flow = 0
  #stirred = 0
  #seconds: number

  constructor({ seed, startSeconds = 0, startDay = USUAL_START_DAY, towerLevel = 3.6, weather = { warmer: 0 } }: WaterOptions) {
    const wander = (stream: string, deviation: number, memorySeconds: number) =>
      new Wander({ noise: new Noise(seed, stream), deviation, memorySeconds })
    this.#seconds = startSeconds
    this.#year = { startsAt: startDay * DAY_SECONDS - startSeconds, warmer: weather.warmer }
    this.#taps = new Taps(seed)
    const share = pattern(startSeconds) * season(startDay, weather.warmer)
    this.#contact = new ContactMain({ volume: 8, decay: 8e-6, residual: 0.5 })
    this.#rawChlorineDemand = wander('raw water, chlorine demand', 0.01, 5400)
    this.#rawTurbidity = wander('raw water, turbidity', 0.015, 3600)
    this.#air = wander('air temperature', 0.15, 7200)
    this.#instruments = new Instruments(seed)
    this.state = {
      ...{ towerVolume: towerLevel * TOWER.area, clogging: 0.3 },
      ...{ wellVolume: WELLS.restLevel * WELLS.areas[0], well2Volume: WELLS.restLevel * WELLS.areas[1] },
      ...{ mainFlow: 0, pumpFlows: [0, 0], speeds: [0, 0], ...zonesAt(towerLevel, share) },
      ...{ dosing: 0, residual: 0.5, turbidity: 0.18, temperature: 14, powers: [0, 0], energy: 0, powerOk: true }
    }
    this.#instruments.read(this.state, this, 0.1)
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
    return this.state.wellVolume / WELLS.areas[0]
  }

  get well2Level(): number {
    return this.state.well2Volume / WELLS.areas[1]
  }

  balances(): Balance[] {
    const { volumes, state } = this
    const inTower = volumes.pumped - volumes.mainLeakage
    const used = volumes.overflow + volumes.demand + volumes.leakage + volumes.wash
    const wells = state.wellVolume + state.well2Volume
    return [
      { name: 'wells', unit: 'm3', received: volumes.fromAquifer, given: volumes.pumped, held: wells },
      { name: 'tower', unit: 'm3', received: inTower, given: used, held: state.towerVolume },
      { name: 'works', unit: 'm3', received: volumes.fromAquifer, given: used + volumes.mainLeakage, held: wells + state.towerVolume }
    ]
  }

  step(seconds: number): void {
    const parts = Math.max(1, Math.ceil(seconds / MOST_SECONDS - 1e-9))
    for (let i = 0; i < parts; i++) this.#move(seconds / parts)
    this.#instruments.read(this.state, this, seconds)
  }

  #move(seconds: number): void {
    const hours = seconds / 3600
    this.#seconds += seconds
    this.state.powerOk = this.troubles.power === 0
    const day = (this.#year.startsAt + this.#seconds) / DAY_SECONDS
    this.#turnDrives(seconds)
    this.#pump(seconds, hours)
    this.#draw(seconds, day)
    this.#dose(seconds)
    this.#followQuality(seconds, day)
  }

  #turnDrives(seconds: number): void {
    const { state, troubles } = this
    for (const i of [0, 1] as const) {
      const { run, speed } = this.actuators.pumps[i]
      const tripped = troubles[i === 0 ? 'pump1-trip' : 'pump2-trip'] !== 0
      const wanted = run && state.powerOk && !tripped ? Math.min(1, Math.max(0, speed / 100)) : 0
      const most = DRIVE_RAMP * seconds
      state.speeds[i] += Math.min(most, Math.max(-most, wanted - state.speeds[i]))
    }
  }

  #pump(seconds: number, hours: number): void {
    const { state, volumes, troubles } = this
    const shutoffs: [number, number] = [shutoffHead(PUMPS[0], state.speeds[0]), shutoffHead(PUMPS[1], state.speeds[1])]
    const staticHead = TOWER.bottom + this.towerLevel + WELLS.intakeBelowGround - this.wellLevel + FILTER.head * state.clogging
    const before = this.#flow
    const turning = shutoffs[0] > 0 || shutoffs[1] > 0
    const flow = turning ? stepColumn(before, { shutoffs, slope: PUMPS[0].slope, staticHead, main: MAIN, seconds }) : 0
    // The wells cannot give more than they hold.
    this.#flow = Math.min(flow, mostFrom(state, hours))
    state.pumpFlows = shareFlow(this.#flow, shutoffs, PUMPS[0].slope).flows
    const pumped = this.#flow * hours
    volumes.fromAquifer += stepWells(state, { drawn: pumped, rest: Math.max(0, WELLS.restLevel - troubles.drought), hours })
    const lost = Math.min(this.#flow, troubles['main-leak'])
    state.mainFlow = this.#flow - lost
    state.towerVolume += state.mainFlow * hours
    volumes.pumped += pumped
    volumes.mainLeakage += lost * hours
    for (const i of [0, 1] as const) state.powers[i] = electricPower(PUMPS[i], state.speeds[i], state.pumpFlows[i])
    state.energy += (state.powers[0] + state.powers[1]) * hours
    const cleaned = (state.washFlow * hours) / FILTER.cleanedBy
    state.clogging = Math.min(FILTER.most, Math.max(0, state.clogging + pumped / FILTER.loadedBy - cleaned))
    // Sediment is stirred up when the flow changes and settles again within minutes.
    this.#stirred = (this.#stirred + 0.0008 * Math.abs(this.#flow - before)) / (1 + seconds / 150)
  }

  #draw(seconds: number, day: number): void {
    const { state, volumes, actuators, troubles } = this
    const overflow = Math.max(0, state.towerVolume - TOWER.weir * TOWER.area)
    state.towerVolume -= overflow
    volumes.overflow += overflow
    const drawn = this.#taps.draw(state, {
      ...{ volume: state.towerVolume, level: this.towerLevel, seconds, troubles },
      ...{ share: pattern(this.#seconds) * season(day, this.#year.warmer) },
      ...{ reducedPressure: actuators.reducedPressure, inletOpen: actuators.inletOpen, washing: actuators.washing && state.powerOk }
    })
    // Not below zero by the last bit of a rounding.
    state.towerVolume = Math.max(0, state.towerVolume - drawn.demand - drawn.leakage - drawn.wash)
    volumes.demand += drawn.demand
    volumes.leakage += drawn.leakage
    volumes.wash += drawn.wash
  }

  #dose(seconds: number): void {
    const { state, troubles } = this
    const stroke = state.powerOk ? Math.min(DOSING.capacity, Math.max(0, this.actuators.dosing)) : 0
    state.dosing += ((stroke - state.dosing) * seconds) / (DOSING.lagSeconds + seconds)
    const delivered = state.dosing * (1 - Math.min(1, Math.max(0, troubles['dosing-fault'])))
    const demand = Math.max(0, 0.15 + this.#rawChlorineDemand.step(seconds) + 0.05 * troubles['dirty-water'])
    this.#contact.step({ flow: this.#flow / 3600, dose: (delivered / 60) * DOSING.gramsPerMl, demand, seconds })
    state.residual = this.#contact.residual
  }

  #followQuality(seconds: number, day: number): void {
    const { state, troubles } = this
    const raw = 0.16 + this.#rawTurbidity.step(seconds) + FILTER.turbidity * state.clogging + troubles['dirty-water']
    state.turbidity = Math.max(0.02, raw + this.#stirred)
    const daily = 0.4 * Math.cos((2 * Math.PI * (this.#seconds - 15 * 3600)) / DAY_SECONDS)
    // Ground water follows the year weakly and about two months late.
    const yearly = 0.8 * Math.sin((2 * Math.PI * (day - MID_APRIL - 60)) / 365.25) + 0.05 * this.#year.warmer
    state.temperature = 14.2 + yearly + daily + this.#air.step(seconds)
  }
}
