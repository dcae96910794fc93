// The tag map of the heating station's controller. Its maker packed states into two words, took over a heat meter that gives
// its floats and counters in orders of its own, and left holes where options were not bought.

import type { Register } from './registers.ts'
import { type BitPlace, type TagMap, type TagRow, tagRow } from './tag-map.ts'

const tenths = (address: number): Register => ({ table: 'inputRegisters', address, format: 'int16', scale: 0.1 })
const word = (address: number, scale: number): Register => ({ table: 'inputRegisters', address, format: 'uint16', scale })
const float = (address: number, order: 'CDAB' | 'DCBA'): Register => ({
  ...{ table: 'inputRegisters', address, format: 'float32', order, scale: 1 }
})
const counter = (address: number, scale: number, order: 'ABCD' | 'CDAB' = 'CDAB'): Register => ({
  ...{ table: 'inputRegisters', address, format: 'uint32', order, scale }
})
const holding = (address: number, scale: number, format: 'uint16' | 'int16' = 'uint16'): Register => ({
  ...{ table: 'holdingRegisters', address, format, scale }
})

const measured = (
  zh: string,
  en: string,
  place: Register,
  unit: string,
  [low, high]: readonly [number, number],
  deadband: number
): TagRow => tagRow(zh, en, 'measurement', place, { unit, range: { low, high }, deadband })
const trended = (row: TagRow): TagRow => ({ ...row, history: true })
const set = (zh: string, en: string, place: Register, unit: string, [low, high]: readonly [number, number], initial: number): TagRow =>
  tagRow(zh, en, 'setpoint', place, { ...(unit === '' ? {} : { unit }), range: { low, high }, initial })
const state = (zh: string, en: string, address: number, bit: number): TagRow =>
  tagRow(zh, en, 'status', { table: 'inputRegisters', address, bit } satisfies BitPlace)
const switched = (zh: string, en: string, address: number, initial: number): TagRow =>
  tagRow(zh, en, 'command', { table: 'coils', address } satisfies BitPlace, { initial })

const TAGS = {
  'outdoor.temperature': trended(measured('室外温度', 'Outdoor temperature', tenths(0), '°C', [-40, 50], 0.2)),
  'room.temperature': trended(measured('参考室温', 'Temperature of the reference room', tenths(1), '°C', [-20, 50], 0.1)),
  'primary.supply-temperature': measured('一次供水温度', 'Primary supply temperature', tenths(2), '°C', [0, 150], 0.2),
  'primary.return-temperature': measured('一次回水温度', 'Primary return temperature', tenths(3), '°C', [0, 150], 0.2),
  'supply.temperature': trended(measured('二次供水温度', 'Secondary supply temperature', tenths(4), '°C', [0, 120], 0.2)),
  'return.temperature': trended(measured('二次回水温度', 'Secondary return temperature', tenths(5), '°C', [0, 120], 0.2)),
  'supply.wanted': measured('二次供水温度计算设定', 'Supply temperature by the curve', tenths(6), '°C', [0, 120], 0.2),
  'hotwater.temperature': measured('生活热水温度', 'Hot water temperature', tenths(7), '°C', [0, 100], 0.4),
  'primary.supply-pressure': measured('一次供水压力', 'Primary supply pressure', word(10, 0.01), 'bar', [0, 16], 0.02),
  'primary.return-pressure': measured('一次回水压力', 'Primary return pressure', word(11, 0.01), 'bar', [0, 16], 0.02),
  'supply.pressure': measured('二次供水压力', 'Secondary supply pressure', word(12, 0.01), 'bar', [0, 10], 0.02),
  'return.pressure': trended(measured('二次回水压力', 'Secondary return pressure', word(13, 0.01), 'bar', [0, 10], 0.02)),
  'strainer.pressure-drop': measured('除污器压差', 'Pressure drop of the strainer', word(14, 0.001), 'bar', [0, 1], 0.004),
  'primary.flow': measured('一次流量', 'Primary flow', float(15, 'CDAB'), 'm3/h', [0, 200], 0.5),
  'secondary.flow': measured('二次循环流量', 'Secondary flow', float(17, 'CDAB'), 'm3/h', [0, 500], 1.5),
  'heat.power': trended(measured('热功率', 'Heat taken', float(19, 'DCBA'), 'kW', [0, 12_000], 30)),
  'valve.position': measured('一次调节阀开度', 'Position of the primary valve', word(22, 0.1), '%', [0, 100], 0.2),
  'valve.output': measured('调节阀指令', 'Output to the primary valve', word(23, 0.1), '%', [0, 100], 0.2),
  'pump1.speed': measured('1 号循环泵转速', 'Speed of circulation pump 1', word(24, 0.1), '%', [0, 100], 0.2),
  'pump1.current': measured('1 号循环泵电流', 'Current of circulation pump 1', word(25, 0.1), 'A', [0, 100], 0.5),
  'pump2.speed': measured('2 号循环泵转速', 'Speed of circulation pump 2', word(26, 0.1), '%', [0, 100], 0.2),
  'pump2.current': measured('2 号循环泵电流', 'Current of circulation pump 2', word(27, 0.1), 'A', [0, 100], 0.5),
  'makeup.flow': measured('补水流量', 'Make-up flow', word(28, 0.01), 'm3/h', [0, 15], 0.05),
  'hotwater.flow': measured('生活热水流量', 'Hot water drawn', word(29, 0.01), 'm3/h', [0, 30], 0.1),
  'heat.energy': measured('累计热量', 'Heat counted', counter(30, 0.01), 'MWh', [0, 42_949_672], 0),
  'heat.volume': measured('一次累计流量', 'Primary water counted', counter(32, 0.1), 'm3', [0, 429_496_729], 0),
  'makeup.volume': measured('累计补水量', 'Make-up water counted', counter(34, 0.01, 'ABCD'), 'm3', [0, 42_949_672], 0),
  'secondary.energy': measured('二次累计热量', 'Heat given to the loop', counter(36, 0.01), 'MWh', [0, 42_949_672], 0),
  'hotwater.energy': measured('热水累计热量', 'Heat given as hot water', counter(38, 0.01), 'MWh', [0, 42_949_672], 0),
  'power.energy': measured('累计电量', 'Electricity counted', counter(40, 0.1), 'kWh', [0, 429_496_729], 0),
  // What the controller of the boiler house hands over.
  'boiler.temperature': trended(measured('锅炉出水温度', 'Boiler temperature', tenths(50), '°C', [0, 150], 0.2)),
  'mixing.position': measured('锅炉房混水阀开度', 'Position of the mixing valve', word(51, 0.1), '%', [0, 100], 0.2),
  'pump1.running': state('1 号循环泵运行', 'Circulation pump 1 runs', 60, 0),
  'pump2.running': state('2 号循环泵运行', 'Circulation pump 2 runs', 60, 1),
  'makeup.running': state('补水泵运行', 'Make-up pump runs', 60, 2),
  'heating.active': state('供暖运行', 'Heating is on', 60, 4),
  'night.active': state('夜间降温运行', 'Night setback is on', 60, 5),
  'frost.active': state('防冻运行', 'Frost protection is on', 60, 6),
  'pump1.fault': state('1 号循环泵故障', 'Circulation pump 1 has tripped', 61, 0),
  'pump2.fault': state('2 号循环泵故障', 'Circulation pump 2 has tripped', 61, 1),
  'supply.high-alarm': state('二次供水超温', 'Supply too hot', 61, 3),
  'pressure.high-alarm': state('二次超压', 'Pressure of the loop too high', 61, 4),
  'pressure.low-alarm': state('二次失压', 'Pressure of the loop too low', 61, 5),
  'source.ok': state('热源正常', 'The boiler house gives heat', 61, 8),
  'power.ok': tagRow('电源正常', 'Power supply is present', 'status', { table: 'discreteInputs', address: 0 }),
  'plc.scan-count': tagRow('扫描计数', 'Scans of the program', 'status', word(62, 1), { deadband: 0 }),
  'curve.slope': set('供热曲线斜率', 'Slope of the heating curve', holding(100, 0.01), '', [0.2, 3], 1.42),
  'curve.shift': set('供热曲线平移', 'Parallel shift of the curve', holding(101, 0.1, 'int16'), 'K', [-15, 15], 0),
  'supply.minimum': set('供水温度下限', 'Lowest supply temperature', holding(102, 0.1), '°C', [10, 60], 25),
  'supply.maximum': set('供水温度上限', 'Highest supply temperature', holding(103, 0.1), '°C', [30, 95], 75),
  'night.reduction': set('夜间降温幅度', 'Night setback', holding(104, 0.1), 'K', [0, 20], 6),
  'night.start': set('夜间开始时刻', 'Night begins, minutes after midnight', holding(105, 1), 'min', [0, 1439], 1350),
  'night.end': set('夜间结束时刻', 'Night ends, minutes after midnight', holding(106, 1), 'min', [0, 1439], 330),
  'heating.limit': set('供暖启停室外温度', 'Outdoor temperature without heating', holding(107, 0.1, 'int16'), '°C', [5, 25], 14),
  'pressure.makeup-on': set('补水启动压力', 'Make-up starts below', holding(108, 0.01), 'bar', [1, 4], 2.8),
  'pressure.makeup-off': set('补水停止压力', 'Make-up stops above', holding(109, 0.01), 'bar', [1, 4.5], 3.1),
  'pressure.high-limit': set('超压报警限', 'Limit of the high pressure alarm', holding(112, 0.01), 'bar', [2, 6], 4.5),
  'supply.high-limit': set('超温报警限', 'Limit of the high temperature alarm', holding(113, 0.1), '°C', [40, 110], 85),
  'pump.lead': set('主用循环泵', 'Lead circulation pump', holding(114, 1), '', [1, 2], 1),
  'pump.speed-setpoint': set('循环泵转速设定', 'Speed of the circulation pumps', holding(115, 0.1), '%', [30, 100], 85),
  'valve.hand-position': set('调节阀手动开度', 'Position of the valve by hand', holding(116, 0.1), '%', [0, 100], 40),
  'meter.flow-factor': set('热量表流量系数', 'Flow factor of the heat meter', holding(117, 0.0001), '', [0.9, 1.1], 1),
  'shift.number': set('当班班次', 'Shift on duty', holding(120, 1), '', [1, 3], 1),
  'pump1.auto': switched('1 号循环泵自动', 'Circulation pump 1 in automatic', 0, 1),
  'pump1.hand': switched('1 号循环泵手动启动', 'Run circulation pump 1 by hand', 1, 0),
  'pump2.auto': switched('2 号循环泵自动', 'Circulation pump 2 in automatic', 2, 1),
  'pump2.hand': switched('2 号循环泵手动启动', 'Run circulation pump 2 by hand', 3, 0),
  'valve.auto': switched('调节阀自动', 'Primary valve in automatic', 4, 1),
  'makeup.enable': switched('补水允许', 'Make-up allowed', 5, 1),
  'night.enable': switched('夜间降温允许', 'Night setback allowed', 6, 1),
  'strainer.flush': { ...switched('除污器排污', 'Flush the strainer', 8, 0), isOrder: true }
} satisfies Record<string, TagRow>
export type HeatTag = keyof typeof TAGS

export const HEAT_MAP: TagMap & { readonly tags: Readonly<Record<HeatTag, TagRow>> } = {
  plant: 'heat',
  identity: { vendor: 'Warmline Controls', product: 'WL-TX60 substation controller', revision: '4.12' },
  tags: TAGS,
  // Of a second heating circuit that was not bought; it reads 0.
  reserve: { inputRegisters: [[44, 47]], holdingRegisters: [[110, 111]] }
}
