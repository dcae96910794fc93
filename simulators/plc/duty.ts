// What people of a works do by the book: when, under which condition, and what they write. Each plant has a book of its own.
import type { Noise } from '../plants/noise.ts'

/** What a person has before the eyes and within reach. */
export interface Desk {
  /** The plant's time. */
  readonly seconds: number
  /** The last reading of a tag of the map. */
  value(tag: string): number
  /** Writes a tag; consecutive holding registers go out in one request. */
  write(values: Readonly<Record<string, number>>): Promise<void>
}

export interface Duty {
  /** Plant seconds. */
  at: number
  name: string
  /** The engineer works at a workstation with an address of its own. */
  who: 'operator' | 'engineer'
  /** Whether the book allows it as things stand; a duty that is not allowed waits for an hour and is then left out. */
  allowed?: (desk: Desk) => boolean
  act: (desk: Desk) => Promise<void>
  /** The duty that puts things back afterwards, made up before it acts. */
  follows?: (desk: Desk) => Duty
}

/** All duties of one day since the first Monday, in any order; the noise is drawn from once for each day. */
export type DutyBook = (day: number, noise: Noise) => Duty[]
