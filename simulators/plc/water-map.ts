// The tag map of the waterworks' PLC: what its registers mean.
import type { Register } from './registers.ts'
import type { TagMap, TagRow } from './tag-map.ts'
import { COMMANDS, FLAGS, MEASUREMENTS, SETPOINTS, STATES } from './water-registers.ts'

type Span = readonly [low: number, high: number]
const range = ([low, high]: Span) => ({ low, high })

const measured = (zh: string, en: string, place: Register, unit: string, span: Span, deadband: number): TagRow => ({
  ...{ title: { zh, en }, role: 'measurement', place, unit, range: range(span), deadband }
})
const total = (zh: string, en: string, place: Register, unit: string): TagRow => ({ title: { zh, en }, role: 'measurement', place, unit })
const setpoint = (zh: string, en: string, place: Register, span: Span, initial: number, unit?: string): TagRow => ({
  ...{ title: { zh, en }, role: 'setpoint', place, range: range(span), initial },
  ...(unit === undefined ? {} : { unit })
})
const command = (zh: string, en: string, address: number, initial?: 1): TagRow => ({
  ...{ title: { zh, en }, role: 'command', place: { table: 'coils', address } },
  ...(initial === undefined ? {} : { initial })
})
const status = (zh: string, en: string, place: TagRow['place']): TagRow => ({ title: { zh, en }, role: 'status', place })

const TAGS = {
  // It trembles by a millimetre, by which one sees that it lives.
  'tower.level': { ...measured('水塔液位', 'Water tower level', MEASUREMENTS['tower.level'], 'm', [0, 6], 0.001), history: true },
  'tower.inflow': measured('水塔进水流量', 'Water tower inflow', MEASUREMENTS['tower.inflow'], 'm3/h', [0, 500], 1.5),
  'zone.flow': measured('供水区流量', 'Zone flow', MEASUREMENTS['zone.flow'], 'm3/h', [0, 500], 1.5),
  'zone.pressure': { ...measured('供水区压力', 'Zone pressure', MEASUREMENTS['zone.pressure'], 'bar', [0, 10], 0.02), history: true },
  'well.level': measured('水井水位', 'Well level', MEASUREMENTS['well.level'], 'm', [0, 40], 0.02),
  'pump1.speed': measured('1 号泵转速', 'Pump 1 speed', MEASUREMENTS['pump1.speed'], '%', [0, 100], 0.2),
  'pump1.current': measured('1 号泵电流', 'Pump 1 current', MEASUREMENTS['pump1.current'], 'A', [0, 200], 0.5),
  'pump2.speed': measured('2 号泵转速', 'Pump 2 speed', MEASUREMENTS['pump2.speed'], '%', [0, 100], 0.2),
  'pump2.current': measured('2 号泵电流', 'Pump 2 current', MEASUREMENTS['pump2.current'], 'A', [0, 200], 0.5),
  'pump1.flow': measured('1 号泵流量', 'Pump 1 flow', MEASUREMENTS['pump1.flow'], 'm3/h', [0, 500], 1.5),
  'pump2.flow': measured('2 号泵流量', 'Pump 2 flow', MEASUREMENTS['pump2.flow'], 'm3/h', [0, 500], 1.5),
  'chlorine.residual': { ...measured('余氯', 'Residual chlorine', MEASUREMENTS['chlorine.residual'], 'mg/L', [0, 4], 0.01), history: true },
  'dosing.rate': measured('加药量', 'Dosing rate', MEASUREMENTS['dosing.rate'], 'mL/min', [0, 500], 0.5),
  turbidity: measured('浊度', 'Turbidity', MEASUREMENTS.turbidity, 'NTU', [0, 10], 0.02),
  'water.temperature': measured('水温', 'Water temperature', MEASUREMENTS['water.temperature'], '°C', [-5, 40], 0.1),
  'volume.total': total('累计水量', 'Total volume', MEASUREMENTS['volume.total'], 'm3'),
  'energy.total': total('累计电量', 'Total energy', MEASUREMENTS['energy.total'], 'kWh'),
  'plc.scan-count': status('PLC 扫描计数', 'PLC scan counter', MEASUREMENTS['plc.scan-count']),
  'tower.start-setpoint': setpoint('起泵液位设定', 'Pump start level', SETPOINTS['tower.start-setpoint'], [0, 6], 3, 'm'),
  'tower.stop-setpoint': setpoint('停泵液位设定', 'Pump stop level', SETPOINTS['tower.stop-setpoint'], [0, 6], 4.5, 'm'),
  'chlorine.setpoint': setpoint('余氯设定值', 'Chlorine setpoint', SETPOINTS['chlorine.setpoint'], [0, 2], 0.5, 'mg/L'),
  'pump.lead': setpoint('主用泵号', 'Lead pump', SETPOINTS['pump.lead'], [1, 2], 1),
  'pump1.speed-setpoint': setpoint('1 号泵转速设定', 'Pump 1 speed setpoint', SETPOINTS['pump1.speed-setpoint'], [0, 100], 90, '%'),
  'pump2.speed-setpoint': setpoint('2 号泵转速设定', 'Pump 2 speed setpoint', SETPOINTS['pump2.speed-setpoint'], [0, 100], 90, '%'),
  'tower.high-limit': setpoint('水塔高液位限', 'Tower high limit', SETPOINTS['tower.high-limit'], [0, 6], 5.5, 'm'),
  'pump1.auto': command('1 号泵自动', 'Pump 1 in automatic', COMMANDS['pump1.auto'], 1),
  'pump1.hand': command('1 号泵手动运行', 'Pump 1 run by hand', COMMANDS['pump1.hand']),
  'pump2.auto': command('2 号泵自动', 'Pump 2 in automatic', COMMANDS['pump2.auto'], 1),
  'pump2.hand': command('2 号泵手动运行', 'Pump 2 run by hand', COMMANDS['pump2.hand']),
  'dosing.enable': command('加药允许', 'Dosing enabled', COMMANDS['dosing.enable'], 1),
  'pump1.running': status('1 号泵运行', 'Pump 1 running', { table: 'discreteInputs', address: STATES['pump1.running'] }),
  'pump2.running': status('2 号泵运行', 'Pump 2 running', { table: 'discreteInputs', address: STATES['pump2.running'] }),
  'dosing.running': status('加药泵运行', 'Dosing pump running', { table: 'discreteInputs', address: STATES['dosing.running'] }),
  'tower.high-alarm': status('水塔高液位报警', 'Tower high alarm', { table: 'discreteInputs', address: STATES['tower.high-alarm'] }),
  'tower.low-alarm': status('水塔低液位报警', 'Tower low alarm', { table: 'discreteInputs', address: STATES['tower.low-alarm'] }),
  'pump1.fault': status('1 号泵故障', 'Pump 1 fault', { table: 'discreteInputs', address: STATES['pump1.fault'] }),
  'pump2.fault': status('2 号泵故障', 'Pump 2 fault', { table: 'discreteInputs', address: STATES['pump2.fault'] }),
  'power.ok': status('供电正常', 'Power ok', { table: 'discreteInputs', address: STATES['power.ok'] }),
  'zone2.flow': measured('低区流量', 'Flow to the lower zone', MEASUREMENTS['zone2.flow'], 'm3/h', [0, 200], 0.5),
  'zone2.pressure': measured('低区压力', 'Pressure of the lower zone', MEASUREMENTS['zone2.pressure'], 'bar', [0, 10], 0.02),
  'zone2.inlet-pressure': measured(
    '减压阀前压力',
    'Pressure before the reducing valve',
    MEASUREMENTS['zone2.inlet-pressure'],
    'bar',
    [0, 10],
    0.02
  ),
  'well2.level': measured('2 号井水位', 'Level of well 2', MEASUREMENTS['well2.level'], 'm', [0, 40], 0.02),
  'wash.flow': measured('滤池反冲洗流量', 'Wash water flow', MEASUREMENTS['wash.flow'], 'm3/h', [0, 100], 0.5),
  'pumps.power': measured('水泵总功率', 'Power of the pumps', MEASUREMENTS['pumps.power'], 'kW', [0, 400], 0.5),
  'zone2.volume': total('低区累计水量', 'Volume to the lower zone', MEASUREMENTS['zone2.volume'], 'm3'),
  'wash.volume': total('反冲洗累计水量', 'Volume of wash water', MEASUREMENTS['wash.volume'], 'm3'),
  'zone2.opened': status('低区进口阀全开', 'Inlet of the lower zone is open', FLAGS['zone2.opened']),
  'zone2.low-alarm': status('低区低压报警', 'Low pressure alarm of the lower zone', FLAGS['zone2.low-alarm']),
  'zone2.high-alarm': status('低区高压报警', 'High pressure alarm of the lower zone', FLAGS['zone2.high-alarm']),
  'wash.running': status('滤池正在反冲洗', 'Filter is being washed', FLAGS['wash.running']),
  'wash.due': status('滤池待反冲洗', 'Filter wash is due', FLAGS['wash.due']),
  'wells.dry-run': status('水井低水位联锁', 'Dry-run interlock of the wells', FLAGS['wells.dry-run']),
  'shift.open': status('交接班待确认', 'Shift change not acknowledged', FLAGS['shift.open']),
  'zone2.pressure-setpoint': setpoint(
    '减压阀压力设定',
    'Pressure setpoint of the reducing valve',
    SETPOINTS['zone2.pressure-setpoint'],
    [0, 6],
    3,
    'bar'
  ),
  'zone2.meter-factor': setpoint('低区流量计系数', 'Meter factor of the lower zone', SETPOINTS['zone2.meter-factor'], [0.8, 1.2], 1),
  'wash.minutes': setpoint('反冲洗时长设定', 'Duration of a filter wash', SETPOINTS['wash.minutes'], [0, 30], 8, 'min'),
  'shift.number': setpoint('当班班次', 'Shift on duty', SETPOINTS['shift.number'], [1, 3], 1),
  'wash.start': { ...command('启动反冲洗', 'Start a filter wash', COMMANDS['wash.start']), isOrder: true },
  'zone2.open': command('低区进口阀开', 'Open the inlet of the lower zone', COMMANDS['zone2.open'], 1),
  'shift.acknowledge': { ...command('交接班确认', 'Acknowledge the shift change', COMMANDS['shift.acknowledge']), isOrder: true }
} satisfies Record<string, TagRow>

export const WATER_MAP = {
  plant: 'water',
  identity: { vendor: 'Penstock', product: 'Waterworks PLC', revision: '2.1' },
  tags: TAGS,
  // Input register 23 does not exist; 24 to 29 are held in reserve by the maker and read 0.
  reserve: { inputRegisters: [[24, 29]] }
} as const satisfies TagMap
