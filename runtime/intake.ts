// Between the arrival of messages and their acknowledgement: many are worked on at a time, within bounds,
// and are acknowledged in the order in which they came.

/** How much may be in work at a time. Each taker goes in at once; when full, it is the reading of more that waits. */
export class Room {
  readonly #maxMessages: number
  readonly #maxBytes: number
  #messages = 0
  #bytes = 0
  #held: (() => void)[] = []
  #empty: (() => void)[] = []

  constructor({ messages, bytes }: { messages: number; bytes: number }) {
    this.#maxMessages = messages
    this.#maxBytes = bytes
  }

  get messages(): number {
    return this.#messages
  }

  /** `next` is called at once while there is room for more, else as soon as there is. */
  enter(bytes: number, next: () => void): void {
    this.#messages++
    this.#bytes += bytes
    if (this.#full) this.#held.push(next)
    else next()
  }

  leave(bytes: number): void {
    this.#messages--
    this.#bytes -= bytes
    while (this.#held.length > 0 && !this.#full) this.#held.shift()?.()
    if (this.#messages === 0) for (const tell of this.#empty.splice(0)) tell()
  }

  /** Resolves when nothing is in work. */
  emptied(): Promise<void> {
    return this.#messages === 0 ? Promise.resolve() : new Promise((resolve) => this.#empty.push(resolve))
  }

  get #full(): boolean {
    return this.#messages >= this.#maxMessages || this.#bytes >= this.#maxBytes
  }
}

interface Receipt {
  readonly id: number
  settled: boolean
}

// MQTT 3.1.1, 4.6 and MQTT 5.0, 4.6: PUBACKs are sent in the order in which the PUBLISHes came.
export class Receipts {
  readonly #write: (bytes: Buffer) => void
  #waiting: Receipt[] = []
  #flushing = false

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write
  }

  /** Notes that a message came; gives what is to be called once it may be acknowledged. */
  expect(id: number): () => void {
    const receipt: Receipt = { id, settled: false }
    this.#waiting.push(receipt)
    return () => {
      receipt.settled = true
      if (receipt !== this.#waiting[0] || this.#flushing) return
      // Messages stored together settle together: their PUBACKs leave in one write.
      this.#flushing = true
      process.nextTick(() => this.#flush())
    }
  }

  /** After this nothing is acknowledged any more: the connection has gone, or a message was not taken. */
  close(): void {
    this.#waiting = []
  }

  #flush(): void {
    this.#flushing = false
    const open = this.#waiting.findIndex((receipt) => !receipt.settled)
    const settled = this.#waiting.splice(0, open === -1 ? this.#waiting.length : open)
    if (settled.length > 0) this.#write(Buffer.concat(settled.map(({ id }) => puback(id))))
  }
}

// MQTT 3.1.1, 3.4; in MQTT 5.0 (3.4.2.1) a PUBACK of this length stands for success.
function puback(id: number): Buffer {
  return Buffer.of(0x40, 0x02, id >> 8, id & 0xff)
}
