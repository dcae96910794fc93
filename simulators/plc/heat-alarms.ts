// The alarms of the heating station's program, as its OPC UA face tells them.
import { HEAT_MAP, type HeatTag } from './heat-map.ts'
import type { PlcAlarm } from './opcua-point.ts'
import type { RegisterImage } from './register-image.ts'
import { readTag } from './tag-map.ts'

// The limits that the program has for temperature and low pressure.
const LEAST = { temperature: 0, pressure: 1.5 }

export function heatAlarms(image: RegisterImage): PlcAlarm[] {
  const value = (tag: HeatTag) => readTag(image, HEAT_MAP.tags[tag])
  const isOn = (tag: HeatTag) => value(tag) === 1
  const fault = (pump: 1 | 2): PlcAlarm => ({
    ...{ name: `pump${pump}.trip-alarm`, source: `pump${pump}.fault`, severity: 600 },
    state: () => (isOn(`pump${pump}.fault`) ? 'Active' : null),
    message: () => `Circulation pump ${pump} has tripped.`
  })
  const missing = (tag: HeatTag, name: string, severity: number, text: string): PlcAlarm => ({
    ...{ name, source: tag, severity },
    state: () => (isOn(tag) ? null : 'Active'),
    message: () => text
  })
  return [
    {
      ...{ name: 'supply.temperature-alarm', source: 'supply.temperature', severity: 700 },
      limits: { high: () => value('supply.high-limit'), low: () => LEAST.temperature },
      state: () => (isOn('supply.high-alarm') ? 'High' : null),
      message: () => 'The supply is too hot.'
    },
    {
      ...{ name: 'return.pressure-alarm', source: 'return.pressure', severity: 700 },
      limits: { high: () => value('pressure.high-limit'), low: () => LEAST.pressure },
      state: () => (isOn('pressure.high-alarm') ? 'High' : isOn('pressure.low-alarm') ? 'Low' : null),
      message: (state) => `The pressure of the loop is too ${state === 'High' ? 'high' : 'low'}.`
    },
    fault(1),
    fault(2),
    {
      ...{ name: 'frost-alarm', source: 'frost.active', severity: 650 },
      state: () => (isOn('frost.active') ? 'Active' : null),
      message: () => 'The loop is in danger of frost.'
    },
    missing('source.ok', 'source.fail-alarm', 750, 'The boiler house gives no heat.'),
    missing('power.ok', 'power.fail-alarm', 800, 'The power supply has failed.')
  ]
}
