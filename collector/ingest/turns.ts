// Offers messages to the sequencer of their stream and turns its answers into work for the pipeline.
import type { NumberedMessage } from '#contract/codec.ts'
import type { Place } from './hole.ts'
import type { Answer } from './lanes.ts'
import type { Step } from './sequencer.ts'
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
      this.follow(stream, stream.lanes.offer(arrived.place, { samples: null, events: null, ...arrived, acknowledge }, this.#now()))
    })
  }

  follow(stream: Stream, answers: readonly Answer<Arrived>[]): void {
    // The places are reached when the last of all is done, so a crash in between leaves the old ones.
    const last = answers.flatMap(({ steps }) => steps).at(-1)
    const reached = answers.flatMap((answer) => answer.reached ?? [])
    for (const { steps, lane } of answers)
      for (const step of steps) {
        const isLast = step === last
        this.push(stream, {
          ...workOf(step, lane === 'replay'),
          outcome: step.what,
          state: isLast ? stream.lanes.state() : null,
          reached: isLast ? reached : []
        })
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
      reached: [],
      outcome: null,
      settled: () => {}
    } as const
    this.#waiting.push({ ...rest, ...work, stream })
  }
}

export function placeOf(
  { boot, sequence, first, follows, lane }: Pick<NumberedMessage, 'boot' | 'sequence' | 'first' | 'follows' | 'lane'>,
  more: Partial<Place> = {}
): Place {
  return {
    boot,
    first: Math.min(first ?? sequence, sequence),
    last: sequence,
    follows,
    lane,
    from: null,
    to: null,
    bytes: 0,
    lost: null,
    ...more
  }
}

function workOf(step: Step<Arrived>, isReplay: boolean): Partial<Work> {
  if (step.what === 'hole') return { gap: { what: 'note', hole: step.hole } }
  const { samples, events, source, acknowledge } = step.item
  const carries = samples !== null || events !== null
  const inTurn = isReplay ? 'replay' : 'in-turn'
  const isLoss = step.item.place.lost !== null
  switch (step.what) {
    case 'next':
      return { samples, events, source, store: carries, judge: carries ? inTurn : 'no', settled: acknowledge }
    case 'late': {
      const { fills, leaves } = step
      return {
        samples,
        events,
        source,
        store: carries,
        judge: carries ? (isReplay ? 'replay' : 'late') : 'no',
        gap: { what: 'replace', fills, leaves },
        settled: acknowledge
      }
    }
    case 'held':
      // A told loss is written only in its turn and stays unacknowledged until then; all else is safe once stored.
      return isLoss ? {} : { samples, events, source, store: carries, settled: acknowledge }
    case 'ready':
      return { samples, events, judge: carries ? inTurn : 'no', settled: isLoss ? acknowledge : () => {} }
    case 'repeat':
      return { settled: acknowledge }
  }
}
