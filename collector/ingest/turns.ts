// Offers messages to the sequencer of their stream and turns its answers into work for the pipeline.
import type { NumberedMessage } from '#contract/codec.ts'
import type { Place, Step } from './sequencer.ts'
import type { Arrived, Stream } from './streams.ts'
import type { Waiting, Work } from './waiting.ts'

/** A message with what it carries, if anything. */
export type Offered = Pick<Arrived, 'place' | 'source'> & Partial<Pick<Arrived, 'samples' | 'events'>>

export class Turns {
  readonly #waiting: Waiting
  readonly #now: () => number

  constructor({ waiting, now }: { waiting: Waiting; now: () => number }) {
    this.#waiting = waiting
    this.#now = now
  }

  /** Settles when the message may be acknowledged. */
  offer(stream: Stream, arrived: Offered): Promise<void> {
    return new Promise((acknowledge) => {
      this.follow(stream, stream.sequencer.offer(arrived.place, { samples: null, events: null, ...arrived, acknowledge }, this.#now()))
    })
  }

  follow(stream: Stream, steps: readonly Step<Arrived>[]): void {
    for (const [index, step] of steps.entries()) {
      // The place is reached when the last of them is done, so a crash in between leaves the old one.
      const state = index === steps.length - 1 ? stream.sequencer.state() : null
      this.push(stream, { ...workOf(step), outcome: step.what, state })
    }
  }

  push(stream: Stream, work: Partial<Work>): void {
    const rest = {
      samples: null,
      events: null,
      source: null,
      store: false,
      judge: 'no',
      gap: null,
      state: null,
      outcome: null,
      settled: () => {}
    } as const
    this.#waiting.push({ ...rest, ...work, stream })
  }
}

export function placeOf(
  { boot, sequence, first, follows }: Pick<NumberedMessage, 'boot' | 'sequence' | 'first' | 'follows'>,
  more: Partial<Place> = {}
): Place {
  return {
    boot,
    first: Math.min(first ?? sequence, sequence),
    last: sequence,
    follows,
    from: null,
    to: null,
    bytes: 0,
    lost: null,
    ...more
  }
}

function workOf(step: Step<Arrived>): Partial<Work> {
  if (step.what === 'hole') return { gap: { what: 'note', hole: step.hole } }
  const { samples, events, source, acknowledge } = step.item
  const carries = samples !== null || events !== null
  const isLoss = step.item.place.lost !== null
  switch (step.what) {
    case 'next':
      return { samples, events, source, store: carries, judge: carries ? 'in-turn' : 'no', settled: acknowledge }
    case 'late': {
      const { fills, leaves } = step
      return {
        samples,
        events,
        source,
        store: carries,
        judge: carries ? 'late' : 'no',
        gap: { what: 'replace', fills, leaves },
        settled: acknowledge
      }
    }
    case 'held':
      // A told loss is written only in its turn and stays unacknowledged until then; all else is safe once stored.
      return isLoss ? {} : { samples, events, source, store: carries, settled: acknowledge }
    case 'ready':
      return { samples, events, judge: carries ? 'in-turn' : 'no', settled: isLoss ? acknowledge : () => {} }
    case 'repeat':
      return { settled: acknowledge }
  }
}
