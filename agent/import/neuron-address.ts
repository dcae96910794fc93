// Neuron's address language, SLAVE!ADDRESS[.BIT][#ENDIAN][.LEN[H][L][D][E]], for example 1!400001, 1!300004#BB, 1!400010.20H.
import { z } from 'zod'
import type { ByteOrder, ValueType } from '../modbus/registers.ts'
import { type DraftTag, inAddressSpace, type Notes, rounded, tableOfNumber } from './draft.ts'
import type { NeuronReach } from './neuron-node.ts'

// Neuron writes its data types as numbers.
const TYPES: Readonly<Record<number, ValueType>> = {
  3: 'int16',
  4: 'uint16',
  5: 'int32',
  6: 'uint32',
  7: 'int64',
  8: 'uint64',
  9: 'float32',
  10: 'float64',
  11: 'bit',
  13: 'string',
  16: 'uint16',
  17: 'uint32',
  18: 'uint64'
}

// As its documentation has them: #LL is 1,2,3,4, #LB 2,1,4,3, #BB 3,4,1,2 and #BL 4,3,2,1.
const ORDERS: Readonly<Record<string, ByteOrder>> = { L: 'ABCD', B: 'BADC', LL: 'ABCD', LB: 'BADC', BB: 'CDAB', BL: 'DCBA' }
const READ = 1
const WRITE = 2
const STATIC = 8

const Extras = z.object({
  type: z.number(),
  attribute: z.number().default(READ),
  decimal: z.number().optional(),
  bias: z.number().optional(),
  unit: z.string().max(20).optional(),
  description: z.string().max(1000).optional()
})

export interface NeuronTag {
  unit: number
  tag: DraftTag
}

/** Undefined, with a note, when the tag cannot be taken over. */
export function neuronTag(
  raw: { name: string; address?: string | undefined } & Record<string, unknown>,
  reach: NeuronReach,
  place: string,
  notes: Notes
): NeuronTag | undefined {
  const refuse = (zh: string, en: string) => void notes.left(place, zh, en)
  const { data: extras } = Extras.safeParse(raw)
  if (extras === undefined) return refuse('没有数据类型', 'it has no data type')
  if ((extras.attribute & STATIC) !== 0) return refuse('静态值，不从设备读取', 'a static value, not read from the device')
  if ((extras.attribute & READ) === 0) return refuse('只写不读', 'is written only, never read')
  const type = TYPES[extras.type]
  if (type === undefined) return refuse(`没有数据类型 ${extras.type}`, `there is no data type ${extras.type} here`)
  const match = /^(\d{1,3})!([0134]\d{4,5})(.*)$/.exec(raw.address ?? '')
  const start = tableOfNumber(match?.[2] ?? '')
  const unit = Number(match?.[1])
  if (match === null || start === undefined || unit > 255)
    return refuse(`无法识别的地址 ${said(raw.address)}`, `cannot make anything of the address ${said(raw.address)}`)
  const address = start.number - reach.addressBase
  if (!inAddressSpace(address)) return refuse(`地址 ${said(raw.address)} 超出范围`, `the address ${said(raw.address)} is out of range`)
  const isBits = start.table === 'coil' || start.table === 'discrete-input'
  const form = isBits ? bitForm(type, match[3] ?? '') : formOf(type, match[3] ?? '', reach, place, notes)
  if (form === undefined)
    return refuse(`地址 ${said(raw.address)} 的后缀与类型不符`, `the end of the address ${said(raw.address)} does not fit its type`)
  return { unit, tag: { name: raw.name, table: start.table, address, ...form, ...wordsOf(extras, type) } }
}

const said = (address: string | undefined): string => (address ?? '').slice(0, 100)

function bitForm(type: ValueType, rest: string): Partial<DraftTag> | undefined {
  return type === 'bit' && rest === '' ? { role: 'status' } : undefined
}

function formOf(type: ValueType, rest: string, reach: NeuronReach, place: string, notes: Notes): Partial<DraftTag> | undefined {
  if (type === 'bit') {
    const bit = /^\.(\d{1,2})$/.exec(rest)?.[1]
    return bit === undefined || Number(bit) > 15 ? undefined : { type, bit: Number(bit) }
  }
  if (type === 'string') return textForm(rest, place, notes)
  const letters = /^#(LL|LB|BB|BL|L|B)$/.exec(rest)?.[1]
  if (rest !== '' && letters === undefined) return undefined
  if (letters === 'BB' || letters === 'BL')
    notes.changed(
      place,
      `#${letters} 按文档视为 ${ORDERS[letters]}，Neuron 各版本不一致，请用 decode 核对`,
      `#${letters} is taken as ${ORDERS[letters]}, as documented; versions of Neuron differ, check it with decode`
    )
  const width = /(16|32|64)$/.exec(type)?.[1]
  const order = letters === undefined ? { 32: reach.order32, 64: reach.order64 }[width ?? ''] : ORDERS[letters]
  return { type, ...(order === undefined ? {} : { order }) }
}

// H: the high byte is the first of two characters; L: the low byte. With D and E a register holds one character only.
function textForm(rest: string, place: string, notes: Notes): Partial<DraftTag> | undefined {
  const match = /^\.(\d{1,3})([HLDE]?)$/.exec(rest)
  const length = Number(match?.[1])
  const letter = match?.[2] ?? ''
  if (match === null || length < 1 || length > 250 || letter === 'D' || letter === 'E') return undefined
  if (letter === '')
    notes.changed(place, '未写明字符顺序，按 H（高字节在前）导入', 'does not say the order of its characters; taken as H, high byte first')
  return { type: 'string', length, order: letter === 'L' ? 'BADC' : 'ABCD' }
}

function wordsOf({ attribute, decimal, bias, unit, description }: z.infer<typeof Extras>, type: ValueType): Partial<DraftTag> {
  const isNumber = type !== 'bit' && type !== 'string'
  const text = description?.trim() ?? ''
  return {
    ...(isNumber && decimal !== undefined && decimal !== 0 && decimal !== 1 ? { scale: rounded(decimal) } : {}),
    ...(isNumber && bias !== undefined && bias !== 0 ? { offset: rounded(bias) } : {}),
    ...(unit === undefined || unit === '' ? {} : { unit }),
    ...(text === '' ? {} : { title: { zh: text, en: text } }),
    ...((attribute & WRITE) === 0 ? {} : { writable: true })
  }
}
