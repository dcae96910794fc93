// Between the sources and the outbox: gives each sample its time, leaves out what is no news, and puts full batches on disk.
import { type DeviceEvent, MAX_EVENTS_PER_BATCH } from '#contract/event.ts'
import type { Log } from '#runtime/log.ts'
import type { Missed, Reading, Sink } from '../source.ts'
import { Columns } from './columns.ts'
import { Deadband, type TagLimits } from './deadband.ts'
import type { Outbox } from './outbox.ts'
import { OutboxFull } from './outbox-full.ts'

// While the disk takes nothing (full, read-only), so many samples wait in memory; then the oldest are given up and told in a gap.
const MOST_WAITING = 200_000
// A device that floods us with events is told as having overflowed.
const MOST_EVENTS_WAITING = 5000
const MOST_MISSED_WAITING = 10_000

/** What may change while samples come in. */
export interface IntakeSettings {
  /** All tags, and what each needs to move to be news. */
  limits: readonly TagLimits[]
  maxBatchSamples: number
  maxDelayMs: number
}

export interface IntakeOptions extends IntakeSettings {
  outbox: Pick<Outbox, 'putSamples' | 'putEvents' | 'putGap'>
  log: Log
  /** Told after each batch that is on disk. */
  stored: () => void
}

interface Lost {
  from: number
  to: number
  samples: number
}

export class Intake implements Sink {
  #options: IntakeOptions
  #deadband: Deadband
  #places: ReadonlyMap<number, number>
  /** The time of the last sample of each tag, by its place. */
  #lastTimes: Float64Array
  #open: Columns
  #sealed: Columns[] = []
  #waiting = 0
  #lost: Lost | undefined
  #events: DeviceEvent[] = []
  readonly #missed = new Map<string, Missed>()
  #timer: NodeJS.Timeout | undefined
  #failing = false
  #read = 0
  #queued = 0

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#deadband = new Deadband(options.limits)
    this.#places = new Map(options.limits.map(({ id }, place) => [id, place]))
    this.#lastTimes = new Float64Array(options.limits.length)
    this.#open = new Columns(options.maxBatchSamples)
  }

  get counts(): { read: number; queued: number } {
    return { read: this.#read, queued: this.#queued }
  }

  /** The time of the last sample of a tag, or null when there was none. */
  lastTimeOf(tag: number): number | null {
    const place = this.#places.get(tag)
    const time = place === undefined ? 0 : this.#lastTimes[place]
    return time === undefined || time === 0 ? null : time
  }

  /** Other tags and limits. What was last sent of a tag stays known, but for `fresh` ones, whose next sample is news. */
  change({ limits, maxBatchSamples, maxDelayMs }: IntakeSettings, fresh: ReadonlySet<number>): void {
    this.flush()
    const [places, deadband, lastTimes] = [this.#places, this.#deadband, this.#lastTimes]
    this.#options = { ...this.#options, limits, maxBatchSamples, maxDelayMs }
    this.#deadband = new Deadband(limits)
    this.#places = new Map(limits.map(({ id }, place) => [id, place]))
    this.#lastTimes = new Float64Array(limits.length)
    for (const [place, { id }] of limits.entries()) {
      const before = places.get(id)
      if (before === undefined) continue
      this.#lastTimes[place] = lastTimes[before] ?? 0
      if (!fresh.has(id)) this.#deadband.takeOver(place, deadband, before)
    }
    // Empty: what was in it is stored, or set aside to wait for the disk.
    this.#open = new Columns(maxBatchSamples)
  }

  read({ time, tags, values, qualities, sourceTimes, serverTimes, roundTrip = 0 }: Reading): void {
    this.#read += tags.length
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] ?? 0
      const place = this.#places.get(tag)
      if (place === undefined) continue
      // Two samples of one tag never share a millisecond: to a store they would be one.
      const last = this.#lastTimes[place] ?? 0
      const own = time > last ? time : last + 1
      this.#lastTimes[place] = own
      const value = values[i] ?? null
      const quality = qualities[i] ?? 0
      if (!this.#deadband.passes(place, value, quality, own)) continue
      this.#queued++
      this.#open.add(tag, own, value, quality)
      const source = sourceTimes?.[i] ?? 0
      const server = serverTimes?.[i] ?? 0
      if (source !== 0 || server !== 0 || roundTrip !== 0) this.#open.tell(source, server, roundTrip)
      this.#added()
    }
  }

  event(event: DeviceEvent): void {
    if (this.#events.length < MOST_EVENTS_WAITING) this.#events.push(event)
    else this.missed({ device: event.device, from: event.time, to: event.time, samples: 0, reason: 'device-overflow' })
    this.#flushSoon()
  }

  missed(missed: Missed): void {
    const key = `${missed.device} ${missed.reason}`
    const before = this.#missed.get(key)
    if (before === undefined && this.#missed.size >= MOST_MISSED_WAITING) return
    this.#missed.set(key, before === undefined ? missed : joined(before, missed))
    this.#flushSoon()
  }

  /** Puts on disk what is waiting; called by itself after maxDelayMs. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isEmpty) return
    try {
      this.#store()
      if (this.#failing) this.#options.log.info('The outbox takes samples again.')
      this.#failing = false
      this.#options.stored()
    } catch (error) {
      if (!(error instanceof OutboxFull)) throw error
      if (!this.#failing) this.#options.log.error({ err: error }, 'The outbox takes no samples; they wait in memory.')
      this.#failing = true
      this.#seal()
      this.#giveUpOldest()
      this.#timer = setTimeout(() => this.flush(), this.#options.maxDelayMs)
    }
  }

  /** To be called at the end, before the outbox is closed: what the disk does not take now lies in the time without an agent. */
  close(): void {
    this.flush()
    clearTimeout(this.#timer)
  }

  #added(): void {
    this.#flushSoon()
    if (!this.#open.full) return
    if (this.#failing) this.#seal()
    else this.flush()
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => this.flush(), this.#options.maxDelayMs)
  }

  get #isEmpty(): boolean {
    const samples = this.#open.length + this.#sealed.length
    return samples === 0 && this.#lost === undefined && this.#events.length === 0 && this.#missed.size === 0
  }

  #store(): void {
    const { outbox } = this.#options
    if (this.#lost !== undefined) outbox.putGap({ ...this.#lost, reason: 'outbox-size' })
    this.#lost = undefined
    for (let next = this.#sealed[0]; next !== undefined; next = this.#sealed[0]) {
      outbox.putSamples(next)
      this.#sealed.shift()
      this.#waiting -= next.length
    }
    if (this.#open.length > 0) outbox.putSamples(this.#open)
    this.#open.clear()
    while (this.#events.length > 0) {
      outbox.putEvents(this.#events.slice(0, MAX_EVENTS_PER_BATCH))
      this.#events = this.#events.slice(MAX_EVENTS_PER_BATCH)
    }
    for (const [key, missed] of this.#missed) {
      outbox.putGap(missed)
      this.#missed.delete(key)
    }
  }

  // Only while the disk takes nothing; else one batch is filled and emptied again and again.
  #seal(): void {
    if (this.#open.length === 0) return
    this.#sealed.push(this.#open)
    this.#waiting += this.#open.length
    this.#open = new Columns(this.#options.maxBatchSamples)
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

function joined(a: Missed, b: Missed): Missed {
  const samples = a.samples === null || b.samples === null ? null : a.samples + b.samples
  return { ...a, from: Math.min(a.from, b.from), to: Math.max(a.to, b.to), samples }
}
