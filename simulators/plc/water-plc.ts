// The waterworks and its PLC, put together in the state of a normal day.
import { type WaterOptions, WaterPlant } from '../plants/water.ts'
import type { Works, WorksOptions } from '../works.ts'
import { Plc } from './plc.ts'
import { imageOf } from './tag-map.ts'
import { waterAlarms } from './water-alarms.ts'
import { waterDuties } from './water-duties.ts'
import { WATER_MAP } from './water-map.ts'
import { WaterProgram } from './water-program.ts'

// What the totalisers had counted before the simulation began: m3 and kWh.
const COUNTED = { volume: 1_284_300, energy: 412_000, lowerVolume: 337_100, washVolume: 9_640 }

export interface WaterPlc {
  plant: WaterPlant
  plc: Plc
}

export function createWaterPlc({ scanMs = 100, ...options }: WaterOptions & { scanMs?: number }): WaterPlc {
  const plant = new WaterPlant(options)
  const image = imageOf(WATER_MAP)
  const counted = { ...COUNTED }
  const program = () => new WaterProgram({ plant, image, counted })
  const plc = new Plc({ plant, program, image, map: WATER_MAP, scanCount: 'plc.scan-count', scanMs })
  return { plant, plc }
}

export function createWaterWorks(options: WorksOptions): Works {
  const { plant, plc } = createWaterPlc(options)
  const { troubles } = plant
  return {
    ...{ plant, plc, map: WATER_MAP, duties: waterDuties, alarms: waterAlarms(plc.image), troubles },
    balances: () => plant.balances()
  }
}
