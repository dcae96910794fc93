// Who tampers with the traffic of whom: several at once work one after the other, and a PDU that one lets vanish is gone.
import type { Tamper } from './tamper.ts'

export class Tampers<Victim extends string> {
  readonly #entries = new Set<{ victim: Victim; tamper: Tamper }>()

  /** Tampers until the returned function is called. */
  add(victim: Victim, tamper: Tamper): () => void {
    const entry = { victim, tamper }
    this.#entries.add(entry)
    return () => void this.#entries.delete(entry)
  }

  /** All that is done to one of them, now and later. */
  of(victim: Victim): Tamper {
    const chain = (pdu: Buffer, change: (tamper: Tamper, pdu: Buffer) => Buffer | null | undefined) => {
      let left = pdu
      for (const entry of this.#entries) {
        if (entry.victim !== victim) continue
        const changed = change(entry.tamper, left)
        if (changed === null) return null
        left = changed ?? left
      }
      return left
    }
    return {
      request: (pdu) => chain(pdu, (tamper, asked) => tamper.request?.(asked)),
      reply: (request, reply) => chain(reply, (tamper, told) => tamper.reply?.(request, told))
    }
  }
}
