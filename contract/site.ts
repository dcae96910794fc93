// A site is one plant or station that agents watch; its id is part of every topic.
import { z } from 'zod'
import { Text } from './text.ts'

export const SECTORS = ['water', 'heat', 'gas'] as const
export type Sector = (typeof SECTORS)[number]

// Lower case without wildcards, so that an id can stand in an MQTT topic, a file name and a URL.
export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, at most 63')
  .describe('An identifier: lower-case letters, digits and hyphens, at most 63 characters.')

export const Site = z.strictObject({
  id: Id.describe('The identifier of the site, unique in the whole system.'),
  title: Text.describe('The name that people know the site by.'),
  sector: z.enum(SECTORS).describe('Whether the site supplies water, heat or gas; chooses the rule pack.')
})
export type Site = z.infer<typeof Site>
