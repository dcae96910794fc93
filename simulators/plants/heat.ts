// A district-heating station: boiler house, plate exchanger with its valve, circulation of the secondary loop with pressure
// keeping, hot water, and the buildings behind it. Every kWh and every m3 is accounted for.
import { Buildings } from './heat-buildings.ts'
import { CIRCULATORS, circulation } from './heat-circulation.ts'
import { type Exchanger, transfer, WATER_HEAT } from './heat-exchanger.ts'
import { HotWater } from './heat-hot-water.ts'
import { HeatInstruments, type HeatSignals } from './heat-instruments.ts'
import { HeatLoop } from './heat-loop.ts'
import { HeatSource } from './heat-source.ts'
import { Vessel } from './heat-vessel.ts'
import { type Balance, type Plant, type Troubles, USUAL_START_DAY } from './plant.ts'
import { electricPower } from './pumps.ts'
import { Weather } from './weather.ts'

const EXCHANGER: Exchanger = { conductance: 270, ratedPrimary: 85, ratedSecondary: 245 }
// Equal-percentage plug; the last bit of the stroke shuts tight.
const VALVE = { flow: 105, ratio: 30, seat: 0.04, strokeSeconds: 120, deadband: 0.003 }
const DRIVE_RAMP = 0.1
const COLUMN_SECONDS = 2
// m per (m3/h)^2 of the exchanger, a clean strainer, and the network behind with all thermostats open.
const FRICTION = { exchanger: 1.1e-4, strainer: 2e-5, network: 1.95e-4 }
const DIRT_PER_M3 = 1.6e-5
const MAKEUP = { shutoff: 7, flow: 9, temperature: 12 }
const DRAIN = { leak: 0.03, flush: 6, flushSeconds: 25, usualPressure: 3 }
const BAR_PER_METRE = 0.0980665
const LONGEST_STEP = 60
// How a station at work stands on a day of more or less need.
const HEATED_BELOW = 14
const USUAL = { speed: 0.85, closed: 0.48, opens: 0.42, settles: 30 }
const WEATHER_TURNS_SECONDS = 3600

export interface HeatActuators {
  /** Run command and speed in percent for each drive. */
  readonly pumps: readonly [{ run: boolean; speed: number }, { run: boolean; speed: number }]
  /** Wanted position of the primary valve, %. */
  valve: number
  makeup: boolean
  /** Opens the drain of the strainer. */
  flush: boolean
}

/** What people at the plant see as well: how much of each trouble there is. */
export type HeatTrouble =
  | ('power' | 'boiler-trip' | 'pump1-trip' | 'pump2-trip' | 'valve-stuck')
  /** m3/h at usual pressure; a share of the airing and of the plates; degrees. */
  | ('leak' | 'window-open' | 'exchanger-fouling' | 'cold-snap')

// Totals since the start, in kWh and m3. Water that is lost or made up carries heat with it; primary is what passed the heat
// meter in the boiler house, and exchanged what went through the plates.
const NOTHING_YET = {
  ...{ burnt: 0, gained: 0, lost: 0, hotWater: 0, madeUp: 0, drained: 0 },
  ...{ carriedOut: 0, carriedIn: 0, primary: 0, exchanged: 0 }
}
export type HeatTotals = typeof NOTHING_YET

export interface HeatOptions {
  seed: number
  startSeconds?: number
  /** The day of the year at the start, from 0. */
  startDay?: number
  weather?: { warmer: number }
}

export class HeatPlant implements Plant<HeatSignals, HeatActuators> {
  readonly actuators: HeatActuators = {
    pumps: [
      { run: false, speed: 0 },
      { run: false, speed: 0 }
    ],
    ...{ valve: 0, makeup: false, flush: false }
  }
  readonly troubles: Troubles<HeatTrouble> = {
    ...{ power: 0, 'boiler-trip': 0, 'pump1-trip': 0, 'pump2-trip': 0, 'valve-stuck': 0 },
    ...{ leak: 0, 'window-open': 0, 'exchanger-fouling': 0, 'cold-snap': 0 }
  }
  readonly totals: HeatTotals = { ...NOTHING_YET }
  readonly weather: Weather
  readonly buildings: Buildings
  readonly source: HeatSource
  readonly loop: HeatLoop
  readonly vessel: Vessel
  /** What the instruments would show if they were perfect. */
  readonly truth: HeatSignals
  readonly #hotWater: HotWater
  readonly #instruments: HeatInstruments
  readonly #speeds: [number, number] = [0, 0]
  #position = 0
  #flow = 0
  #dirt = 0.25
  #chill = 0
  #seconds: number

  constructor({ seed, startSeconds = 0, startDay = USUAL_START_DAY, weather = { warmer: 0 } }: HeatOptions) {
    this.#seconds = startSeconds - 1
    this.weather = new Weather({ seed, startSeconds, startDay, warmer: weather.warmer })
    const { usual, outdoor } = this.weather
    const need = Math.min(1, Math.max(0, (20 - usual) / 29))
    const room = Math.max(21, usual)
    this.buildings = new Buildings({ room, outdoor: usual })
    this.loop = new HeatLoop({ supply: room + 40 * need ** 0.8, back: room + 22 * need ** 0.8 })
    this.vessel = new Vessel(DRAIN.usualPressure, this.loop.growth)
    this.source = new HeatSource({ seed, outdoor, load: 4500 * need })
    this.#hotWater = new HotWater(seed)
    const { temperature, boiler, mixing } = this.source
    this.truth = {
      ...{ outdoor, room, primarySupply: temperature, primaryReturn: this.loop.back + 5, hotWater: 55 },
      ...{ secondarySupply: this.loop.supply, secondaryReturn: this.loop.back },
      ...{ boiler, mixing: mixing * 100, primarySupplyPressure: 0, primaryReturnPressure: 0 },
      ...{ supplyPressure: DRAIN.usualPressure, returnPressure: DRAIN.usualPressure, strainerDrop: 0 },
      ...{ primaryFlow: 0, secondaryFlow: 0, hotWaterFlow: 0, makeupFlow: 0, valve: 0 },
      ...{ speed1: 0, speed2: 0, current1: 0, current2: 0, power: 0, powerOk: true, sourceOk: true }
    }
    if (usual < HEATED_BELOW) this.#startUp(need)
    // The last second before the start, so that the instruments show a station at work.
    this.#move(1)
    Object.assign(this.totals, NOTHING_YET)
    this.#instruments = new HeatInstruments(seed, this.truth)
    this.#instruments.read(this.truth, 1)
  }

  get seconds(): number {
    return this.#seconds
  }

  get signals(): Readonly<HeatSignals> {
    return this.#instruments.signals
  }

  step(seconds: number): void {
    const parts = Math.max(1, Math.ceil(seconds / LONGEST_STEP - 1e-9))
    for (let i = 0; i < parts; i++) this.#move(seconds / parts)
    this.#instruments.read(this.truth, seconds)
  }

  balances(): Balance[] {
    const { totals, loop, vessel, buildings, source } = this
    return [
      {
        ...{ name: 'heat', unit: 'kWh', received: totals.burnt + totals.gained + totals.carriedIn },
        given: totals.lost + totals.hotWater + totals.carriedOut,
        held: source.heat + loop.heat + buildings.heat + WATER_HEAT * vessel.content * vessel.temperature
      },
      { name: 'secondary water', unit: 'm3', received: totals.madeUp, given: totals.drained, held: HeatLoop.volume + vessel.content }
    ]
  }

  #startUp(need: number): void {
    Object.assign(this.actuators.pumps[0], { run: true, speed: USUAL.speed * 100 })
    this.actuators.valve = 100 * Math.min(1, USUAL.closed + USUAL.opens * need)
    this.#position = this.actuators.valve / 100
    this.#speeds[0] = USUAL.speed
    this.#circulate(USUAL.settles)
  }

  #move(seconds: number): void {
    this.#seconds += seconds
    this.weather.step(seconds)
    this.#chill += ((this.troubles['cold-snap'] - this.#chill) * seconds) / (WEATHER_TURNS_SECONDS + seconds)
    this.truth.outdoor = this.weather.outdoor - this.#chill
    this.truth.powerOk = this.troubles.power <= 0
    this.truth.sourceOk = this.troubles['boiler-trip'] <= 0
    this.#turn(seconds)
    this.#circulate(seconds)
    this.#keepPressure(seconds, this.#heat(seconds))
  }

  #turn(seconds: number): void {
    const { truth, troubles } = this
    for (const i of [0, 1] as const) {
      const { run, speed } = this.actuators.pumps[i]
      const free = truth.powerOk && troubles[i === 0 ? 'pump1-trip' : 'pump2-trip'] <= 0
      const wanted = run && free ? bounded(speed / 100, 0, 1) : 0
      const most = DRIVE_RAMP * seconds
      this.#speeds[i] += bounded(wanted - this.#speeds[i], -most, most)
    }
    const away = bounded(this.actuators.valve / 100, 0, 1) - this.#position
    const still = !truth.powerOk || troubles['valve-stuck'] > 0 || Math.abs(away) < VALVE.deadband
    const most = seconds / VALVE.strokeSeconds
    if (!still) this.#position += bounded(away, -most, most)
    truth.valve = this.#position * 100
    truth.speed1 = this.#speeds[0] * 100
    truth.speed2 = this.#speeds[1] * 100
  }

  #circulate(seconds: number): void {
    const { truth } = this
    const strainer = FRICTION.strainer * (1 + this.#dirt)
    // Shut thermostats throttle the network.
    const network = FRICTION.network / (0.45 + 0.55 * this.buildings.open) ** 2
    const flows = circulation(this.#speeds, FRICTION.exchanger + strainer + network)
    const settled = flows[0] + flows[1]
    this.#flow += (settled - this.#flow) * (1 - Math.exp(-seconds / COLUMN_SECONDS))
    if (settled === 0 && this.#flow < 0.01) this.#flow = 0
    truth.secondaryFlow = this.#flow
    const powers = [0, 1].map((i) =>
      i === 0 ? electricPower(CIRCULATORS[0], this.#speeds[0], flows[0]) : electricPower(CIRCULATORS[1], this.#speeds[1], flows[1])
    )
    truth.current1 = amperes(powers[0] ?? 0)
    truth.current2 = amperes(powers[1] ?? 0)
    truth.strainerDrop = strainer * this.#flow ** 2 * BAR_PER_METRE
    truth.supplyPressure = truth.returnPressure + network * this.#flow ** 2 * BAR_PER_METRE
    truth.power = (powers[0] ?? 0) + (powers[1] ?? 0) + (this.actuators.makeup && truth.powerOk ? 2.2 : 0) + (truth.powerOk ? 0.6 : 0)
    this.#dirt = Math.min(12, this.#dirt + (DIRT_PER_M3 * this.#flow * seconds) / 3600)
  }

  /** Gives the m3 that left the loop. */
  #heat(seconds: number): number {
    const { truth, totals, loop, buildings, source, vessel } = this
    const hours = seconds / 3600
    const primary = source.temperature
    const throughPlates = this.#position <= VALVE.seat ? 0 : VALVE.flow * VALVE.ratio ** (this.#position - 1)
    const coupling = transfer(EXCHANGER, throughPlates, this.#flow, this.troubles['exchanger-fouling'])
    const lost = this.#drain(hours)
    const room = buildings.room
    const before = loop.back
    loop.step({
      ...{ flow: this.#flow, transfer: coupling, primary, radiation: buildings.radiation(loop.radiators), room },
      ...{ ground: this.weather.ground, lost, vessel: vessel.temperature, seconds }
    })
    this.#hotWater.step(this.#seconds, primary, seconds)
    const { outdoor } = truth
    buildings.step(loop.radiated, { outdoor, sun: this.weather.sun, windowsOpen: this.troubles['window-open'] }, seconds)
    const taken = loop.taken + this.#hotWater.given
    truth.primaryFlow = throughPlates + this.#hotWater.primaryFlow
    source.step({ taken, flow: truth.primaryFlow, outdoor, tripped: !truth.sourceOk, seconds })
    totals.burnt += source.burnt
    totals.gained += buildings.gained
    totals.lost += buildings.lost + loop.wasted + source.lost
    totals.hotWater += this.#hotWater.given
    totals.exchanged += loop.taken
    totals.primary += taken
    totals.drained += lost
    totals.carriedOut += WATER_HEAT * lost * loop.back
    this.#showHeat(primary, taken / hours, before)
    return lost
  }

  #showHeat(primary: number, power: number, before: number): void {
    const { truth, loop, source } = this
    truth.boiler = source.boiler
    truth.mixing = source.mixing * 100
    truth.primarySupply = primary
    if (truth.primaryFlow > 0.01) truth.primaryReturn = primary - power / (WATER_HEAT * truth.primaryFlow)
    truth.secondarySupply = loop.supply
    truth.secondaryReturn = this.#flow > 0 ? loop.back : before
    truth.room = this.buildings.room
    truth.hotWater = this.#hotWater.temperature
    truth.hotWaterFlow = this.#hotWater.draw
  }

  #drain(hours: number): number {
    const { vessel, actuators } = this
    const pressure = Math.max(0, vessel.pressure(this.loop.growth))
    const push = Math.sqrt(pressure / DRAIN.usualPressure)
    if (actuators.flush && pressure > 0.5) this.#dirt *= Math.exp((-hours * 3600) / DRAIN.flushSeconds)
    const out = (DRAIN.leak + Math.max(0, this.troubles.leak) + (actuators.flush ? DRAIN.flush : 0)) * push + vessel.relief(pressure)
    return Math.min(out * hours, vessel.content)
  }

  #keepPressure(seconds: number, lost: number): void {
    const { truth, totals, vessel } = this
    const hours = seconds / 3600
    const pressure = vessel.pressure(this.loop.growth)
    const runs = this.actuators.makeup && truth.powerOk && pressure < MAKEUP.shutoff
    truth.makeupFlow = runs ? MAKEUP.flow * Math.sqrt((MAKEUP.shutoff - pressure) / MAKEUP.shutoff) : 0
    const added = truth.makeupFlow * hours
    totals.madeUp += added
    totals.carriedIn += WATER_HEAT * added * MAKEUP.temperature
    vessel.step(added, MAKEUP.temperature, lost)
    const [supply, back] = this.source.pressures(truth.primaryFlow, seconds)
    truth.primarySupplyPressure = supply
    truth.primaryReturnPressure = back
    truth.returnPressure = Math.max(0, vessel.pressure(this.loop.growth))
  }
}

const bounded = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
// 400 V, three phases, power factor 0.88.
const amperes = (power: number): number => power / (Math.sqrt(3) * 0.4 * 0.88)
