// What ought to stand in the tags that attackers have in hand: what the first of them found there, or what the rightful people have
// written since, also when it never reached the PLC as they meant it.
import { type TagMap, tagNamed } from '../plc/tag-map.ts'

export class Rightful {
  readonly #map: TagMap
  readonly #held = new Map<string, { value: number; holders: Set<object> }>()

  constructor(map: TagMap) {
    this.#map = map
  }

  /**
   * Somebody has tags in hand and found these values in them, or in the orders for them, which are lies when others came before. An
   * order to the program that is found standing is about to be taken back.
   */
  hold(holder: object, found: Readonly<Record<string, number>>): void {
    for (const [tag, value] of Object.entries(found)) {
      const one = this.#held.get(tag) ?? { value: this.#isOrder(tag) ? 0 : value, holders: new Set() }
      one.holders.add(holder)
      this.#held.set(tag, one)
    }
  }

  /** The rightful people have written this. An order that is done and taken back is not what stands there afterwards. */
  wrote(values: Readonly<Record<string, number>>): void {
    for (const [tag, value] of Object.entries(values)) {
      const one = this.#held.get(tag)
      if (one !== undefined && !this.#isOrder(tag)) one.value = value
    }
  }

  /** Undefined when nobody has the tag in hand: then it is what the PLC shows. */
  value(tag: string): number | undefined {
    return this.#held.get(tag)?.value
  }

  /** What somebody who lets go has to put back: not what others still have in hand, the last of them does that. */
  owedBy(holder: object): Record<string, number> {
    const alone = [...this.#held].filter(([, { holders }]) => holders.has(holder) && holders.size === 1)
    return Object.fromEntries(alone.map(([tag, { value }]) => [tag, value]))
  }

  release(holder: object): void {
    for (const [tag, { holders }] of this.#held) if (holders.delete(holder) && holders.size === 0) this.#held.delete(tag)
  }

  #isOrder(tag: string): boolean {
    return tagNamed(this.#map, tag).isOrder === true
  }
}
