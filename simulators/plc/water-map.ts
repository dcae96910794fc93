// The tag map of the waterworks' PLC: what its registers mean.
import { type BitPlace, type TagMap, type TagRow, tagRow } from './tag-map.ts'
import { COMMANDS, FLAGS, MEASUREMENTS, SETPOINTS, STATES } from './water-registers.ts'

const coil = (address: number): BitPlace => ({ table: 'coils', address })
const input = (address: number): BitPlace => ({ table: 'discreteInputs', address })

const TAGS = {
  'tower.level': tagRow('水塔液位', 'Water tower level', 'measurement', MEASUREMENTS['tower.level'], {
    unit: 'm',
    range: { low: 0, high: 6 },
    deadband: 0.005,
    history: true
  }),
  'tower.inflow': tagRow('水塔进水流量', 'Water tower inflow', 'measurement', MEASUREMENTS['tower.inflow'], {
    unit: 'm3/h',
    range: { low: 0, high: 500 },
    deadband: 1.5
  }),
  'zone.flow': tagRow('供水区流量', 'Zone flow', 'measurement', MEASUREMENTS['zone.flow'], {
    unit: 'm3/h',
    range: { low: 0, high: 500 },
    deadband: 1.5
  }),
  'zone.pressure': tagRow('供水区压力', 'Zone pressure', 'measurement', MEASUREMENTS['zone.pressure'], {
    unit: 'bar',
    range: { low: 0, high: 10 },
    deadband: 0.02,
    history: true
  }),
  'well.level': tagRow('水井水位', 'Well level', 'measurement', MEASUREMENTS['well.level'], {
    unit: 'm',
    range: { low: 0, high: 40 },
    deadband: 0.02
  }),
  'pump1.speed': tagRow('1 号泵转速', 'Pump 1 speed', 'measurement', MEASUREMENTS['pump1.speed'], {
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.2
  }),
  'pump1.current': tagRow('1 号泵电流', 'Pump 1 current', 'measurement', MEASUREMENTS['pump1.current'], {
    unit: 'A',
    range: { low: 0, high: 200 },
    deadband: 0.5
  }),
  'pump2.speed': tagRow('2 号泵转速', 'Pump 2 speed', 'measurement', MEASUREMENTS['pump2.speed'], {
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.2
  }),
  'pump2.current': tagRow('2 号泵电流', 'Pump 2 current', 'measurement', MEASUREMENTS['pump2.current'], {
    unit: 'A',
    range: { low: 0, high: 200 },
    deadband: 0.5
  }),
  'pump1.flow': tagRow('1 号泵流量', 'Pump 1 flow', 'measurement', MEASUREMENTS['pump1.flow'], {
    unit: 'm3/h',
    range: { low: 0, high: 500 },
    deadband: 1.5
  }),
  'pump2.flow': tagRow('2 号泵流量', 'Pump 2 flow', 'measurement', MEASUREMENTS['pump2.flow'], {
    unit: 'm3/h',
    range: { low: 0, high: 500 },
    deadband: 1.5
  }),
  'chlorine.residual': tagRow('余氯', 'Residual chlorine', 'measurement', MEASUREMENTS['chlorine.residual'], {
    unit: 'mg/L',
    range: { low: 0, high: 4 },
    deadband: 0.01,
    history: true
  }),
  'dosing.rate': tagRow('加药量', 'Dosing rate', 'measurement', MEASUREMENTS['dosing.rate'], {
    unit: 'mL/min',
    range: { low: 0, high: 500 },
    deadband: 0.5
  }),
  turbidity: tagRow('浊度', 'Turbidity', 'measurement', MEASUREMENTS.turbidity, {
    unit: 'NTU',
    range: { low: 0, high: 10 },
    deadband: 0.02
  }),
  'water.temperature': tagRow('水温', 'Water temperature', 'measurement', MEASUREMENTS['water.temperature'], {
    unit: '°C',
    range: { low: -5, high: 40 },
    deadband: 0.1
  }),
  'volume.total': tagRow('累计水量', 'Total volume', 'measurement', MEASUREMENTS['volume.total'], { unit: 'm3' }),
  'energy.total': tagRow('累计电量', 'Total energy', 'measurement', MEASUREMENTS['energy.total'], { unit: 'kWh' }),
  'plc.scan-count': tagRow('PLC 扫描计数', 'PLC scan counter', 'status', MEASUREMENTS['plc.scan-count']),
  'tower.start-setpoint': tagRow('起泵液位设定', 'Pump start level', 'setpoint', SETPOINTS['tower.start-setpoint'], {
    unit: 'm',
    range: { low: 0, high: 6 },
    initial: 3
  }),
  'tower.stop-setpoint': tagRow('停泵液位设定', 'Pump stop level', 'setpoint', SETPOINTS['tower.stop-setpoint'], {
    unit: 'm',
    range: { low: 0, high: 6 },
    initial: 4.5
  }),
  'chlorine.setpoint': tagRow('余氯设定值', 'Chlorine setpoint', 'setpoint', SETPOINTS['chlorine.setpoint'], {
    unit: 'mg/L',
    range: { low: 0, high: 2 },
    initial: 0.5
  }),
  'pump.lead': tagRow('主用泵号', 'Lead pump', 'setpoint', SETPOINTS['pump.lead'], { range: { low: 1, high: 2 }, initial: 1 }),
  'pump1.speed-setpoint': tagRow('1 号泵转速设定', 'Pump 1 speed setpoint', 'setpoint', SETPOINTS['pump1.speed-setpoint'], {
    unit: '%',
    range: { low: 0, high: 100 },
    initial: 90
  }),
  'pump2.speed-setpoint': tagRow('2 号泵转速设定', 'Pump 2 speed setpoint', 'setpoint', SETPOINTS['pump2.speed-setpoint'], {
    unit: '%',
    range: { low: 0, high: 100 },
    initial: 90
  }),
  'tower.high-limit': tagRow('水塔高液位限', 'Tower high limit', 'setpoint', SETPOINTS['tower.high-limit'], {
    unit: 'm',
    range: { low: 0, high: 6 },
    initial: 5.5
  }),
  'pump1.auto': tagRow('1 号泵自动', 'Pump 1 in automatic', 'command', coil(COMMANDS['pump1.auto']), { initial: 1 }),
  'pump1.hand': tagRow('1 号泵手动运行', 'Pump 1 run by hand', 'command', coil(COMMANDS['pump1.hand'])),
  'pump2.auto': tagRow('2 号泵自动', 'Pump 2 in automatic', 'command', coil(COMMANDS['pump2.auto']), { initial: 1 }),
  'pump2.hand': tagRow('2 号泵手动运行', 'Pump 2 run by hand', 'command', coil(COMMANDS['pump2.hand'])),
  'dosing.enable': tagRow('加药允许', 'Dosing enabled', 'command', coil(COMMANDS['dosing.enable']), { initial: 1 }),
  'pump1.running': tagRow('1 号泵运行', 'Pump 1 running', 'status', input(STATES['pump1.running'])),
  'pump2.running': tagRow('2 号泵运行', 'Pump 2 running', 'status', input(STATES['pump2.running'])),
  'dosing.running': tagRow('加药泵运行', 'Dosing pump running', 'status', input(STATES['dosing.running'])),
  'tower.high-alarm': tagRow('水塔高液位报警', 'Tower high alarm', 'status', input(STATES['tower.high-alarm'])),
  'tower.low-alarm': tagRow('水塔低液位报警', 'Tower low alarm', 'status', input(STATES['tower.low-alarm'])),
  'pump1.fault': tagRow('1 号泵故障', 'Pump 1 fault', 'status', input(STATES['pump1.fault'])),
  'pump2.fault': tagRow('2 号泵故障', 'Pump 2 fault', 'status', input(STATES['pump2.fault'])),
  'power.ok': tagRow('供电正常', 'Power ok', 'status', input(STATES['power.ok'])),
  'zone2.flow': {
    title: { zh: '低区流量', en: 'Flow to the lower zone' },
    role: 'measurement',
    place: MEASUREMENTS['zone2.flow'],
    unit: 'm3/h',
    range: { low: 0, high: 200 },
    deadband: 0.5
  },
  'zone2.pressure': {
    title: { zh: '低区压力', en: 'Pressure of the lower zone' },
    role: 'measurement',
    place: MEASUREMENTS['zone2.pressure'],
    unit: 'bar',
    range: { low: 0, high: 10 },
    deadband: 0.02
  },
  'zone2.inlet-pressure': {
    title: { zh: '减压阀前压力', en: 'Pressure before the reducing valve' },
    role: 'measurement',
    place: MEASUREMENTS['zone2.inlet-pressure'],
    unit: 'bar',
    range: { low: 0, high: 10 },
    deadband: 0.02
  },
  'well2.level': {
    title: { zh: '2 号井水位', en: 'Level of well 2' },
    role: 'measurement',
    place: MEASUREMENTS['well2.level'],
    unit: 'm',
    range: { low: 0, high: 40 },
    deadband: 0.02
  },
  'wash.flow': {
    title: { zh: '滤池反冲洗流量', en: 'Wash water flow' },
    role: 'measurement',
    place: MEASUREMENTS['wash.flow'],
    unit: 'm3/h',
    range: { low: 0, high: 100 },
    deadband: 0.5
  },
  'pumps.power': {
    title: { zh: '水泵总功率', en: 'Power of the pumps' },
    role: 'measurement',
    place: MEASUREMENTS['pumps.power'],
    unit: 'kW',
    range: { low: 0, high: 400 },
    deadband: 0.5
  },
  'zone2.volume': {
    title: { zh: '低区累计水量', en: 'Volume to the lower zone' },
    role: 'measurement',
    place: MEASUREMENTS['zone2.volume'],
    unit: 'm3'
  },
  'wash.volume': {
    title: { zh: '反冲洗累计水量', en: 'Volume of wash water' },
    role: 'measurement',
    place: MEASUREMENTS['wash.volume'],
    unit: 'm3'
  },
  'zone2.opened': {
    title: { zh: '低区进口阀全开', en: 'Inlet of the lower zone is open' },
    role: 'status',
    place: FLAGS['zone2.opened']
  },
  'zone2.low-alarm': {
    title: { zh: '低区低压报警', en: 'Low pressure alarm of the lower zone' },
    role: 'status',
    place: FLAGS['zone2.low-alarm']
  },
  'zone2.high-alarm': {
    title: { zh: '低区高压报警', en: 'High pressure alarm of the lower zone' },
    role: 'status',
    place: FLAGS['zone2.high-alarm']
  },
  'wash.running': {
    title: { zh: '滤池正在反冲洗', en: 'Filter is being washed' },
    role: 'status',
    place: FLAGS['wash.running']
  },
  'wash.due': {
    title: { zh: '滤池待反冲洗', en: 'Filter wash is due' },
    role: 'status',
    place: FLAGS['wash.due']
  },
  'wells.dry-run': {
    title: { zh: '水井低水位联锁', en: 'Dry-run interlock of the wells' },
    role: 'status',
    place: FLAGS['wells.dry-run']
  },
  'shift.open': {
    title: { zh: '交接班待确认', en: 'Shift change not acknowledged' },
    role: 'status',
    place: FLAGS['shift.open']
  },
  'zone2.pressure-setpoint': {
    title: { zh: '减压阀压力设定', en: 'Pressure setpoint of the reducing valve' },
    role: 'setpoint',
    place: SETPOINTS['zone2.pressure-setpoint'],
    unit: 'bar',
    range: { low: 0, high: 6 },
    initial: 3
  },
  'zone2.meter-factor': {
    title: { zh: '低区流量计系数', en: 'Meter factor of the lower zone' },
    role: 'setpoint',
    place: SETPOINTS['zone2.meter-factor'],
    range: { low: 0.8, high: 1.2 },
    initial: 1
  },
  'wash.minutes': {
    title: { zh: '反冲洗时长设定', en: 'Duration of a filter wash' },
    role: 'setpoint',
    place: SETPOINTS['wash.minutes'],
    unit: 'min',
    range: { low: 0, high: 30 },
    initial: 8
  },
  'shift.number': {
    title: { zh: '当班班次', en: 'Shift on duty' },
    role: 'setpoint',
    place: SETPOINTS['shift.number'],
    range: { low: 1, high: 3 },
    initial: 1
  },
  'wash.start': {
    title: { zh: '启动反冲洗', en: 'Start a filter wash' },
    role: 'command',
    place: { table: 'coils', address: COMMANDS['wash.start'] }
  },
  'zone2.open': {
    title: { zh: '低区进口阀开', en: 'Open the inlet of the lower zone' },
    role: 'command',
    place: { table: 'coils', address: COMMANDS['zone2.open'] },
    initial: 1
  },
  'shift.acknowledge': {
    title: { zh: '交接班确认', en: 'Acknowledge the shift change' },
    role: 'command',
    place: { table: 'coils', address: COMMANDS['shift.acknowledge'] }
  }
} satisfies Record<string, TagRow>

export const WATER_MAP = {
  plant: 'water',
  identity: { vendor: 'Penstock', product: 'Waterworks PLC', revision: '2.1' },
  tags: TAGS,
  // Input register 23 does not exist; 24 to 29 are held in reserve by the maker and read 0.
  reserve: { inputRegisters: [[24, 29]] }
} as const satisfies TagMap
