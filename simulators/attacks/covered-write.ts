// What several attacks have in common: they write values and cover the harm with reports that stand still.
import { Noise } from '../plants/noise.ts'
import { tagNamed } from '../plc/tag-map.ts'
import type { Aim, Foothold } from './attack.ts'
import { Forgery, steadily } from './forgery.ts'
import { takeHold } from './hold.ts'

export interface CoveredWrite {
  write: Readonly<Record<string, number>>
  /** The reports that are kept as they were. */
  cover: readonly string[]
  insistSeconds: number
  seed: number
}

export async function coveredAim(foothold: Foothold, { write, cover, insistSeconds, seed }: CoveredWrite): Promise<Aim> {
  const hold = await takeHold(foothold)
  hold.keep(...Object.keys(write))
  const noise = new Noise(seed, 'covered-write')
  const reports = cover.map((tag) => [tag, steadily(tagNamed(foothold.map, tag), noise, hold.before(tag))] as const)
  const forgery = new Forgery(foothold, Object.fromEntries(reports))
  return {
    ...{ tags: [...Object.keys(write), ...cover], hosts: [hold.host], insistSeconds },
    async strike() {
      forgery.begin()
      await hold.write(write)
    },
    async undo() {
      await hold.putBack()
      forgery.end()
    }
  }
}
