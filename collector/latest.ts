// The latest sample of each tag of one agent and view, in typed columns by slot, and which of them changed since they were last told.
import type { SampleValue } from '#contract/sample.ts'

const NONE = 0
const NUMBER = 1
const TEXT = 2
const NULL = 3

export interface LatestSample {
  time: number
  value: SampleValue
  quality: number
}

export class Latest {
  #kinds = new Uint8Array(0)
  #times = new Float64Array(0)
  #heard = new Float64Array(0)
  #numbers = new Float64Array(0)
  #qualities = new Float64Array(0)
  #texts: string[] = []
  #isChanged = new Uint8Array(0)
  #changed: number[] = []

  grow(slots: number): void {
    if (slots <= this.#kinds.length) return
    const size = Math.max(slots, this.#kinds.length * 2, 64)
    this.#kinds = widen(this.#kinds, new Uint8Array(size))
    this.#times = widen(this.#times, new Float64Array(size))
    this.#heard = widen(this.#heard, new Float64Array(size))
    this.#numbers = widen(this.#numbers, new Float64Array(size))
    this.#qualities = widen(this.#qualities, new Float64Array(size))
    this.#isChanged = widen(this.#isChanged, new Uint8Array(size))
  }

  /** Older samples than the one here leave it as it is. */
  take(slots: Int32Array, times: Float64Array, values: ArrayLike<SampleValue>, qualities: ArrayLike<number>, now: number): void {
    const kinds = this.#kinds
    const known = this.#times
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] ?? 0
      const time = times[i] ?? 0
      if (kinds[slot] !== NONE && time < (known[slot] ?? 0)) continue
      const value = values[i]
      known[slot] = time
      this.#heard[slot] = now
      this.#qualities[slot] = qualities[i] ?? 0
      if (typeof value === 'number') {
        kinds[slot] = NUMBER
        this.#numbers[slot] = value
      } else if (typeof value === 'string') {
        kinds[slot] = TEXT
        this.#texts[slot] = value
      } else kinds[slot] = NULL
      if (this.#isChanged[slot] === 0) {
        this.#isChanged[slot] = 1
        this.#changed.push(slot)
      }
    }
  }

  at(slot: number): LatestSample | null {
    const kind = this.#kinds[slot] ?? NONE
    if (kind === NONE) return null
    return { time: this.#times[slot] ?? 0, value: this.#value(kind, slot), quality: this.#qualities[slot] ?? 0 }
  }

  /** When the sample came, by the collector's clock. */
  heardAt(slot: number): number {
    return this.#heard[slot] ?? 0
  }

  /** The slots that changed since the last call. */
  changed(): readonly number[] {
    const slots = this.#changed
    if (slots.length === 0) return slots
    for (const slot of slots) this.#isChanged[slot] = 0
    this.#changed = []
    return slots
  }

  #value(kind: number, slot: number): SampleValue {
    if (kind === NUMBER) return this.#numbers[slot] ?? 0
    return kind === TEXT ? (this.#texts[slot] ?? '') : null
  }
}

function widen<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
