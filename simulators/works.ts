// A works: a plant with the PLC that runs it, the map by which clients know the PLC, the book its people work by, and what
// can break. Scene, attacks, faults and pictures know a works by this and by nothing else.
import type { Balance, Plant, PlantKind, Troubles } from './plants/plant.ts'
import type { DutyBook } from './plc/duty.ts'
import type { PlcAlarm } from './plc/opcua-point.ts'
import type { Plc } from './plc/plc.ts'
import type { TagMap } from './plc/tag-map.ts'

export interface Works {
  readonly plant: Pick<Plant<unknown, unknown>, 'seconds' | 'step'>
  readonly plc: Plc
  readonly map: TagMap
  readonly duties: DutyBook
  readonly alarms: readonly PlcAlarm[]
  /** What can go wrong by itself; faults turn these up and down again. */
  readonly troubles: Troubles
  balances(): readonly Balance[]
}

export interface WorksOptions {
  seed: number
  /** Seconds since Monday 00:00. */
  startSeconds?: number
  /** The day of the year at the start, from 0; the weather and the season follow it. */
  startDay?: number
  scanMs?: number
  /** How far the weather is from the climate of the day, in degrees. */
  weather?: { warmer: number }
}

// Each is loaded when a scenario asks for it.
const WORKS: Partial<Record<PlantKind, () => Promise<(options: WorksOptions) => Works>>> = {
  water: async () => (await import('./plc/water-plc.ts')).createWaterWorks,
  heat: async () => (await import('./plc/heat-plc.ts')).createHeatWorks,
  gas: async () => (await import('./plc/gas-plc.ts')).createGasWorks
}

export async function createWorks(kind: PlantKind, options: WorksOptions): Promise<Works> {
  const load = WORKS[kind]
  if (load === undefined) throw new RangeError(`there is no ${kind} plant`)
  return (await load())(options)
}
