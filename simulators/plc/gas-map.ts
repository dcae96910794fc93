// The tag map of the gate station's PLC, with the mess that grew in such a station: flow computers that swap words, an analyser
// that turns bytes round, scaled integers of the old cabinet, and setpoints far up.
import type { Text } from '#contract/text.ts'
import type { Register } from './registers.ts'
import type { BitPlace, TagMap, TagRow } from './tag-map.ts'

type Span = readonly [low: number, high: number]
type More = Pick<TagRow, 'initial' | 'deadband' | 'history' | 'isOrder'>

const MEASUREMENTS = {
  'inlet.pressure': measured(input(0, 'uint16', 0.001), { zh: '进站压力', en: 'Inlet pressure' }, 'bar', [0, 40], {
    deadband: 0.02,
    history: true
  }),
  'inlet.temperature': measured(input(1, 'int16', 0.01), { zh: '进站温度', en: 'Inlet temperature' }, '°C', [-20, 60], { deadband: 0.1 }),
  'filter.drop': measured(input(2, 'uint16', 0.1), { zh: '过滤器差压', en: 'Filter pressure drop' }, 'mbar', [0, 1000], { deadband: 2 }),
  'heater.bath-temperature': measured(input(3, 'int16', 0.01), { zh: '加热器水浴温度', en: 'Heater bath temperature' }, '°C', [-20, 100], {
    deadband: 0.1
  }),
  'heater.power': measured(input(4, 'uint16', 0.1), { zh: '加热器功率', en: 'Heater power' }, 'kW', [0, 500], { deadband: 1.5 }),
  'heater.firing': measured(input(5, 'uint16', 0.01), { zh: '加热器负荷指令', en: 'Heater firing' }, '%', [0, 100], { deadband: 0.5 }),
  'heater.gas-flow': measured(input(6, 'uint16', 0.01), { zh: '加热器用气量', en: 'Heater gas flow' }, 'm3/h', [0, 60], { deadband: 0.2 }),
  'line1.orifice-drop': measured(input(10, 'float32', 1, 'CDAB'), { zh: '1 号支路孔板差压', en: 'Line 1 orifice drop' }, 'mbar', [0, 500], {
    deadband: 0.3
  }),
  'line1.pressure': measured(input(12, 'uint16', 0.001), { zh: '1 号支路计量压力', en: 'Line 1 metering pressure' }, 'bar', [0, 40], {
    deadband: 0.02
  }),
  'line1.temperature': measured(input(13, 'int16', 0.01), { zh: '1 号支路计量温度', en: 'Line 1 metering temperature' }, '°C', [-20, 100], {
    deadband: 0.1
  }),
  'line1.flow': measured(input(14, 'float32', 1, 'CDAB'), { zh: '1 号支路标况流量', en: 'Line 1 standard flow' }, 'm3/h', [0, 30000], {
    deadband: 40,
    history: true
  }),
  'line1.total': measured(input(16, 'uint32', 1, 'CDAB'), { zh: '1 号支路累计气量', en: 'Line 1 total volume' }, 'm3', null),
  'line1.worker-opening': measured(
    input(18, 'uint16', 0.1),
    { zh: '1 号支路工作调压器开度', en: 'Line 1 worker regulator opening' },
    '%',
    [0, 100],
    { deadband: 0.4 }
  ),
  'line1.monitor-opening': measured(
    input(19, 'uint16', 0.1),
    { zh: '1 号支路监控调压器开度', en: 'Line 1 monitor regulator opening' },
    '%',
    [0, 100],
    { deadband: 0.4 }
  ),
  'line2.orifice-drop': measured(input(30, 'float32', 1, 'CDAB'), { zh: '2 号支路孔板差压', en: 'Line 2 orifice drop' }, 'mbar', [0, 500], {
    deadband: 0.3
  }),
  'line2.pressure': measured(input(32, 'uint16', 0.001), { zh: '2 号支路计量压力', en: 'Line 2 metering pressure' }, 'bar', [0, 40], {
    deadband: 0.02
  }),
  'line2.temperature': measured(input(33, 'int16', 0.01), { zh: '2 号支路计量温度', en: 'Line 2 metering temperature' }, '°C', [-20, 100], {
    deadband: 0.1
  }),
  'line2.flow': measured(input(34, 'float32', 1, 'CDAB'), { zh: '2 号支路标况流量', en: 'Line 2 standard flow' }, 'm3/h', [0, 30000], {
    deadband: 40,
    history: true
  }),
  'line2.total': measured(input(36, 'uint32', 1, 'CDAB'), { zh: '2 号支路累计气量', en: 'Line 2 total volume' }, 'm3', null),
  'line2.worker-opening': measured(
    input(38, 'uint16', 0.1),
    { zh: '2 号支路工作调压器开度', en: 'Line 2 worker regulator opening' },
    '%',
    [0, 100],
    { deadband: 0.4 }
  ),
  'line2.monitor-opening': measured(
    input(39, 'uint16', 0.1),
    { zh: '2 号支路监控调压器开度', en: 'Line 2 monitor regulator opening' },
    '%',
    [0, 100],
    { deadband: 0.4 }
  ),
  'outlet.pressure': measured(input(50, 'float32'), { zh: '出站压力', en: 'Outlet pressure' }, 'bar', [0, 10], {
    deadband: 0.005,
    history: true
  }),
  'outlet.temperature': measured(input(52, 'int16', 0.01), { zh: '出站温度', en: 'Outlet temperature' }, '°C', [-20, 60], {
    deadband: 0.1
  }),
  'network.pressure': measured(input(53, 'uint16', 0.001), { zh: '管网末端压力', en: 'Network end pressure' }, 'bar', [0, 10], {
    deadband: 0.008,
    history: true
  }),
  'network.linepack': measured(input(54, 'float32', 1, 'BADC'), { zh: '管网管存', en: 'Network linepack' }, 'm3', [0, 30000], {
    deadband: 10
  }),
  'station.flow': measured(input(56, 'float32', 1, 'CDAB'), { zh: '总站标况流量', en: 'Station standard flow' }, 'm3/h', [0, 50000], {
    deadband: 40,
    history: true
  }),
  'station.total': measured(input(58, 'float64'), { zh: '总站累计气量', en: 'Station total volume' }, 'm3', null),
  'town.flow': measured(input(70, 'uint16'), { zh: '城区用气流量', en: 'Town flow' }, 'm3/h', [0, 25000], { deadband: 40 }),
  'estate.flow': measured(input(71, 'uint16'), { zh: '工业区用气流量', en: 'Industrial estate flow' }, 'm3/h', [0, 25000], {
    deadband: 15
  }),
  'odorant.rate': measured(input(80, 'uint16', 0.1), { zh: '加臭量', en: 'Odorant rate' }, 'mL/h', [0, 2000], { deadband: 3 }),
  'odorant.level': measured(input(81, 'uint16', 0.01), { zh: '加臭剂罐液位', en: 'Odorant tank level' }, '%', [0, 100], { deadband: 0.1 }),
  'odorant.concentration': measured(
    input(82, 'float32', 1, 'BADC'),
    { zh: '管网末端加臭浓度', en: 'Odorant at the network end' },
    'mg/m3',
    [0, 100],
    { deadband: 0.4, history: true }
  ),
  'station.gas': measured(input(84, 'int16', 0.1), { zh: '站房可燃气体浓度', en: 'Gas in the station building' }, '%', [0, 100], {
    deadband: 0.4
  }),
  'air.temperature': measured(input(85, 'int16', 0.1), { zh: '环境温度', en: 'Air temperature' }, '°C', [-40, 60], { deadband: 0.2 })
} satisfies Record<string, TagRow>

const SETPOINTS = {
  'outlet.pressure-setpoint': set(holding(400, 'uint16', 0.001), { zh: '出站压力设定', en: 'Outlet pressure setpoint' }, 'bar', [2.5, 6], {
    initial: 4,
    history: true
  }),
  'standby.offset': set(holding(401, 'uint16', 0.001), { zh: '备用支路设定偏差', en: 'Standby line offset' }, 'bar', [0, 1], {
    initial: 0.3
  }),
  'line.active': set(holding(402, 'uint16'), { zh: '工作支路', en: 'Active line' }, null, [1, 2], { initial: 1 }),
  'line1.monitor-setpoint': set(
    holding(403, 'uint16', 0.001),
    { zh: '1 号支路监控调压器设定', en: 'Line 1 monitor setpoint' },
    'bar',
    [2.5, 7],
    { initial: 4.5 }
  ),
  'line2.monitor-setpoint': set(
    holding(404, 'uint16', 0.001),
    { zh: '2 号支路监控调压器设定', en: 'Line 2 monitor setpoint' },
    'bar',
    [2.5, 7],
    { initial: 4.5 }
  ),
  'line1.hand-setpoint': set(holding(405, 'uint16', 0.001), { zh: '1 号支路手动设定', en: 'Line 1 setpoint by hand' }, 'bar', [0, 6], {
    initial: 4
  }),
  'line2.hand-setpoint': set(holding(406, 'uint16', 0.001), { zh: '2 号支路手动设定', en: 'Line 2 setpoint by hand' }, 'bar', [0, 6], {
    initial: 3.7
  }),
  'outlet.high-limit': set(holding(410, 'uint16', 0.001), { zh: '出站压力高限', en: 'Outlet high limit' }, 'bar', [3, 6], { initial: 4.4 }),
  'outlet.low-limit': set(holding(411, 'uint16', 0.001), { zh: '出站压力低限', en: 'Outlet low limit' }, 'bar', [1, 4], { initial: 3.2 }),
  'heater.temperature-setpoint': set(
    holding(420, 'int16', 0.01),
    { zh: '出站温度设定', en: 'Outlet temperature setpoint' },
    '°C',
    [0, 30],
    { initial: 8 }
  ),
  'heater.hand-firing': set(holding(421, 'uint16', 0.01), { zh: '加热器手动负荷', en: 'Heater firing by hand' }, '%', [0, 100], {
    initial: 20
  }),
  'odorant.dose-setpoint': set(holding(430, 'float32', 1, 'CDAB'), { zh: '加臭浓度设定', en: 'Odorant dose setpoint' }, 'mg/m3', [0, 60], {
    initial: 25
  }),
  'odorant.hand-rate': set(holding(432, 'uint16', 0.1), { zh: '手动加臭量', en: 'Odorant rate by hand' }, 'mL/h', [0, 1500], {
    initial: 200
  }),
  'filter.selected': set(holding(440, 'uint16'), { zh: '在用过滤器', en: 'Filter in service' }, null, [1, 2], { initial: 1 }),
  'line1.meter-factor': set(holding(450, 'float32'), { zh: '1 号支路流量计系数', en: 'Line 1 meter factor' }, null, [0.9, 1.1], {
    initial: 1
  }),
  'line2.meter-factor': set(holding(452, 'float32'), { zh: '2 号支路流量计系数', en: 'Line 2 meter factor' }, null, [0.9, 1.1], {
    initial: 1
  })
} satisfies Record<string, TagRow>
export type GasSetpoint = keyof typeof SETPOINTS

const COMMANDS = {
  'line1.auto': command(0, { zh: '1 号支路自动', en: 'Line 1 in automatic' }, 1),
  'line2.auto': command(1, { zh: '2 号支路自动', en: 'Line 2 in automatic' }, 1),
  'line1.open': command(2, { zh: '1 号支路进口阀开', en: 'Line 1 inlet valve open' }, 1),
  'line2.open': command(3, { zh: '2 号支路进口阀开', en: 'Line 2 inlet valve open' }, 1),
  'line1.slam-reset': command(4, { zh: '1 号支路切断阀复位', en: 'Line 1 slam-shut reset' }, 0, { isOrder: true }),
  'line2.slam-reset': command(5, { zh: '2 号支路切断阀复位', en: 'Line 2 slam-shut reset' }, 0, { isOrder: true }),
  'heater.enable': command(10, { zh: '加热器允许', en: 'Heater enabled' }, 1),
  'heater.auto': command(11, { zh: '加热器自动', en: 'Heater in automatic' }, 1),
  'odorant.enable': command(12, { zh: '加臭允许', en: 'Odorant dosing enabled' }, 1),
  'odorant.auto': command(13, { zh: '加臭自动', en: 'Odorant dosing in automatic' }, 1),
  'odorant.refill': command(14, { zh: '加臭剂补充', en: 'Odorant refill' }, 0, { isOrder: true })
} satisfies Record<string, TagRow>
export type GasCommand = keyof typeof COMMANDS

// Most states are bits of one word; alarms have inputs of their own.
const STATES = {
  'plc.scan-count': { title: { zh: 'PLC 扫描计数', en: 'PLC scan counter' }, role: 'status', place: input(99, 'uint16') },
  'line1.active': state(packed(0), { zh: '1 号支路工作', en: 'Line 1 active' }),
  'line2.active': state(packed(1), { zh: '2 号支路工作', en: 'Line 2 active' }),
  'line1.slammed': state(packed(2), { zh: '1 号支路切断阀关断', en: 'Line 1 slam-shut closed' }),
  'line2.slammed': state(packed(3), { zh: '2 号支路切断阀关断', en: 'Line 2 slam-shut closed' }),
  'line1.valve-open': state(packed(4), { zh: '1 号支路进口阀已开', en: 'Line 1 inlet valve is open' }),
  'line2.valve-open': state(packed(5), { zh: '2 号支路进口阀已开', en: 'Line 2 inlet valve is open' }),
  'heater.flame': state(packed(6), { zh: '加热器火焰', en: 'Heater flame' }),
  'odorant.running': state(packed(7), { zh: '加臭泵运行', en: 'Odorant pump running' }),
  'relief.open': state(packed(8), { zh: '安全放散阀开启', en: 'Relief valve open' }),
  'outlet.high-alarm': state(alarm(0), { zh: '出站压力高报警', en: 'Outlet pressure high alarm' }),
  'outlet.low-alarm': state(alarm(1), { zh: '出站压力低报警', en: 'Outlet pressure low alarm' }),
  'outlet.cold-alarm': state(alarm(2), { zh: '出站温度低报警', en: 'Outlet temperature low alarm' }),
  'heater.fault': state(alarm(3), { zh: '加热器故障', en: 'Heater fault' }),
  'odorant.alarm': state(alarm(4), { zh: '加臭报警', en: 'Odorant alarm' }),
  'gas.alarm': state(alarm(5), { zh: '可燃气体报警', en: 'Gas detector alarm' }),
  'filter.alarm': state(alarm(6), { zh: '过滤器差压报警', en: 'Filter alarm' }),
  'inlet.low-alarm': state(alarm(8), { zh: '进站压力低报警', en: 'Inlet pressure low alarm' }),
  'power.ok': state(alarm(9), { zh: '供电正常', en: 'Power ok' })
} satisfies Record<string, TagRow>

const TAGS = { ...MEASUREMENTS, ...SETPOINTS, ...COMMANDS, ...STATES }
export type GasTag = keyof typeof TAGS

export const GAS_MAP = {
  plant: 'gas',
  identity: { vendor: 'Penstock', product: 'Gate station RTU', revision: '3.4' },
  tags: TAGS,
  // Spare words of the flow computers and of the setpoint block, which read 0; other gaps do not exist.
  reserve: {
    inputRegisters: [
      [20, 21],
      [40, 41]
    ],
    holdingRegisters: [[412, 415]],
    discreteInputs: [[7, 7]]
  }
} as const satisfies TagMap

function input(address: number, format: Register['format'], scale = 1, order?: Register['order']): Register {
  return { table: 'inputRegisters', address, format, scale, ...(order === undefined ? {} : { order }) }
}

function holding(address: number, format: Register['format'], scale = 1, order?: Register['order']): Register {
  return { ...input(address, format, scale, order), table: 'holdingRegisters' }
}

function row(role: TagRow['role'], place: TagRow['place'], title: Text, unit: string | null, span: Span | null, more: More): TagRow {
  const range = span === null ? {} : { range: { low: span[0], high: span[1] } }
  return { title, role, place, ...(unit === null ? {} : { unit }), ...range, ...more }
}

function measured(place: Register, title: Text, unit: string | null, span: Span | null, more: More = {}): TagRow {
  return row('measurement', place, title, unit, span, more)
}

function set(place: Register, title: Text, unit: string | null, span: Span, more: More): TagRow {
  return row('setpoint', place, title, unit, span, more)
}

function command(address: number, title: Text, initial: 0 | 1 = 0, more: More = {}): TagRow {
  return row('command', { table: 'coils', address }, title, null, null, { initial, ...more })
}

function state(place: BitPlace, title: Text): TagRow {
  return row('status', place, title, null, null, {})
}

function packed(bit: number): BitPlace {
  return { table: 'inputRegisters', address: 90, bit }
}

function alarm(address: number): BitPlace {
  return { table: 'discreteInputs', address }
}
