// One lane of the outbox on its way: what was sent of it, up to where it is known to be stored, and when to send again.
import { comparePositions, type Position } from '#contract/envelope.ts'
import type { Outbox, StoredMessage } from './outbox.ts'

interface Sent extends Position {
  acknowledged: boolean
}

// A collector that is away for long is not asked more often than this.
const LONGEST_RESEND_MS = 300_000

export class Sending {
  readonly lane: number
  readonly #outbox: Outbox
  resendAfterMs: number
  /** Everything up to here is known to be stored. */
  #stored: Position | null = null
  #cursor: Position | null = null
  #sent: Sent[] = []
  #furthest: Position | null = null
  #progressAt = performance.now()
  #patienceMs: number

  constructor({ lane, outbox, resendAfterMs }: { lane: number; outbox: Outbox; resendAfterMs: number }) {
    this.lane = lane
    this.#outbox = outbox
    this.resendAfterMs = resendAfterMs
    this.#patienceMs = resendAfterMs
  }

  get stored(): Position | null {
    return this.#stored
  }

  get cursor(): Position | null {
    return this.#cursor
  }

  /** Sent and not yet known to be stored. */
  get waiting(): number {
    return this.#sent.length
  }

  /** The oldest that is not known to be stored. */
  get oldest(): StoredMessage | undefined {
    return this.#outbox.after(this.#stored, 1, this.lane)[0]
  }

  /** What is to be sent next, oldest first. */
  next(limit: number): StoredMessage[] {
    return this.#outbox.after(this.#cursor, limit, this.lane)
  }

  /** True when everything in it is known to be stored, or was sent where nothing comes back. */
  isDone(acknowledged: boolean): boolean {
    return this.#outbox.after(acknowledged ? this.#stored : this.#cursor, 1, this.lane).length === 0
  }

  /** Notes that a message is on its way, and whether it is for the first time. */
  send({ boot, sequence }: Position, { wait }: { wait: boolean }): { sent: Sent; again: boolean } {
    const sent: Sent = { boot, sequence, acknowledged: false }
    this.#cursor = { boot, sequence }
    if (wait) this.#sent.push(sent)
    const again = this.#furthest !== null && comparePositions(sent, this.#furthest) <= 0
    if (!again) this.#furthest = this.#cursor
    return { sent, again }
  }

  /** The end of the unbroken row of messages that the broker has taken, where that is enough. */
  taken(sent: Sent, { isEnough }: { isEnough: boolean }): Position | undefined {
    sent.acknowledged = true
    if (!isEnough) return undefined
    let last: Sent | undefined
    while (this.#sent[0]?.acknowledged) last = this.#sent.shift()
    return last === undefined ? undefined : { boot: last.boot, sequence: last.sequence }
  }

  /** True when the place is news. */
  progress(stored: Position): boolean {
    if (this.#stored !== null && comparePositions(stored, this.#stored) <= 0) return false
    this.#stored = stored
    this.#outbox.forget(stored)
    this.#sent = this.#sent.filter((sent) => comparePositions(sent, stored) > 0)
    if (this.#cursor === null || comparePositions(this.#cursor, stored) < 0) this.#cursor = stored
    this.beginPatience()
    return true
  }

  beginPatience(): void {
    this.#progressAt = performance.now()
    this.#patienceMs = this.resendAfterMs
  }

  /** True when nothing moved for long enough; then it begins again after what is stored. */
  isStuck(): boolean {
    if (this.#sent.length === 0) this.#progressAt = performance.now()
    if (performance.now() - this.#progressAt < this.#patienceMs) return false
    this.#patienceMs = Math.min(LONGEST_RESEND_MS, this.#patienceMs * 2)
    this.#progressAt = performance.now()
    return true
  }

  rewind(): void {
    this.#sent = []
    this.#cursor = this.#stored
  }
}
