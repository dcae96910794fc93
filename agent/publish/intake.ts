// Between the sources and the outbox: gives each sample its time, leaves out what is no news, and puts full batches on disk.
import type { Log } from '#runtime/log.ts'
import type { Reading } from '../source.ts'
import { Columns } from './columns.ts'
import { Deadband, type TagLimits } from './deadband.ts'
import { type Outbox, OutboxFull } from './outbox.ts'

// While the disk takes nothing (full, read-only), so many samples wait in memory; then the oldest are given up and told in a gap.
const MOST_WAITING = 200_000

export interface IntakeOptions {
  outbox: Outbox
  /** What each tag id needs to move to be news. */
  limits: ReadonlyMap<number, TagLimits>
  maxBatchSamples: number
  maxDelayMs: number
  log: Log
  /** Told after each batch that is on disk. */
  stored: () => void
}

interface TagState {
  deadband: Deadband
  lastTime: number
}

interface Lost {
  from: number
  to: number
  samples: number
}

export class Intake {
  readonly #options: IntakeOptions
  readonly #states = new Map<number, TagState>()
  #open = new Columns()
  #sealed: Columns[] = []
  #waiting = 0
  #lost: Lost | undefined
  #timer: NodeJS.Timeout | undefined
  #failing = false
  #read = 0
  #queued = 0

  constructor(options: IntakeOptions) {
    this.#options = options
    for (const [id, limits] of options.limits) this.#states.set(id, { deadband: new Deadband(limits), lastTime: 0 })
  }

  get counts(): { read: number; queued: number } {
    return { read: this.#read, queued: this.#queued }
  }

  accept({ time, tags, values, qualities }: Reading): void {
    this.#read += tags.length
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] ?? 0
      const state = this.#states.get(tag)
      if (state === undefined) continue
      // Two samples of one tag never share a millisecond: to a store they would be one.
      const own = time > state.lastTime ? time : state.lastTime + 1
      state.lastTime = own
      const value = values[i] ?? null
      const quality = qualities[i] ?? 0
      if (state.deadband.passes(value, quality, own)) this.#add(tag, own, value, quality)
    }
  }

  /** Puts on disk what is waiting; called by itself after maxDelayMs, and once at the end. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#seal()
    if (this.#lost === undefined && this.#sealed.length === 0) return
    try {
      this.#store()
      if (this.#failing) this.#options.log.info('The outbox takes samples again.')
      this.#failing = false
      this.#options.stored()
    } catch (error) {
      if (!(error instanceof OutboxFull)) throw error
      if (!this.#failing)
        this.#options.log.error({ err: error, waiting: this.#waiting }, 'The outbox takes no samples; they wait in memory.')
      this.#failing = true
      this.#giveUpOldest()
      this.#timer ??= setTimeout(() => this.flush(), this.#options.maxDelayMs)
    }
  }

  #add(tag: number, time: number, value: Reading['values'][number], quality: number): void {
    this.#queued++
    this.#open.add(tag, time, value, quality)
    if (this.#open.length < this.#options.maxBatchSamples) this.#timer ??= setTimeout(() => this.flush(), this.#options.maxDelayMs)
    else if (this.#failing) this.#seal()
    else this.flush()
  }

  #seal(): void {
    if (this.#open.length === 0) return
    this.#sealed.push(this.#open)
    this.#waiting += this.#open.length
    this.#open = new Columns()
  }

  #store(): void {
    const { outbox } = this.#options
    if (this.#lost !== undefined) {
      outbox.putGap({ ...this.#lost, reason: 'outbox-size' })
      this.#lost = undefined
    }
    for (let next = this.#sealed[0]; next !== undefined; next = this.#sealed[0]) {
      outbox.putSamples(next)
      this.#sealed.shift()
      this.#waiting -= next.length
    }
  }

  #giveUpOldest(): void {
    while (this.#waiting > MOST_WAITING) {
      const oldest = this.#sealed.shift()
      if (oldest === undefined) return
      this.#waiting -= oldest.length
      const { from, to, samples } = this.#lost ?? { from: oldest.from, to: oldest.to, samples: 0 }
      this.#lost = { from: Math.min(from, oldest.from), to: Math.max(to, oldest.to), samples: samples + oldest.length }
    }
  }
}
