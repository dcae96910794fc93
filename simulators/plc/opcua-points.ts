// The points of OPC UA that a tag map makes: the same values as in the registers, without their scales.
import { type NumberPoint, type Point, UNITS } from './opcua-point.ts'
import type { RegisterImage } from './register-image.ts'
import { isRegister, readTag, type TagMap, type TagRow, writeTag } from './tag-map.ts'

export function pointsOf({ tags }: TagMap, image: RegisterImage): Point[] {
  return Object.entries(tags).map(([tag, row]) => (isRegister(row.place) ? numberPoint(tag, row, image) : flagPoint(tag, row, image)))
}

const canWrite = ({ role }: TagRow): boolean => role === 'setpoint' || role === 'command'

function numberPoint(tag: string, row: TagRow, image: RegisterImage): Point {
  const symbol = row.unit
  const code = symbol === undefined ? undefined : UNITS[symbol]
  // What people write may do harm, and to judge it is the business of others: setpoints take ten times their range.
  const range = row.range
  return {
    ...{ tag, title: row.title.en, kind: row.role, type: typeOf(row), read: () => readTag(image, row) },
    ...(symbol === undefined || code === undefined ? {} : { unit: { symbol: symbol.replace('m3', 'm³'), code } }),
    ...(range === undefined ? {} : { range: canWrite(row) ? wide(range) : { ...range } }),
    ...(row.history === true ? { history: true } : {}),
    ...(canWrite(row) ? { write: (value: number) => writeTag(image, row, value) } : {})
  }
}

function flagPoint(tag: string, row: TagRow, image: RegisterImage): Point {
  return {
    ...{ tag, title: row.title.en, kind: row.role, type: 'Boolean', read: () => readTag(image, row) === 1 },
    ...(canWrite(row) ? { write: (on: boolean) => writeTag(image, row, on ? 1 : 0) } : {})
  }
}

const wide = ({ low, high }: { low: number; high: number }) => ({ low: Math.min(low, low * 10), high: high * 10 })

function typeOf({ place }: TagRow): NumberPoint['type'] {
  if (!isRegister(place) || place.scale !== 1) return 'Float'
  if (place.format === 'uint16') return 'UInt16'
  if (place.format === 'uint32') return 'UInt32'
  return place.format === 'float64' ? 'Double' : 'Float'
}
