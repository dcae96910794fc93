// What the tags of a PLC showed in the last hours, second by second, for attackers who replay what they saw.
import type { Plc } from './plc/plc.ts'
import { readTag, type TagMap } from './plc/tag-map.ts'

const KEPT_SECONDS = 86_400

export class Past {
  readonly #plc: Plc
  readonly #rows: TagMap['tags']
  readonly #columns = new Map<string, Float32Array>()
  #noted = 0

  constructor(options: { plc: Plc; map: TagMap }) {
    this.#plc = options.plc
    this.#rows = options.map.tags
    for (const tag of Object.keys(this.#rows)) this.#columns.set(tag, new Float32Array(KEPT_SECONDS))
  }

  /** Called each simulated second. */
  note(): void {
    const at = this.#noted++ % KEPT_SECONDS
    for (const [tag, column] of this.#columns) {
      const row = this.#rows[tag]
      if (row !== undefined) column[at] = readTag(this.#plc.image, row)
    }
  }

  value(tag: string, secondsAgo: number): number | undefined {
    const back = Math.round(secondsAgo)
    if (back < 1 || back > Math.min(this.#noted, KEPT_SECONDS)) return undefined
    return this.#columns.get(tag)?.[(this.#noted - back) % KEPT_SECONDS]
  }
}
