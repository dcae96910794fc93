// Reads a server by subscription: all tags as monitored items, and beside them the state of the server and its events.
import { setTimeout as sleep } from 'node:timers/promises'
import { BAD } from './fault.ts'
import { nodeOf } from './node-text.ts'
import { EVENT_FIELDS } from './server-events.ts'
import { goodValue, NAMESPACES_NODE, namespacesIn, perCall, type ServerFacts, START_TIME_NODE, STATE_NODE } from './server-facts.ts'
import { CONDITION_REFRESH } from './services.ts'
import { deadbandFilter, eventFilter } from './session.ts'
import { type ReadingContext, take } from './source.ts'
import { Subscription, type WatchedItem } from './subscription.ts'
import { ValueAllowance } from './value-allowance.ts'
import type { DataValue } from './values.ts'

// Handles above those of the tags.
const STATE = 0x7f000001
const START_TIME = 0x7f000002
const NAMESPACES = 0x7f000003
const EVENTS = 0x7f000004
const SERVER_NODE = 'ns=0;i=2253'
const VALUE = 13
const EVENT_NOTIFIER = 12
const SERVER_SAMPLING_MS = 1000
const MOST_QUEUED = 1000
const EVENTS_QUEUED = 1000
const RETRY_MS = { first: 60_000, most: 600_000 }
// InfoType DataValue with the overflow bit (OPC 10000-4, 7.39.1).
const OVERFLOW = 0x480
const UINT32 = 7

export class SubscribedReading {
  readonly late = 0
  readonly #context: ReadingContext
  readonly #facts: ServerFacts
  /** The agent time of the last answer to a publish; what is missing before the next one lies after it. */
  #publishedAt = 0

  constructor(context: ReadingContext, facts: ServerFacts) {
    this.#context = context
    this.#facts = facts
  }

  /** Ends when the namespaces of the server change; rejects with an OpcUaFault when it is lost. */
  async run(): Promise<void> {
    const { config, caller, signal, alive, watch, subscribed, clock } = this.#context
    const renewed = new AbortController()
    const tags = this.#items()
    const allowance = new ValueAllowance({ items: tags, publishingMs: config.subscription.publishingMs })
    const subscription = await Subscription.create({
      caller,
      ...config.subscription,
      itemsPerCall: perCall(config.maxNodesPerCall, this.#facts.limits.itemsPerCall),
      timeoutMs: config.timeoutMs,
      signal,
      changed: (changes) => {
        allowance.take(changes.length)
        for (const { handle, value } of changes) if (this.#changed(handle, value)) renewed.abort()
      },
      happened: (events) => {
        for (const { fields } of events) watch.happened(fields)
      },
      heard: () => {
        alive()
        this.#publishedAt = clock.now()
      },
      holed: () => this.#overflowed(undefined)
    })
    subscribed(subscription.id)
    // What the server sends from now on is taken while the rest is still being asked for.
    const running = subscription.run()
    const watching = this.#watch(subscription, tags)
    running.catch(() => {})
    watching.catch(() => {})
    const ended = new Promise<void>((resolve) => renewed.signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([running, watching.then(() => running), ended])
  }

  async #watch(subscription: Subscription, tags: readonly WatchedItem[]): Promise<void> {
    const { config, caller, signal } = this.#context
    await subscription.watch(this.#serverItems())
    if (config.events.refresh)
      await caller
        .ask('Call', {
          methodsToCall: [
            {
              objectId: CONDITION_REFRESH.object,
              methodId: CONDITION_REFRESH.method,
              inputArguments: [{ dataType: UINT32, value: subscription.id }]
            }
          ]
        })
        // A server without conditions refuses it; its values are read all the same.
        .catch(() => {})
    let failing = this.#judge(tags, await subscription.watch(tags))
    // One node that the server does not have takes none of the others with it; it is asked for again now and then.
    for (let wait = RETRY_MS.first; failing.length > 0; wait = Math.min(2 * wait, RETRY_MS.most)) {
      await sleep(wait, undefined, { signal })
      failing = this.#judge(failing, await subscription.watch(failing))
    }
  }

  // Those that failed, after their status has been offered.
  #judge(items: readonly WatchedItem[], statuses: ReadonlyMap<number, number>): WatchedItem[] {
    const { held, alive, signal } = this.#context
    if (signal.aborted) return []
    const failing = items.filter(({ handle }) => (statuses.get(handle) ?? 0) >= 0x80000000)
    for (const { handle } of failing) held.add(handle - 1, null, statuses.get(handle) ?? 0, 0, 0)
    alive()
    return failing
  }

  // True when the namespaces changed, so that nodes may have other numbers now.
  #changed(handle: number, value: DataValue): boolean {
    const { watch, tags } = this.#context
    const said = handle > tags.length ? goodValue(value) : undefined
    switch (handle) {
      case STATE:
        if (typeof said === 'number') watch.stateIs(said)
        return false
      case START_TIME:
        if (said instanceof Date) watch.started(said.getTime())
        return false
      case NAMESPACES:
        return Array.isArray(said) && watch.namespacesAre(namespacesIn(said))
      default:
        if ((value.statusCode.value & OVERFLOW) === OVERFLOW) this.#overflowed(handle - 1)
        take(this.#context, handle - 1, value)
        return false
    }
  }

  #overflowed(place: number | undefined): void {
    const { config, clock, held, sink } = this.#context
    const to = clock.now()
    const from = (place === undefined ? this.#publishedAt : held.offeredAt(place)) || to
    sink.missed({ device: config.id, from, to, samples: null, reason: 'device-overflow' })
  }

  #items(): WatchedItem[] {
    const { tags, config, held } = this.#context
    const { publishingMs, queueSize } = config.subscription
    return tags.flatMap(({ tag, node, indexRange, deadband, scale }, place) => {
      const found = nodeOf(node, this.#facts.namespaces)
      if (found === undefined) {
        held.add(place, null, BAD.nodeUnknown.value, 0, 0)
        return []
      }
      const queued = queueSize ?? Math.min(MOST_QUEUED, 1 + Math.ceil(publishingMs / tag.cadenceMs))
      const isNumber = tag.dataType === 'float' || tag.dataType === 'integer'
      const filter = deadband > 0 && isNumber ? { filter: deadbandFilter(deadband / Math.abs(scale)) } : {}
      return [{ handle: place + 1, node: found, attribute: VALUE, indexRange, samplingMs: tag.cadenceMs, queueSize: queued, ...filter }]
    })
  }

  #serverItems(): WatchedItem[] {
    const { audit, alarms } = this.#context.config.events
    const value = { attribute: VALUE, indexRange: null, samplingMs: SERVER_SAMPLING_MS, queueSize: 1 }
    const events = { node: SERVER_NODE, attribute: EVENT_NOTIFIER, indexRange: null, samplingMs: 0, queueSize: EVENTS_QUEUED }
    return [
      { handle: STATE, node: STATE_NODE, ...value },
      { handle: START_TIME, node: START_TIME_NODE, ...value },
      { handle: NAMESPACES, node: NAMESPACES_NODE, ...value },
      ...(audit || alarms ? [{ handle: EVENTS, ...events, filter: eventFilter(EVENT_FIELDS) }] : [])
    ]
  }
}
