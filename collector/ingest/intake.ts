// Where each message goes: births to the inventory, health and death to the state of the agent, numbered ones in turn to the pipeline.
import type { Birth, Death } from '#contract/agent-status.ts'
import { decode, type NumberedMessage } from '#contract/codec.ts'
import { ContractFault } from '#contract/fault.ts'
import type { Log } from '#runtime/log.ts'
import type { AgentKeys } from '../agent-keys.ts'
import type { Inventory } from '../inventory.ts'
import type { Judge } from '../judge.ts'
import { Believing } from './believing.ts'
import type { Ledger } from './ledger.ts'
import { type Parked, Parking } from './parking.ts'
import type { Quarantine, Unreadable } from './quarantine.ts'
import type { Source, Stream, Streams } from './streams.ts'
import type { Illegible, Message } from './subscriber.ts'
import { type Offered, placeOf, Turns } from './turns.ts'
import type { Speaker } from './voices.ts'
import { bytesOf, type Waiting } from './waiting.ts'

export interface IntakeOptions {
  streams: Streams
  waiting: Waiting
  inventory: Inventory
  judge: Judge
  ledger: Ledger
  keys: AgentKeys
  quarantine: Quarantine
  /** How long a batch may wait for the birth with its tags. */
  birthWaitMs: number
  /** The agent shall hear again where it stands. */
  remind: (stream: Stream) => void
  /** The rules know other tags of an agent now. */
  learned: () => void
  /** A site looks different now. */
  changed: (site: string) => void
  log: Log
  now?: () => number
}

// Few, since each may be as large as a message can be.
const AWAITED_AT_ONCE = 20

export class Intake {
  readonly #options: IntakeOptions
  readonly #now: () => number
  readonly #turns: Turns
  readonly #believing: Believing
  readonly #parking = new Parking()
  // Streams that wait for something, so that the clock needs to look at few.
  readonly #restless = new Set<Stream>()
  #returns = 0

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#believing = new Believing({ keys: options.keys, judge: options.judge, keep: (one) => this.#keep(one), now: this.#now })
    this.#turns = new Turns({ waiting: options.waiting, now: this.#now })
  }

  /** How often a process spoke for an agent after another had taken its place. */
  get returns(): number {
    return this.#returns
  }

  take(message: Message, source: Source): Promise<void> | undefined {
    const now = this.#now()
    const stream = this.#options.streams.of(message.site, message.agent, now)
    if (stream === undefined) {
      this.#keep({ ...source, code: 'TOO_MANY_AGENTS', reason: `there is no room for agent ${message.agent} of site ${message.site}` })
      return
    }
    if (message.kind === 'birth') return this.#birth(message, stream, source)
    if (message.kind === 'death') return this.#death(message, now)
    if (message.kind === 'health' && !this.#believing.health(message, source)) return
    this.#heard(stream, now)
    if (message.kind === 'health') {
      this.#listen(stream, 'health', { boot: message.boot, startedAt: message.time - message.uptimeSeconds * 1000 })
      this.#options.inventory.health(message)
      this.#options.judge.health(message, now)
      this.#options.changed(message.site)
      return
    }
    return this.#numbered(message, stream, source)
  }

  putAside(unreadable: Unreadable, illegible: Illegible | null): Promise<void> | undefined {
    this.#keep(unreadable)
    const stream = illegible === null ? undefined : this.#options.streams.find(illegible.site, illegible.agent)
    if (illegible === null || stream === undefined || !['samples', 'transactions', 'events', 'gap'].includes(illegible.kind)) return
    // A newer agent's messages stay with it until this program can read them: their place is not passed.
    if (unreadable.code === 'UNKNOWN_SCHEMA_VERSION') return
    if (illegible.place === null) {
      stream.lanes.unreadable()
      return
    }
    const lost = { reason: 'unreadable', samples: null } as const
    const place = placeOf({ ...illegible.place, follows: null }, { lost })
    return this.#offer(stream, { place, source: unreadable })
  }

  /** What waits in quarantine for a birth that is known may be read now. */
  start(): void {
    for (const stream of this.#options.streams) this.#readAwaited(stream, 0)
  }

  /** To be called now and then: gives up what was waited for long enough. */
  tick(): void {
    const now = this.#now()
    for (const stream of this.#restless) {
      this.#setAsideDue(stream)
      if (stream.awaitedFrom !== null) this.#readAwaited(stream, stream.awaitedFrom)
      this.#turns.follow(stream, stream.lanes.expire(now))
      this.#watch(stream)
    }
  }

  #listen(stream: Stream, kind: 'birth' | 'health', speaker: Speaker): void {
    const now = this.#now()
    const known = stream.voices.areTwo(now)
    if (!stream.voices.hear(kind, speaker, now)) return
    this.#returns++
    const { site, agent } = stream
    if (!known)
      this.#options.log.warn(
        { site, agent, boot: speaker.boot },
        'A process speaks for an agent after another has taken its place; are there two?'
      )
  }

  #heard(stream: Stream, now: number): void {
    const known = this.#options.inventory.find(stream.site, stream.agent)
    const before = known === undefined ? null : this.#options.inventory.stateOf(known)
    stream.lastHeard = now
    this.#options.inventory.heard(stream.site, stream.agent, now)
    this.#options.judge.heard(stream.site, stream.agent, now)
    if (before !== null && before !== 'online') this.#options.changed(stream.site)
  }

  #birth(birth: Birth, stream: Stream, source: Source): undefined {
    const { inventory, ledger, judge, changed, remind, log } = this.#options
    this.#listen(stream, 'birth', birth)
    const before = inventory.find(birth.site, birth.agent)?.birth
    if (before !== undefined && before.boot > birth.boot && before.startedAt >= birth.startedAt) return
    this.#believing.birth(birth, source)
    if (!inventory.learn(birth)) {
      this.#keep({ ...source, code: 'TOO_MANY_TAGS', reason: `agent ${birth.agent} of site ${birth.site} has told too many tags` })
      return
    }
    // A broker keeps births and tells them again with each connection.
    if (JSON.stringify(before) !== JSON.stringify(birth)) ledger.keepBirth(birth, this.#now())
    judge.know(birth)
    this.#options.learned()
    // The place decides, not the birth before: a crash may have come between this birth and the first new place.
    const place = stream.lanes.position
    if (place !== null && birth.boot < place.boot) {
      log.warn({ site: birth.site, agent: birth.agent, boot: birth.boot, before: place.boot }, 'An agent lost its memory and numbers anew.')
      this.#turns.follow(stream, stream.lanes.restart(this.#now()))
      stream.durable = []
    }
    // Those that still cannot be read wait on.
    for (const { batch, source, until, acknowledge } of this.#parking.release(stream))
      acknowledge(this.#numbered(batch, stream, source, until))
    this.#readAwaited(stream, 0)
    remind(stream)
    changed(birth.site)
  }

  #death(death: Death, now: number): undefined {
    const { inventory, judge, changed } = this.#options
    if (!inventory.death(death)) return
    if (death.reason === 'stopped') judge.stopped(death.site, death.agent, now)
    changed(death.site)
  }

  #numbered(message: NumberedMessage, stream: Stream, source: Source, until?: number): Promise<void> | undefined {
    if (message.kind === 'gap') {
      const { from, to, reason, samples, device } = message
      const lost = { reason, samples, ...(device === undefined ? {} : { device }) }
      return this.#offer(stream, { place: placeOf(message, { from, to, lost }), source })
    }
    if (message.kind === 'events')
      return this.#offer(stream, { place: placeOf(message, { bytes: bytesOf({ events: message, source }) }), events: message, source })
    if (message.kind === 'transactions') {
      this.#keep({ ...source, code: 'NO_STORE_FOR_KIND', reason: `${message.kind} are not stored yet` })
      return this.#offer(stream, { place: placeOf(message), source })
    }
    const samples = this.#options.inventory.resolve(message)
    if (!('code' in samples)) {
      const { from, to } = samples
      return this.#offer(stream, { place: placeOf(message, { from, to, bytes: bytesOf({ samples, source }) }), samples, source })
    }
    if (samples.code === 'TIME_OUT_OF_RANGE') {
      this.#keep({ ...source, ...samples })
      const lost = { reason: 'unreadable', samples: message.tags.length } as const
      return this.#offer(stream, { place: placeOf(message, { lost }), source })
    }
    this.#restless.add(stream)
    return new Promise((acknowledge) => {
      this.#parking.park({ stream, batch: message, source, until: until ?? this.#now() + this.#options.birthWaitMs, acknowledge })
      this.#setAsideDue(stream)
    })
  }

  #setAsideDue(stream: Stream): void {
    for (let due = this.#parking.due(stream, this.#now()); due !== undefined; due = this.#parking.due(stream, this.#now())) {
      const done = this.#setAside(due)
      this.#parking.remove(due)
      due.acknowledge(done)
    }
  }

  // Waited long enough for the birth: the bytes are kept whole, so the stream may go on; a birth brings them back.
  #setAside({ stream, batch, source }: Parked): Promise<void> | undefined {
    const unknown = this.#options.inventory.resolve(batch)
    if (!('code' in unknown)) return this.#numbered(batch, stream, source)
    const { site, agent, tagMap, boot } = batch
    const place = placeOf(batch)
    const awaited = { site, agent, tagMap, boot, first: place.first, last: place.last }
    this.#keep({ ...source, code: unknown.code, reason: unknown.reason, awaited })
    return this.#offer(stream, { place, source })
  }

  #readAwaited(stream: Stream, from: number): void {
    const { quarantine, waiting } = this.#options
    stream.awaitedFrom = from
    this.#restless.add(stream)
    if (waiting.isFull) return
    const messages = quarantine.awaited({ site: stream.site, agent: stream.agent, after: from, limit: AWAITED_AT_ONCE })
    for (const { id, topic, payload } of messages) {
      const samples = this.#readAgain(payload)
      if (samples === null || 'code' in samples) continue
      this.#turns.push(stream, {
        samples,
        source: { topic, payload },
        store: true,
        judge: 'late',
        outcome: 'awaited',
        settled: () => quarantine.release(id)
      })
    }
    stream.awaitedFrom = messages.length < AWAITED_AT_ONCE ? null : (messages.at(-1)?.id ?? null)
  }

  // What an older program kept may be more than this one reads; then it stays where it is.
  #readAgain(payload: Buffer): ReturnType<Inventory['resolve']> | null {
    try {
      return this.#options.inventory.resolve(decode('samples', payload))
    } catch (fault) {
      if (fault instanceof ContractFault) return null
      throw fault
    }
  }

  #offer(stream: Stream, arrived: Offered): Promise<void> {
    const done = this.#turns.offer(stream, arrived)
    this.#watch(stream)
    return done
  }

  #keep(unreadable: Unreadable): void {
    const { topic, code, reason } = unreadable
    this.#options.log.warn({ topic, code, reason }, 'A message was put into quarantine.')
    this.#options.quarantine.keep(unreadable)
  }

  #watch(stream: Stream): void {
    if (stream.lanes.held.messages > 0 || this.#parking.has(stream) || stream.awaitedFrom !== null) this.#restless.add(stream)
    else this.#restless.delete(stream)
  }
}
