// One subscription: what it asks the server to watch, the publish requests that carry the changes, and the watch over its silence.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from './caller.ts'
import { Chunks } from './chunks.ts'
import { BAD, OpcUaFault } from './fault.ts'
import { type RequestBody, rangeOf } from './session.ts'
import type { DataValue } from './values.ts'

export interface WatchedItem {
  /** The number by which notifications name it. */
  handle: number
  node: string
  attribute: number
  indexRange: string | null
  samplingMs: number
  queueSize: number
  /** Tried first with the filter, then without. */
  filter?: NonNullable<NonNullable<RequestBody<'CreateMonitoredItems'>['itemsToCreate']>[number]['requestedParameters']>['filter']
}

export interface SubscriptionOptions {
  caller: Caller
  publishingMs: number
  keepAliveMs: number
  lifetimeMs: number
  itemsPerCall: number
  timeoutMs: number
  signal: AbortSignal
  now?: () => number
  /** One notification message: changes of values and events, each with the handle of its item. */
  changed: (changes: readonly { handle: number; value: DataValue }[]) => void
  happened: (events: readonly { handle: number; fields: readonly unknown[] }[]) => void
  /** After each answer, and after what it brought has been told. */
  heard: () => void
  /** Messages of the server that are missing between two that came. */
  holed: () => void
}

const TOO_MANY_PUBLISHES = 0x80780000
const WATCH_MS = 250
const MOST_ACKNOWLEDGED = 100
const MAX_NOTIFICATIONS = 5000
const MAX_SEQUENCE = 0xffffffff
const PUBLISH_MS = 24 * 3_600_000
// ServerStatus.State: asked when the server has been silent for longer than it should.
const SERVER_STATE = 'ns=0;i=2259'
const VALUE = 13
const REPORTING = 2

export class Subscription {
  readonly #options: SubscriptionOptions
  readonly #now: () => number
  readonly #chunks: Chunks
  readonly id: number
  /** How long the server may keep silent; it chooses. */
  readonly #silenceMs: number
  readonly #acknowledged: { subscriptionId: number; sequenceNumber: number }[] = []
  #last = 0
  #heardAt: number
  #publishedAt: number

  private constructor(options: SubscriptionOptions, id: number, silenceMs: number) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#chunks = new Chunks(options.itemsPerCall)
    this.id = id
    this.#silenceMs = silenceMs
    this.#heardAt = this.#now()
    this.#publishedAt = this.#heardAt
  }

  /** Rejects with an OpcUaFault. */
  static async create(options: SubscriptionOptions): Promise<Subscription> {
    const { caller, publishingMs, keepAliveMs, lifetimeMs } = options
    const keepAliveCount = Math.max(1, Math.floor(keepAliveMs / publishingMs))
    const response = await caller.ask('CreateSubscription', {
      requestedPublishingInterval: publishingMs,
      requestedMaxKeepAliveCount: keepAliveCount,
      requestedLifetimeCount: Math.max(3 * keepAliveCount, Math.ceil(lifetimeMs / publishingMs)),
      maxNotificationsPerPublish: MAX_NOTIFICATIONS,
      publishingEnabled: true,
      priority: 0
    })
    const revised = response.revisedPublishingInterval * response.revisedMaxKeepAliveCount
    const silence = Number.isFinite(revised) && revised > 0 ? revised : keepAliveMs
    return new Subscription(options, response.subscriptionId, Math.min(3_600_000, Math.max(silence, publishingMs)))
  }

  /** Asks for the items; gives the StatusCode of each by its handle. */
  async watch(items: readonly WatchedItem[]): Promise<ReadonlyMap<number, number>> {
    const statuses = new Map<number, number>()
    await this.#chunks.each(items, async (some) => {
      await this.#create(some, true, statuses)
      const again = some.filter(({ handle, filter }) => filter !== undefined && isFilterFault(statuses.get(handle)))
      if (again.length > 0) await this.#create(again, false, statuses)
    })
    return statuses
  }

  /** Runs until the signal; rejects with an OpcUaFault when the server is silent or has no such subscription any more. */
  async run(): Promise<void> {
    this.#heard()
    this.#publishedAt = this.#heardAt
    const ending = new AbortController()
    const signal = AbortSignal.any([this.#options.signal, ending.signal])
    const tasks = [this.#overlook(signal), this.#publish(signal), this.#publishBeside(signal)]
    try {
      await Promise.race(tasks)
    } finally {
      ending.abort()
      for (const task of tasks) task.catch(() => {})
    }
  }

  /** When the server was last heard, by `now`. */
  get heardAt(): number {
    return this.#heardAt
  }

  async #create(items: readonly WatchedItem[], filtered: boolean, statuses: Map<number, number>): Promise<void> {
    const response = await this.#options.caller.ask('CreateMonitoredItems', {
      subscriptionId: this.id,
      timestampsToReturn: 2,
      itemsToCreate: items.map(({ handle, node, attribute, indexRange, samplingMs, queueSize, filter }) => ({
        itemToMonitor: { nodeId: node, attributeId: attribute, ...(indexRange === null ? {} : { indexRange: rangeOf(indexRange) }) },
        monitoringMode: REPORTING,
        requestedParameters: {
          clientHandle: handle,
          samplingInterval: samplingMs,
          queueSize,
          discardOldest: true,
          ...(filtered && filter !== undefined ? { filter } : {})
        }
      }))
    })
    this.#heard()
    for (const [i, { handle }] of items.entries())
      statuses.set(handle, response.results?.[i]?.statusCode.value ?? BAD.unknownResponse.value)
  }

  // A second one waits beside the first, so that the server always has one; where it takes no more than one, that is enough.
  async #publishBeside(signal: AbortSignal): Promise<void> {
    try {
      await this.#publish(signal)
    } catch (error) {
      if (!(error instanceof OpcUaFault && error.status === TOO_MANY_PUBLISHES)) throw error
      await sleep(PUBLISH_MS, undefined, { signal })
    }
  }

  async #publish(signal: AbortSignal): Promise<void> {
    const { caller, changed, happened, holed } = this.#options
    while (!signal.aborted) {
      const subscriptionAcknowledgements = this.#acknowledged.splice(0, MOST_ACKNOWLEDGED)
      const response = await caller.ask('Publish', { subscriptionAcknowledgements }, PUBLISH_MS)
      if (signal.aborted) return
      this.#heard()
      if (response.subscriptionId !== this.id) continue
      this.#publishedAt = this.#heardAt
      const { sequenceNumber, notificationData } = response.notificationMessage
      const parts = (notificationData ?? []).filter((part) => part !== null)
      if (parts.length === 0) {
        this.#options.heard()
        continue
      }
      this.#acknowledged.push({ subscriptionId: this.id, sequenceNumber })
      if (this.#acknowledged.length > MOST_ACKNOWLEDGED) this.#acknowledged.shift()
      if (this.#last !== 0 && sequenceNumber !== after(this.#last)) holed()
      this.#last = sequenceNumber
      // The library types these as its base class; what is looked at is checked.
      for (const part of parts as unknown as Notification[]) {
        if (part.status !== undefined && part.monitoredItems === undefined) this.#lost(part.status)
        if (part.monitoredItems) changed(part.monitoredItems.map(({ clientHandle, value }) => ({ handle: clientHandle, value })))
        if (part.events) happened(part.events.map(({ clientHandle, eventFields }) => ({ handle: clientHandle, fields: eventFields ?? [] })))
      }
      this.#options.heard()
    }
  }

  #lost(status: { value: number; name: string }): void {
    // GoodSubscriptionTransferred too: somebody else has it now.
    throw new OpcUaFault(
      'OPCUA_SERVICE',
      status.value >= 0x80000000 ? status : BAD.noSubscription,
      `the server ended the subscription: ${status.name}`
    )
  }

  // Silence has two meanings. A server that does not answer is dead; one that answers but does not publish has lost the
  // subscription.
  async #overlook(signal: AbortSignal): Promise<void> {
    const { caller, keepAliveMs, timeoutMs } = this.#options
    for (;;) {
      await sleep(WATCH_MS, undefined, { signal })
      const now = this.#now()
      if (now - this.#publishedAt > 3 * this.#silenceMs)
        throw new OpcUaFault('OPCUA_TIMEOUT', BAD.timeout, `the server has published nothing for ${Math.round(now - this.#publishedAt)} ms`)
      if (now - this.#heardAt <= 1.2 * Math.max(keepAliveMs, WATCH_MS)) continue
      await caller.ask('Read', { nodesToRead: [{ nodeId: SERVER_STATE, attributeId: VALUE }] }, Math.min(timeoutMs, 5000))
      this.#heard()
    }
  }

  #heard(): void {
    this.#heardAt = this.#now()
  }
}

interface Notification {
  monitoredItems?: { clientHandle: number; value: DataValue }[] | null
  events?: { clientHandle: number; eventFields?: unknown[] | null }[] | null
  status?: { value: number; name: string }
}

// OPC 10000-4, 7.26: numbers start at 1 again after the highest.
function after(sequence: number): number {
  return sequence === MAX_SEQUENCE ? 1 : sequence + 1
}

// BadMonitoredItemFilterInvalid, BadMonitoredItemFilterUnsupported, BadFilterNotAllowed, BadDeadbandFilterInvalid.
function isFilterFault(status: number | undefined): boolean {
  return status !== undefined && [0x80430000, 0x80440000, 0x80450000, 0x808e0000].includes(status)
}
