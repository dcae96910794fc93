// The waterworks and its PLC, put together in the state of a normal day.
import { WaterPlant } from '../plants/water.ts'
import { Plc } from './plc.ts'
import { RegisterImage } from './register-image.ts'
import { putValue } from './registers.ts'
import { WaterProgram } from './water-program.ts'
import { COMMANDS, MEASUREMENTS, type Measurement, SETPOINT_DEFAULTS, SETPOINTS, type Setpoint, WATER_LAYOUT } from './water-registers.ts'

// What the totalisers had counted before the simulation began: m3 and kWh.
const COUNTED = { volume: 1_284_300, energy: 412_000 }

export interface WaterPlc {
  plant: WaterPlant
  plc: Plc<Measurement>
}

export function createWaterPlc(options: { seed: number; startSeconds?: number; scanMs?: number; towerLevel?: number }): WaterPlc {
  const { scanMs = 100, ...plantOptions } = options
  const plant = new WaterPlant(plantOptions)
  const image = new RegisterImage(WATER_LAYOUT)
  for (const [name, register] of Object.entries(SETPOINTS)) putValue(image, register, SETPOINT_DEFAULTS[name as Setpoint])
  for (const command of ['pump1.auto', 'pump2.auto', 'dosing.enable'] as const) image.coils[COMMANDS[command]] = 1
  const program = new WaterProgram({ plant, image, ...COUNTED })
  const plc = new Plc({ plant, program, image, registers: MEASUREMENTS, scanCount: 'plc.scan-count', scanMs })
  return { plant, plc }
}
