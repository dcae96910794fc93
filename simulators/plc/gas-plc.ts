// The gate station and its PLC, put together in the state of a normal day.
import { GasPlant } from '../plants/gas.ts'
import type { Works, WorksOptions } from '../works.ts'
import { gasAlarms } from './gas-alarms.ts'
import { gasDuties } from './gas-duties.ts'
import { GAS_MAP } from './gas-map.ts'
import { GasProgram } from './gas-program.ts'
import { Plc } from './plc.ts'
import { imageOf } from './tag-map.ts'

// m3(N) that the lines had counted before the simulation began.
const COUNTED = [48_210_400, 51_377_900] as const

export interface GasWorks extends Works {
  readonly plant: GasPlant
}

export function createGasWorks({ scanMs = 100, ...options }: WorksOptions): GasWorks {
  const plant = new GasPlant(options)
  const image = imageOf(GAS_MAP)
  const counted = [{ total: COUNTED[0] }, { total: COUNTED[1] }] as const
  const program = () => new GasProgram({ plant, image, counted })
  const plc = new Plc({ plant, program, image, map: GAS_MAP, scanCount: 'plc.scan-count', scanMs })
  return {
    ...{ plant, plc, map: GAS_MAP, duties: gasDuties, alarms: gasAlarms(image), troubles: plant.troubles },
    balances: () => plant.balances()
  }
}
