// The table of all attacks. A new one is a file beside this one and a line here.
import { pumpStop } from './pump-stop.ts'
import { sensorFreeze } from './sensor-freeze.ts'
import { setpointTamper } from './setpoint-tamper.ts'

export const ATTACKS = { 'pump-stop': pumpStop, 'sensor-freeze': sensorFreeze, 'setpoint-tamper': setpointTamper } as const
