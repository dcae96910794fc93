// Our own agent and its way to the centre in a live run, and what an attacker can really do to them.
import { decode, encode, type MessageOf, placeOf } from '#contract/codec.ts'
import type { Position } from '#contract/envelope.ts'
import { ContractFault } from '#contract/fault.ts'
import { parseTopic, topicOf } from '#contract/topics.ts'
import type { Eyes } from '../simulators/attacks/attack.ts'
import { Noise } from '../simulators/plants/noise.ts'
import type { Publish } from './mqtt-packets.ts'

export interface LiveEyesOptions {
  /** What the agent is called. */
  id: string
  seed: number
  /** The process of the agent. */
  agent: { kill(): Promise<void>; start(): Promise<void>; reload(without: readonly string[]): Promise<void> }
  publish: (topic: string, payload: Buffer) => void
}

export class LiveEyes implements Eyes {
  readonly #options: LiveEyesOptions
  readonly #chance: Noise
  #birth: MessageOf<'birth'> | null = null
  #last: Position = { boot: 0, sequence: 0 }
  #lost = 0

  constructor(options: LiveEyesOptions) {
    this.#options = options
    this.#chance = new Noise(options.seed, 'broker')
  }

  get agent(): string {
    return this.#options.id
  }

  /** What the agent told of itself last. */
  get birth(): MessageOf<'birth'> | null {
    return this.#birth
  }

  /** The last number that the agent gave out. */
  get last(): Position {
    return this.#last
  }

  /** What somebody on the way learns of each message; false when it is to vanish. */
  passes({ topic, payload }: Publish): boolean {
    try {
      const { kind } = parseTopic(topic)
      if (kind === 'birth') {
        this.#birth = decode('birth', payload)
        return true
      }
      const place = placeOf(kind, payload)
      if (place !== null && (place.boot > this.#last.boot || place.sequence > this.#last.sequence)) this.#last = place
    } catch (fault) {
      // Who listens in on what cannot be read learns nothing of it.
      if (!(fault instanceof ContractFault)) throw fault
    }
    return this.#lost === 0 || this.#chance.uniform() >= this.#lost
  }

  stopAgent(): Promise<void> {
    return this.#options.agent.kill()
  }

  startAgent(): Promise<void> {
    return this.#options.agent.start()
  }

  // The clock of a machine is shared by all on it; a run that shifted it would shift the labels too.
  shiftClock(): void {
    throw new RangeError('the clock of the agent cannot be shifted alone')
  }

  loseMessages(share: number): void {
    this.#lost = share
  }

  async forge(tag: string, value: number): Promise<void> {
    const birth = this.#birth
    const id = birth?.tags.find(({ name }) => name === tag)?.id
    if (birth === null || id === undefined) throw new RangeError(`the agent tells nothing of ${tag}`)
    const { schema, site, agent, boot, tagMap } = birth
    const sequence = (this.#last.boot === boot ? this.#last.sequence : 0) + 1
    const column = { tags: [id], times: [0], values: [value], qualities: [0] }
    const head = { kind: 'samples', schema, site, agent, boot, sequence } as const
    const message = encode('samples', { ...head, view: 'polled', tagMap, base: Date.now(), ...column })
    this.#options.publish(topicOf({ site, agent, kind: 'samples' }), message)
  }

  async leaveOut(tag: string | null): Promise<void> {
    await this.#options.agent.reload(tag === null ? [] : [tag])
  }
}
