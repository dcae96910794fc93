// What a PLC shows through its OPC UA face: points of which each is one variable, and alarms that the program itself has raised.
import type { Text } from '#contract/text.ts'

interface Common {
  /** The last part of the NodeId, and the path of folders that it lies in, as in tower.level. */
  tag: string
  /** What it means: its description, in the language of the session. */
  title: Text
  /** Who may do what: people write setpoints and commands and nothing else. */
  kind: 'measurement' | 'status' | 'setpoint' | 'command'
  /** Kept as history by the server. */
  history?: boolean
}

export interface NumberPoint extends Common {
  type: 'Int16' | 'UInt16' | 'Int32' | 'UInt32' | 'Float' | 'Double'
  unit?: Unit
  /** What is usual. */
  range?: Range
  /** What is taken when people write it. */
  accepted?: Range
  read: () => number
  write?: (value: number) => void
}

export interface FlagPoint extends Common {
  type: 'Boolean'
  read: () => boolean
  write?: (value: boolean) => void
}

export type Point = NumberPoint | FlagPoint

export interface Range {
  low: number
  high: number
}

export interface Unit {
  /** As people write it, for example m3/h. */
  symbol: string
  /** UNECE Recommendation 20, which OPC 10000-8, 5.6.4.3 makes the unit id of; for example MQH. Null for a unit that it lacks. */
  code: string | null
}

/** An alarm of the program: the server only tells of it and judges nothing itself. */
export interface PlcAlarm {
  name: string
  /** The tag whose variable is the source of the condition. */
  source: string
  severity: number
  /** With limits it is told as beyond one of them; without, as a state that should not be. */
  limits?: { high: () => number; low: () => number }
  state: () => AlarmState | null
  /** What is told when it comes. */
  message: (state: AlarmState) => string
}
export type AlarmState = 'High' | 'Low' | 'Active'

/** What can be wrong with an instrument, by the names of OPC 10000-8, 6.3.2. */
export const FAILURES = [
  'BadSensorFailure',
  'BadDeviceFailure',
  'BadNotConnected',
  'BadOutOfService',
  'BadConfigurationError',
  'UncertainSensorNotAccurate',
  'UncertainLastUsableValue',
  'UncertainEngineeringUnitsExceeded'
] as const
export type Failure = (typeof FAILURES)[number]

/** The codes of UNECE Recommendation 20 for units as people write them; it has none for turbidity. */
export const UNITS: Readonly<Record<string, string | null>> = {
  m: 'MTR',
  m3: 'MTQ',
  'm3/h': 'MQH',
  bar: 'BAR',
  mbar: 'MBR',
  '%': 'P1',
  A: 'AMP',
  'mg/L': 'M1',
  'mg/m3': 'GP',
  'mL/min': '41',
  'mL/h': 'G55',
  'L/h': 'E32',
  '°C': 'CEL',
  K: 'KEL',
  kW: 'KWT',
  kWh: 'KWH',
  MWh: 'MWH',
  GJ: 'GV',
  kg: 'KGM',
  'kg/h': 'E93',
  s: 'SEC',
  min: 'MIN',
  h: 'HUR',
  NTU: null
}
