// Tells each agent up to where its messages are stored, lane by lane: at most some times a second, the newest lane last, and retained.
import { encode } from '#contract/codec.ts'
import { comparePositions, type Position } from '#contract/envelope.ts'
import { topicOf } from '#contract/topics.ts'
import type { Reached } from './ingest/lanes.ts'
import type { Stream } from './ingest/streams.ts'

export type Publish = (topic: string, payload: Buffer, options: { retain: boolean }) => Promise<void>

export class Watermarks {
  readonly #publish: Publish
  // What is to be told, and what is on its way.
  readonly #due = new Map<Stream, Map<number, Position>>()
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

  /** A place was reached, or the agent seems not to have heard that it was. */
  mark(stream: Stream, { lane, position }: Reached): void {
    const due = this.#due.get(stream) ?? new Map<number, Position>()
    const before = due.get(lane)
    if (before === undefined || comparePositions(position, before) > 0) due.set(lane, position)
    this.#due.set(stream, due)
  }

  /** The agent shall hear again where it stands; nothing else is true any more of one that numbers anew. */
  remind(stream: Stream): void {
    if (stream.durable.length === 0) this.#due.delete(stream)
    for (const reached of stream.durable) this.mark(stream, reached)
  }

  /** To be called at the pace at which agents shall hear; what cannot be told now is told at a later call. */
  async flush(): Promise<void> {
    await Promise.all([...this.#due.keys()].filter((stream) => !this.#sending.has(stream)).map((stream) => this.#tell(stream)))
  }

  async #tell(stream: Stream): Promise<void> {
    const { site, agent } = stream
    const due = [...(this.#due.get(stream) ?? [])].sort(([a], [b]) => a - b)
    this.#due.delete(stream)
    this.#sending.add(stream)
    try {
      await Promise.all(due.map(([lane, position]) => this.#tellOne(stream, topicOf({ site, agent, kind: 'ack' }), { lane, position })))
    } finally {
      this.#sending.delete(stream)
    }
  }

  async #tellOne(stream: Stream, topic: string, reached: Reached): Promise<void> {
    const { boot, sequence } = reached.position
    try {
      await this.#publish(topic, encode('ack', { boot, sequence }), { retain: true })
      this.#published++
    } catch {
      // The broker is away, which is told elsewhere; the place is told when it is back.
      this.#failed++
      this.mark(stream, reached)
    }
  }
}
