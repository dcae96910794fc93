// Tells when no byte has come for a while.
export class Quiet {
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #again: (() => void) | undefined

  /** Calls back once it was quiet for so long; a wait that is under way is given up for this one. */
  wait(ms: number, done: () => void): void {
    this.stop()
    this.#again = () => this.wait(ms, done)
    this.#timer = setTimeout(() => {
      // A process that was held up finds its timer due before it has looked at its sockets. What came meanwhile is taken first.
      this.#immediate = setImmediate(() => {
        this.#again = undefined
        done()
      })
    }, ms)
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
}
