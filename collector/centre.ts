// How the centre itself fares: its parts, each ok or failing since when and why, told when it changes.
import { PARTS_OF_CENTRE, type PartState } from '#contract/api.ts'
import type { Text } from '#contract/text.ts'

export type PartOfCentre = (typeof PARTS_OF_CENTRE)[number]

export class Centre {
  readonly #now: () => number
  readonly #states: Map<PartOfCentre, PartState>
  #listener: (states: PartState[]) => void = () => {}

  constructor({ now = Date.now }: { now?: () => number } = {}) {
    this.#now = now
    const since = now()
    this.#states = new Map(PARTS_OF_CENTRE.map((part) => [part, { part, state: 'ok', since, detail: null }]))
  }

  onChange(listener: (states: PartState[]) => void): void {
    this.#listener = listener
  }

  parts(): PartState[] {
    return [...this.#states.values()]
  }

  isFailing(part: PartOfCentre): boolean {
    return this.#states.get(part)?.state === 'failing'
  }

  ok(part: PartOfCentre): void {
    if (this.isFailing(part)) this.#set({ part, state: 'ok', since: this.#now(), detail: null })
  }

  failing(part: PartOfCentre, detail: Text): void {
    const before = this.#states.get(part)
    const wasFailing = before?.state === 'failing'
    if (wasFailing && before.detail?.en === detail.en) return
    this.#set({ part, state: 'failing', since: wasFailing ? before.since : this.#now(), detail })
  }

  #set(state: PartState): void {
    this.#states.set(state.part, state)
    this.#listener(this.parts())
  }
}
