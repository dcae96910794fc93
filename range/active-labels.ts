// Which attacks and faults were being played at a moment, from the lines of a recording so far.
import type { Label } from '#contract/label.ts'

export class ActiveLabels {
  readonly #labels = new Map<string, Label>()

  learn(label: Label): void {
    this.#labels.set(label.id, label)
  }

  /** The names in the order of their starts, each once. */
  at(time: number): string[] {
    const names = new Set<string>()
    for (const { name, start, end } of this.#labels.values()) if (start <= time && (end === null || time < end)) names.add(name)
    return [...names]
  }
}
