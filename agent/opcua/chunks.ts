// Many items in requests of a bounded size. A server that finds a request too large, whatever limit it named, is asked for less.
import { OpcUaFault } from './fault.ts'

// BadTooManyOperations, BadEncodingLimitsExceeded, BadRequestTooLarge, BadResponseTooLarge.
const TOO_LARGE = [0x80100000, 0x80080000, 0x80b80000, 0x80b90000]

export class Chunks {
  #most: number

  constructor(most: number) {
    this.#most = Math.max(1, most)
  }

  async each<T>(items: readonly T[], ask: (some: readonly T[]) => Promise<void>): Promise<void> {
    for (let at = 0; at < items.length; ) {
      const some = items.slice(at, at + this.#most)
      try {
        await ask(some)
        at += some.length
      } catch (error) {
        if (!(error instanceof OpcUaFault && TOO_LARGE.includes(error.status)) || some.length === 1) throw error
        this.#most = Math.ceil(some.length / 2)
      }
    }
  }
}
