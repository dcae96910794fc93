// One agent as its births told it: tags by slot, a map per tag map id, series handles and the latest samples for the hot path.
import type { Birth, Health } from '#contract/agent-status.ts'
import { type SampleBatch, VIEWS, type View } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import { Latest } from './latest.ts'
import type { StoreBatch, TelemetryStore } from './store/telemetry.ts'
import { NO_SLOT, TagMap } from './tag-map.ts'

const MAX_TIME = 8.64e15
export const MAX_TAG_MAPS = 20
export const MAX_TAGS = 200_000

/** A batch whose tags are known: columns by series for the store, by slot for the latest samples. */
export interface KnownBatch extends StoreBatch {
  agent: KnownAgent
  batch: SampleBatch
  series: Int32Array
  slots: Int32Array
  times: Float64Array
  from: number | null
  to: number | null
  /** Set when the store would not have it, so that nobody judges it later. */
  isRefused: boolean
}

export type Unknown = { code: 'UNKNOWN_TAG_MAP' | 'UNKNOWN_TAG' | 'TIME_OUT_OF_RANGE'; reason: string }

export interface TagDefinitions {
  tagMap: number
  tags: readonly Pick<Tag, 'id' | 'name'>[]
}

export class KnownAgent {
  readonly site: string
  readonly agent: string
  birth: Birth
  health: Health | null = null
  /** By the collector's clock; births do not count, since a broker keeps them. */
  lastHeard: number | null = null
  /** What the agent, or the broker for it, said last of its going. */
  gone: 'lost' | 'stopped' | null = null
  readonly latest: Readonly<Record<View, Latest>> = { polled: new Latest(), wire: new Latest() }
  readonly #store: TelemetryStore
  readonly #tagMaps = new Map<number, TagMap>()
  readonly #slots = new Map<string, number>()
  readonly #names: string[] = []
  readonly #series: Record<View, Int32Array> = { polled: new Int32Array(0), wire: new Int32Array(0) }
  #tags: readonly { slot: number; tag: Tag }[] = []
  #byName: ReadonlyMap<string, Tag> = new Map()

  constructor({ birth, store }: { birth: Birth; store: TelemetryStore }) {
    this.site = birth.site
    this.agent = birth.agent
    this.birth = birth
    this.#store = store
    this.learn(birth)
  }

  /** The tags that the agent reads now, with their slots. */
  get tags(): readonly { slot: number; tag: Tag }[] {
    return this.#tags
  }

  tagNamed(name: string): Tag | undefined {
    return this.#byName.get(name)
  }

  nameAt(slot: number): string {
    return this.#names[slot] ?? ''
  }

  slotOf(name: string): number | undefined {
    return this.#slots.get(name)
  }

  learn(birth: Birth): void {
    this.birth = birth
    this.define(birth)
    this.#tags = birth.tags.filter((tag) => tag.retired !== true).map((tag) => ({ slot: this.#slots.get(tag.name) ?? NO_SLOT, tag }))
    this.#byName = new Map(this.#tags.map(({ tag }) => [tag.name, tag]))
  }

  /** Adds the ids of a tag map; what older ids mean never changes. */
  define({ tagMap, tags }: TagDefinitions): void {
    const map = this.#tagMaps.get(tagMap) ?? new TagMap()
    // The map that was told last goes to the end, so that the one dropped is the one told longest ago.
    this.#tagMaps.delete(tagMap)
    this.#tagMaps.set(tagMap, map)
    const [oldest] = this.#tagMaps.keys()
    if (this.#tagMaps.size > MAX_TAG_MAPS && oldest !== undefined) this.#tagMaps.delete(oldest)
    for (const { id, name } of tags) {
      const slot = this.#slots.get(name) ?? this.#newSlot(name)
      map.set(id, slot)
    }
    this.#grow()
  }

  /** How many slots the tags of a birth would make; names are never forgotten while the process runs. */
  slotsWith(tags: readonly Pick<Tag, 'name'>[]): number {
    return this.#names.length + tags.reduce((sum, { name }) => sum + (this.#slots.has(name) ? 0 : 1), 0)
  }

  resolve(batch: SampleBatch): KnownBatch | Unknown {
    const map = this.#tagMaps.get(batch.tagMap)
    if (map === undefined) return { code: 'UNKNOWN_TAG_MAP', reason: `tag map ${batch.tagMap} of agent ${this.agent} is not known` }
    const count = batch.tags.length
    const series = new Int32Array(count)
    const slots = new Int32Array(count)
    const times = new Float64Array(count)
    const handles = this.#series[batch.view]
    let from = Number.POSITIVE_INFINITY
    let to = Number.NEGATIVE_INFINITY
    for (let i = 0; i < count; i++) {
      const id = batch.tags[i] ?? 0
      const slot = map.slotOf(id)
      if (slot === NO_SLOT) return { code: 'UNKNOWN_TAG', reason: `tag id ${id} is not in tag map ${batch.tagMap} of agent ${this.agent}` }
      const time = batch.base + (batch.times[i] ?? 0)
      if (time < from) from = time
      if (time > to) to = time
      slots[i] = slot
      times[i] = time
      series[i] = (handles[slot] ?? 0) - 1
      if (series[i] === NO_SLOT) series[i] = this.#seriesOf(slot, batch.view)
    }
    if (count > 0 && (from < 0 || to > MAX_TIME))
      return { code: 'TIME_OUT_OF_RANGE', reason: `a sample of agent ${this.agent} lies outside all time` }
    const span = count > 0 ? { from, to } : { from: null, to: null }
    return { agent: this, batch, series, slots, times, values: batch.values, qualities: batch.qualities, ...span, isRefused: false }
  }

  #newSlot(name: string): number {
    const slot = this.#names.length
    this.#names.push(name)
    this.#slots.set(name, slot)
    return slot
  }

  #grow(): void {
    const count = this.#names.length
    for (const view of VIEWS) {
      this.latest[view].grow(count)
      if (count <= this.#series[view].length) continue
      const wider = new Int32Array(Math.max(count, this.#series[view].length * 2))
      wider.set(this.#series[view])
      this.#series[view] = wider
    }
  }

  // A series is made in the store when its first sample comes; handles are kept plus one, so that 0 means none yet.
  #seriesOf(slot: number, view: View): number {
    const handle = this.#store.series({ site: this.site, agent: this.agent, tag: this.nameAt(slot), view })
    this.#series[view][slot] = handle + 1
    return handle
  }
}
