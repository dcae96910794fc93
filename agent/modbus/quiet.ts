// Tells when no byte has come for a while.

// Of a process that was held up for longer than this nobody can say that it was quiet meanwhile: it did not listen.
const HELD_UP_MS = 10
const MOST_AGAIN = 5

export class Quiet {
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #again: (() => void) | undefined

  /** Calls back once it was quiet for so long; a wait that is under way is given up for this one. */
  wait(ms: number, done: () => void): void {
    this.#begin(ms, done, MOST_AGAIN)
  }

  /** A byte came: a wait begins anew. */
  broken(): void {
    this.#again?.()
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#again = undefined
  }

  #begin(ms: number, done: () => void, again: number): void {
    this.stop()
    this.#again = () => this.wait(ms, done)
    const begun = performance.now()
    const over = () => {
      if (again > 0 && performance.now() - begun > ms + HELD_UP_MS) this.#begin(ms, done, again - 1)
      else {
        this.#again = undefined
        done()
      }
    }
    // A timer may be due before the sockets are looked at: what lies there is taken first.
    this.#timer = setTimeout(() => {
      this.#immediate = setImmediate(over)
    }, ms)
  }
}
