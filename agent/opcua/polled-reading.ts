// Reads a server without subscription: each tag at its cadence, in requests of as many nodes as both sides take.
import { Poller } from '../poller.ts'
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

  constructor(context: ReadingContext, facts: ServerFacts) {
    this.#context = context
    this.#facts = facts
    this.#chunks = new Chunks(perCall(context.config.maxNodesPerCall, facts.limits.nodesPerRead))
  }

  get late(): number {
    return this.#pollers.reduce((sum, poller) => sum + poller.late, 0)
  }

  /** Ends when the namespaces of the server change; rejects with an OpcUaFault when it is lost. */
  async run(): Promise<void> {
    const { tags, signal, held } = this.#context
    const renewed = new AbortController()
    const asked = tags.flatMap(({ node, indexRange }, place): Asked[] => {
      const nodeId = nodeOf(node, this.#facts.namespaces)
      if (nodeId === undefined) held.add(place, null, BAD.nodeUnknown.value, 0, 0)
      return nodeId === undefined ? [] : [{ place, nodeId, indexRange }]
    })
    const groups = [...Map.groupBy(asked, ({ place }) => tags[place]?.tag.cadenceMs ?? STATUS_MS)]
    for (const [i, [cadenceMs, group]] of groups.entries())
      this.#pollers.push(this.#poller(cadenceMs, i / groups.length, () => this.#read(group)))
    this.#pollers.push(this.#poller(STATUS_MS, 0.5, () => this.#askStatus(renewed)))
    const ending = AbortSignal.any([signal, renewed.signal])
    await Promise.race(this.#pollers.map((poller) => poller.run(ending)))
    if (signal.aborted) throw new OpcUaFault('OPCUA_CLOSED', BAD.connectionClosed, 'the connection was closed')
  }

  #poller(cadenceMs: number, phase: number, poll: () => Promise<void>): Poller {
    const { config, clock, sink } = this.#context
    const leftOut = () => {
      const to = clock.now()
      sink.missed({ device: config.id, from: to - cadenceMs, to, samples: null, reason: 'device-slow' })
    }
    return new Poller({ cadenceMs, phase, poll, leftOut })
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
    const { caller, watch } = this.#context
    const facts = await readFacts(caller)
    watch.stateIs(facts.state)
    watch.started(facts.startTime)
    if (watch.namespacesAre(facts.namespaces)) renewed.abort()
  }
}
