// The instruments of the waterworks: which transmitter hangs where, and what the PLC gets to see of it.
import { Transmitter, type TransmitterOptions } from './transmitter.ts'
import type { WaterState } from './water.ts'

export interface DriveSignals {
  /** % */
  speed: number
  /** A */
  current: number
  /** m3/h */
  flow: number
}

export interface WaterSignals {
  towerLevel: number
  towerInflow: number
  zoneFlow: number
  zonePressure: number
  wellLevel: number
  pumps: [DriveSignals, DriveSignals]
  residual: number
  dosing: number
  turbidity: number
  temperature: number
  /** kW, from the energy meter. */
  power: number
  powerOk: boolean
  well2Level: number
  zone2Flow: number
  zone2Pressure: number
  zone2Inlet: number
  washFlow: number
  /** Limit switch of the inlet valve of the lower zone. */
  zone2Open: boolean
}

const LINE_VOLTS = 400
const POWER_FACTOR = 0.88

// A 4-20 mA loop into a 16-bit input card: the span is cut into 27,648 steps.
const ofSpan = (span: number) => span / 27_648

const flowMeter = { noise: 0.05, relativeNoise: 0.0025, lagSeconds: 1, resolution: ofSpan(500), low: 0, high: 500, cutoff: 1 }
const pressure = { noise: 0.008, lagSeconds: 0.5, resolution: ofSpan(10), low: 0, high: 10 }

const RANGES = {
  towerLevel: { noise: 0.001, resolution: ofSpan(6), low: 0, high: 6 },
  towerInflow: flowMeter,
  zoneFlow: { ...flowMeter, noise: 0.3 },
  zonePressure: pressure,
  wellLevel: { noise: 0.008, lagSeconds: 1, resolution: ofSpan(40), low: 0, high: 40 },
  residual: { noise: 0.003, lagSeconds: 20, resolution: ofSpan(4), low: 0, high: 4 },
  dosing: { noise: 0.1, relativeNoise: 0.004, lagSeconds: 1, resolution: ofSpan(500), low: 0, high: 500, cutoff: 1 },
  turbidity: { noise: 0.006, lagSeconds: 10, resolution: ofSpan(10), low: 0, high: 10 },
  temperature: { noise: 0.03, lagSeconds: 30, resolution: 0.01, low: -5, high: 40 },
  power: { noise: 0.02, relativeNoise: 0.002, lagSeconds: 0.5, resolution: 0.01, low: 0, high: 400, cutoff: 0.5 },
  well2Level: { noise: 0.008, lagSeconds: 1, resolution: ofSpan(40), low: 0, high: 40 },
  zone2Flow: { ...flowMeter, noise: 0.1, resolution: ofSpan(200), high: 200 },
  zone2Pressure: pressure,
  zone2Inlet: pressure,
  washFlow: { ...flowMeter, resolution: ofSpan(100), high: 100 }
} satisfies Record<string, Omit<TransmitterOptions, 'name' | 'seed'>>

const DRIVE = {
  speed: { noise: 0.03, resolution: 0.01, low: 0, high: 100, cutoff: 0.5 },
  current: { noise: 0.1, relativeNoise: 0.005, lagSeconds: 0.3, resolution: 0.1, low: 0, high: 200, cutoff: 1 },
  flow: flowMeter
} satisfies Record<string, Omit<TransmitterOptions, 'name' | 'seed'>>

type Meter = keyof typeof RANGES

export class Instruments {
  readonly signals: WaterSignals = {
    towerLevel: 0,
    towerInflow: 0,
    zoneFlow: 0,
    zonePressure: 0,
    wellLevel: 0,
    pumps: [
      { speed: 0, current: 0, flow: 0 },
      { speed: 0, current: 0, flow: 0 }
    ],
    residual: 0,
    dosing: 0,
    turbidity: 0,
    temperature: 0,
    power: 0,
    powerOk: true,
    well2Level: 0,
    zone2Flow: 0,
    zone2Pressure: 0,
    zone2Inlet: 0,
    washFlow: 0,
    zone2Open: true
  }
  readonly #meters: Record<Meter, Transmitter>
  readonly #drives: readonly Record<keyof typeof DRIVE, Transmitter>[]

  constructor(seed: number) {
    const meter = (name: Meter) => new Transmitter({ name, seed, ...RANGES[name] })
    const drive = (name: keyof typeof DRIVE, pump: number) => new Transmitter({ name: `pump${pump} ${name}`, seed, ...DRIVE[name] })
    this.#meters = {
      towerLevel: meter('towerLevel'),
      towerInflow: meter('towerInflow'),
      zoneFlow: meter('zoneFlow'),
      zonePressure: meter('zonePressure'),
      wellLevel: meter('wellLevel'),
      residual: meter('residual'),
      dosing: meter('dosing'),
      turbidity: meter('turbidity'),
      temperature: meter('temperature'),
      power: meter('power'),
      well2Level: meter('well2Level'),
      zone2Flow: meter('zone2Flow'),
      zone2Pressure: meter('zone2Pressure'),
      zone2Inlet: meter('zone2Inlet'),
      washFlow: meter('washFlow')
    }
    this.#drives = [1, 2].map((pump) => ({ speed: drive('speed', pump), current: drive('current', pump), flow: drive('flow', pump) }))
  }

  read(state: WaterState, levels: { towerLevel: number; wellLevel: number; well2Level: number }, seconds: number): void {
    const { signals } = this
    const meters = this.#meters
    signals.towerLevel = meters.towerLevel.read(levels.towerLevel, seconds)
    signals.towerInflow = meters.towerInflow.read(state.mainFlow, seconds)
    signals.zoneFlow = meters.zoneFlow.read(state.zoneFlow, seconds)
    signals.zonePressure = meters.zonePressure.read(state.zonePressure, seconds)
    signals.wellLevel = meters.wellLevel.read(levels.wellLevel, seconds)
    signals.residual = meters.residual.read(state.residual, seconds)
    signals.dosing = meters.dosing.read(state.dosing, seconds)
    signals.turbidity = meters.turbidity.read(state.turbidity, seconds)
    signals.temperature = meters.temperature.read(state.temperature, seconds)
    signals.power = meters.power.read(state.powers[0] + state.powers[1], seconds)
    signals.powerOk = state.powerOk
    signals.well2Level = meters.well2Level.read(levels.well2Level, seconds)
    signals.zone2Flow = meters.zone2Flow.read(state.zone2Flow, seconds)
    signals.zone2Pressure = meters.zone2Pressure.read(state.zone2Pressure, seconds)
    signals.zone2Inlet = meters.zone2Inlet.read(state.zone2Inlet, seconds)
    signals.washFlow = meters.washFlow.read(state.washFlow, seconds)
    signals.zone2Open = state.zone2Valve > 0.98
    for (const [i, drive] of this.#drives.entries()) {
      const out = signals.pumps[i === 0 ? 0 : 1]
      out.speed = drive.speed.read((state.speeds[i] ?? 0) * 100, seconds)
      out.current = drive.current.read(amperes(state.powers[i] ?? 0), seconds)
      out.flow = drive.flow.read(state.pumpFlows[i] ?? 0, seconds)
    }
  }
}

const amperes = (power: number): number => (power * 1000) / (Math.sqrt(3) * LINE_VOLTS * POWER_FACTOR)
