// What was received and is not yet stored, in order and bounded. Who brings more waits for room, unacknowledged.
import type { EventBatch } from '#contract/event.ts'
import type { KnownBatch } from '../known-agent.ts'
import type { LanesState, Reached } from './lanes.ts'
import type { Commit, GapChange } from './ledger.ts'
import type { Step } from './sequencer.ts'
import type { Source, Stream } from './streams.ts'

export interface Work {
  stream: Stream
  samples: KnownBatch | null
  events: EventBatch | null
  source: Source | null
  store: boolean
  /** replay: by the rules that judge a backlog beside the live ones. */
  judge: 'in-turn' | 'late' | 'replay' | 'no'
  gap: GapChange | null
  /** The place in the stream that is reached when this is done; null when more of the same arrival follows. */
  state: LanesState | null
  /** What the agent may be told then. */
  reached: readonly Reached[]
  settled: () => void
  /** What became of the message, to be counted; null for what is not one. */
  outcome: Step<unknown>['what'] | 'awaited' | null
  /** Set when the store would not have it. */
  refused?: Commit['gaps'][number]
}

export interface WaitingLimits {
  messages: number
  bytes: number
}

// What a decoded sample takes in memory, roughly: its columns before and after resolving.
const BYTES_PER_SAMPLE = 50
const BYTES_PER_EVENT = 1000

export class Waiting {
  readonly #limits: WaitingLimits
  #works: Work[] = []
  #taken = 0
  #bytes = 0
  #entrances: { enter: () => void; refuse: (reason: Error) => void }[] = []
  #wake: (() => void) | null = null
  #closed: Error | null = null

  constructor({ limits }: { limits: WaitingLimits }) {
    this.#limits = limits
  }

  get messages(): number {
    return this.#works.length - this.#taken
  }

  get bytes(): number {
    return this.#bytes
  }

  get isFull(): boolean {
    return this.messages >= this.#limits.messages || this.#bytes >= this.#limits.bytes
  }

  /** Resolves in the order of asking when there is room; undefined when there is room now. Call `entered` after. */
  room(): Promise<void> | undefined {
    if (this.#closed !== null) return Promise.reject(this.#closed)
    if (!this.isFull && this.#entrances.length === 0) return undefined
    return new Promise((enter, refuse) => this.#entrances.push({ enter, refuse }))
  }

  /** Lets the next one in when there is room for it still. */
  entered(): void {
    if (!this.isFull) this.#entrances.shift()?.enter()
  }

  push(work: Work): void {
    this.#works.push(work)
    this.#bytes += bytesOf(work)
    this.#awaken()
  }

  /** Takes what waits, oldest first, up to about so many samples; always at least one. */
  take(samples: number): Work[] {
    const from = this.#taken
    let left = samples
    while (this.#taken < this.#works.length && left > 0) {
      const work = this.#works[this.#taken++]
      if (work === undefined) break
      this.#bytes -= bytesOf(work)
      left -= Math.max(1, work.samples?.slots.length ?? 0, work.events?.events.length ?? 0)
    }
    const group = this.#works.slice(from, this.#taken)
    if (this.#taken === this.#works.length) {
      this.#works = []
      this.#taken = 0
    } else if (this.#taken > 1024) {
      this.#works = this.#works.slice(this.#taken)
      this.#taken = 0
    }
    this.entered()
    return group
  }

  /** Resolves when something waits, or at a wake-up call. */
  async next(): Promise<void> {
    if (this.messages > 0 || this.#closed !== null) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  wake(): void {
    this.#awaken()
  }

  /** From now on nobody enters; what waits can still be taken. */
  close(reason: Error): void {
    this.#closed = reason
    for (const { refuse } of this.#entrances.splice(0)) refuse(reason)
    this.#awaken()
  }

  #awaken(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }
}

/** About what a message takes in memory while it is waited with. */
export function bytesOf({ samples = null, events = null, source }: Partial<Pick<Work, 'samples' | 'events' | 'source'>>): number {
  const content = (samples?.slots.length ?? 0) * BYTES_PER_SAMPLE + (events?.events.length ?? 0) * BYTES_PER_EVENT
  return (source?.payload.length ?? 0) + content
}
