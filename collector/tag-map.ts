// From the integer tag ids of one tag map to the slots of its agent: an array look-up for each sample, no string.

const DENSE_IDS = 1 << 18
export const NO_SLOT = -1

export class TagMap {
  // Slot + 1 by id, so that a fresh array means "unknown".
  #dense = new Int32Array(64)
  readonly #sparse = new Map<number, number>()

  set(id: number, slot: number): void {
    if (id >= DENSE_IDS) {
      this.#sparse.set(id, slot)
      return
    }
    if (id >= this.#dense.length) {
      const wider = new Int32Array(Math.min(DENSE_IDS, Math.max(id + 1, this.#dense.length * 2)))
      wider.set(this.#dense)
      this.#dense = wider
    }
    this.#dense[id] = slot + 1
  }

  slotOf(id: number): number {
    if (id < this.#dense.length) return (this.#dense[id] ?? 0) - 1
    return this.#sparse.get(id) ?? NO_SLOT
  }
}
