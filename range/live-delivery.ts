// Waits until the centre has all that the agent told until now, so that no alert is missed because a machine was slow. The centre
// says so by its watermark, which comes after what it tells of was judged.
import { setTimeout as sleep } from 'node:timers/promises'
import { decode } from '#contract/codec.ts'
import type { Position } from '#contract/envelope.ts'
import { ContractFault } from '#contract/fault.ts'
import { parseTopic } from '#contract/topics.ts'
import type { Publish } from './mqtt-packets.ts'

// Some never come: those that an attacker lets vanish.
const WITHIN_MS = 20_000
const LOOK_EVERY_MS = 50

export class LiveDelivery {
  #stored: Position = { boot: 0, sequence: 0 }

  /** What the broker gives to the agent. */
  hear({ topic, payload }: Publish): void {
    try {
      if (parseTopic(topic).kind === 'ack') this.#stored = decode('ack', payload)
    } catch (fault) {
      // What the agent will not read says nothing here either.
      if (!(fault instanceof ContractFault)) throw fault
    }
  }

  /** False when it did not come. */
  async settle(sent: Position, { signal, withinMs = WITHIN_MS }: { signal: AbortSignal; withinMs?: number }): Promise<boolean> {
    const deadline = performance.now() + withinMs
    while (!this.#has(sent)) {
      if (performance.now() > deadline) return false
      await sleep(LOOK_EVERY_MS, undefined, { signal })
    }
    return true
  }

  #has({ boot, sequence }: Position): boolean {
    return this.#stored.boot > boot || (this.#stored.boot === boot && this.#stored.sequence >= sequence)
  }
}
