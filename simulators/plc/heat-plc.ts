// The heating station and its controller, put together in the state of a normal day.
import { type HeatOptions, HeatPlant } from '../plants/heat.ts'
import type { Works, WorksOptions } from '../works.ts'
import { heatAlarms } from './heat-alarms.ts'
import { heatDuties } from './heat-duties.ts'
import { HEAT_MAP } from './heat-map.ts'
import { type HeatCounted, HeatProgram } from './heat-program.ts'
import { Plc } from './plc.ts'
import { imageOf } from './tag-map.ts'

// MWh, m3 and kWh before the simulation began.
const COUNTED: HeatCounted = {
  ...{ heat: 84_210.4, volume: 1_402_118, makeup: 3_218.7 },
  ...{ secondary: 71_850.2, hotWater: 12_207.9, electricity: 611_402 }
}

export interface HeatPlc {
  plant: HeatPlant
  plc: Plc
}

export function createHeatPlc({ scanMs = 200, ...options }: HeatOptions & { scanMs?: number }): HeatPlc {
  const plant = new HeatPlant(options)
  const image = imageOf(HEAT_MAP)
  const counted = { ...COUNTED }
  const program = () => new HeatProgram({ plant, image, counted })
  const plc = new Plc({ plant, program, image, map: HEAT_MAP, scanCount: 'plc.scan-count', scanMs })
  return { plant, plc }
}

export function createHeatWorks(options: WorksOptions): Works {
  const { plant, plc } = createHeatPlc(options)
  const { troubles } = plant
  return {
    ...{ plant, plc, map: HEAT_MAP, duties: heatDuties, alarms: heatAlarms(plc.image), troubles },
    balances: () => plant.balances()
  }
}
