// One field of a Telegraf plugin, in any of its three styles, as a tag of ours.
import { z } from 'zod'
import type { Table } from '../modbus/read-plan.ts'
import type { ByteOrder, ValueType } from '../modbus/registers.ts'
import { type DraftTag, inAddressSpace, type Notes } from './draft.ts'

export interface TelegrafField {
  place: string
  unit: number
  tag: DraftTag
}

const TABLES: Readonly<Record<string, Table>> = {
  coil: 'coil',
  discrete: 'discrete-input',
  holding: 'holding-register',
  input: 'input-register'
}

// The letters of 64-bit values say the same as those of 32-bit ones: words or bytes turned round.
const ORDERS: Readonly<Record<string, ByteOrder>> = {
  AB: 'ABCD',
  ABCD: 'ABCD',
  ABCDEFGH: 'ABCD',
  BA: 'DCBA',
  DCBA: 'DCBA',
  HGFEDCBA: 'DCBA',
  BADC: 'BADC',
  BADCFEHG: 'BADC',
  CDAB: 'CDAB',
  GHEFCDAB: 'CDAB'
}

const TYPES: Readonly<Record<string, ValueType>> = {
  INT16: 'int16',
  UINT16: 'uint16',
  INT32: 'int32',
  UINT32: 'uint32',
  INT64: 'int64',
  UINT64: 'uint64',
  FLOAT32: 'float32',
  FLOAT64: 'float64',
  BIT: 'bit',
  STRING: 'string'
}

// In the register style the width of a fixed-point number is that of its addresses, and FLOAT32 means an unsigned one.
const SIGNED: Readonly<Record<number, ValueType>> = { 1: 'int16', 2: 'int32', 4: 'int64' }
const UNSIGNED: Readonly<Record<number, ValueType>> = { 1: 'uint16', 2: 'uint32', 4: 'uint64' }

interface FieldOptions {
  field: Record<string, unknown>
  place: string
  notes: Notes
}

export function fieldOfRegister({ field, table, unit, place, notes }: FieldOptions & { table: Table; unit: unknown }): TelegrafField[] {
  const addresses = z.array(z.int().min(0).max(0xffff)).min(1).max(4).safeParse(field['address']).data
  const [address] = addresses ?? []
  if (addresses === undefined || address === undefined) return left(notes, place, '地址有误', 'its address is wrong')
  if (addresses.some((one, i) => one !== address + i)) return left(notes, place, '地址不连续', 'its addresses do not follow each other')
  const base = baseOf(field, table, address)
  if (table === 'coil' || table === 'discrete-input') return [{ place, unit: unitOf(unit), tag: { ...base, role: 'status' } }]
  const said = String(field['data_type'])
  const type = registerType(said, addresses.length)
  if (type === undefined) return left(notes, place, `没有类型 ${said}`, `there is no type ${said} here`)
  const order = ORDERS[String(field['byte_order'])]
  if (order === undefined)
    return left(notes, place, `没有字节序 ${String(field['byte_order'])}`, `there is no byte order ${String(field['byte_order'])}`)
  return [{ place, unit: unitOf(unit), tag: { ...base, type, order, ...scaleOf(field) } }]
}

function registerType(said: string, words: number): ValueType | undefined {
  if (said === 'FIXED') return SIGNED[words]
  if (said === 'UFIXED' || said === 'FLOAT32') return UNSIGNED[words]
  return TYPES[said.replace(/-IEEE$/, '')]
}

export function fieldOfRequest(options: FieldOptions & { group: Record<string, unknown>; style: 'request' | 'metric' }): TelegrafField[] {
  const { field, group, style, place, notes } = options
  if (field['omit'] === true) return left(notes, place, '原配置中即被省略（omit）', 'is left out there too (omit)')
  const register = String((style === 'request' ? group['register'] : field['register']) ?? 'holding')
  const table = TABLES[register]
  if (table === undefined) return left(notes, place, `没有寄存器类型 ${register}`, `there is no register type ${register}`)
  const address = field['address']
  if (typeof address !== 'number' || !inAddressSpace(address)) return left(notes, place, '地址有误', 'its address is wrong')
  const unit = unitOf(group['slave_id'])
  const base = baseOf(field, table, address)
  if (table === 'coil' || table === 'discrete-input') return [{ place, unit, tag: { ...base, role: 'status' } }]
  const said = String(field['type'])
  const type = TYPES[said]
  if (type === undefined) return left(notes, place, `没有类型 ${said}`, `there is no type ${said} here`)
  const order = ORDERS[String(group['byte_order'] ?? 'ABCD')]
  if (order === undefined)
    return left(notes, place, `没有字节序 ${String(group['byte_order'])}`, `there is no byte order ${String(group['byte_order'])}`)
  const form = formOf(field, type)
  if (form === undefined) return left(notes, place, '位号或长度有误', 'its bit or length is wrong')
  return [{ place, unit, tag: { ...base, type, order, ...form, ...(type === 'bit' || type === 'string' ? {} : scaleOf(field)) } }]
}

// A string is as long as its registers, two characters in each.
function formOf(field: Record<string, unknown>, type: ValueType): Partial<DraftTag> | undefined {
  if (type === 'bit') {
    const bit = z
      .int()
      .min(0)
      .max(15)
      .safeParse(field['bit'] ?? 0).data
    return bit === undefined ? undefined : { bit }
  }
  if (type !== 'string') return {}
  const length = z.int().min(1).max(125).safeParse(field['length']).data
  return length === undefined ? undefined : { length: 2 * length }
}

function baseOf(field: Record<string, unknown>, table: Table, address: number) {
  const name = typeof field['name'] === 'string' && field['name'] !== '' ? field['name'] : `${table} ${address}`
  return { name, table, address }
}

function scaleOf(field: Record<string, unknown>): { scale?: number } {
  const { scale } = field
  return typeof scale === 'number' && Number.isFinite(scale) && scale !== 0 && scale !== 1 ? { scale } : {}
}

const unitOf = (value: unknown): number => z.int().min(0).max(255).safeParse(value).data ?? 0

function left(notes: Notes, place: string, zh: string, en: string): [] {
  notes.left(place, zh, en)
  return []
}
