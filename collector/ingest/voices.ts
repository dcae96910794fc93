// Who speaks as one agent: a process that was followed by another and speaks again shows that two of them are running.

export interface Speaker {
  boot: number
  startedAt: number
}

const REMEMBERED = 4
const FRESH_MS = 600_000
// A birth tells the start exactly; from a health message it is worked out, while the clock may be adjusted a little.
const SAME_START_MS = { birth: 0, health: 30_000 }

type Kind = keyof typeof SAME_START_MS

export class Voices {
  // The present one is last.
  readonly #known: Readonly<Record<Kind, Speaker[]>> = { birth: [], health: [] }
  readonly #returns: number[] = []

  /** True when this process was followed by another before. */
  hear(kind: Kind, { boot, startedAt }: Speaker, now: number): boolean {
    const known = this.#known[kind]
    const at = known.findIndex((other) => other.boot === boot && Math.abs(other.startedAt - startedAt) <= SAME_START_MS[kind])
    const returns = at >= 0 && at < known.length - 1
    if (at >= 0) known.splice(at, 1)
    known.push({ boot, startedAt })
    if (known.length > REMEMBERED) known.shift()
    if (returns) this.#returns.push(now)
    if (this.#returns.length > 2) this.#returns.shift()
    return returns
  }

  /** Once may be a message that a broker kept and tells late; twice within some minutes is not. */
  areTwo(now: number): boolean {
    return this.#returns.length === 2 && this.#returns.every((time) => Math.abs(now - time) < FRESH_MS)
  }
}
