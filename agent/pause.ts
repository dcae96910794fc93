// What a device missed while it was let go and taken up again: looks at the first sample of each of its tags, and tells in a gap
// how many should have come between it and the last one before.
import type { DeviceEvent } from '#contract/event.ts'
import type { Missed, Reading, Sink } from './source.ts'

/** A tag that was read before, and is read again. */
export interface PausedTag {
  id: number
  /** The time of the last sample that was not missed; where samples come on a change, the time from which on nobody listened. */
  from: number
  /** Null where samples come on a change, so that nobody can say how many were missed. */
  cadenceMs: number | null
}

interface Options {
  device: string
  sink: Sink
  tags: readonly PausedTag[]
}

type Span = Pick<Missed, 'from' | 'to' | 'samples'>

export class Pause implements Sink {
  readonly #device: string
  readonly #sink: Sink
  readonly #waiting: Map<number, PausedTag>

  constructor({ device, sink, tags }: Options) {
    this.#device = device
    this.#sink = sink
    this.#waiting = new Map(tags.map((tag) => [tag.id, tag]))
  }

  read(reading: Reading): void {
    if (this.#waiting.size > 0) this.#look(reading.tags, reading.time)
    this.#sink.read(reading)
  }

  event(event: DeviceEvent): void {
    this.#sink.event(event)
  }

  missed(missed: Missed): void {
    this.#sink.missed(missed)
  }

  /** Nothing more will come: what has not been read again by now was missed until now. */
  end(time: number): void {
    this.#look([...this.#waiting.keys()], time)
  }

  #look(tags: readonly number[], time: number): void {
    let span: Span | undefined
    for (const id of tags) {
      const tag = this.#waiting.get(id)
      this.#waiting.delete(id)
      const missed = tag === undefined ? undefined : missedOf(tag, time)
      if (missed !== undefined) span = span === undefined ? missed : joined(span, missed)
    }
    if (span !== undefined) this.#sink.missed({ device: this.#device, ...span, reason: 'reconfigured' })
  }
}

function missedOf({ from, cadenceMs }: PausedTag, to: number): Span | undefined {
  // A sample that comes half a cadence late is none that is missed.
  const samples = cadenceMs === null ? null : Math.round((to - from) / cadenceMs) - 1
  return to <= from || (samples !== null && samples < 1) ? undefined : { from, to, samples }
}

function joined(a: Span, b: Span): Span {
  const samples = a.samples === null || b.samples === null ? null : a.samples + b.samples
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to), samples }
}
