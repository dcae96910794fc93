// Whose alarms the OPC UA server of each plant tells, known before anything is built.
import type { PlantKind } from '../plants/plant.ts'
import { gasAlarms } from './gas-alarms.ts'
import { heatAlarms } from './heat-alarms.ts'
import type { PlcAlarm } from './opcua-point.ts'
import type { RegisterImage } from './register-image.ts'
import { emptyImageOf, type TagMap } from './tag-map.ts'
import { waterAlarms } from './water-alarms.ts'

const ALARMS: Readonly<Record<PlantKind, (image: RegisterImage) => readonly PlcAlarm[]>> = {
  water: waterAlarms,
  heat: heatAlarms,
  gas: gasAlarms
}

export const hasAlarms = (map: TagMap, tag: string): boolean => ALARMS[map.plant](emptyImageOf(map)).some(({ source }) => source === tag)
