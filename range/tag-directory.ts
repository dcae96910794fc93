// Which tag an id of a batch means: births of a recording, kept for each agent and tag map.
import type { Birth } from '#contract/agent-status.ts'
import type { SampleBatch } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'

export interface KnownTag {
  agent: string
  tag: Tag
}

export class TagDirectory {
  readonly #maps = new Map<string, ReadonlyMap<number, KnownTag>>()
  readonly #latest = new Map<string, KnownTag>()

  learn(birth: Birth): void {
    const known = birth.tags.map((tag): KnownTag => ({ agent: birth.agent, tag }))
    this.#maps.set(`${birth.agent} ${birth.tagMap}`, new Map(known.map((one) => [one.tag.id, one])))
    for (const one of known) this.#latest.set(`${one.agent}/${one.tag.name}`, one)
  }

  /** The tags of a batch by their ids; undefined when no birth told of its tag map. */
  mapOf({ agent, tagMap }: Pick<SampleBatch, 'agent' | 'tagMap'>): ReadonlyMap<number, KnownTag> | undefined {
    return this.#maps.get(`${agent} ${tagMap}`)
  }

  /** Every tag that was ever told of, as told last, in the order of the first birth. */
  all(): KnownTag[] {
    return [...this.#latest.values()]
  }
}
