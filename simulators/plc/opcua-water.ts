// The waterworks' PLC as points and alarms of OPC UA: the same state that its registers show over Modbus, without their scales.
import type { NumberPoint, PlcAlarm, Point, Unit } from './opcua-point.ts'
import type { RegisterImage } from './register-image.ts'
import { putValue, type Register, takeValue } from './registers.ts'
import { COMMANDS, MEASUREMENTS, type Measurement, SETPOINTS, type Setpoint, STATES, type State } from './water-registers.ts'

const METRE: Unit = { symbol: 'm', code: 'MTR' }
const CUBIC_METRE: Unit = { symbol: 'm³', code: 'MTQ' }
const CUBIC_METRE_PER_HOUR: Unit = { symbol: 'm³/h', code: 'MQH' }
const BAR: Unit = { symbol: 'bar', code: 'BAR' }
const PER_CENT: Unit = { symbol: '%', code: 'P1' }
const AMPERE: Unit = { symbol: 'A', code: 'AMP' }
const MILLIGRAM_PER_LITRE: Unit = { symbol: 'mg/L', code: 'M1' }
const MILLILITRE_PER_MINUTE: Unit = { symbol: 'mL/min', code: '41' }
const CELSIUS: Unit = { symbol: '°C', code: 'CEL' }
const KILOWATT_HOUR: Unit = { symbol: 'kWh', code: 'KWH' }

type Shape = Pick<NumberPoint, 'title' | 'unit' | 'range' | 'type' | 'history'>

const shape = (title: string, unit: Unit, low: number, high: number, more: Partial<Shape> = {}): Shape => ({
  ...{ title, unit, range: { low, high }, type: 'Float' },
  ...more
})

const MEASURED: Record<Measurement, Shape> = {
  'tower.level': shape('Level of the tower', METRE, 0, 6, { history: true }),
  'tower.inflow': shape('Flow into the tower', CUBIC_METRE_PER_HOUR, 0, 500),
  'zone.flow': shape('Flow to the zone', CUBIC_METRE_PER_HOUR, 0, 500),
  'zone.pressure': shape('Pressure of the zone', BAR, 0, 10, { history: true }),
  'well.level': shape('Level of the well', METRE, 0, 40),
  'pump1.speed': shape('Speed of pump 1', PER_CENT, 0, 100),
  'pump1.current': shape('Current of pump 1', AMPERE, 0, 200),
  'pump2.speed': shape('Speed of pump 2', PER_CENT, 0, 100),
  'pump2.current': shape('Current of pump 2', AMPERE, 0, 200),
  'pump1.flow': shape('Flow of pump 1', CUBIC_METRE_PER_HOUR, 0, 500),
  'pump2.flow': shape('Flow of pump 2', CUBIC_METRE_PER_HOUR, 0, 500),
  'chlorine.residual': shape('Residual chlorine', MILLIGRAM_PER_LITRE, 0, 4, { history: true }),
  'dosing.rate': shape('Rate of dosing', MILLILITRE_PER_MINUTE, 0, 500),
  // NTU has no code in UNECE Recommendation 20.
  turbidity: { title: 'Turbidity', range: { low: 0, high: 10 }, type: 'Float' },
  'water.temperature': shape('Temperature of the water', CELSIUS, -5, 40),
  'volume.total': shape('Volume counted', CUBIC_METRE, 0, 0xffff_ffff, { type: 'UInt32' }),
  'energy.total': shape('Energy counted', KILOWATT_HOUR, 0, 0xffff_ffff, { type: 'UInt32' }),
  'plc.scan-count': { title: 'Scans of the program', type: 'UInt16' }
}

// The ranges are wide on purpose: what people write may do harm, and to judge it is the business of others.
const SET: Record<Setpoint, Shape> = {
  'tower.start-setpoint': shape('Level at which a pump starts', METRE, 0, 10),
  'tower.stop-setpoint': shape('Level at which the pumps stop', METRE, 0, 10),
  'chlorine.setpoint': shape('Wanted residual chlorine', MILLIGRAM_PER_LITRE, 0, 10),
  'pump.lead': { title: 'Number of the lead pump', range: { low: 1, high: 2 }, type: 'UInt16' },
  'pump1.speed-setpoint': shape('Wanted speed of pump 1', PER_CENT, 0, 100),
  'pump2.speed-setpoint': shape('Wanted speed of pump 2', PER_CENT, 0, 100),
  'tower.high-limit': shape('Level of the high alarm', METRE, 0, 10)
}

const entries = <Key extends string, Value>(record: Record<Key, Value>) =>
  // The keys of an object literal are exactly those of its type.
  Object.entries(record) as [Key, Value][]

export function waterPoints(image: RegisterImage): Point[] {
  const number = (register: Register) => () => takeValue(image, register)
  const measurements = entries(MEASURED).map(
    ([tag, shape]): Point => ({ tag, ...shape, kind: 'measurement', read: number(MEASUREMENTS[tag]) })
  )
  const setpoints = entries(SET).map(
    ([tag, shape]): Point => ({
      ...{ tag, ...shape, kind: 'setpoint', read: number(SETPOINTS[tag]) },
      write: (value: number) => putValue(image, SETPOINTS[tag], value)
    })
  )
  const commands = entries(COMMANDS).map(
    ([tag, address]): Point => ({
      ...{ tag, title: tag, kind: 'command', type: 'Boolean' },
      read: () => image.coils[address] === 1,
      write: (on: boolean) => {
        image.coils[address] = on ? 1 : 0
      }
    })
  )
  const states = entries(STATES).map(
    ([tag]): Point => ({ ...{ tag, title: tag, kind: 'status', type: 'Boolean' }, read: () => isOn(image, tag) })
  )
  return [...measurements, ...setpoints, ...commands, ...states]
}

const isOn = (image: RegisterImage, state: State): boolean => image.discreteInputs[STATES[state]] === 1

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
    fault(1),
    fault(2),
    {
      ...{ name: 'power.fail-alarm', source: 'power.ok', severity: 800 },
      state: () => (isOn(image, 'power.ok') ? null : 'Active'),
      message: () => 'The power supply has failed.'
    }
  ]
}
