// The tag maps of all plants, which are plain tables: a scenario is checked against them before anything is built.
import type { PlantKind } from './plants/plant.ts'
import { GAS_MAP } from './plc/gas-map.ts'
import { HEAT_MAP } from './plc/heat-map.ts'
import type { TagMap } from './plc/tag-map.ts'
import { WATER_MAP } from './plc/water-map.ts'

export const MAPS: Readonly<Partial<Record<PlantKind, TagMap>>> = { water: WATER_MAP, heat: HEAT_MAP, gas: GAS_MAP }

export function mapOf(plant: PlantKind): TagMap {
  const map = MAPS[plant]
  if (map === undefined) throw new RangeError(`there is no ${plant} plant`)
  return map
}
