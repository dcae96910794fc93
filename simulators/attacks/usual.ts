// What an attack does when a scenario does not say: a small table by plant. Where a plant is not in it, it cannot be played.
import { PLANTS, type PlantKind } from '../plants/plant.ts'

export type Usual<T> = Partial<Record<PlantKind, T>>

export const plantsOf = (usual: Usual<unknown>): PlantKind[] => PLANTS.filter((plant) => Object.hasOwn(usual, plant))

export function usualIn<T>(usual: Usual<T>, plant: PlantKind): T {
  const found = usual[plant]
  if (found === undefined) throw new RangeError(`nothing is usual here in a ${plant} plant`)
  return found
}

/** The measurement that matters most. */
export const USUAL_MEASUREMENT: Usual<string> = { water: 'tower.level', heat: 'supply.temperature', gas: 'outlet.pressure' }
