// A tag is one value of a plant: what it is called, what it means and where it is read.
import { z } from 'zod'
import { Id } from './site.ts'
import { Text } from './text.ts'

export const ROLES = ['measurement', 'setpoint', 'command', 'status'] as const
export type Role = (typeof ROLES)[number]

export const DATA_TYPES = ['bool', 'integer', 'float', 'string'] as const
export type DataType = (typeof DATA_TYPES)[number]

export const TagName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/, 'must start with a letter and hold letters, digits, _ . -, at most 100')
  .describe('A tag name, for example tower.level; unique within its agent.')

export const Range = z
  .strictObject({
    low: z.number().describe('The lowest value that is physically possible or agreed.'),
    high: z.number().describe('The highest value that is physically possible or agreed.')
  })
  .refine((range) => range.low < range.high, 'low must be below high')
  .describe('The engineering range of a tag in its unit.')
export type Range = z.infer<typeof Range>

export const Tag = z.strictObject({
  id: z.int().min(1).max(0x7fffffff).describe('The integer by which batches name the tag; stable within one tag map.'),
  name: TagName,
  device: Id.describe('The device that the tag is read from.'),
  role: z.enum(ROLES).describe('Whether the tag is a measurement, a setpoint, a command or a status.'),
  dataType: z.enum(DATA_TYPES).describe('The kind of value; bool is sent as 0 or 1.'),
  title: Text.optional().describe('The name that people know the tag by.'),
  unit: z.string().max(20).optional().describe('The engineering unit, for example m, bar or mg/L.'),
  range: Range.optional(),
  address: z.string().max(100).describe('Where the value is read, for example holding-register 40 of unit 1.'),
  cadenceMs: z.int().min(10).describe('How often the tag is read, in milliseconds.'),
  heartbeatMs: z.int().min(10).describe('After how many milliseconds an unchanged value is sent all the same.'),
  retired: z.boolean().optional().describe('True when the agent no longer reads the tag but may still hold samples of it.')
})
export type Tag = z.infer<typeof Tag>
