// The waterworks' PLC as points and alarms of OPC UA: the same state that its registers show over Modbus, without their scales.
import type { PlcAlarm, Point } from './opcua-point.ts'
import { pointsOf } from './opcua-points.ts'
import type { RegisterImage } from './register-image.ts'
import { takeValue } from './registers.ts'
import { readTag } from './tag-map.ts'
import { WATER_MAP } from './water-map.ts'
import { LOWER_ZONE } from './water-program.ts'
import { type Flag, SETPOINTS, STATES, type State } from './water-registers.ts'

export const waterPoints = (image: RegisterImage): Point[] => pointsOf(WATER_MAP, image)

const isOn = (image: RegisterImage, state: State): boolean => image.discreteInputs[STATES[state]] === 1
const isFlagged = (image: RegisterImage, flag: Flag): boolean => readTag(image, WATER_MAP.tags[flag]) === 1

// The limit that the program has for the low alarm.
const LOW_LEVEL = 1.8

export function waterAlarms(image: RegisterImage): PlcAlarm[] {
  const fault = (pump: 1 | 2): PlcAlarm => ({
    ...{ name: `pump${pump}.trip-alarm`, source: `pump${pump}.fault`, severity: 600 },
    state: () => (isOn(image, `pump${pump}.fault`) ? 'Active' : null),
    message: () => `Pump ${pump} has tripped.`
  })
  return [
    {
      ...{ name: 'tower.level-alarm', source: 'tower.level', severity: 700 },
      limits: { high: () => takeValue(image, SETPOINTS['tower.high-limit']), low: () => LOW_LEVEL },
      state: () => (isOn(image, 'tower.high-alarm') ? 'High' : isOn(image, 'tower.low-alarm') ? 'Low' : null),
      message: (state) => `The level of the tower is too ${state === 'High' ? 'high' : 'low'}.`
    },
    {
      ...{ name: 'zone2.pressure-alarm', source: 'zone2.pressure', severity: 600 },
      limits: { high: () => LOWER_ZONE.high, low: () => LOWER_ZONE.low },
      state: () => (isFlagged(image, 'zone2.high-alarm') ? 'High' : isFlagged(image, 'zone2.low-alarm') ? 'Low' : null),
      message: (state) => `The pressure of the lower zone is too ${state === 'High' ? 'high' : 'low'}.`
    },
    fault(1),
    fault(2),
    {
      ...{ name: 'power.fail-alarm', source: 'power.ok', severity: 800 },
      state: () => (isOn(image, 'power.ok') ? null : 'Active'),
      message: () => 'The power supply has failed.'
    }
  ]
}
