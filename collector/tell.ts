// Tells what changed: alerts at once, samples at most once a second per agent, sites and parts of the centre when they differ.
import type { Alert } from '#contract/alert.ts'
import type { EventView, PartState } from '#contract/api.ts'
import { type SampleValue, VIEWS, type View } from '#contract/sample.ts'
import type { Log } from '#runtime/log.ts'
import type { Live } from './api/live.ts'
import type { KeptEvents } from './device-events.ts'
import type { Inventory } from './inventory.ts'
import type { KnownAgent } from './known-agent.ts'

const EVENTS_TOLD = 50

export class Tell {
  readonly #live: Pick<Live, 'publish' | 'clients'>
  readonly #inventory: Inventory
  readonly #log: Log
  readonly #changedSites = new Set<string>()
  // The state of each agent as it was last told, so that one that falls silent is told too.
  readonly #told = new WeakMap<KnownAgent, string>()
  #events: EventView[] = []
  #moreEvents = 0
  #faults = 0

  constructor({ live, inventory, log }: { live: Pick<Live, 'publish' | 'clients'>; inventory: Inventory; log: Log }) {
    this.#live = live
    this.#inventory = inventory
    this.#log = log
  }

  get faults(): number {
    return this.#faults
  }

  alerts(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      this.#guard('alert', () => this.#live.publish({ event: 'alert', data: alert }))
      this.#changedSites.add(alert.site)
    }
  }

  /** The newest of them are told with the next flush, the others counted. */
  events(told: readonly KeptEvents[]): void {
    for (const { kept } of told) {
      this.#events.push(...kept)
      const over = Math.max(0, this.#events.length - EVENTS_TOLD)
      this.#moreEvents += over
      this.#events.splice(0, over)
    }
  }

  parts(parts: readonly PartState[]): void {
    this.#guard('parts', () => this.#live.publish({ event: 'parts', data: parts }))
  }

  siteChanged(site: string): void {
    this.#changedSites.add(site)
  }

  /** To be called once a second. */
  flush(): void {
    this.#guard('samples', () => {
      for (const known of this.#inventory.agents) {
        const state = this.#inventory.stateOf(known)
        if (this.#told.get(known) !== state) this.#changedSites.add(known.site)
        this.#told.set(known, state)
        // With nobody there the changes add up, and the first who comes gets them all.
        if (this.#live.clients > 0) for (const view of VIEWS) this.#samples(known, view)
      }
    })
    this.#guard('events', () => this.#tellEvents())
    if (this.#changedSites.size === 0) return
    this.#guard('site', () => {
      for (const data of this.#inventory.sites(this.#changedSites)) this.#live.publish({ event: 'site', data })
    })
    this.#changedSites.clear()
  }

  #tellEvents(): void {
    if (this.#events.length === 0) return
    this.#live.publish({ event: 'events', data: { events: this.#events, more: this.#moreEvents } })
    this.#events = []
    this.#moreEvents = 0
  }

  #samples(known: KnownAgent, view: View): void {
    const latest = known.latest[view]
    const slots = latest.changed()
    if (slots.length === 0) return
    const tags: string[] = []
    const times: number[] = []
    const values: SampleValue[] = []
    const qualities: number[] = []
    for (const slot of slots) {
      const sample = latest.at(slot)
      if (sample === null) continue
      tags.push(known.nameAt(slot))
      times.push(sample.time)
      values.push(sample.value)
      qualities.push(sample.quality)
    }
    this.#live.publish({ event: 'samples', data: { site: known.site, agent: known.agent, view, tags, times, values, qualities } })
  }

  #guard(what: string, work: () => void): void {
    try {
      work()
    } catch (err) {
      if (this.#faults++ === 0) this.#log.error({ err, what }, 'A live event could not be told.')
    }
  }
}
