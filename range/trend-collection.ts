// Gathers trends while a recording goes by: lowest and highest value of each tag in so many buckets, however long it lasts.
import { isBad } from '#contract/quality.ts'
import type { Span } from '#rules/score.ts'
import type { RecordedMessage, RecordingEntry } from './recording.ts'
import type { Trend, TrendPoint } from './report-trend.ts'
import { type KnownTag, TagDirectory } from './tag-directory.ts'

const BUCKETS = 500

interface Buckets {
  low: Float64Array
  high: Float64Array
  /** 1 where the last that was told of the tag is that nobody knows its value. */
  lost: Uint8Array
}

export class TrendCollection {
  readonly #span: Span
  readonly #width: number
  readonly #directory = new TagDirectory()
  readonly #buckets = new Map<string, Buckets>()

  constructor({ span }: { span: Span }) {
    this.#span = span
    this.#width = Math.max(1, (span.end - span.start) / BUCKETS)
  }

  take(entry: RecordingEntry): void {
    if ('message' in entry) this.hear(entry.message, entry.time)
  }

  hear(message: RecordedMessage, time: number): void {
    if (message.kind === 'birth') this.#directory.learn(message)
    else if (message.kind === 'samples' && message.view === 'polled') {
      const map = this.#directory.mapOf(message)
      for (const [i, id] of message.tags.entries()) {
        const known = map?.get(id)
        const value = message.values[i]
        if (known === undefined || typeof value === 'string') continue
        this.#put(known, message.base + (message.times[i] ?? 0), isBad(message.qualities[i] ?? 0) ? null : (value ?? null))
      }
    } else if (message.kind === 'gap') this.#silence(message.agent, message.device, message.from ?? message.to ?? time)
    else if (message.kind === 'death') this.#silence(message.agent, undefined, message.time ?? time)
  }

  /** In the order in which the tags were told of; those without a number are left out. */
  trends(): Trend[] {
    return this.#directory.all().flatMap((known) => {
      const points = this.#points(known)
      const { name, title = { zh: name, en: name }, unit = '' } = known.tag
      return points.length === 0 ? [] : [{ tag: name, title, unit, points }]
    })
  }

  #put(known: KnownTag, time: number, value: number | null): void {
    const i = Math.floor((time - this.#span.start) / this.#width)
    if (i < 0 || i >= BUCKETS + 1) return
    const { low, high, lost } = this.#of(known)
    lost[i] = value === null ? 1 : 0
    if (value === null) return
    // Comparisons with NaN are false: an empty bucket takes the value.
    if (!((low[i] ?? 0) <= value)) low[i] = value
    if (!((high[i] ?? 0) >= value)) high[i] = value
  }

  #silence(agent: string, device: string | undefined, time: number): void {
    for (const known of this.#directory.all())
      if (known.agent === agent && (device === undefined || known.tag.device === device)) this.#put(known, time, null)
  }

  #of({ agent, tag }: KnownTag): Buckets {
    const key = `${agent}/${tag.name}`
    const kept = this.#buckets.get(key)
    if (kept !== undefined) return kept
    const empty = () => new Float64Array(BUCKETS + 1).fill(Number.NaN)
    const buckets = { low: empty(), high: empty(), lost: new Uint8Array(BUCKETS + 1) }
    this.#buckets.set(key, buckets)
    return buckets
  }

  #points({ agent, tag }: KnownTag): TrendPoint[] {
    const buckets = this.#buckets.get(`${agent}/${tag.name}`)
    if (buckets === undefined) return []
    const points: TrendPoint[] = []
    for (const [i, low] of buckets.low.entries()) {
      const time = Math.round(this.#span.start + i * this.#width)
      if (!Number.isNaN(low)) points.push([time, low, buckets.high[i] ?? low])
      if (buckets.lost[i] === 1) points.push([Number.isNaN(low) ? time : Math.round(time + this.#width), null, null])
    }
    return points.some(([, low]) => low !== null) ? points : []
  }
}
