// The register map of the waterworks' PLC: what the agent's config, the operator and the attackers know by address.
import type { Register } from './registers.ts'
import type { BitPlace } from './tag-map.ts'

const input = (address: number, format: Register['format'], scale = 1) => ({ table: 'inputRegisters', address, format, scale }) as const
const swapped = (address: number) => ({ ...input(address, 'uint32'), order: 'CDAB' }) as const
const holding = (address: number, scale = 1) => ({ table: 'holdingRegisters', address, format: 'uint16', scale }) as const

export const MEASUREMENTS = {
  'tower.level': input(0, 'float32'),
  'tower.inflow': input(2, 'float32'),
  'zone.flow': input(4, 'float32'),
  'zone.pressure': input(6, 'uint16', 0.01),
  'well.level': input(7, 'int16', 0.01),
  'pump1.speed': input(8, 'uint16', 0.1),
  'pump1.current': input(9, 'uint16', 0.1),
  'pump2.speed': input(10, 'uint16', 0.1),
  'pump2.current': input(11, 'uint16', 0.1),
  'pump1.flow': input(12, 'uint16', 0.1),
  'pump2.flow': input(13, 'uint16', 0.1),
  'chlorine.residual': input(14, 'uint16', 0.001),
  'dosing.rate': input(15, 'uint16', 0.1),
  turbidity: input(16, 'uint16', 0.01),
  'water.temperature': input(17, 'int16', 0.1),
  'volume.total': swapped(18),
  'energy.total': swapped(20),
  'plc.scan-count': input(22, 'uint16'),
  // The station of the lower zone was built later by another maker: its float has the bytes of each word turned round.
  'zone2.flow': { ...input(40, 'float32'), order: 'BADC' },
  'zone2.pressure': input(42, 'uint16', 0.01),
  'zone2.inlet-pressure': input(43, 'uint16', 0.01),
  'well2.level': input(44, 'int16', 0.01),
  'wash.flow': input(45, 'uint16', 0.1),
  'pumps.power': input(46, 'uint16', 0.1),
  'zone2.volume': input(48, 'uint32'),
  'wash.volume': input(50, 'uint32')
} satisfies Record<string, Register>
export type Measurement = keyof typeof MEASUREMENTS

// One word of bits for what was added later.
const STATUS_WORD = 47
const flag = (bit: number) => ({ table: 'inputRegisters', address: STATUS_WORD, bit }) as const

export const FLAGS = {
  'zone2.opened': flag(0),
  'zone2.low-alarm': flag(1),
  'zone2.high-alarm': flag(2),
  'wash.running': flag(3),
  'wash.due': flag(4),
  'wells.dry-run': flag(5),
  'shift.open': flag(6)
} satisfies Record<string, BitPlace>
export type Flag = keyof typeof FLAGS

export const SETPOINTS = {
  'tower.start-setpoint': holding(0, 0.01),
  'tower.stop-setpoint': holding(1, 0.01),
  'chlorine.setpoint': holding(2, 0.001),
  'pump.lead': holding(3),
  'pump1.speed-setpoint': holding(4, 0.1),
  'pump2.speed-setpoint': holding(5, 0.1),
  'tower.high-limit': holding(6, 0.01),
  'zone2.pressure-setpoint': holding(10, 0.01),
  'zone2.meter-factor': holding(11, 0.001),
  'wash.minutes': holding(12),
  'shift.number': holding(13)
} satisfies Record<string, Register>
export type Setpoint = keyof typeof SETPOINTS

export const COMMANDS = {
  ...{ 'pump1.auto': 0, 'pump1.hand': 1, 'pump2.auto': 2, 'pump2.hand': 3, 'dosing.enable': 4 },
  ...{ 'wash.start': 8, 'zone2.open': 9, 'shift.acknowledge': 10 }
} as const
export type Command = keyof typeof COMMANDS

export const STATES = {
  'pump1.running': 0,
  'pump2.running': 1,
  'dosing.running': 2,
  'tower.high-alarm': 3,
  'tower.low-alarm': 4,
  'pump1.fault': 5,
  'pump2.fault': 6,
  'power.ok': 7
} as const
export type State = keyof typeof STATES
