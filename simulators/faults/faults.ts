// The table of all faults. A new one is a file beside this one and a line here.
import { breakdown } from './breakdown.ts'
import { maintenance } from './maintenance.ts'
import { commsLoss, slowLine } from './network-trouble.ts'
import { plcRestart } from './plc-restart.ts'
import { sensorDrift } from './sensor-drift.ts'
import { sensorDropout } from './sensor-dropout.ts'

export const FAULTS = {
  breakdown,
  'comms-loss': commsLoss,
  maintenance,
  'plc-restart': plcRestart,
  'sensor-drift': sensorDrift,
  'sensor-dropout': sensorDropout,
  'slow-line': slowLine
} as const
