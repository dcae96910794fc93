// The tag map of a PLC, as its maker's manual lists it: what each value means and where it lies. From it come the register
// image, the points of OPC UA, the config of an agent, the pictures and the columns of an export.
import type { Role } from '#contract/tag.ts'
import type { Text } from '#contract/text.ts'
import type { PlantKind } from '../plants/plant.ts'
import { type Layout, RegisterImage, TABLES, type Table } from './register-image.ts'
import { putValue, type Register, takeValue, wordsOf } from './registers.ts'

/** A coil, a discrete input, or one bit of a packed register; bit 0 is the lowest. */
export interface BitPlace {
  readonly table: Table
  readonly address: number
  readonly bit?: number
}

export interface TagRow {
  readonly title: Text
  readonly role: Role
  readonly place: Register | BitPlace
  /** As people write it, for example m3/h. */
  readonly unit?: string
  readonly range?: { readonly low: number; readonly high: number }
  /** What stands there after a cold start: of setpoints and commands; commands are off when it does not say. */
  readonly initial?: number
  /** A command that the program takes back once it has been carried out. */
  readonly isOrder?: true
  /** How far it must move to be worth sending; about twice its noise. */
  readonly deadband?: number
  /** Kept as history by the OPC UA server. */
  readonly history?: boolean
}

export const tagRow = (zh: string, en: string, role: Role, place: TagRow['place'], more: Partial<TagRow> = {}): TagRow => ({
  ...{ title: { zh, en }, role, place },
  ...more
})

export interface TagMap {
  readonly plant: PlantKind
  /** What the PLC says of itself (function 43/14). */
  readonly identity: { readonly vendor: string; readonly product: string; readonly revision: string }
  readonly tags: Readonly<Record<string, TagRow>>
  /** Stretches that exist and mean nothing; all other addresses without a tag are refused. */
  readonly reserve?: Partial<Layout>
}

export const isRegister = (place: Register | BitPlace): place is Register => 'format' in place

export function readTag(image: RegisterImage, { place }: TagRow): number {
  if (isRegister(place)) return takeValue(image, place)
  const word = image[place.table][place.address] ?? 0
  return place.bit === undefined ? word & 1 : (word >> place.bit) & 1
}

export function writeTag(image: RegisterImage, { place }: TagRow, value: number): void {
  if (isRegister(place)) {
    putValue(image, place, value)
    return
  }
  const words = image[place.table]
  const on = value !== 0
  if (place.bit === undefined) words[place.address] = on ? 1 : 0
  else words[place.address] = ((words[place.address] ?? 0) & ~(1 << place.bit)) | (on ? 1 << place.bit : 0)
}

export const emptyImageOf = (map: TagMap): RegisterImage => new RegisterImage(layoutOf(map))

/** The image of a PLC after a cold start. */
export function imageOf(map: TagMap): RegisterImage {
  const image = emptyImageOf(map)
  coldStart(map, image)
  return image
}

/** Puts every setpoint and command to what stands there after a cold start. */
export function coldStart(map: TagMap, image: RegisterImage): void {
  for (const row of Object.values(map.tags)) if (row.initial !== undefined || row.role === 'command') writeTag(image, row, row.initial ?? 0)
}

export function tagNamed({ tags }: TagMap, name: string): TagRow {
  const row = Object.hasOwn(tags, name) ? tags[name] : undefined
  if (row === undefined) throw new RangeError(`the PLC has no tag ${name}`)
  return row
}

function layoutOf({ tags, reserve = {} }: TagMap): Layout {
  const stretches = (table: Table) => [
    ...(reserve[table] ?? []),
    ...Object.values(tags).flatMap(({ place }) =>
      place.table === table ? [[place.address, place.address + (isRegister(place) ? wordsOf(place) : 1) - 1] as const] : []
    )
  ]
  const [coils, discreteInputs, inputRegisters, holdingRegisters] = TABLES.map(stretches)
  return {
    coils: coils ?? [],
    discreteInputs: discreteInputs ?? [],
    inputRegisters: inputRegisters ?? [],
    holdingRegisters: holdingRegisters ?? []
  }
}
