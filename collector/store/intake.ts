// Takes appends in: many that wait together become one write to the journal, then they are applied to memory. When
// enough has gathered, a fresh list takes over and the full one is sealed beside it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Log } from '#runtime/log.ts'
import type { Journal } from './journal.ts'
import { decodeEntry, type Entry } from './journal-entry.ts'
import type { Latest } from './latest.ts'
import { type Block, OpenSamples } from './open-samples.ts'
import { StoreFault } from './telemetry.ts'

const MAX_WAITING_BYTES = 64 << 20
const RETRY_MS = 10_000
const TAKEN_IN_A_TURN = 100_000

interface Waiting {
  bytes: Uint8Array | undefined
  resolve: () => void
  reject: (fault: unknown) => void
}

export interface IntakeOptions {
  journal: Journal
  latest: Latest
  openSamples: number
  openMs: number
  seriesCount: () => number
  /** Makes the series that entries name durable. */
  register: () => Promise<void>
  /** Moves all samples into chunks, durably; after it the journal files before the given one are not needed. */
  seal: (open: OpenSamples, journalFile: number) => Promise<void>
  log: Log
}

export class Intake {
  readonly #options: IntakeOptions
  #filling: OpenSamples
  #fillingSince = Date.now()
  #full: { open: OpenSamples; journalFile: number } | undefined
  #sealing: Promise<void> | undefined
  #failedAt = 0
  readonly #spare: Block[] = []
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #committing: Promise<void> | undefined
  #closed = false

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#filling = this.#freshList()
  }

  /** The lists that hold samples, the older first. */
  get open(): OpenSamples[] {
    return this.#full === undefined ? [this.#filling] : [this.#full.open, this.#filling]
  }

  /** Applies entries of the journal of an earlier run. */
  replay(entry: Entry): void {
    this.#filling.add(entry, this.#options.seriesCount())
  }

  append(bytes: Uint8Array): Promise<void> {
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.length > MAX_WAITING_BYTES)
      return Promise.reject(new StoreFault('STORE_AWAY', 'too many samples wait for the disk'))
    this.#waitingBytes += bytes.length
    return this.#enqueue(bytes)
  }

  /** Puts all that was appended until now into chunks. */
  async seal(): Promise<void> {
    await this.#enqueue(undefined)
    await this.#sealing
    if (this.#full !== undefined) throw new StoreFault('STORE_AWAY', 'samples cannot be put into chunks')
  }

  /** Lets the appends that wait finish; takes no more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#committing
    await this.#sealing
  }

  #enqueue(bytes: Uint8Array | undefined): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreFault('STORE_AWAY', 'the store is closed'))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ bytes, resolve, reject })
    this.#committing ??= this.#commitAll()
    return promise
  }

  async #commitAll(): Promise<void> {
    // Appends of the same turn go into one write.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      this.#waitingBytes = 0
      await settle(
        group.filter(({ bytes }) => bytes !== undefined),
        () => this.#commit(group.flatMap(({ bytes }) => bytes ?? []))
      )
      await settle(
        group.filter(({ bytes }) => bytes === undefined),
        () => this.#turnOver()
      )
    }
    // In the same turn as the last look at what waits: an append after it must start a new round.
    this.#committing = undefined
  }

  async #commit(entries: readonly Uint8Array[]): Promise<void> {
    await this.#makeRoom()
    await this.#options.register()
    await this.#options.journal.write(entries)
    if (this.#filling.length === 0) this.#fillingSince = Date.now()
    let taken = 0
    for (const bytes of entries) {
      const entry = decodeEntry(bytes)
      this.#filling.add(entry, this.#options.seriesCount())
      taken += entry.count
      if (taken < TAKEN_IN_A_TURN) continue
      await nextTurn()
      taken = 0
    }
  }

  // Waits for sealing only when there is no room otherwise.
  async #makeRoom(): Promise<void> {
    const now = Date.now()
    const tooMany = this.#filling.length >= this.#options.openSamples
    const tooOld = this.#filling.length > 0 && now - this.#fillingSince >= this.#options.openMs
    if (!tooMany && (this.#sealing !== undefined || now - this.#failedAt < RETRY_MS)) return
    if (!tooMany && !tooOld && this.#full === undefined) return
    try {
      await this.#turnOver()
    } catch (fault) {
      if (tooMany) throw fault
    }
  }

  // Has the samples that are open now sealed, and a fresh list take over.
  async #turnOver(): Promise<void> {
    await this.#sealing
    if (this.#full !== undefined) await this.#sealFull(this.#full)
    if (this.#full !== undefined) throw new StoreFault('STORE_AWAY', 'samples cannot be put into chunks')
    if (this.#filling.length === 0) return
    this.#full = { open: this.#filling, journalFile: await this.#options.journal.startFile() }
    this.#filling = this.#freshList()
    this.#sealing = this.#sealFull(this.#full).finally(() => {
      this.#sealing = undefined
    })
  }

  #freshList(): OpenSamples {
    return new OpenSamples({ latest: this.#options.latest, spare: this.#spare })
  }

  async #sealFull({ open, journalFile }: { open: OpenSamples; journalFile: number }): Promise<void> {
    const { journal, log, seal } = this.#options
    try {
      await seal(open, journalFile)
      this.#full = undefined
      open.release()
      await journal.removeBefore(journalFile)
    } catch (error) {
      // A store that is being stopped leaves the rest to the next start.
      if (this.#closed) return
      this.#failedAt = Date.now()
      log.error({ err: error }, 'samples cannot be put into chunks; they stay in the journal and it is tried again')
    }
  }
}

async function settle(waiting: readonly Waiting[], work: () => Promise<void>): Promise<void> {
  if (waiting.length === 0) return
  try {
    await work()
    for (const { resolve } of waiting) resolve()
  } catch (cause) {
    const fault = cause instanceof StoreFault ? cause : new StoreFault('STORE_AWAY', 'samples cannot be written', { cause })
    for (const { reject } of waiting) reject(fault)
  }
}
