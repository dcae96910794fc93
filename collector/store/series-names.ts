// The handles of series: whole numbers from 0 in the order in which they were first named.
import type { SeriesKey } from './telemetry.ts'

export class SeriesNames {
  readonly #numbers = new Map<string, number>()
  readonly #keys: SeriesKey[] = []
  readonly #unsaved: { number: number; key: SeriesKey }[] = []

  get count(): number {
    return this.#keys.length
  }

  numberOf(key: SeriesKey): number {
    const { site, agent, tag, view } = key
    const name = JSON.stringify([site, agent, tag, view])
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#keys.length
    this.restore(number, key)
    this.#unsaved.push({ number, key })
    return number
  }

  /** The series that are not written down yet. */
  get unsaved(): readonly { number: number; key: SeriesKey }[] {
    return this.#unsaved
  }

  saved(count: number): void {
    this.#unsaved.splice(0, count)
  }

  /** Gives a series the handle that it had before. */
  restore(number: number, key: SeriesKey): void {
    const { site, agent, tag, view } = key
    this.#numbers.set(JSON.stringify([site, agent, tag, view]), number)
    this.#keys[number] = key
  }

  keyOf(number: number): SeriesKey | undefined {
    return this.#keys[number]
  }
}
