// The instruments of the gate station: which transmitter hangs where, and what the PLC gets to see of it.
import type { GasPlant } from './gas.ts'
import { ATMOSPHERE, NORMAL_DENSITY, normalFlow } from './gas-law.ts'
import { Transmitter, type TransmitterOptions } from './transmitter.ts'

export interface LineSignals {
  /** mbar across the orifice. */
  drop: number
  /** bar above atmosphere, and °C, at the orifice. */
  pressure: number
  temperature: number
  /** % */
  worker: number
  monitor: number
  slammed: boolean
  open: boolean
}

export interface GasSignals {
  /** Pressures in bar above atmosphere, temperatures in °C, flows in m3/h(N). */
  inletPressure: number
  inletTemperature: number
  /** mbar */
  filterDrop: number
  bathTemperature: number
  /** kW */
  heaterPower: number
  fuelFlow: number
  flame: boolean
  lines: [LineSignals, LineSignals]
  outletPressure: number
  outletTemperature: number
  networkPressure: number
  townFlow: number
  estateFlow: number
  airTemperature: number
  /** mL/h, %, and mg/m3(N) at the end of the network. */
  odorantRate: number
  odorantLevel: number
  concentration: number
  /** % of the lower explosive limit. */
  gasInRoom: number
  reliefOpen: boolean
  powerOk: boolean
}

// A 4-20 mA loop into a 16-bit input card: the span is cut into 27,648 steps.
const ofSpan = (span: number) => span / 27_648
const thermometer = { noise: 0.04, lagSeconds: 15, resolution: 0.01, low: -40, high: 120 }
const turbine = { noise: 1, relativeNoise: 0.002, lagSeconds: 2, resolution: 0.1, low: 0, high: 25_000, cutoff: 5 }

const RANGES = {
  inletPressure: { noise: 0.008, lagSeconds: 0.5, resolution: ofSpan(40), low: 0, high: 40 },
  inletTemperature: thermometer,
  filterDrop: { noise: 0.8, lagSeconds: 1, resolution: ofSpan(1000), low: 0, high: 1000 },
  bathTemperature: thermometer,
  heaterPower: { noise: 0.3, relativeNoise: 0.004, lagSeconds: 1, resolution: 0.1, low: 0, high: 500, cutoff: 2 },
  fuelFlow: { noise: 0.02, relativeNoise: 0.003, lagSeconds: 1, resolution: 0.01, low: 0, high: 60, cutoff: 0.2 },
  outletPressure: { noise: 0.002, lagSeconds: 0.3, resolution: ofSpan(10), low: 0, high: 10 },
  outletTemperature: thermometer,
  networkPressure: { noise: 0.003, lagSeconds: 0.5, resolution: ofSpan(10), low: 0, high: 10 },
  townFlow: turbine,
  estateFlow: turbine,
  airTemperature: { ...thermometer, noise: 0.06, lagSeconds: 60 },
  odorantRate: { noise: 0.4, relativeNoise: 0.004, lagSeconds: 2, resolution: 0.1, low: 0, high: 2000, cutoff: 2 },
  odorantLevel: { noise: 0.03, lagSeconds: 5, resolution: ofSpan(100), low: 0, high: 100 },
  concentration: { noise: 0.15, lagSeconds: 90, resolution: 0.1, low: 0, high: 100 },
  gasInRoom: { noise: 0.12, lagSeconds: 8, resolution: 0.1, low: 0, high: 100 }
} satisfies Record<string, Omit<TransmitterOptions, 'name' | 'seed'>>

const LINE = {
  drop: { noise: 0.012, relativeNoise: 0.001, lagSeconds: 0.3, resolution: ofSpan(500), low: 0, high: 500, cutoff: 0.08 },
  pressure: RANGES.inletPressure,
  temperature: thermometer,
  worker: { noise: 0.1, lagSeconds: 0.3, resolution: 0.1, low: 0, high: 100, cutoff: 0.2 },
  monitor: { noise: 0.1, lagSeconds: 0.3, resolution: 0.1, low: 0, high: 100, cutoff: 0.2 }
} satisfies Record<string, Omit<TransmitterOptions, 'name' | 'seed'>>

type Meter = keyof typeof RANGES
type LineMeter = keyof typeof LINE

// A lean mixture burns from 5 % of gas in air.
const LOWER_EXPLOSIVE = 0.05
const RELIEF_SWITCH = 0.005

export class GasInstruments {
  readonly signals: GasSignals
  readonly #meters: Record<Meter, Transmitter>
  readonly #lines: readonly [Record<LineMeter, Transmitter>, Record<LineMeter, Transmitter>]

  constructor(seed: number) {
    const line = (): LineSignals => ({ drop: 0, pressure: 0, temperature: 0, worker: 0, monitor: 0, slammed: false, open: true })
    this.signals = {
      ...{ inletPressure: 0, inletTemperature: 0, filterDrop: 0, bathTemperature: 0, heaterPower: 0, fuelFlow: 0, flame: false },
      ...{ lines: [line(), line()], outletPressure: 0, outletTemperature: 0, networkPressure: 0, townFlow: 0, estateFlow: 0 },
      ...{ airTemperature: 0, odorantRate: 0, odorantLevel: 0, concentration: 0, gasInRoom: 0 },
      ...{ reliefOpen: false, powerOk: true }
    }
    this.#meters = metersOf(RANGES, seed, 'gas')
    this.#lines = [metersOf(LINE, seed, 'gas line1'), metersOf(LINE, seed, 'gas line2')]
  }

  read(plant: GasPlant, seconds: number): void {
    const { signals } = this
    const meters = this.#meters
    const { network, heater, odorant, weather, demand } = plant
    signals.inletPressure = meters.inletPressure.read(plant.inlet - ATMOSPHERE, seconds)
    signals.inletTemperature = meters.inletTemperature.read(plant.inletTemperature, seconds)
    signals.filterDrop = meters.filterDrop.read(plant.filterDrop * 1000, seconds)
    signals.bathTemperature = meters.bathTemperature.read(heater.bath, seconds)
    signals.heaterPower = meters.heaterPower.read(heater.power, seconds)
    signals.fuelFlow = meters.fuelFlow.read(normalFlow(network.fuel), seconds)
    signals.flame = heater.power > 5
    signals.outletPressure = meters.outletPressure.read(network.header - ATMOSPHERE, seconds)
    signals.outletTemperature = meters.outletTemperature.read(heater.reduced, seconds)
    signals.networkPressure = meters.networkPressure.read(network.end - ATMOSPHERE, seconds)
    const drawn = normalFlow(network.drawn)
    const wanted = demand.draw.town + demand.draw.estate
    const town = wanted > 0 ? demand.draw.town / wanted : 0
    signals.townFlow = meters.townFlow.read(drawn * town, seconds)
    signals.estateFlow = meters.estateFlow.read(drawn * (1 - town), seconds)
    signals.airTemperature = meters.airTemperature.read(weather.outdoor, seconds)
    signals.odorantRate = meters.odorantRate.read(odorant.rate, seconds)
    signals.odorantLevel = meters.odorantLevel.read(odorant.level * 100, seconds)
    signals.concentration = meters.concentration.read(odorant.atEnd * NORMAL_DENSITY * 1000, seconds)
    signals.gasInRoom = meters.gasInRoom.read((plant.gasInRoom / LOWER_EXPLOSIVE) * 100, seconds)
    signals.reliefOpen = network.relief > RELIEF_SWITCH
    signals.powerOk = plant.powered
    for (const i of [0, 1] as const) this.#readLine(plant, i, seconds)
  }

  #readLine(plant: GasPlant, i: 0 | 1, seconds: number): void {
    const line = plant.lines[i]
    const meters = this.#lines[i]
    const out = this.signals.lines[i]
    out.drop = meters.drop.read(plant.orificeDrop(i), seconds)
    out.pressure = meters.pressure.read(plant.beforeLines - ATMOSPHERE, seconds)
    out.temperature = meters.temperature.read(plant.heater.warmed, seconds)
    out.worker = meters.worker.read(line.worker * 100, seconds)
    out.monitor = meters.monitor.read(line.monitor * 100, seconds)
    out.slammed = line.slammed
    out.open = line.valve > 0.95
  }
}

function metersOf<Name extends string>(
  ranges: Record<Name, Omit<TransmitterOptions, 'name' | 'seed'>>,
  seed: number,
  place: string
): Record<Name, Transmitter> {
  const meters = Object.entries<Omit<TransmitterOptions, 'name' | 'seed'>>(ranges).map(([name, range]) => [
    name,
    new Transmitter({ name: `${place} ${name}`, seed, ...range })
  ])
  // Object.fromEntries cannot say that the names are those of the ranges.
  return Object.fromEntries(meters) as Record<Name, Transmitter>
}
