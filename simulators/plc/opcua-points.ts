// The points of OPC UA that a tag map makes: the same values as in the registers, without their scales.
import { type NumberPoint, type Point, type Range, UNITS } from './opcua-point.ts'
import type { RegisterImage } from './register-image.ts'
import type { Format } from './registers.ts'
import { isRegister, readTag, type TagMap, type TagRow, writeTag } from './tag-map.ts'

export function pointsOf({ tags }: TagMap, image: RegisterImage): Point[] {
  return Object.entries(tags).map(([tag, row]) => (isRegister(row.place) ? numberPoint(tag, row, image) : flagPoint(tag, row, image)))
}

const canWrite = ({ role }: TagRow): boolean => role === 'setpoint' || role === 'command'

function numberPoint(tag: string, row: TagRow, image: RegisterImage): Point {
  const { unit, range, title, role } = row
  return {
    ...{ tag, title, kind: role, type: typeOf(row), read: () => readTag(image, row) },
    ...(unit === undefined ? {} : { unit: { symbol: unit.replace('m3', 'm³'), code: UNITS[unit] ?? null } }),
    ...(range === undefined ? {} : { range }),
    ...(row.history === true ? { history: true } : {}),
    ...(canWrite(row) ? { write: (value: number) => writeTag(image, row, value), ...acceptedBy(row) } : {})
  }
}

function flagPoint(tag: string, row: TagRow, image: RegisterImage): Point {
  return {
    ...{ tag, title: row.title, kind: row.role, type: 'Boolean', read: () => readTag(image, row) === 1 },
    ...(canWrite(row) ? { write: (on: boolean) => writeTag(image, row, on ? 1 : 0) } : {})
  }
}

// What people write may do harm, and to judge it is the business of others: a setpoint takes ten times its range, and no value
// that its register would have to cut down.
function acceptedBy({ place, range }: TagRow): { accepted?: Range } {
  if (range === undefined || !isRegister(place)) return {}
  const { format, scale, offset = 0 } = place
  const [least, most] = COUNTS[format]
  return {
    accepted: {
      low: Math.max(least * scale + offset, Math.min(0, range.low * 10)),
      high: Math.min(most * scale + offset, range.high * 10)
    }
  }
}

const COUNTS: Readonly<Record<Format, readonly [number, number]>> = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  float32: [-3.4e38, 3.4e38],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE]
}

// Counts stay whole numbers. A scaled count of 32 bits has more digits than a float keeps.
function typeOf({ place }: TagRow): NumberPoint['type'] {
  if (!isRegister(place)) return 'UInt16'
  const { format, scale, offset = 0 } = place
  if (format === 'float64') return 'Double'
  if (format === 'float32') return 'Float'
  const isWhole = scale === 1 && offset === 0
  if (format === 'int16') return isWhole ? 'Int16' : 'Float'
  if (format === 'uint16') return isWhole ? 'UInt16' : 'Float'
  if (format === 'int32') return isWhole ? 'Int32' : 'Double'
  return isWhole ? 'UInt32' : 'Double'
}
