// Where a tag lies in a Modbus device, written short: "holding 10 float32 CDAB", "coil 3", "input 4 bit:7", "400001 int16".
import { TABLES, type Table } from './read-plan.ts'
import { BYTE_ORDERS, type ByteOrder, VALUE_TYPES, type ValueType } from './registers.ts'

export interface Place {
  table: Table
  address: number
  type?: ValueType
  order?: ByteOrder
  bit?: number
  length?: number
}

const SHORT_TABLES: Readonly<Record<string, Table>> = {
  coil: 'coil',
  discrete: 'discrete-input',
  input: 'input-register',
  holding: 'holding-register',
  ...Object.fromEntries(TABLES.map((table) => [table, table]))
}

// Numbers of makers' manuals count from 1 and carry the table in the first of 5 or 6 digits.
const NUMBERED_TABLES: Readonly<Record<string, Table>> = { 0: 'coil', 1: 'discrete-input', 3: 'input-register', 4: 'holding-register' }

/** The place, or undefined when the text is not of that form. */
export function parsePlace(text: string): Place | undefined {
  const words = text.trim().split(/\s+/)
  const start = numbered(words[0] ?? '') ?? named(words[0] ?? '', words[1] ?? '')
  if (start === undefined) return undefined
  const { table, address, used } = start
  const place: Place = { table, address }
  for (const word of words.slice(used)) {
    const order = BYTE_ORDERS.find((one) => one === word.toUpperCase())
    if (order !== undefined && place.order === undefined) place.order = order
    else if (place.type !== undefined || !takeType(place, word)) return undefined
  }
  return place
}

/** Whether the place is written as in makers' manuals, 400001; such numbers count from 1 whatever else is said. */
export const isNumbered = (text: string): boolean => /^\s*\d{5,6}(\s|$)/.test(text)

function takeType(place: Place, word: string): boolean {
  const [name = '', argument] = word.split(':')
  const type = VALUE_TYPES.find((one) => one === name)
  if (type === undefined) return false
  place.type = type
  if (argument === undefined) return true
  if (!/^\d{1,3}$/.test(argument)) return false
  if (type === 'bit') place.bit = Number(argument)
  else if (type === 'string') place.length = Number(argument)
  else return false
  return true
}

function named(word: string, number: string): { table: Table; address: number; used: number } | undefined {
  const table = Object.hasOwn(SHORT_TABLES, word) ? SHORT_TABLES[word] : undefined
  if (table === undefined || !/^\d{1,5}$/.test(number) || Number(number) > 0xffff) return undefined
  return { table, address: Number(number), used: 2 }
}

function numbered(word: string): { table: Table; address: number; used: number } | undefined {
  if (!/^\d{5,6}$/.test(word)) return undefined
  const table = NUMBERED_TABLES[word.charAt(0)]
  const address = Number(word.slice(1)) - 1
  return table === undefined || address < 0 || address > 0xffff ? undefined : { table, address, used: 1 }
}
