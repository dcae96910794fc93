// The tag map of the gate station's PLC, with the mess that grew in such a station: flow computers that swap words, an analyser
// that turns bytes round, scaled integers of the old cabinet, and setpoints far up.
import type { Role } from '#contract/tag.ts'
import type { TagMap, TagRow } from './tag-map.ts'

const TAGS = {
  'inlet.pressure': {
    title: { zh: '进站压力', en: 'Inlet pressure' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 0, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 0, high: 40 },
    deadband: 0.02,
    history: true
  },
  'inlet.temperature': {
    title: { zh: '进站温度', en: 'Inlet temperature' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 1, format: 'int16', scale: 0.01 },
    unit: '°C',
    range: { low: -20, high: 60 },
    deadband: 0.1
  },
  'filter.drop': {
    title: { zh: '过滤器差压', en: 'Filter pressure drop' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 2, format: 'uint16', scale: 0.1 },
    unit: 'mbar',
    range: { low: 0, high: 1000 },
    deadband: 2
  },
  'heater.bath-temperature': {
    title: { zh: '加热器水浴温度', en: 'Heater bath temperature' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 3, format: 'int16', scale: 0.01 },
    unit: '°C',
    range: { low: -20, high: 100 },
    deadband: 0.1
  },
  'heater.power': {
    title: { zh: '加热器功率', en: 'Heater power' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 4, format: 'uint16', scale: 0.1 },
    unit: 'kW',
    range: { low: 0, high: 500 },
    deadband: 1.5
  },
  'heater.firing': {
    title: { zh: '加热器负荷指令', en: 'Heater firing' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 5, format: 'uint16', scale: 0.01 },
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.5
  },
  'heater.gas-flow': {
    title: { zh: '加热器用气量', en: 'Heater gas flow' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 6, format: 'uint16', scale: 0.01 },
    unit: 'm3/h',
    range: { low: 0, high: 60 },
    deadband: 0.2
  },
  'line1.orifice-drop': {
    title: { zh: '1 号支路孔板差压', en: 'Line 1 orifice drop' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 10, format: 'float32', scale: 1, order: 'CDAB' },
    unit: 'mbar',
    range: { low: 0, high: 300 },
    deadband: 0.3
  },
  'line1.pressure': {
    title: { zh: '1 号支路计量压力', en: 'Line 1 metering pressure' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 12, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 0, high: 40 },
    deadband: 0.02
  },
  'line1.temperature': {
    title: { zh: '1 号支路计量温度', en: 'Line 1 metering temperature' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 13, format: 'int16', scale: 0.01 },
    unit: '°C',
    range: { low: -20, high: 100 },
    deadband: 0.1
  },
  'line1.flow': {
    title: { zh: '1 号支路标况流量', en: 'Line 1 standard flow' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 14, format: 'float32', scale: 1, order: 'CDAB' },
    unit: 'm3/h',
    range: { low: 0, high: 25000 },
    deadband: 40,
    history: true
  },
  'line1.total': {
    title: { zh: '1 号支路累计气量', en: 'Line 1 total volume' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 16, format: 'uint32', scale: 1, order: 'CDAB' },
    unit: 'm3'
  },
  'line1.worker-opening': {
    title: { zh: '1 号支路工作调压器开度', en: 'Line 1 worker regulator opening' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 18, format: 'uint16', scale: 0.1 },
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.4
  },
  'line1.monitor-opening': {
    title: { zh: '1 号支路监控调压器开度', en: 'Line 1 monitor regulator opening' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 19, format: 'uint16', scale: 0.1 },
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.4
  },
  'line2.orifice-drop': {
    title: { zh: '2 号支路孔板差压', en: 'Line 2 orifice drop' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 30, format: 'float32', scale: 1, order: 'CDAB' },
    unit: 'mbar',
    range: { low: 0, high: 300 },
    deadband: 0.3
  },
  'line2.pressure': {
    title: { zh: '2 号支路计量压力', en: 'Line 2 metering pressure' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 32, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 0, high: 40 },
    deadband: 0.02
  },
  'line2.temperature': {
    title: { zh: '2 号支路计量温度', en: 'Line 2 metering temperature' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 33, format: 'int16', scale: 0.01 },
    unit: '°C',
    range: { low: -20, high: 100 },
    deadband: 0.1
  },
  'line2.flow': {
    title: { zh: '2 号支路标况流量', en: 'Line 2 standard flow' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 34, format: 'float32', scale: 1, order: 'CDAB' },
    unit: 'm3/h',
    range: { low: 0, high: 25000 },
    deadband: 40,
    history: true
  },
  'line2.total': {
    title: { zh: '2 号支路累计气量', en: 'Line 2 total volume' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 36, format: 'uint32', scale: 1, order: 'CDAB' },
    unit: 'm3'
  },
  'line2.worker-opening': {
    title: { zh: '2 号支路工作调压器开度', en: 'Line 2 worker regulator opening' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 38, format: 'uint16', scale: 0.1 },
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.4
  },
  'line2.monitor-opening': {
    title: { zh: '2 号支路监控调压器开度', en: 'Line 2 monitor regulator opening' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 39, format: 'uint16', scale: 0.1 },
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.4
  },
  'outlet.pressure': {
    title: { zh: '出站压力', en: 'Outlet pressure' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 50, format: 'float32', scale: 1 },
    unit: 'bar',
    range: { low: 0, high: 10 },
    deadband: 0.005,
    history: true
  },
  'outlet.temperature': {
    title: { zh: '出站温度', en: 'Outlet temperature' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 52, format: 'int16', scale: 0.01 },
    unit: '°C',
    range: { low: -20, high: 60 },
    deadband: 0.1
  },
  'network.pressure': {
    title: { zh: '管网末端压力', en: 'Network end pressure' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 53, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 0, high: 10 },
    deadband: 0.008,
    history: true
  },
  'network.linepack': {
    title: { zh: '管网管存', en: 'Network linepack' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 54, format: 'float32', scale: 1, order: 'BADC' },
    unit: 'm3',
    range: { low: 0, high: 30000 },
    deadband: 10
  },
  'station.flow': {
    title: { zh: '总站标况流量', en: 'Station standard flow' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 56, format: 'float32', scale: 1, order: 'CDAB' },
    unit: 'm3/h',
    range: { low: 0, high: 50000 },
    deadband: 40,
    history: true
  },
  'station.total': {
    title: { zh: '总站累计气量', en: 'Station total volume' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 58, format: 'float64', scale: 1 },
    unit: 'm3'
  },
  'town.flow': {
    title: { zh: '城区用气流量', en: 'Town flow' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 70, format: 'uint16', scale: 1 },
    unit: 'm3/h',
    range: { low: 0, high: 25000 },
    deadband: 40
  },
  'estate.flow': {
    title: { zh: '工业区用气流量', en: 'Industrial estate flow' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 71, format: 'uint16', scale: 1 },
    unit: 'm3/h',
    range: { low: 0, high: 25000 },
    deadband: 15
  },
  'odorant.rate': {
    title: { zh: '加臭量', en: 'Odorant rate' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 80, format: 'uint16', scale: 0.1 },
    unit: 'mL/h',
    range: { low: 0, high: 2000 },
    deadband: 3
  },
  'odorant.level': {
    title: { zh: '加臭剂罐液位', en: 'Odorant tank level' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 81, format: 'uint16', scale: 0.01 },
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.1
  },
  'odorant.concentration': {
    title: { zh: '管网末端加臭浓度', en: 'Odorant at the network end' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 82, format: 'float32', scale: 1, order: 'BADC' },
    unit: 'mg/m3',
    range: { low: 0, high: 100 },
    deadband: 0.4,
    history: true
  },
  'station.gas': {
    title: { zh: '站房可燃气体浓度', en: 'Gas in the station building' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 84, format: 'int16', scale: 0.1 },
    unit: '%',
    range: { low: 0, high: 100 },
    deadband: 0.4
  },
  'air.temperature': {
    title: { zh: '环境温度', en: 'Air temperature' },
    role: 'measurement',
    place: { table: 'inputRegisters', address: 85, format: 'int16', scale: 0.1 },
    unit: '°C',
    range: { low: -40, high: 60 },
    deadband: 0.2
  },
  'plc.scan-count': {
    title: { zh: 'PLC 扫描计数', en: 'PLC scan counter' },
    role: 'status',
    place: { table: 'inputRegisters', address: 99, format: 'uint16', scale: 1 }
  },
  'outlet.pressure-setpoint': {
    title: { zh: '出站压力设定', en: 'Outlet pressure setpoint' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 400, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 2.5, high: 6 },
    initial: 4,
    history: true
  },
  'standby.offset': {
    title: { zh: '备用支路设定偏差', en: 'Standby line offset' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 401, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 0, high: 1 },
    initial: 0.3
  },
  'line.active': {
    title: { zh: '工作支路', en: 'Active line' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 402, format: 'uint16', scale: 1 },
    range: { low: 1, high: 2 },
    initial: 1
  },
  'line1.monitor-setpoint': {
    title: { zh: '1 号支路监控调压器设定', en: 'Line 1 monitor setpoint' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 403, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 2.5, high: 7 },
    initial: 4.5
  },
  'line2.monitor-setpoint': {
    title: { zh: '2 号支路监控调压器设定', en: 'Line 2 monitor setpoint' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 404, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 2.5, high: 7 },
    initial: 4.5
  },
  'line1.hand-setpoint': {
    title: { zh: '1 号支路手动设定', en: 'Line 1 setpoint by hand' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 405, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 0, high: 6 },
    initial: 4
  },
  'line2.hand-setpoint': {
    title: { zh: '2 号支路手动设定', en: 'Line 2 setpoint by hand' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 406, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 0, high: 6 },
    initial: 3.7
  },
  'outlet.high-limit': {
    title: { zh: '出站压力高限', en: 'Outlet high limit' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 410, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 3, high: 6 },
    initial: 4.4
  },
  'outlet.low-limit': {
    title: { zh: '出站压力低限', en: 'Outlet low limit' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 411, format: 'uint16', scale: 0.001 },
    unit: 'bar',
    range: { low: 1, high: 4 },
    initial: 3.2
  },
  'heater.temperature-setpoint': {
    title: { zh: '出站温度设定', en: 'Outlet temperature setpoint' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 420, format: 'int16', scale: 0.01 },
    unit: '°C',
    range: { low: 0, high: 30 },
    initial: 8
  },
  'heater.hand-firing': {
    title: { zh: '加热器手动负荷', en: 'Heater firing by hand' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 421, format: 'uint16', scale: 0.01 },
    unit: '%',
    range: { low: 0, high: 100 },
    initial: 20
  },
  'odorant.dose-setpoint': {
    title: { zh: '加臭浓度设定', en: 'Odorant dose setpoint' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 430, format: 'float32', scale: 1, order: 'CDAB' },
    unit: 'mg/m3',
    range: { low: 0, high: 60 },
    initial: 25
  },
  'odorant.hand-rate': {
    title: { zh: '手动加臭量', en: 'Odorant rate by hand' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 432, format: 'uint16', scale: 0.1 },
    unit: 'mL/h',
    range: { low: 0, high: 1500 },
    initial: 200
  },
  'filter.selected': {
    title: { zh: '在用过滤器', en: 'Filter in service' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 440, format: 'uint16', scale: 1 },
    range: { low: 1, high: 2 },
    initial: 1
  },
  'line1.meter-factor': {
    title: { zh: '1 号支路流量计系数', en: 'Line 1 meter factor' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 450, format: 'float32', scale: 1 },
    range: { low: 0.9, high: 1.1 },
    initial: 1
  },
  'line2.meter-factor': {
    title: { zh: '2 号支路流量计系数', en: 'Line 2 meter factor' },
    role: 'setpoint',
    place: { table: 'holdingRegisters', address: 452, format: 'float32', scale: 1 },
    range: { low: 0.9, high: 1.1 },
    initial: 1
  },
  'line1.auto': {
    title: { zh: '1 号支路自动', en: 'Line 1 in automatic' },
    role: 'command',
    place: { table: 'coils', address: 0 },
    initial: 1
  },
  'line2.auto': {
    title: { zh: '2 号支路自动', en: 'Line 2 in automatic' },
    role: 'command',
    place: { table: 'coils', address: 1 },
    initial: 1
  },
  'line1.open': {
    title: { zh: '1 号支路进口阀开', en: 'Line 1 inlet valve open' },
    role: 'command',
    place: { table: 'coils', address: 2 },
    initial: 1
  },
  'line2.open': {
    title: { zh: '2 号支路进口阀开', en: 'Line 2 inlet valve open' },
    role: 'command',
    place: { table: 'coils', address: 3 },
    initial: 1
  },
  'line1.slam-reset': {
    title: { zh: '1 号支路切断阀复位', en: 'Line 1 slam-shut reset' },
    role: 'command',
    place: { table: 'coils', address: 4 },
    initial: 0
  },
  'line2.slam-reset': {
    title: { zh: '2 号支路切断阀复位', en: 'Line 2 slam-shut reset' },
    role: 'command',
    place: { table: 'coils', address: 5 },
    initial: 0
  },
  'heater.enable': {
    title: { zh: '加热器允许', en: 'Heater enabled' },
    role: 'command',
    place: { table: 'coils', address: 10 },
    initial: 1
  },
  'heater.auto': {
    title: { zh: '加热器自动', en: 'Heater in automatic' },
    role: 'command',
    place: { table: 'coils', address: 11 },
    initial: 1
  },
  'odorant.enable': {
    title: { zh: '加臭允许', en: 'Odorant dosing enabled' },
    role: 'command',
    place: { table: 'coils', address: 12 },
    initial: 1
  },
  'odorant.auto': {
    title: { zh: '加臭自动', en: 'Odorant dosing in automatic' },
    role: 'command',
    place: { table: 'coils', address: 13 },
    initial: 1
  },
  'odorant.refill': {
    title: { zh: '加臭剂补充', en: 'Odorant refill' },
    role: 'command',
    place: { table: 'coils', address: 14 },
    initial: 0
  },
  'line1.active': {
    title: { zh: '1 号支路工作', en: 'Line 1 active' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 0 }
  },
  'line2.active': {
    title: { zh: '2 号支路工作', en: 'Line 2 active' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 1 }
  },
  'line1.slammed': {
    title: { zh: '1 号支路切断阀关断', en: 'Line 1 slam-shut closed' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 2 }
  },
  'line2.slammed': {
    title: { zh: '2 号支路切断阀关断', en: 'Line 2 slam-shut closed' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 3 }
  },
  'line1.valve-open': {
    title: { zh: '1 号支路进口阀已开', en: 'Line 1 inlet valve is open' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 4 }
  },
  'line2.valve-open': {
    title: { zh: '2 号支路进口阀已开', en: 'Line 2 inlet valve is open' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 5 }
  },
  'heater.flame': {
    title: { zh: '加热器火焰', en: 'Heater flame' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 6 }
  },
  'odorant.running': {
    title: { zh: '加臭泵运行', en: 'Odorant pump running' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 7 }
  },
  'relief.open': {
    title: { zh: '安全放散阀开启', en: 'Relief valve open' },
    role: 'status',
    place: { table: 'inputRegisters', address: 90, bit: 8 }
  },
  'outlet.high-alarm': {
    title: { zh: '出站压力高报警', en: 'Outlet pressure high alarm' },
    role: 'status',
    place: { table: 'discreteInputs', address: 0 }
  },
  'outlet.low-alarm': {
    title: { zh: '出站压力低报警', en: 'Outlet pressure low alarm' },
    role: 'status',
    place: { table: 'discreteInputs', address: 1 }
  },
  'outlet.cold-alarm': {
    title: { zh: '出站温度低报警', en: 'Outlet temperature low alarm' },
    role: 'status',
    place: { table: 'discreteInputs', address: 2 }
  },
  'heater.fault': { title: { zh: '加热器故障', en: 'Heater fault' }, role: 'status', place: { table: 'discreteInputs', address: 3 } },
  'odorant.alarm': { title: { zh: '加臭报警', en: 'Odorant alarm' }, role: 'status', place: { table: 'discreteInputs', address: 4 } },
  'gas.alarm': { title: { zh: '可燃气体报警', en: 'Gas detector alarm' }, role: 'status', place: { table: 'discreteInputs', address: 5 } },
  'filter.alarm': { title: { zh: '过滤器差压报警', en: 'Filter alarm' }, role: 'status', place: { table: 'discreteInputs', address: 6 } },
  'inlet.low-alarm': {
    title: { zh: '进站压力低报警', en: 'Inlet pressure low alarm' },
    role: 'status',
    place: { table: 'discreteInputs', address: 8 }
  },
  'power.ok': { title: { zh: '供电正常', en: 'Power ok' }, role: 'status', place: { table: 'discreteInputs', address: 9 } }
} as const satisfies Record<string, TagRow>

export type GasTag = keyof typeof TAGS
type TagOf<Wanted extends Role> = { [Name in GasTag]: (typeof TAGS)[Name]['role'] extends Wanted ? Name : never }[GasTag]
export type GasSetpoint = TagOf<'setpoint'>
export type GasCommand = TagOf<'command'>

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
