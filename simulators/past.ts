// What the tags of a PLC showed in the last hours, second by second, for attackers who replay what they saw.
import type { Plc } from './plc/plc.ts'
import { readTag, type TagMap } from './plc/tag-map.ts'

const DAY_SECONDS = 86_400

export class Past {
  readonly #plc: Plc
  readonly #rows: TagMap['tags']
  readonly #columns = new Map<string, Float32Array>()
  readonly #kept: number
  #noted = 0

  constructor({ plc, map, keptSeconds = DAY_SECONDS }: { plc: Plc; map: TagMap; keptSeconds?: number }) {
    this.#plc = plc
    this.#rows = map.tags
    this.#kept = keptSeconds
    for (const tag of Object.keys(this.#rows)) this.#columns.set(tag, new Float32Array(keptSeconds))
  }

  /** Called each simulated second. */
  note(): void {
    const at = this.#noted++ % this.#kept
    for (const [tag, column] of this.#columns) {
      const row = this.#rows[tag]
      if (row !== undefined) column[at] = readTag(this.#plc.image, row)
    }
  }

  value(tag: string, secondsAgo: number): number | undefined {
    const back = Math.round(secondsAgo)
    if (back < 1 || back > Math.min(this.#noted, this.#kept)) return undefined
    return this.#columns.get(tag)?.[(this.#noted - back) % this.#kept]
  }
}
