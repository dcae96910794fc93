// The alarms of the waterworks as OPC UA tells them; the program alone judges.
import type { PlcAlarm } from './opcua-point.ts'
import type { RegisterImage } from './register-image.ts'
import { readTag } from './tag-map.ts'
import { WATER_MAP } from './water-map.ts'
import { LOW_ALARM, LOWER_ZONE } from './water-program.ts'

type WaterTag = keyof typeof WATER_MAP.tags

const STATES: readonly { name: string; source: WaterTag; severity: number; message: string; when?: 0 | 1 }[] = [
  { name: 'pump1.trip-alarm', source: 'pump1.fault', severity: 600, message: 'Pump 1 has tripped.' },
  { name: 'pump2.trip-alarm', source: 'pump2.fault', severity: 600, message: 'Pump 2 has tripped.' },
  { name: 'power.fail-alarm', source: 'power.ok', severity: 800, message: 'The power supply has failed.', when: 0 }
]

export function waterAlarms(image: RegisterImage): PlcAlarm[] {
  const value = (tag: WaterTag) => readTag(image, WATER_MAP.tags[tag])
  const either = (high: WaterTag, low: WaterTag) => (value(high) === 1 ? 'High' : value(low) === 1 ? 'Low' : null)
  return [
    {
      ...{ name: 'tower.level-alarm', source: 'tower.level', severity: 700 },
      limits: { high: () => value('tower.high-limit'), low: () => LOW_ALARM.on },
      state: () => either('tower.high-alarm', 'tower.low-alarm'),
      message: (state) => `The level of the tower is too ${state === 'High' ? 'high' : 'low'}.`
    },
    {
      ...{ name: 'zone2.pressure-alarm', source: 'zone2.pressure', severity: 600 },
      limits: { high: () => LOWER_ZONE.high, low: () => LOWER_ZONE.low },
      state: () => either('zone2.high-alarm', 'zone2.low-alarm'),
      message: (state) => `The pressure of the lower zone is too ${state === 'High' ? 'high' : 'low'}.`
    },
    ...STATES.map(
      ({ name, source, severity, message, when = 1 }): PlcAlarm => ({
        ...{ name, source, severity, message: () => message },
        state: () => (value(source) === when ? 'Active' : null)
      })
    )
  ]
}
