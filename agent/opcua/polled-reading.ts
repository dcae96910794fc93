// Reads a server without subscription: each tag at its cadence, in requests of as many nodes as both sides take.
import { Misses } from '../misses.ts'
import { type LeftOut, Poller } from '../poller.ts'
import { Chunks } from './chunks.ts'
import { BAD, OpcUaFault } from './fault.ts'
import { nodeOf } from './node-text.ts'
import { STATUS_MS } from './resolve.ts'
import { perCall, readFacts, type ServerFacts } from './server-facts.ts'
import { rangeOf } from './session.ts'
import { type ReadingContext, take } from './source.ts'

const VALUE = 13
const BOTH_TIMES = 2

interface Asked {
  place: number
  nodeId: string
  indexRange: string | null
}

export class PolledReading {
  readonly #context: ReadingContext
  readonly #facts: ServerFacts
  readonly #chunks: Chunks
  readonly #pollers: Poller[] = []
  readonly #misses: Misses
  /** Places of tags in namespaces that the server does not have. */
  readonly #unknown: number[] = []

  constructor(context: ReadingContext, facts: ServerFacts) {
    this.#context = context
    this.#facts = facts
    this.#misses = new Misses({ device: context.config.id, tell: (missed) => context.sink.missed(missed) })
    this.#chunks = new Chunks(perCall(context.config.maxNodesPerCall, facts.limits.nodesPerRead))
  }

  get late(): number {
    return this.#pollers.reduce((sum, poller) => sum + poller.late, 0)
  }

  /** Ends when the namespaces of the server change; rejects with an OpcUaFault when it is lost. */
  async run(): Promise<void> {
    const { tags, signal } = this.#context
    const renewed = new AbortController()
    const asked = tags.flatMap(({ node, indexRange }, place): Asked[] => {
      const nodeId = nodeOf(node, this.#facts.namespaces)
      if (nodeId === undefined) this.#unknown.push(place)
      return nodeId === undefined ? [] : [{ place, nodeId, indexRange }]
    })
    this.#tellUnknown()
    const groups = [...Map.groupBy(asked, ({ place }) => tags[place]?.tag.cadenceMs ?? STATUS_MS)]
    for (const [i, [cadenceMs, group]] of groups.entries())
      this.#pollers.push(
        new Poller({
          cadenceMs,
          phase: i / groups.length,
          poll: () => this.#read(group),
          leftOut: (cycles) => this.#leftOut(cycles, group.length)
        })
      )
    // No sample is missed with it.
    this.#pollers.push(new Poller({ cadenceMs: STATUS_MS, phase: 0.5, poll: () => this.#askStatus(renewed), leftOut: () => {} }))
    const ending = AbortSignal.any([signal, renewed.signal])
    try {
      await Promise.race(this.#pollers.map((poller) => poller.run(ending)))
    } finally {
      this.#misses.closeAll()
    }
    if (signal.aborted) throw new OpcUaFault('OPCUA_CLOSED', BAD.connectionClosed, 'the connection was closed')
  }

  #leftOut({ from, to, cycles, why }: LeftOut, tags: number): void {
    const { clock } = this.#context
    const agentTime = (at: number) => Math.round(clock.now() - Math.max(0, performance.now() - at))
    const reason = why === 'paused' ? 'agent-down' : 'device-slow'
    this.#misses.note(reason, { from: agentTime(from), to: agentTime(to), samples: cycles * tags })
    if (why === 'paused') this.#misses.close(reason)
  }

  // Nobody asks for these; that they are bad is offered anew, so that it is said again at their heartbeat.
  #tellUnknown(): void {
    for (const place of this.#unknown) this.#context.held.add(place, null, BAD.nodeUnknown.value, 0, 0)
  }

  async #read(group: readonly Asked[]): Promise<void> {
    const { caller, alive } = this.#context
    await this.#chunks.each(group, async (some) => {
      const begun = performance.now()
      const response = await caller.ask('Read', {
        nodesToRead: some.map(({ nodeId, indexRange }) => ({
          nodeId,
          attributeId: VALUE,
          ...(indexRange === null ? {} : { indexRange: rangeOf(indexRange) })
        })),
        maxAge: 0,
        timestampsToReturn: BOTH_TIMES
      })
      for (const [i, { place }] of some.entries()) take(this.#context, place, response.results?.[i] ?? { statusCode: BAD.unknownResponse })
      alive(performance.now() - begun)
    })
  }

  async #askStatus(renewed: AbortController): Promise<void> {
    const { caller, watch, alive, signal, clock } = this.#context
    this.#misses.settle(clock.now())
    const facts = await readFacts(caller)
    if (signal.aborted) return
    this.#tellUnknown()
    alive()
    watch.stateIs(facts.state)
    watch.started(facts.startTime)
    if (watch.namespacesAre(facts.namespaces)) renewed.abort()
  }
}
