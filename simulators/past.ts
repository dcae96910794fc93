// What the measurements of a PLC showed in the last hours, second by second, for attackers who replay what they saw.
import type { Plc } from './plc/plc.ts'
import { isRegister, readTag, type TagMap, type TagRow } from './plc/tag-map.ts'

const DAY_SECONDS = 86_400

export class Past {
  readonly #plc: Plc
  readonly #columns = new Map<string, { row: TagRow; values: Float32Array | Float64Array }>()
  readonly #kept: number
  #noted = 0

  constructor({ plc, map, keptSeconds = DAY_SECONDS }: { plc: Plc; map: TagMap; keptSeconds?: number }) {
    this.#plc = plc
    this.#kept = keptSeconds
    for (const [tag, row] of Object.entries(map.tags))
      if (row.role === 'measurement') this.#columns.set(tag, { row, values: columnFor(row, keptSeconds) })
  }

  /** Called each simulated second. */
  note(): void {
    const at = this.#noted++ % this.#kept
    for (const { row, values } of this.#columns.values()) values[at] = readTag(this.#plc.image, row)
  }

  value(tag: string, secondsAgo: number): number | undefined {
    const back = Math.round(secondsAgo)
    if (back < 1 || back > Math.min(this.#noted, this.#kept)) return undefined
    return this.#columns.get(tag)?.values[(this.#noted - back) % this.#kept]
  }
}

// Counters have more digits than a single float keeps.
const EXACT_IN_SINGLE = ['uint16', 'int16', 'float32']

function columnFor({ place }: TagRow, seconds: number): Float32Array | Float64Array {
  return isRegister(place) && !EXACT_IN_SINGLE.includes(place.format) ? new Float64Array(seconds) : new Float32Array(seconds)
}
