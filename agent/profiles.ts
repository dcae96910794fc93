// Profiles: what is known of a make of device, from its maker's documents - a tag map, how it wants to be read, and where it is
// written. A device of a config names one and has its tags.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { TagName } from '#contract/tag.ts'
import { ConfigFault, FilePath } from '#runtime/config-file.ts'
import { readPart } from '#runtime/config-part.ts'
import { Quirks } from './modbus/quirks.ts'
import { MOST_BITS, MOST_REGISTERS } from './modbus/read-plan.ts'
import { Forbidden, inherited, ModbusTag } from './modbus/tag-config.ts'

const FOLDER = join(import.meta.dirname, 'profiles')

export const Profile = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'must hold small letters, digits, . and -, at most 64')
      .describe('The name by which a device asks for the profile; the same as that of its file.'),
    maker: z.string().min(1).max(100).describe('Who makes the device.'),
    family: z.string().min(1).max(200).describe('The device or family of devices that the map is for.'),
    citation: z
      .strictObject({
        title: z.string().min(1).max(300).describe('The title of the document.'),
        document: z.string().min(1).max(500).describe('Its number or address.'),
        revision: z.string().min(1).max(100).describe('Its revision or date.'),
        page: z.string().min(1).max(100).describe('The pages or sections that the map is from.')
      })
      .describe("The maker's document that the map is from; a map from memory is not one."),
    goldenCase: z
      .string()
      .max(200)
      .optional()
      .describe(
        'The folder, from the root of the sources, with a case that the map is tested by; each that comes with the program has one.'
      ),
    maxRegistersPerRead: z.int().min(1).max(MOST_REGISTERS).optional().describe('The most registers in one request.'),
    maxBitsPerRead: z.int().min(1).max(MOST_BITS).optional().describe('The most coils or discrete inputs in one request.'),
    minGapMs: z.int().min(0).max(10_000).default(0).describe('The shortest pause after each answer.'),
    forbidden: Forbidden,
    quirks: Quirks,
    ...inherited,
    tags: z.array(ModbusTag).min(1).max(5000).describe('The values; the prefix of the device comes before their names.')
  })
  .describe('A tag map of a make of device.')
export type Profile = z.infer<typeof Profile>

/** The name of a profile that comes with the program, or a file of the site: what ends in .yaml. */
export const ProfileName = z
  .string()
  .min(1)
  .max(4096)
  .transform((name) => (name.endsWith('.yaml') ? FilePath.parse(name) : name))
  .superRefine((name, ctx) => {
    for (const message of faultsOf(name)) ctx.addIssue({ code: 'custom', message })
  })
  .describe('The profile of the device: the name of one that comes with the program, or a file of your own that ends in .yaml.')

/** The tag name that a tag of a profile has at a device. */
export function nameAt(device: { id: string; prefix?: string | undefined }, tag: string): string {
  return `${device.prefix ?? `${device.id}.`}${tag}`
}

export const isTagName = (name: string): boolean => TagName.safeParse(name).success

// A config is checked more than once, and many devices may share a profile; a changed file is read again.
const loaded = new Map<string, { changed: number; size: number; profile: Profile }>()

/** Throws ConfigFault, with the place in the file of the profile. */
export function profileOf(name: string): Profile {
  const file = name.endsWith('.yaml') ? name : join(FOLDER, `${name.replace(/[^a-z0-9.-]/g, '_')}.yaml`)
  const { mtimeMs: changed, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: -1 }
  const known = loaded.get(file)
  if (known?.changed === changed && known.size === size) return known.profile
  const profile = readPart({ file, schema: Profile })
  loaded.set(file, { changed, size, profile })
  return profile
}

function faultsOf(name: string): string[] {
  try {
    profileOf(name)
    return []
  } catch (error) {
    if (error instanceof ConfigFault) return error.message.split('\n')
    throw error
  }
}
