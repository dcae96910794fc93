// What a line without transaction ids remembers over its connections: which units owe an answer that may come late. A serial
// server gives what comes late to whoever is connected then, so a new connection alone does not settle it.

// So many times in a row, with no answer between, a lost line is made new at once; then the device is let alone like one that
// cannot be reached.
const MOST_LOST_IN_A_ROW = 8

export class Doubt {
  // Unit -> up to when its late answer is likely to come. Units are bytes, so there are at most 256.
  readonly #owed = new Map<number, number>()
  #lostInARow = 0

  has(unit: number): boolean {
    return this.#owed.has(unit)
  }

  hasOther(unit: number): boolean {
    return this.#owed.size > (this.#owed.has(unit) ? 1 : 0)
  }

  /** How long this unit is best left alone. */
  graceMs(unit: number, now: number): number {
    return Math.max(0, (this.#owed.get(unit) ?? 0) - now)
  }

  /** Whether a late answer of any unit is likely to come now. */
  awaits(now: number): boolean {
    return this.#owed.values().some((until) => now < until)
  }

  add(unit: number, until: number): void {
    this.#owed.set(unit, until)
  }

  settle(unit: number): void {
    this.#owed.delete(unit)
    this.#lostInARow = 0
  }

  /** The line was lost once more; whether it is to be made new at once. */
  lost(): boolean {
    return ++this.#lostInARow <= MOST_LOST_IN_A_ROW
  }
}
