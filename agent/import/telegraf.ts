// Telegraf's inputs.modbus: TOML in the styles register, request and metric (plugins/inputs/modbus of its documentation).
import { parse, TomlDate, TomlError } from 'smol-toml'
import { z } from 'zod'
import { type Draft, type DraftDevice, ImportFault, Notes } from './draft.ts'
import { connectionOf, durationOf } from './telegraf-connection.ts'
import { fieldOfRegister, fieldOfRequest, type TelegrafField } from './telegraf-field.ts'

const Table = z.record(z.string(), z.unknown())
const Tables = z.array(Table).max(10_000)
const Fields = z.array(Table).max(100_000)

// What the styles have of their own; the rest of a plugin's keys is about the connection or is told as not taken over.
const LISTS = {
  coils: 'coil',
  discrete_inputs: 'discrete-input',
  holding_registers: 'holding-register',
  input_registers: 'input-register'
} as const
const TAKEN = [
  'name',
  'controller',
  'slave_id',
  'timeout',
  'interval',
  'transmission_mode',
  'baud_rate',
  'data_bits',
  'parity',
  'stop_bits'
]
const OF_STYLES = ['configuration_type', 'request', 'metric', ...Object.keys(LISTS)]
// These change how requests are made or metrics are named; our plan makes its own requests.
const WITHOUT_MEANING = [
  'optimization',
  'optimization_max_register_fill',
  'debug_connection',
  'name_override',
  'name_prefix',
  'name_suffix',
  'alias',
  'exclude_register_type_tag'
]

export function readTelegraf(text: string): Draft {
  const notes = new Notes()
  const root = parsed(text)
  const plugins = Tables.safeParse(Table.safeParse(root['inputs']).data?.['modbus']).data
  if (plugins === undefined || plugins.length === 0)
    throw new ImportFault('文件中没有 [[inputs.modbus]]', 'there is no [[inputs.modbus]] in the file')
  const interval = durationOf(Table.safeParse(root['agent']).data?.['interval'])
  for (const key of Object.keys(Table.safeParse(root['inputs']).data ?? {}))
    if (key !== 'modbus') notes.left(`inputs.${key}`, '不是 Modbus 输入', 'is no Modbus input')
  const devices = plugins.flatMap((plugin, i) => devicesOf(plugin, `inputs.modbus[${i}]`, interval, notes))
  return { devices, notes: notes.list }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return Table.parse(parse(text, { integersAsBigInt: false }))
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [what = ''] = cause.message.split('\n')
    throw new ImportFault(
      `第 ${cause.line} 行第 ${cause.column} 列不是有效的 TOML：${what}`,
      `line ${cause.line}, column ${cause.column} is no TOML: ${what}`,
      {
        cause
      }
    )
  }
}

function devicesOf(plugin: Record<string, unknown>, place: string, interval: number | undefined, notes: Notes): DraftDevice[] {
  const connection = connectionOf(plugin, place, notes)
  tellUnused(plugin, place, notes)
  const fields = fieldsOf(plugin, place, notes)
  if (connection === undefined) {
    for (const field of fields) notes.left(field.place, '所属连接无法导入', 'its connection cannot be taken over')
    return []
  }
  const cadenceMs = durationOf(plugin['interval']) ?? interval
  const name = typeof plugin['name'] === 'string' && plugin['name'] !== '' ? plugin['name'] : `plc ${place.replace(/\D/g, '')}`
  const units = Map.groupBy(fields, ({ unit }) => unit)
  return [...units].map(([unit, own]) => ({
    name: units.size > 1 ? `${name} ${unit}` : name,
    ...connection,
    unit,
    tags: own.map(({ tag }) => ({ ...tag, ...(cadenceMs === undefined ? {} : { cadenceMs }) }))
  }))
}

function tellUnused(plugin: Record<string, unknown>, place: string, notes: Notes): void {
  for (const [key, value] of Object.entries(plugin)) {
    if (TAKEN.includes(key) || OF_STYLES.includes(key) || WITHOUT_MEANING.includes(key)) continue
    if (key === 'workarounds') {
      for (const name of Object.keys(Table.safeParse(value).data ?? {}))
        if (name !== 'pause_between_requests') notes.left(`${place}.workarounds.${name}`, '没有对应的设置', 'there is no such setting here')
    } else if (value instanceof TomlDate || value !== undefined)
      notes.left(`${place}.${key}`, '没有对应的设置', 'there is no such setting here')
  }
}

function fieldsOf(plugin: Record<string, unknown>, place: string, notes: Notes): TelegrafField[] {
  const style = plugin['configuration_type'] ?? 'register'
  const foreign = OF_STYLES.filter((key) => key in plugin && key !== 'configuration_type' && styleOf(key) !== style)
  for (const key of foreign)
    notes.left(
      `${place}.${key}`,
      `configuration_type 为 ${String(style)}，Telegraf 也不使用此项`,
      `configuration_type is ${String(style)}; Telegraf does not use it either`
    )
  if (style === 'register')
    return Object.entries(LISTS).flatMap(([key, table]) =>
      listed(plugin[key], `${place}.${key}`, Fields, notes).flatMap((field, i) =>
        fieldOfRegister({ field, table, unit: plugin['slave_id'], place: placed(`${place}.${key}[${i}]`, field), notes })
      )
    )
  if (style === 'request' || style === 'metric')
    return listed(plugin[style], `${place}.${style}`, Tables, notes).flatMap((group, g) => {
      if (group['tags'] !== undefined)
        notes.left(`${place}.${style}[${g}].tags`, 'Telegraf 标签没有对应的设置', 'tags of Telegraf have no place here')
      return listed(group['fields'], `${place}.${style}[${g}].fields`, Fields, notes).flatMap((field, i) =>
        fieldOfRequest({ field, group, style, place: placed(`${place}.${style}[${g}].fields[${i}]`, field), notes })
      )
    })
  notes.left(place, `未知的 configuration_type ${String(style)}`, `unknown configuration_type ${String(style)}`)
  return []
}

const placed = (place: string, { name }: Record<string, unknown>) => (typeof name === 'string' ? `${place} ${name.slice(0, 100)}` : place)

const styleOf = (key: string): string => (key === 'request' || key === 'metric' ? key : 'register')

function listed(value: unknown, place: string, schema: typeof Tables, notes: Notes): Record<string, unknown>[] {
  if (value === undefined) return []
  const { data } = schema.safeParse(value)
  if (data === undefined) notes.left(place, '不是表的列表', 'is no list of tables')
  return data ?? []
}
