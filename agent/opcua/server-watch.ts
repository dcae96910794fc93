// Tells as device events what a server does that bears on its security: its state, a restart, another certificate, weaker
// endpoints, refused sessions, its audit log and alarms. A server that floods is told as having overflowed.
import type { AgentClock } from '../clock.ts'
import type { Sink } from '../source.ts'
import type { OpcUaFault } from './fault.ts'
import { type Change, changesBetween, type Offered, readSeen, type Seen, seenOf, writeSeen } from './seen.ts'
import { type EventChoice, EventRate, readEvent, type ServerEvent } from './server-events.ts'
import { type ServerFacts, stateName } from './server-facts.ts'

export interface ServerWatchOptions {
  device: string
  folder: string
  choice: EventChoice
  clock: AgentClock
  sink: Sink
}

const RUNNING = 0
// A sustained rate that a person can still look through; alarm floods of a plant stay below it.
const RATE = { most: 200, perMs: 10_000 }

export class ServerWatch {
  readonly #options: ServerWatchOptions
  readonly #rate = new EventRate(RATE)
  #seen: Seen | undefined
  #state: number | undefined
  #startTime = 0
  #namespaces: string | undefined
  #refusal: string | undefined

  constructor(options: ServerWatchOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    this.#seen = await readSeen(this.#options.folder, this.#options.device)
  }

  /** What the server offers before a session; told when it differs from the last time. */
  async offered(endpoints: readonly Offered[]): Promise<void> {
    await this.#saw(seenOf(endpoints, this.#seen?.identity ?? null))
  }

  async connected(facts: ServerFacts): Promise<void> {
    if (this.#refusal !== undefined) {
      this.#tell({ kind: 'session', change: 'better', severity: 200, message: 'The server lets the agent in again.', details: {} })
      this.#refusal = undefined
    }
    if (this.#seen !== undefined) await this.#saw({ ...this.#seen, identity: facts.identity ?? this.#seen.identity })
    this.started(facts.startTime)
    this.stateIs(facts.state)
    this.namespacesAre(facts.namespaces)
  }

  /** A connection that did not come about. Each reason is told once, until the server lets the agent in. */
  refused({ code, statusName, message }: OpcUaFault): void {
    if (!['OPCUA_SERVICE', 'OPCUA_UNTRUSTED', 'OPCUA_ENDPOINT', 'OPCUA_REFUSED'].includes(code) || this.#refusal === statusName) return
    this.#refusal = statusName
    const kind = code === 'OPCUA_UNTRUSTED' ? 'certificate' : code === 'OPCUA_ENDPOINT' ? 'endpoint' : 'session'
    this.#tell({ kind, change: 'worse', severity: 800, message: message.slice(0, 500), details: { status: statusName } })
  }

  stateIs(state: number): void {
    const before = this.#state
    this.#state = state
    if (before === state || (before === undefined && state === RUNNING)) return
    this.#tell({
      kind: 'server-state',
      change: state === RUNNING ? 'better' : 'worse',
      severity: state === RUNNING ? 200 : 800,
      message: `The server says that it is ${state === RUNNING ? 'running' : `not running: ${stateName(state)}`}.`,
      details: { before: before === undefined ? null : stateName(before), after: stateName(state) }
    })
  }

  started(startTime: number): void {
    const before = this.#startTime
    if (startTime === 0 || startTime === before) return
    this.#startTime = startTime
    if (before === 0) return
    const details = { before: new Date(before).toISOString(), after: new Date(startTime).toISOString() }
    this.#tell({ kind: 'server-state', change: 'changed', severity: 500, message: 'The server was started anew.', details })
  }

  /** True when they are not what they were. */
  namespacesAre(namespaces: readonly string[]): boolean {
    const before = this.#namespaces
    const text = namespaces.join(' ')
    this.#namespaces = text
    if (before === undefined || before === text) return false
    const details = { before: before.slice(0, 300), after: text.slice(0, 300) }
    this.#tell({ kind: 'model', change: 'changed', severity: 500, message: 'The server has other namespaces than before.', details })
    return true
  }

  happened(fields: readonly unknown[]): void {
    const event = readEvent(fields, this.#options.choice)
    if (event === 'overflow') this.overflowed()
    else if (event !== undefined) this.#pass(event)
  }

  replaced(before: number, after: number): void {
    this.#tell({
      kind: 'subscription',
      change: 'changed',
      severity: 200,
      message: 'The subscription was made anew.',
      details: { before, after }
    })
  }

  overflowed(): void {
    const { device, clock, sink } = this.#options
    const time = clock.now()
    sink.missed({ device, from: time, to: time, samples: 0, reason: 'device-overflow' })
  }

  async #saw(seen: Seen): Promise<void> {
    const changes = changesBetween(this.#seen, seen)
    this.#seen = seen
    for (const change of changes) this.#tell(change)
    // A disk that is full forgets; at worst the change is told again after a restart.
    if (changes.length > 0) await writeSeen(this.#options.folder, this.#options.device, seen).catch(() => {})
  }

  #tell(change: Change): void {
    this.#pass({ ...change, sourceTime: null, source: null })
  }

  #pass(event: ServerEvent): void {
    const { device, clock, sink } = this.#options
    if (this.#rate.allows(performance.now())) sink.event({ device, time: clock.now(), ...event })
    else this.overflowed()
  }
}
