// The instruments of the heating station: which transmitter hangs where, and what the PLC gets to see of it.
import { Transmitter, type TransmitterOptions } from './transmitter.ts'

export type HeatReading =
  | ('outdoor' | 'room' | 'boiler' | 'mixing' | 'primarySupply' | 'primaryReturn' | 'secondarySupply' | 'secondaryReturn' | 'hotWater')
  | ('primarySupplyPressure' | 'primaryReturnPressure' | 'supplyPressure' | 'returnPressure' | 'strainerDrop')
  | ('primaryFlow' | 'secondaryFlow' | 'hotWaterFlow' | 'makeupFlow' | 'valve' | 'speed1' | 'speed2' | 'current1' | 'current2' | 'power')

/** °C, bar, m3/h, %, A and kW; also whether there is power and whether the burner is free of faults. */
export type HeatSignals = Record<HeatReading, number> & { powerOk: boolean; sourceOk: boolean }

type Range = Omit<TransmitterOptions, 'name' | 'seed'>

// A 4-20 mA loop into a 16-bit input card: the span is cut into 27,648 steps.
const ofSpan = (span: number) => span / 27_648
const thermometer = (high: number, noise = 0.03): Range => ({ noise, lagSeconds: 8, resolution: ofSpan(high), low: 0, high })
const gauge = (high: number): Range => ({ noise: 0.004, lagSeconds: 0.5, resolution: ofSpan(high), low: 0, high })
const flowMeter = (high: number, cutoff: number): Range => ({
  ...{ noise: 0.02, relativeNoise: 0.0025, lagSeconds: 1, resolution: ofSpan(high) },
  ...{ low: 0, high, cutoff }
})
const speed: Range = { noise: 0.03, resolution: 0.01, low: 0, high: 100, cutoff: 0.5 }
const current: Range = { noise: 0.05, relativeNoise: 0.005, lagSeconds: 0.3, resolution: 0.1, low: 0, high: 100, cutoff: 1 }

const RANGES: Record<HeatReading, Range> = {
  outdoor: { noise: 0.03, lagSeconds: 120, resolution: 0.01, low: -40, high: 50 },
  room: { noise: 0.02, lagSeconds: 300, resolution: 0.01, low: -20, high: 50 },
  boiler: thermometer(150),
  mixing: { noise: 0.02, resolution: 0.05, low: 0, high: 100 },
  primarySupply: thermometer(150),
  primaryReturn: thermometer(150),
  secondarySupply: thermometer(120),
  secondaryReturn: thermometer(120),
  hotWater: thermometer(100, 0.15),
  primarySupplyPressure: gauge(16),
  primaryReturnPressure: gauge(16),
  supplyPressure: gauge(10),
  returnPressure: gauge(10),
  strainerDrop: { noise: 0.0015, lagSeconds: 1, resolution: ofSpan(1), low: 0, high: 1 },
  primaryFlow: flowMeter(200, 0.4),
  secondaryFlow: flowMeter(500, 1.5),
  hotWaterFlow: flowMeter(30, 0.05),
  makeupFlow: flowMeter(15, 0.05),
  valve: { noise: 0.02, resolution: 0.05, low: 0, high: 100 },
  speed1: speed,
  speed2: speed,
  current1: current,
  current2: current,
  power: { noise: 0.02, relativeNoise: 0.002, lagSeconds: 0.5, resolution: 0.01, low: 0, high: 100, cutoff: 0.2 }
}

export class HeatInstruments {
  readonly signals: HeatSignals
  readonly #meters: Readonly<Record<HeatReading, Transmitter>>

  constructor(seed: number, truth: Readonly<HeatSignals>) {
    const meter = (name: HeatReading) => new Transmitter({ name: `heat ${name}`, seed, ...RANGES[name] })
    this.signals = { ...truth }
    this.#meters = {
      outdoor: meter('outdoor'),
      room: meter('room'),
      boiler: meter('boiler'),
      mixing: meter('mixing'),
      primarySupply: meter('primarySupply'),
      primaryReturn: meter('primaryReturn'),
      secondarySupply: meter('secondarySupply'),
      secondaryReturn: meter('secondaryReturn'),
      hotWater: meter('hotWater'),
      primarySupplyPressure: meter('primarySupplyPressure'),
      primaryReturnPressure: meter('primaryReturnPressure'),
      supplyPressure: meter('supplyPressure'),
      returnPressure: meter('returnPressure'),
      strainerDrop: meter('strainerDrop'),
      primaryFlow: meter('primaryFlow'),
      secondaryFlow: meter('secondaryFlow'),
      hotWaterFlow: meter('hotWaterFlow'),
      makeupFlow: meter('makeupFlow'),
      valve: meter('valve'),
      speed1: meter('speed1'),
      speed2: meter('speed2'),
      current1: meter('current1'),
      current2: meter('current2'),
      power: meter('power')
    }
  }

  // Written out, because a loop over names costs more than all the noise.
  read(truth: Readonly<HeatSignals>, seconds: number): void {
    const { signals } = this
    const meters = this.#meters
    signals.outdoor = meters.outdoor.read(truth.outdoor, seconds)
    signals.room = meters.room.read(truth.room, seconds)
    signals.boiler = meters.boiler.read(truth.boiler, seconds)
    signals.mixing = meters.mixing.read(truth.mixing, seconds)
    signals.primarySupply = meters.primarySupply.read(truth.primarySupply, seconds)
    signals.primaryReturn = meters.primaryReturn.read(truth.primaryReturn, seconds)
    signals.secondarySupply = meters.secondarySupply.read(truth.secondarySupply, seconds)
    signals.secondaryReturn = meters.secondaryReturn.read(truth.secondaryReturn, seconds)
    signals.hotWater = meters.hotWater.read(truth.hotWater, seconds)
    signals.primarySupplyPressure = meters.primarySupplyPressure.read(truth.primarySupplyPressure, seconds)
    signals.primaryReturnPressure = meters.primaryReturnPressure.read(truth.primaryReturnPressure, seconds)
    signals.supplyPressure = meters.supplyPressure.read(truth.supplyPressure, seconds)
    signals.returnPressure = meters.returnPressure.read(truth.returnPressure, seconds)
    signals.strainerDrop = meters.strainerDrop.read(truth.strainerDrop, seconds)
    signals.primaryFlow = meters.primaryFlow.read(truth.primaryFlow, seconds)
    signals.secondaryFlow = meters.secondaryFlow.read(truth.secondaryFlow, seconds)
    signals.hotWaterFlow = meters.hotWaterFlow.read(truth.hotWaterFlow, seconds)
    signals.makeupFlow = meters.makeupFlow.read(truth.makeupFlow, seconds)
    signals.valve = meters.valve.read(truth.valve, seconds)
    signals.speed1 = meters.speed1.read(truth.speed1, seconds)
    signals.speed2 = meters.speed2.read(truth.speed2, seconds)
    signals.current1 = meters.current1.read(truth.current1, seconds)
    signals.current2 = meters.current2.read(truth.current2, seconds)
    signals.power = meters.power.read(truth.power, seconds)
    signals.powerOk = truth.powerOk
    signals.sourceOk = truth.sourceOk
  }
}
