// Tells each agent up to where its messages are stored: retained, at most some times a second, and always the last place.

import { encode } from '#contract/codec.ts'
import type { Position } from '#contract/envelope.ts'
import { topicOf } from '#contract/topics.ts'
import type { Stream } from './ingest/streams.ts'

export type Publish = (topic: string, payload: Buffer, options: { retain: boolean }) => Promise<void>

export class Watermarks {
  readonly #publish: Publish
  // What is to be told, and what is on its way.
  readonly #due = new Set<Stream>()
  readonly #sending = new Set<Stream>()
  #published = 0
  #failed = 0

  constructor({ publish }: { publish: Publish }) {
    this.#publish = publish
  }

  get published(): number {
    return this.#published
  }

  get failed(): number {
    return this.#failed
  }

  /** The place has moved, or the agent seems not to have heard it. */
  mark(stream: Stream): void {
    if (stream.durable !== null) this.#due.add(stream)
  }

  /** To be called at the pace at which agents shall hear; what cannot be told now is told at a later call. */
  async flush(): Promise<void> {
    await Promise.all([...this.#due].filter((stream) => !this.#sending.has(stream)).map((stream) => this.#tell(stream)))
  }

  async #tell(stream: Stream): Promise<void> {
    const { site, agent, durable } = stream
    this.#due.delete(stream)
    if (durable === null) return
    const { boot, sequence }: Position = durable
    this.#sending.add(stream)
    try {
      await this.#publish(topicOf({ site, agent, kind: 'ack' }), encode('ack', { boot, sequence }), { retain: true })
      this.#published++
    } catch {
      // The broker is away, which is told elsewhere; the place is told when it is back.
      this.#failed++
      this.#due.add(stream)
    } finally {
      this.#sending.delete(stream)
    }
  }
}
