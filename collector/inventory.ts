// What the collector knows of sites, agents, devices and tags: a copy of the births, with the latest sample of each tag.
import type { Birth, Death, Health } from '#contract/agent-status.ts'
import type { AgentView, SiteView, TagView } from '#contract/api.ts'
import type { Position } from '#contract/envelope.ts'
import { qualityClass } from '#contract/quality.ts'
import { type SampleBatch, VIEWS, type View } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import { KnownAgent, type KnownBatch, MAX_TAGS, type TagDefinitions, type Unknown } from './known-agent.ts'
import type { TelemetryStore } from './store/telemetry.ts'

export interface InventoryOptions {
  store: TelemetryStore
  /** An agent that was not heard for so long is silent. */
  silentAfterMs: number
  openAlerts: {
    ofSite: (site: string) => SiteView['openAlerts']
    /** Of one site, by agent/tag. */
    byTag: (site: string) => ReadonlyMap<string, number>
  }
  watermark: (site: string, agent: string) => Position | null
  /** Gap records of the last 24 hours by site/agent. */
  gaps: () => ReadonlyMap<string, number>
  now?: () => number
}

export interface TagSearch {
  site?: string | undefined
  agent?: string | undefined
  device?: string | undefined
  search?: string | undefined
}

const STALE_HEARTBEATS = 3

export class Inventory {
  readonly #options: InventoryOptions
  readonly #now: () => number
  readonly #agents = new Map<string, KnownAgent>()

  constructor(options: InventoryOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  get agents(): Iterable<KnownAgent> {
    return this.#agents.values()
  }

  find(site: string, agent: string): KnownAgent | undefined {
    return this.#agents.get(`${site}/${agent}`)
  }

  /** False when the agent tells more tags than are kept. */
  learn(birth: Birth, tagMaps: readonly TagDefinitions[] = []): boolean {
    const known = this.find(birth.site, birth.agent)
    if ((known?.slotsWith(birth.tags) ?? birth.tags.length) > MAX_TAGS) return false
    const agent = known ?? new KnownAgent({ birth, store: this.#options.store })
    for (const tagMap of tagMaps) agent.define(tagMap)
    agent.learn(birth)
    this.#agents.set(`${birth.site}/${birth.agent}`, agent)
    return true
  }

  resolve(batch: SampleBatch): KnownBatch | Unknown {
    const agent = this.find(batch.site, batch.agent)
    return agent?.resolve(batch) ?? { code: 'UNKNOWN_TAG_MAP', reason: `agent ${batch.agent} of site ${batch.site} has told no birth` }
  }

  /** The samples are stored; now they are known. */
  know({ agent, batch, slots, times, values, qualities }: KnownBatch): void {
    agent.latest[batch.view].take(slots, times, values, qualities, this.#now())
  }

  heard(site: string, agent: string, time: number): void {
    const known = this.find(site, agent)
    if (known === undefined) return
    known.lastHeard = time
    known.gone = null
  }

  health(health: Health): void {
    const known = this.find(health.site, health.agent)
    if (known !== undefined) known.health = health
  }

  /** False when the news is older than the agent's present life: a broker tells the end of the connection before late. */
  death({ site, agent, boot, reason }: Death): boolean {
    const known = this.find(site, agent)
    if (known === undefined || boot < (known.birth.firstBoot ?? known.birth.boot)) return false
    known.gone = reason
    return true
  }

  tag(site: string, agent: string, name: string): Tag | undefined {
    return this.find(site, agent)?.tagNamed(name)
  }

  site(id: string): SiteView | undefined {
    return this.sites(new Set([id]))[0]
  }

  sites(wanted?: ReadonlySet<string>): SiteView[] {
    const agents = this.#agents.values().filter(({ site }) => wanted?.has(site) ?? true)
    const bySite = Map.groupBy(agents, ({ site }) => site)
    const gaps = this.#options.gaps()
    return [...bySite.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([site, agents]) => {
        // Each agent tells of its site; the one that started last is believed.
        const newest = agents.reduce((a, b) => (b.birth.startedAt > a.birth.startedAt ? b : a))
        return {
          site: newest.birth.siteInfo,
          agents: agents.map((agent) => this.#agentView(agent, gaps.get(`${site}/${agent.agent}`) ?? 0)),
          openAlerts: this.#options.openAlerts.ofSite(site),
          tags: this.#countTags(agents)
        }
      })
  }

  /** Each tag in the views it has samples of; a tag without any is listed as polled. */
  tags({ site, agent, device, search }: TagSearch): TagView[] {
    const views: TagView[] = []
    const openBySite = new Map<string, ReadonlyMap<string, number>>()
    const wanted = search?.toLowerCase()
    for (const known of this.#agents.values()) {
      if ((site ?? known.site) !== known.site || (agent ?? known.agent) !== known.agent) continue
      const open = openBySite.get(known.site) ?? this.#options.openAlerts.byTag(known.site)
      openBySite.set(known.site, open)
      for (const { slot, tag } of known.tags) {
        if ((device ?? tag.device) !== tag.device || (wanted !== undefined && !matches(tag, wanted))) continue
        for (const view of VIEWS) {
          const latest = known.latest[view].at(slot)
          if (latest === null && view !== 'polled') continue
          views.push({
            site: known.site,
            agent: known.agent,
            tag,
            view,
            latest,
            stale: this.#isStale(known, { slot, tag, view }),
            openAlerts: open.get(`${known.agent}/${tag.name}`) ?? 0
          })
        }
      }
    }
    return views
  }

  stateOf({ gone, lastHeard }: KnownAgent): AgentView['state'] {
    if (gone === 'stopped') return 'stopped'
    if (gone === 'lost' || lastHeard === null) return 'silent'
    // Also when the clock was set back: what was heard in the future tells nothing of now.
    return Math.abs(this.#now() - lastHeard) > this.#options.silentAfterMs ? 'silent' : 'online'
  }

  #agentView(known: KnownAgent, gaps: number): AgentView {
    const { agent, birth, health, lastHeard } = known
    const states = new Map(health?.devices.map(({ id, state }) => [id, state]))
    const state = this.stateOf(known)
    return {
      agent,
      state,
      lastHeard,
      version: birth.version,
      // Of a silent agent nobody knows how its devices fare.
      devices: birth.devices.map((device) => ({ device, state: state === 'online' ? (states.get(device.id) ?? 'unknown') : 'unknown' })),
      health,
      watermark: this.#options.watermark(known.site, agent),
      gaps
    }
  }

  #countTags(agents: readonly KnownAgent[]): SiteView['tags'] {
    const counts = { good: 0, uncertain: 0, bad: 0, stale: 0 }
    for (const known of agents) {
      for (const { slot, tag } of known.tags) {
        const latest = known.latest.polled.at(slot)
        if (latest === null || this.#isStale(known, { slot, tag, view: 'polled' })) counts.stale++
        else counts[qualityClass(latest.quality)]++
      }
    }
    return counts
  }

  // Old is what came long ago, and also what came just now but was read long ago.
  #isStale(known: KnownAgent, { slot, tag, view }: { slot: number; tag: Tag; view: View }): boolean {
    const latest = known.latest[view]
    const sample = latest.at(slot)
    if (sample === null) return true
    const now = this.#now()
    const patience = STALE_HEARTBEATS * Math.max(tag.heartbeatMs, tag.cadenceMs)
    return sample.time < now - patience || Math.abs(now - latest.heardAt(slot)) > patience
  }
}

function matches({ name, title }: Tag, wanted: string): boolean {
  return [name, title?.zh, title?.en].some((text) => text?.toLowerCase().includes(wanted))
}
