// A city gate station and its network: filters, heater, two regulator lines with orifice meters, odorant, header and town.
// Every kilogram is accounted for: what the transmission line gave was drawn, burnt, vented or leaked, or stands in the pipes.

import { GasDemand } from './gas-demand.ts'
import { GasHeater } from './gas-heater.ts'
import { GasInstruments, type GasSignals } from './gas-instruments.ts'
import { ATMOSPHERE, densityAt, massFlow, NORMAL_DENSITY, normalFlow } from './gas-law.ts'
import { GasNetwork } from './gas-network.ts'
import { Odorant, type OdorantActuators } from './gas-odorant.ts'
import { type LineActuators, RegulatorLine } from './gas-regulator.ts'
import { Noise, Wander } from './noise.ts'
import { type Balance, DAY_SECONDS, type Plant, type Troubles, USUAL_START_DAY } from './plant.ts'
import { Weather } from './weather.ts'

const INLET = { bar: 26, deviation: 0.9, evening: 0.8 }
/** kg/s = ORIFICE * sqrt(mbar * kg/m3): 20,000 m3/h(N) at 250 mbar and 26 bar, half of the scale. */
export const ORIFICE = 0.0594
// Bar at 4 kg/s through a clean cartridge; how it grows with the kilograms that went through.
const FILTER = { clean: 0.05, flow: 4, dirtPerKg: 2e-7, exchangeSeconds: 3 * 3600, clogged: 40 }
// Of the building: m3, and m3/h of air that its fans move.
const ROOM = { volume: 220, air: 440 }

export const GAS_TROUBLES = [
  'power',
  'heater-trip',
  'regulator-fail-open',
  'odorant-empty',
  'leak',
  'station-leak',
  'inlet-drop',
  'filter-clogged',
  'slam-false-trip'
] as const
/** power, heater-trip, slam-false-trip: 1 is failed; regulator-fail-open, odorant-empty, filter-clogged: a share from 0 to 1; leaks: m3/h(N); inlet-drop: bar. */
export type GasTrouble = (typeof GAS_TROUBLES)[number]

export interface GasActuators {
  readonly lines: readonly [LineActuators, LineActuators]
  readonly odorant: OdorantActuators
  /** Firing of the burner, 0 to 1; 0 puts it out. */
  firing: number
  /** The filter in service; the cartridge of the other one is exchanged. */
  filter: 1 | 2
}

export interface GasVolumes {
  /** kg */
  received: number
  drawn: number
  burnt: number
  vented: number
  leaked: number
}

export interface GasOptions {
  seed: number
  startSeconds?: number
  /** The day of the year at the start, from 0. */
  startDay?: number
  weather?: { warmer: number }
}

export class GasPlant implements Plant<GasSignals, GasActuators> {
  readonly lines: readonly [RegulatorLine, RegulatorLine]
  readonly heater: GasHeater
  readonly network: GasNetwork
  readonly odorant: Odorant
  readonly weather: Weather
  /** °C at the depth of the pipes. */
  ground: number
  readonly actuators: GasActuators
  readonly troubles: Troubles<GasTrouble>
  readonly volumes: GasVolumes = { received: 0, drawn: 0, burnt: 0, vented: 0, leaked: 0 }
  readonly demand: GasDemand
  /** bar absolute */
  inlet: number
  /** °C */
  inletTemperature: number
  /** bar */
  filterDrop = FILTER.clean
  /** How much more a cartridge resists than a clean one. */
  readonly dirt: [number, number] = [0.4, 0]
  /** Share of gas in the air of the building. */
  gasInRoom = 0
  readonly #inlet: Wander
  readonly #inletTemperature: Wander
  readonly #instruments: GasInstruments
  #seconds: number

  constructor({ seed, startSeconds = 0, startDay = USUAL_START_DAY, weather = { warmer: 0 } }: GasOptions) {
    const wander = (stream: string, deviation: number, memorySeconds: number) =>
      new Wander({ noise: new Noise(seed, stream), deviation, memorySeconds })
    this.#seconds = startSeconds
    this.weather = new Weather({ seed, startSeconds, startDay, warmer: weather.warmer })
    this.ground = this.weather.ground
    this.demand = new GasDemand({ seed, at: startSeconds, air: this.weather.outdoor })
    const flow = massFlow(this.demand.draw.town + this.demand.draw.estate)
    this.#inlet = wander('gas, inlet pressure', INLET.deviation, 6 * 3600)
    this.#inletTemperature = wander('gas, inlet temperature', 0.4, 4 * 3600)
    this.inlet = INLET.bar
    this.inletTemperature = this.ground
    this.lines = [new RegulatorLine({ worker: 4, monitor: 4.5, flow, inlet: INLET.bar }), new RegulatorLine({ worker: 3.7, monitor: 4.5 })]
    this.heater = new GasHeater({ inlet: this.ground, reduction: INLET.bar - 5, outlet: 8, flow })
    const { ground } = this
    this.network = new GasNetwork({ header: ATMOSPHERE + 4, flow, temperature: 8, ground })
    this.odorant = new Odorant({
      ...{ seed, level: 0.8, gramsPerKg: 0.025 / NORMAL_DENSITY, rate: (25 * normalFlow(flow)) / 1000 },
      ...{ header: this.network.headerMass, network: this.network.mass }
    })
    this.actuators = {
      ...{ lines: [this.lines[0].actuators, this.lines[1].actuators], odorant: this.odorant.actuators },
      ...{ firing: this.heater.firing, filter: 1 }
    }
    // A plain record, which whoever plays troubles turns up and down.
    this.troubles = {
      ...{ power: 0, 'heater-trip': 0, 'regulator-fail-open': 0, 'odorant-empty': 0, leak: 0 },
      ...{ 'station-leak': 0, 'inlet-drop': 0, 'filter-clogged': 0, 'slam-false-trip': 0 }
    }
    this.#instruments = new GasInstruments(seed)
    this.#instruments.read(this, 1)
  }

  get seconds(): number {
    return this.#seconds
  }

  get signals(): Readonly<GasSignals> {
    return this.#instruments.signals
  }

  get powered(): boolean {
    return this.troubles.power <= 0
  }

  /** bar absolute before the regulators. */
  get beforeLines(): number {
    return this.inlet - this.filterDrop
  }

  step(seconds: number): void {
    this.#seconds += seconds
    this.weather.step(seconds)
    this.ground = this.weather.ground
    this.demand.step(this.#seconds, this.weather.outdoor, seconds)
    this.#receive(seconds)
    this.#supply(seconds)
    this.#instruments.read(this, seconds)
  }

  balances(): Balance[] {
    const { received, drawn, burnt, vented, leaked } = this.volumes
    const { odorant, network } = this
    const held = network.headerMass + network.mass
    return [
      { name: 'gas', unit: 'kg', received, given: drawn + burnt + vented + leaked, held },
      { name: 'odorant', unit: 'kg', received: odorant.received / 1000, given: odorant.given / 1000, held: odorant.held / 1000 }
    ]
  }

  #receive(seconds: number): void {
    const evening = INLET.evening * Math.cos((2 * Math.PI * (this.#seconds - 19 * 3600)) / DAY_SECONDS)
    this.inlet = Math.max(1.5, INLET.bar + this.#inlet.step(seconds) - evening - Math.max(0, this.troubles['inlet-drop']))
    this.inletTemperature = this.ground + 1 + this.#inletTemperature.step(seconds)
    const flow = this.lines[0].flow + this.lines[1].flow
    const used = this.actuators.filter === 2 ? 1 : 0
    this.dirt[used] += flow * seconds * FILTER.dirtPerKg * (1 + this.dirt[used])
    this.dirt[used === 0 ? 1 : 0] *= FILTER.exchangeSeconds / (FILTER.exchangeSeconds + seconds)
    const resistance = 1 + this.dirt[used] + FILTER.clogged * Math.max(0, this.troubles['filter-clogged'])
    const drop = Math.min(0.6 * this.inlet, FILTER.clean * (flow / FILTER.flow) ** 2 * resistance)
    this.filterDrop += ((drop - this.filterDrop) * seconds) / (2 + seconds)
  }

  #supply(seconds: number): void {
    const { lines, network, heater, troubles, powered } = this
    const inlet = this.beforeLines
    for (const [i, line] of lines.entries())
      line.prepare({
        ...{ seconds, powered, outlet: network.header },
        failed: i === 0 ? troubles['regulator-fail-open'] : 0,
        strike: i === 0 && troubles['slam-false-trip'] > 0
      })
    const [first, second] = lines
    const supply = network.step({
      ...{ seconds, inlet, fuel: heater.fuel(NORMAL_DENSITY), temperature: heater.reduced, ground: this.ground },
      supply: (outlet) => first.flowAt(outlet, inlet) + second.flowAt(outlet, inlet),
      settle: (outlet) => first.settle(outlet, inlet) + second.settle(outlet, inlet),
      draw: massFlow(this.demand.draw.town + this.demand.draw.estate),
      leak: massFlow(Math.max(0, troubles.leak)),
      stationLeak: massFlow(Math.max(0, troubles['station-leak']))
    })
    this.#account(supply, seconds)
  }

  #account(supply: number, seconds: number): void {
    const { network, volumes, heater, troubles, weather, actuators } = this
    volumes.received += supply * seconds
    volumes.drawn += network.drawn * seconds
    volumes.burnt += network.fuel * seconds
    volumes.vented += network.relief * seconds
    volumes.leaked += (network.leak + network.stationLeak) * seconds
    heater.step({
      ...{ seconds, flow: supply, inlet: this.inletTemperature, air: weather.outdoor, firing: actuators.firing },
      lit: this.powered && troubles['heater-trip'] <= 0 && network.header > ATMOSPHERE + 0.1,
      reduction: this.beforeLines - network.header
    })
    this.odorant.step(
      {
        ...{ header: network.headerMass, network: network.mass, onward: network.onward * seconds, drawn: network.drawn * seconds },
        headerLost: (network.fuel + network.relief + network.stationLeak) * seconds,
        networkLost: network.leak * seconds
      },
      { powered: this.powered, suction: 1 - Math.min(1, Math.max(0, troubles['odorant-empty'])), seconds }
    )
    // The fans of the building are explosion-proof and have a supply of their own.
    const escaping = (network.stationLeak * 3600) / NORMAL_DENSITY
    const renewal = ROOM.volume / ((ROOM.air + escaping) / 3600)
    this.gasInRoom += ((escaping / (ROOM.air + escaping) - this.gasInRoom) * seconds) / (renewal + seconds)
  }

  /** mbar across the orifice of a line. */
  orificeDrop(line: 0 | 1): number {
    return (this.lines[line].flow / ORIFICE) ** 2 / densityAt(this.beforeLines, this.heater.warmed)
  }
}
