// What attackers make of reports with code inside the PLC: several tags at once, begun once and ended once.
import type { Noise } from '../plants/noise.ts'
import type { Distortion } from '../plc/plc.ts'
import { type TagMap, type TagRow, tagNamed } from '../plc/tag-map.ts'
import type { Aim, Foothold } from './attack.ts'

export type Reports = Readonly<Record<string, Distortion>>

export class Forgery {
  readonly #foothold: Pick<Foothold, 'falsify'>
  readonly #reports: Reports
  #releases: (() => void)[] = []

  constructor(foothold: Pick<Foothold, 'falsify'>, reports: Reports) {
    this.#foothold = foothold
    this.#reports = reports
  }

  /** Does nothing when it has begun already, as attacks that insist strike again. */
  begin(): void {
    if (this.#releases.length > 0) return
    for (const [tag, distortion] of Object.entries(this.#reports)) this.#releases.push(this.#foothold.falsify(tag, distortion))
  }

  end(): void {
    for (const release of this.#releases.splice(0)) release()
  }
}

/** An attack that does nothing else. */
export function forgingAim(foothold: Foothold, reports: Reports): Aim {
  const forgery = new Forgery(foothold, reports)
  return {
    ...{ tags: Object.keys(reports), hosts: [], insistSeconds: 0 },
    strike: async () => forgery.begin(),
    undo: async () => forgery.end()
  }
}

/** Shows a value that stands still, with the noise that its instrument has: a deadband is about twice the noise. */
export function steadily(row: TagRow, noise: Noise, at?: number): Distortion {
  let held = at
  return (value) => {
    held ??= value
    return held + ((row.deadband ?? 0) / 2) * noise.normal()
  }
}

/** From the low to the high end of a tag. */
export function spanOf(map: TagMap, tag: string): number {
  const { range } = tagNamed(map, tag)
  if (range === undefined) throw new RangeError(`${tag} has no range to take a share of`)
  return range.high - range.low
}
