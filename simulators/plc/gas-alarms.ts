// The alarms of the gate station as OPC UA tells them; the program alone judges.
import { GAS_MAP, type GasTag } from './gas-map.ts'
import type { PlcAlarm } from './opcua-point.ts'
import type { RegisterImage } from './register-image.ts'
import { readTag } from './tag-map.ts'

const STATES: readonly { name: string; source: GasTag; severity: number; message: string; when?: 0 | 1 }[] = [
  { name: 'line1.slam-alarm', source: 'line1.slammed', severity: 900, message: 'The slam-shut valve of line 1 has closed.' },
  { name: 'line2.slam-alarm', source: 'line2.slammed', severity: 900, message: 'The slam-shut valve of line 2 has closed.' },
  { name: 'relief.alarm', source: 'relief.open', severity: 800, message: 'The relief valve blows off.' },
  { name: 'station.gas-alarm', source: 'gas.alarm', severity: 950, message: 'There is gas in the building of the station.' },
  { name: 'outlet.cold-alarm-condition', source: 'outlet.cold-alarm', severity: 500, message: 'The gas leaves the station too cold.' },
  { name: 'heater.fault-alarm', source: 'heater.fault', severity: 600, message: 'The heater does not light.' },
  { name: 'odorant.alarm-condition', source: 'odorant.alarm', severity: 700, message: 'Odorant is short at the station or at the end.' },
  { name: 'filter.drop-alarm', source: 'filter.alarm', severity: 400, message: 'The filter in service is clogged.' },
  { name: 'inlet.pressure-alarm', source: 'inlet.low-alarm', severity: 700, message: 'The transmission line gives too little pressure.' },
  { name: 'power.fail-alarm', source: 'power.ok', severity: 600, message: 'The power supply has failed.', when: 0 }
]

export function gasAlarms(image: RegisterImage): PlcAlarm[] {
  const value = (tag: GasTag) => readTag(image, GAS_MAP.tags[tag])
  return [
    {
      ...{ name: 'outlet.pressure-alarm', source: 'outlet.pressure', severity: 900 },
      limits: { high: () => value('outlet.high-limit'), low: () => value('outlet.low-limit') },
      state: () => (value('outlet.high-alarm') === 1 ? 'High' : value('outlet.low-alarm') === 1 ? 'Low' : null),
      message: (state) => `The outlet pressure is too ${state === 'High' ? 'high' : 'low'}.`
    },
    ...STATES.map(
      ({ name, source, severity, message, when = 1 }): PlcAlarm => ({
        ...{ name, source, severity, message: () => message },
        state: () => (value(source) === when ? 'Active' : null)
      })
    )
  ]
}
