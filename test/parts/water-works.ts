// The waterworks' PLC at work: scanned, written and read by name.
import { putValue, takeValue } from '../../simulators/plc/registers.ts'
import { readTag } from '../../simulators/plc/tag-map.ts'
import { WATER_MAP } from '../../simulators/plc/water-map.ts'
import { createWaterPlc, type WaterPlc } from '../../simulators/plc/water-plc.ts'
import {
  COMMANDS,
  type Command,
  type Flag,
  MEASUREMENTS,
  type Measurement,
  SETPOINTS,
  type Setpoint,
  STATES,
  type State
} from '../../simulators/plc/water-registers.ts'

const MORNING = 8 * 3600

function operate({ plant, plc }: WaterPlc) {
  return {
    plant,
    plc,
    run(seconds: number, each: () => void = () => {}) {
      for (let second = 0; second < seconds; second++) {
        for (let i = 0; i < 1000 / plc.scanMs; i++) plc.scan()
        each()
      }
    },
    set: (name: Setpoint, value: number) => putValue(plc.image, SETPOINTS[name], value),
    command: (name: Command, on: boolean) => {
      plc.image.coils[COMMANDS[name]] = on ? 1 : 0
    },
    flag: (flag: Flag) => readTag(plc.image, WATER_MAP.tags[flag]) === 1,
    is: (state: State) => plc.image.discreteInputs[STATES[state]] === 1,
    reads: (tag: Measurement) => takeValue(plc.image, MEASUREMENTS[tag])
  }
}

export const begin = (options: { towerLevel?: number; startSeconds?: number; scanMs?: number; seed?: number } = {}) =>
  operate(createWaterPlc({ seed: 1, startSeconds: MORNING, ...options }))
