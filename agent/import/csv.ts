// Our own CSV of tags, for lists that people keep in a spreadsheet. Headers may be in English or Chinese.
import { type Language, pick } from '#contract/language.ts'
import { ROLES } from '#contract/tag.ts'
import type { Text } from '#contract/text.ts'
import { parsePlace } from '../modbus/place.ts'
import { type CsvRow, csvRows } from './csv-rows.ts'
import { type Connection, type Draft, type DraftDevice, type DraftTag, type Hints, ImportFault, Notes } from './draft.ts'

interface Column {
  /** The header in Chinese; in English it is the key. */
  header: string
  about: Text
  example: string
}

export const COLUMNS: Readonly<Record<string, Column>> = {
  device: {
    header: '设备',
    about: { zh: '设备标识；空白则与上一行相同', en: 'the id of the device; empty means as in the row above' },
    example: 'plc-1'
  },
  host: {
    header: '主机',
    about: { zh: 'TCP 地址；空白则与设备的首行相同', en: 'the TCP address; empty means as in the first row of the device' },
    example: '10.0.0.5'
  },
  port: { header: '端口', about: { zh: 'TCP 端口，默认 502', en: 'the TCP port, 502 by default' }, example: '502' },
  line: { header: '串口', about: { zh: '串口设备，代替主机', en: 'the serial device, instead of a host' }, example: '' },
  baud_rate: { header: '波特率', about: { zh: '串口波特率，默认 9600', en: 'the speed of the line, 9600 by default' }, example: '' },
  parity: { header: '校验', about: { zh: '串口校验：none、even 或 odd', en: 'the parity of the line: none, even or odd' }, example: '' },
  unit_id: { header: '单元号', about: { zh: 'Modbus 单元号，默认 1', en: 'the Modbus unit id, 1 by default' }, example: '1' },
  name: {
    header: '测点',
    about: { zh: '测点名，例如 tower.level', en: 'the name of the tag, for example tower.level' },
    example: 'tower.level'
  },
  title_zh: { header: '中文名称', about: { zh: '中文名称', en: 'its name in Chinese' }, example: '水塔液位' },
  title_en: { header: '英文名称', about: { zh: '英文名称', en: 'its name in English' }, example: 'Water tower level' },
  at: {
    header: '位置',
    about: {
      zh: '位置，与 agent.yaml 相同，例如 holding 10 float32 CDAB 或 400011 float32 CDAB',
      en: 'where it lies, as in agent.yaml: holding 10 float32 CDAB or 400011 float32 CDAB'
    },
    example: 'input 0 float32'
  },
  scale: { header: '系数', about: { zh: '乘以此数', en: 'the number is multiplied by this' }, example: '' },
  offset: { header: '偏移', about: { zh: '再加此数', en: 'then this is added' }, example: '' },
  unit: { header: '单位', about: { zh: '工程单位', en: 'the engineering unit' }, example: 'm' },
  low: { header: '量程下限', about: { zh: '量程下限', en: 'the low end of its range' }, example: '0' },
  high: { header: '量程上限', about: { zh: '量程上限', en: 'the high end of its range' }, example: '6' },
  role: {
    header: '类别',
    about: { zh: 'measurement（默认）、setpoint、command 或 status', en: 'measurement (by default), setpoint, command or status' },
    example: 'measurement'
  },
  cadence_ms: { header: '周期', about: { zh: '采集周期，毫秒', en: 'how often it is read, in milliseconds' }, example: '1000' },
  deadband: { header: '死区', about: { zh: '死区', en: 'how far it must move to be sent' }, example: '' }
}

const NAMES = new Map(
  Object.entries(COLUMNS).flatMap(
    ([name, { header }]) =>
      [
        [name, name],
        [header, name]
      ] as const
  )
)

/** A file to fill in, with what each column means. */
export function csvTemplate(language: Language): string {
  const names = Object.keys(COLUMNS)
  const about = Object.entries(COLUMNS).map(
    ([name, column]) => `# ${pick({ zh: column.header, en: name }, language)}: ${pick(column.about, language)}`
  )
  const header = names.map((name) => pick({ zh: COLUMNS[name]?.header ?? name, en: name }, language))
  return `${[...about, header.join(','), names.map((name) => COLUMNS[name]?.example ?? '').join(',')].join('\n')}\n`
}

export function readCsv(text: string, hints: Hints): Draft {
  const notes = new Notes()
  const { header, rows } = csvRows(text, (name) => NAMES.get(name) ?? NAMES.get(name.toLowerCase()) ?? `? ${name}`)
  for (const wanted of ['name', 'at'])
    if (!header.includes(wanted)) throw new ImportFault(`缺少列 ${wanted}（${COLUMNS[wanted]?.header}）`, `there is no column ${wanted}`)
  for (const name of header)
    if (name.startsWith('? ') && name !== '? ') notes.left(`column ${name.slice(2, 102)}`, '没有这一列', 'there is no such column here')
  const devices = new Map<string, DraftDevice>()
  let before = 'plc-1'
  for (const row of rows) {
    before = row.values['device'] || before
    const device = devices.get(before) ?? deviceOf(before, row, hints, notes)
    if (device === undefined) continue
    devices.set(before, device)
    const tag = tagOf(row, notes)
    if (tag !== undefined) device.tags.push(tag)
  }
  return { devices: [...devices.values()], notes: notes.list }
}

function deviceOf(name: string, { line, values }: CsvRow, hints: Hints, notes: Notes): DraftDevice | undefined {
  const place = `line ${line}`
  const host = values['host'] || hints.host
  const unit = numberOf(values['unit_id'] ?? '') ?? hints.unit ?? 1
  const port = numberOf(values['port'] ?? '') ?? hints.port ?? 502
  const connection: Connection | undefined = values['line']
    ? lineOf(values)
    : host === undefined
      ? undefined
      : { protocol: 'modbus-tcp', host, port }
  if (connection === undefined) {
    notes.left(place, `设备 ${name} 没有主机，也没有 --host`, `device ${name} has no host, and there is no --host`)
    return undefined
  }
  return { name, connection, unit, tags: [] }
}

function lineOf(values: CsvRow['values']): Connection {
  const baudRate = numberOf(values['baud_rate'] ?? '')
  const parity = (['none', 'even', 'odd'] as const).find((one) => one === values['parity'])
  return {
    protocol: 'modbus-rtu',
    path: values['line'] ?? '',
    ...(baudRate === undefined ? {} : { baudRate }),
    ...(parity === undefined ? {} : { parity })
  }
}

function tagOf({ line, values, extra }: CsvRow, notes: Notes): DraftTag | undefined {
  const name = values['name'] ?? ''
  const at = values['at'] ?? ''
  const place = `line ${line}${name === '' ? '' : ` ${name.slice(0, 100)}`}`
  const found = parsePlace(at)
  if (name === '') return void notes.left(place, '没有测点名', 'it has no name')
  if (found === undefined)
    return void notes.left(place, `无法识别的位置 ${at.slice(0, 100)}`, `cannot make anything of the place ${at.slice(0, 100)}`)
  if (extra.length > 0) notes.changed(place, '多出的单元格未使用', 'cells beyond the last column are not used')
  const numbers = numbersOf(values, place, notes)
  const role = values['role'] ?? ''
  const known = ROLES.find((one) => one === role)
  if (role !== '' && known === undefined) notes.changed(place, `没有类别 ${role.slice(0, 100)}`, `there is no role ${role.slice(0, 100)}`)
  const { title_zh: zh, title_en: en, unit } = values
  const title = zh || en
  return {
    name,
    ...found,
    ...numbers,
    ...(unit ? { unit: unit.slice(0, 20) } : {}),
    ...(title ? { title: { zh: zh || title, en: en || title } } : {}),
    ...(known === undefined ? {} : { role: known })
  }
}

const NUMBERS = { scale: 'scale', offset: 'offset', low: 'low', high: 'high', cadence_ms: 'cadenceMs', deadband: 'deadband' } as const

function numbersOf(values: CsvRow['values'], place: string, notes: Notes): Partial<DraftTag> {
  const entries = Object.entries(NUMBERS).flatMap(([column, key]) => {
    const text = values[column] ?? ''
    if (text === '') return []
    const value = numberOf(text)
    if (value !== undefined) return [[key, value] as const]
    notes.changed(place, `${column} 不是数值：${text.slice(0, 100)}`, `${column} is no number: ${text.slice(0, 100)}`)
    return []
  })
  return Object.fromEntries(entries)
}

function numberOf(text: string): number | undefined {
  const value = Number(text)
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value
}
