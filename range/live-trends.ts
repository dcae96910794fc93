// The trends of a live run, from what the agent really published, on the time line of the plant.
import type { Birth } from '#contract/agent-status.ts'
import { decode } from '#contract/codec.ts'
import { ContractFault } from '#contract/fault.ts'
import { parseTopic } from '#contract/topics.ts'
import type { Span } from '#rules/score.ts'
import type { Publish } from './mqtt-packets.ts'
import type { PlantClock } from './plant-clock.ts'
import type { RecordedMessage } from './recording.ts'
import type { Trend } from './report-trend.ts'
import { TrendCollection } from './trend-collection.ts'

export class LiveTrends {
  readonly #clock: Pick<PlantClock, 'at'>
  readonly #collection: TrendCollection

  /** `birth` is what the agent told before the plant began to move. */
  constructor({ span, clock, birth }: { span: Span; clock: Pick<PlantClock, 'at'>; birth: Birth | null }) {
    this.#clock = clock
    this.#collection = new TrendCollection({ span })
    if (birth !== null) this.#collection.hear(birth, span.start)
  }

  hear({ topic, payload }: Publish): void {
    try {
      const { kind } = parseTopic(topic)
      if (kind === 'birth' || kind === 'samples' || kind === 'gap' || kind === 'death') this.#take(decode(kind, payload))
    } catch (fault) {
      // What the collector will refuse draws no trend.
      if (!(fault instanceof ContractFault)) throw fault
    }
  }

  trends(): Trend[] {
    return this.#collection.trends()
  }

  #take(message: RecordedMessage): void {
    this.#collection.hear(onTimeOf(this.#clock, message), this.#clock.at(Date.now()))
  }
}

function onTimeOf(clock: Pick<PlantClock, 'at'>, message: RecordedMessage): RecordedMessage {
  const at = (time: number | null) => (time === null ? null : clock.at(time))
  switch (message.kind) {
    case 'samples':
      return { ...message, base: 0, times: message.times.map((time) => clock.at(message.base + time)) }
    case 'gap':
      return { ...message, from: at(message.from), to: at(message.to) }
    case 'death':
      return { ...message, time: at(message.time) }
    default:
      return message
  }
}
