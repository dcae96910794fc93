// One value of a Modbus device as a config or a profile writes it down.
import { z } from 'zod'
import { Range, ROLES, TagName } from '#contract/tag.ts'
import { Text } from '#contract/text.ts'
import { bilingual } from '#runtime/config-file.ts'
import { parsePlace } from './place.ts'
import { isBitTable, TABLES } from './read-plan.ts'
import { BYTE_ORDERS, VALUE_TYPES, type ValueType } from './registers.ts'

export const Address = z.int().min(0).max(0xffff)
export const CadenceMs = z.int().min(50).max(3_600_000)
export const HeartbeatMs = z.int().min(50).max(86_400_000)
export const Deadband = z.number().min(0)
export const Order = z
  .enum(BYTE_ORDERS)
  .describe('The order of the bytes of a value: ABCD big-endian, CDAB words turned round, BADC bytes, DCBA both.')

/** What a tag takes from its device, and a device from the agent, when it says nothing itself. */
export const inherited = {
  cadenceMs: CadenceMs.optional().describe('How often the value is read, in milliseconds.'),
  heartbeatMs: HeartbeatMs.optional().describe('After how many milliseconds an unchanged value is sent all the same.'),
  deadband: Deadband.optional().describe('How far a number must move to be sent, in the unit of the tag; 0 sends every change.'),
  order: Order.optional()
}

export const ModbusTag = z
  .strictObject({
    name: TagName,
    title: Text.optional().describe('The name that people know the tag by.'),
    role: z.enum(ROLES).default('measurement').describe('Whether the tag is a measurement, a setpoint, a command or a status.'),
    unit: z.string().min(1).max(20).optional().describe('The engineering unit, for example m, bar or mg/L.'),
    range: Range.optional(),
    at: z
      .string()
      .max(100)
      .refine(
        (at) => parsePlace(at) !== undefined,
        bilingual(
          '应形如 "holding 10 float32 CDAB"、"coil 3"、"input 4 bit:7"、"holding 20 string:16" 或 "400011 int16"',
          'must look like "holding 10 float32 CDAB", "coil 3", "input 4 bit:7", "holding 20 string:16" or "400011 int16"'
        )
      )
      .optional()
      .describe('Where the value lies, in short: table, address from 0, type and byte order; instead of the keys below.'),
    table: z.enum(TABLES).optional().describe('The table that the value lies in.'),
    address: Address.optional().describe('The address of the first register or bit, counted from 0.'),
    type: z.enum(VALUE_TYPES).optional().describe('How the value lies in its registers; bool in a table of bits.'),
    bit: z.int().min(0).max(15).optional().describe('With type bit: which bit of the register, 0 is the lowest.'),
    length: z.int().min(1).max(250).optional().describe('With type string: how many characters, two in each register.'),
    scale: z.number().optional().describe('The value is the number in the device times this, plus offset.'),
    offset: z.number().optional().describe('What is added after scale.'),
    absent: z
      .array(z.number())
      .min(1)
      .max(8)
      .optional()
      .describe(
        'Numbers by which the device says that it has no value, for example 65535: before scale and offset; with type bit, of the whole register.'
      ),
    ...inherited
  })
  .check((ctx) => {
    for (const { path, zh, en } of faultsOf(ctx.value))
      ctx.issues.push({ code: 'custom', path: [path], message: bilingual(zh, en)(), input: ctx.value })
  })
  .describe('One value of a device.')
export type ModbusTag = z.infer<typeof ModbusTag>

export const Forbidden = z
  .array(
    z
      .strictObject({
        table: z.enum(TABLES).describe('The table.'),
        from: Address.describe('The first address.'),
        to: Address.describe('The last address.')
      })
      .refine((range) => range.from <= range.to, bilingual('to 不得小于 from', 'to must not be below from'))
      .describe('A range of addresses.')
  )
  .max(200)
  .default([])
  .describe('Addresses that are never read, not even between two tags.')

interface TagFault {
  path: string
  zh: string
  en: string
}

function faultsOf(tag: {
  at?: string | undefined
  table?: (typeof TABLES)[number] | undefined
  address?: number | undefined
  type?: ValueType | undefined
  bit?: number | undefined
  length?: number | undefined
  scale?: number | undefined
  offset?: number | undefined
  range?: unknown
  absent?: unknown
}): TagFault[] {
  const short = tag.at === undefined ? undefined : parsePlace(tag.at)
  if (tag.at !== undefined && short === undefined) return []
  const faults: TagFault[] = []
  const fault = (path: string, zh: string, en: string) => void faults.push({ path, zh, en })
  const { table, address, type, bit, length } = { ...tag, ...short }
  if (short !== undefined && (tag.table ?? tag.address ?? tag.type ?? tag.bit ?? tag.length) !== undefined)
    fault('at', 'at 不得与 table、address、type、bit、length 同时使用', 'at goes without table, address, type, bit and length')
  if (table === undefined || address === undefined) {
    fault('name', '须给出 at，或 table 与 address', 'needs at, or table and address')
    return faults
  }
  const place = short === undefined ? 'type' : 'at'
  const isNumber = type !== undefined && !['bool', 'bit', 'string'].includes(type)
  if (isBitTable(table)) {
    if (type !== undefined && type !== 'bool') fault(place, '线圈和离散输入仅可为 bool', 'a coil or discrete input is a bool')
  } else if (type === undefined) fault(place, '寄存器须给出 type', 'a register needs a type')
  else if (type === 'bool') fault(place, '寄存器中的一位请用 bit', 'one bit of a register is of type bit')
  if ((type === 'bit') !== (bit !== undefined))
    fault(place, 'bit 类型须给出位号（0 至 15），其他类型不得给出', 'type bit needs the number of the bit (0 to 15), no other type has one')
  if (bit !== undefined && bit > 15) fault(place, '位号应为 0 至 15', 'a register has the bits 0 to 15')
  if ((type === 'string') !== (length !== undefined))
    fault(place, 'string 类型须给出长度，其他类型不得给出', 'type string needs a length, no other type has one')
  if (length !== undefined && (length < 1 || length > 250)) fault(place, '长度应为 1 至 250 个字符', 'a string has 1 to 250 characters')
  for (const key of ['scale', 'offset', 'range'] as const)
    if (tag[key] !== undefined && !isNumber) fault(key, '仅用于数值', 'goes with numbers only')
  if (tag.absent !== undefined && !isNumber && type !== 'bit') fault('absent', '仅用于数值和位', 'goes with numbers and bits only')
  if (tag.scale === 0) fault('scale', '不得为 0', 'must not be 0')
  return faults
}
