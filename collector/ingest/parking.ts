// Batches whose tags are not known yet wait here a bounded time for the birth, bounded in number and bytes too.
import type { SampleBatch } from '#contract/sample.ts'
import type { Source, Stream } from './streams.ts'

export interface Parked {
  stream: Stream
  batch: SampleBatch
  source: Source
  until: number
  /** Adopts the fate of what becomes of the batch. */
  acknowledge: (fate: Promise<void> | undefined) => void
}

// Few: a broker sends only so many messages ahead of their acknowledgement, and the batches of other agents are behind these.
const MAX_BATCHES = 16
const MAX_BYTES = 16 << 20

export class Parking {
  readonly #byStream = new Map<Stream, Parked[]>()
  #batches = 0
  #bytes = 0

  has(stream: Stream): boolean {
    return this.#byStream.has(stream)
  }

  park(parked: Parked): void {
    const queue = this.#byStream.get(parked.stream)
    if (queue === undefined) this.#byStream.set(parked.stream, [parked])
    else queue.push(parked)
    this.#batches++
    this.#bytes += parked.source.payload.length
  }

  /** The oldest of the stream, when its time is over or there is no room to wait. */
  due(stream: Stream, now: number): Parked | undefined {
    const [oldest] = this.#byStream.get(stream) ?? []
    if (oldest === undefined) return undefined
    return oldest.until <= now || this.#isCrowded() ? oldest : undefined
  }

  remove(parked: Parked): void {
    const queue = this.#byStream.get(parked.stream)
    const at = queue?.indexOf(parked) ?? -1
    if (queue === undefined || at < 0) return
    queue.splice(at, 1)
    if (queue.length === 0) this.#byStream.delete(parked.stream)
    this.#batches--
    this.#bytes -= parked.source.payload.length
  }

  /** All of a stream, oldest first. */
  release(stream: Stream): Parked[] {
    const queue = [...(this.#byStream.get(stream) ?? [])]
    for (const parked of queue) this.remove(parked)
    return queue
  }

  #isCrowded(): boolean {
    return this.#batches > MAX_BATCHES || this.#bytes > MAX_BYTES
  }
}
