// KEPServerEX's CSV of one device of its Modbus drivers: Tag Name, Address, Data Type, Client Access, Scan Rate, Scaling and so on.
import type { ByteOrder, ValueType } from '../modbus/registers.ts'
import { type CsvRow, csvRows } from './csv-rows.ts'
import { type Draft, type DraftTag, type Hints, ImportFault, inAddressSpace, Notes, rounded, tableOfNumber } from './draft.ts'

// An address names its type too where "Default" stands.
const TYPES: Readonly<Record<string, ValueType>> = {
  boolean: 'bit',
  short: 'int16',
  word: 'uint16',
  long: 'int32',
  dword: 'uint32',
  llong: 'int64',
  qword: 'uint64',
  float: 'float32',
  double: 'float64',
  bcd: 'bcd16',
  lbcd: 'bcd32',
  string: 'string',
  default: 'uint16'
}
// Columns that say nothing about what is read.
const READ_COLUMNS = new Set([
  'tag name',
  'address',
  'data type',
  'client access',
  'scan rate',
  'scaling',
  'raw low',
  'raw high',
  'scaled low'
])
const OTHER_COLUMNS = new Set([
  'respect data type',
  'scaled high',
  'scaled data type',
  'clamp low',
  'clamp high',
  'eng units',
  'eng. units'
])
const MORE_COLUMNS = new Set(['description', 'negate value'])

export function readKepware(text: string, hints: Hints): Draft {
  const notes = new Notes()
  const { header, rows } = csvRows(text, (name) => name.toLowerCase())
  for (const wanted of ['tag name', 'address', 'data type'])
    if (!header.includes(wanted)) throw new ImportFault(`缺少列 ${wanted}`, `there is no column ${wanted}`)
  for (const name of header)
    if (name !== '' && !READ_COLUMNS.has(name) && !OTHER_COLUMNS.has(name) && !MORE_COLUMNS.has(name))
      notes.left(`column ${name.slice(0, 100)}`, '没有对应的设置', 'there is no such setting here')
  const tags = rows.flatMap((row) => tagOf(row, notes) ?? [])
  const { host = '192.0.2.1', port = 502, unit = 1 } = hints
  if (hints.host === undefined)
    notes.changed(
      'host',
      'CSV 不含设备地址：请改正 192.0.2.1，或用 --host 给出',
      'the CSV does not name the device: correct 192.0.2.1, or give --host'
    )
  if (tags.some(({ order }) => order === 'CDAB'))
    notes.changed(
      'order',
      'CSV 不含字节序：多寄存器数值按 KEPServerEX 的默认（低字在前，CDAB）导入，请用 once 或 decode 核对',
      'the CSV does not say the word order: values of several registers are taken as by default there (first word low, CDAB); check with once or decode'
    )
  return { devices: [{ name: 'plc 1', connection: { protocol: 'modbus-tcp', host, port }, unit, tags }], notes: notes.list }
}

function tagOf({ line, values, extra }: CsvRow, notes: Notes): DraftTag | undefined {
  const name = values['tag name'] ?? ''
  const place = `line ${line}${name === '' ? '' : ` ${name.slice(0, 100)}`}`
  const refuse = (zh: string, en: string) => void notes.left(place, zh, en)
  const address = values['address'] ?? ''
  const said = values['data type'] ?? ''
  const where = placeOf(address, said)
  if (typeof where !== 'object') return refuse(...(REFUSALS[where] ?? REFUSALS.address)(address.slice(0, 100), said.slice(0, 100)))
  const scaling = scaleOf(values)
  if (scaling === undefined) return refuse(`不支持换算方式 ${values['scaling']}`, `there is no scaling ${values['scaling']} here`)
  if (extra.length > 0) notes.changed(place, '多出的单元格未使用', 'cells beyond the last column are not used')
  const cadence = Number(values['scan rate'])
  const text = values['description'] ?? ''
  const engineering = values['eng units'] ?? values['eng. units'] ?? ''
  const isNumber = where.type !== undefined && where.type !== 'bit' && where.type !== 'string'
  return {
    name: name === '' ? address : name,
    ...where,
    ...(isNumber ? scaling : {}),
    ...(where.type === undefined ? { role: 'status' } : {}),
    ...(engineering === '' ? {} : { unit: engineering.slice(0, 20) }),
    ...(text === '' ? {} : { title: { zh: text.slice(0, 500), en: text.slice(0, 500) } }),
    ...(cadence > 0 ? { cadenceMs: cadence } : {}),
    ...(/W/i.test(values['client access'] ?? 'RO') ? { writable: true } : {})
  }
}

type Refusal = 'address' | 'type' | 'array' | 'range'
const REFUSALS: Record<Refusal, (address: string, type: string) => [zh: string, en: string]> = {
  address: (address) => [`无法识别的地址 ${address}`, `cannot make anything of the address ${address}`],
  type: (address, type) => [`地址 ${address} 处没有类型 ${type}`, `there is no type ${type} at the address ${address} here`],
  array: (address) => [`数组 ${address}：请改为单个测点`, `the array ${address}: make single tags of it`],
  range: (address) => [`地址 ${address} 超出范围`, `the address ${address} is out of range`]
}

type Where = Pick<DraftTag, 'table' | 'address' | 'type' | 'order' | 'bit' | 'length'>

function placeOf(text: string, said: string): Where | Refusal {
  if (text.includes('[') || /array$/i.test(said)) return 'array'
  const match = /^([0134]\d{4,5})(?:\.(\d{1,3})([HL])?)?$/i.exec(text)
  const start = tableOfNumber(match?.[1] ?? '')
  if (match === null || start === undefined) return 'address'
  const { table, number } = start
  const address = number - 1
  if (!inAddressSpace(address)) return 'range'
  const type = TYPES[said.toLowerCase()]
  const after = match[2]
  if (table === 'coil' || table === 'discrete-input')
    return after === undefined && /^(boolean|default)$/i.test(said) ? { table, address } : 'type'
  if (type === undefined) return 'type'
  if (type === 'string') {
    const length = Number(after)
    return length >= 1 && length <= 250 ? { table, address, type, length, order: /l/i.test(match[3] ?? '') ? 'BADC' : 'ABCD' } : 'type'
  }
  if (match[3] !== undefined) return 'address'
  if (after !== undefined)
    return (type === 'bit' || said.toLowerCase() === 'default') && Number(after) <= 15
      ? { table, address, type: 'bit', bit: Number(after) }
      : 'type'
  if (type === 'bit') return 'type'
  const order: ByteOrder = /(32|64)$/.test(type) ? 'CDAB' : 'ABCD'
  return { table, address, type, order }
}

// Worked example: raw 0 to 4095 made 0 to 10: scale 10 / 4095, offset 0.
function scaleOf(values: CsvRow['values']): { scale?: number; offset?: number } | undefined {
  const negate = /^(1|true|yes)$/i.test(values['negate value'] ?? '') ? -1 : 1
  const kind = (values['scaling'] ?? '').toLowerCase()
  if (kind === '' || kind === 'none') return negate === 1 ? {} : { scale: -1 }
  const [rawLow, rawHigh, low, high] = ['raw low', 'raw high', 'scaled low', 'scaled high'].map((name) =>
    Number(values[name] || Number.NaN)
  )
  if (kind !== 'linear' || rawLow === undefined || rawHigh === undefined || low === undefined || high === undefined) return undefined
  const scale = (high - low) / (rawHigh - rawLow)
  const offset = low - rawLow * scale
  if (!Number.isFinite(scale) || !Number.isFinite(offset) || scale === 0) return undefined
  return { scale: rounded(negate * scale), offset: rounded(negate * offset) }
}
