// From bytes to message: what cannot be read goes to quarantine with its reason and may be acknowledged; the rest goes to intake.
import { decode, type MessageOf, placeOf } from '#contract/codec.ts'
import { ContractFault } from '#contract/fault.ts'
import { type Kind, parseTopic, type Topic } from '#contract/topics.ts'
import type { Intake } from './intake.ts'
import type { Waiting } from './waiting.ts'

export type Message = { [K in Exclude<Kind, 'ack'>]: MessageOf<K> }[Exclude<Kind, 'ack'>]

/** What can be told of a message that cannot be read. */
export interface Illegible {
  site: string
  agent: string
  kind: Kind
  /** Its numbers in the stream of the agent, when they could be made out. */
  place: { boot: number; first: number; sequence: number } | null
}

export class Subscriber {
  readonly #waiting: Waiting
  readonly #intake: Intake

  constructor({ waiting, intake }: { waiting: Waiting; intake: Intake }) {
    this.#waiting = waiting
    this.#intake = intake
  }

  /** For a broker: settles when the message may be acknowledged, rejects when the broker shall keep it. */
  async receive(topic: string, payload: Buffer): Promise<void> {
    const room = this.#waiting.room()
    if (room !== undefined) await room
    let done: Promise<void> | undefined
    try {
      done = this.#read(topic, payload)
    } finally {
      if (room !== undefined) this.#waiting.entered()
    }
    await done
  }

  #read(topic: string, payload: Buffer): Promise<void> | undefined {
    let place: Topic | null = null
    try {
      place = parseTopic(topic)
      const message = decode(place.kind, payload)
      if (!('kind' in message)) throw new ContractFault('TOPIC_MISMATCH', 'an acknowledgement came in place of a message')
      if (message.site !== place.site || message.agent !== place.agent)
        throw new ContractFault('TOPIC_MISMATCH', `topic names ${place.site}/${place.agent}, the message ${message.site}/${message.agent}`)
      return this.#intake.take(message, { topic, payload })
    } catch (fault) {
      if (!(fault instanceof ContractFault)) throw fault
      const illegible = place === null || fault.code === 'TOPIC_MISMATCH' ? null : illegibleOf(place, payload, fault)
      return this.#intake.putAside({ topic, code: fault.code, reason: fault.message, payload }, illegible)
    }
  }
}

function illegibleOf({ site, agent, kind }: Topic, payload: Buffer, { code }: ContractFault): Illegible {
  const found = code === 'SCHEMA_MISMATCH' ? placeOf(kind, payload) : null
  const isTheirs = found !== null && found.site === site && found.agent === agent
  return { site, agent, kind, place: isTheirs ? { boot: found.boot, first: found.first, sequence: found.sequence } : null }
}
