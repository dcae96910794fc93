// The waterworks and its PLC, put together in the state of a normal day.
import { WaterPlant } from '../plants/water.ts'
import type { Works, WorksOptions } from '../works.ts'
import { waterAlarms } from './opcua-water.ts'
import { Plc } from './plc.ts'
import { imageOf } from './tag-map.ts'
import { waterDuties } from './water-duties.ts'
import { WATER_MAP } from './water-map.ts'
import { WaterProgram } from './water-program.ts'

// What the totalisers had counted before the simulation began: m3 and kWh.
const COUNTED = { volume: 1_284_300, energy: 412_000 }

export interface WaterPlc {
  plant: WaterPlant
  plc: Plc
}

export function createWaterPlc(options: { seed: number; startSeconds?: number; scanMs?: number; towerLevel?: number }): WaterPlc {
  const { scanMs = 100, ...plantOptions } = options
  const plant = new WaterPlant(plantOptions)
  const image = imageOf(WATER_MAP)
  const program = new WaterProgram({ plant, image, ...COUNTED })
  const plc = new Plc({ plant, program, image, map: WATER_MAP, scanCount: 'plc.scan-count', scanMs })
  return { plant, plc }
}

export function createWaterWorks({ seed, startSeconds, scanMs }: WorksOptions): Works {
  const { plant, plc } = createWaterPlc({
    seed,
    ...(startSeconds === undefined ? {} : { startSeconds }),
    ...(scanMs === undefined ? {} : { scanMs })
  })
  const { volumes } = plant
  const held = () => plant.state.wellVolume + plant.state.towerVolume
  return {
    ...{ plant, plc, map: WATER_MAP, duties: waterDuties, alarms: waterAlarms(plc.image), troubles: {} },
    balances: () => [
      {
        ...{ name: 'water', unit: 'm3', received: volumes.fromAquifer, held: held() },
        given: volumes.overflow + volumes.demand + volumes.leakage
      }
    ]
  }
}
