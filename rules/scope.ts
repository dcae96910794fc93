// A scope is one agent in one view: its tags by integer, and the subjects of all checks that their samples feed.
// What judging needs lies in columns side by side, tag after tag, so that one sample touches few lines of memory.
import type { Birth } from '#contract/agent-status.ts'
import type { View } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import type { SampleCheck } from './check.ts'
import { CONDITION_CELLS } from './condition.ts'
import { type Grouping, type LatestText, type Memory, staleAfterMs } from './rule.ts'
import { SLOT_CELLS } from './slot.ts'

/** What subjects that are judged alike have in common. */
export interface Work {
  source: SampleCheck
  terms: unknown
  staleMs: number
}

export interface Subject {
  work: Work
  /** Unique within check and scope. */
  key: string
  tags: readonly Tag[]
  device: string | null
  /** Where its cells begin, and how many there are: first those of the condition, then those of the rule. */
  at: number
  cells: number
}

/** What the samples of slot s feed stands in the rows from starts[s] to starts[s + 1]. */
export interface Feeds {
  starts: Int32Array
  works: Work[]
  /** Where the cells of the subject begin. */
  ats: Int32Array
  /** Which input of the subject the slot is. */
  inputs: Int32Array
  subjects: Subject[]
}

export interface Scope {
  site: string
  agent: string
  view: View
  memory: Memory
  /** Slot number by tag name. */
  slots: ReadonlyMap<string, number>
  /** Where the cells of each slot begin. */
  slotAts: Int32Array
  /** The latest good value of each slot when it is a string. */
  texts: (string | null)[]
  feeds: Feeds
  /** Tag map -> slot by tag id. A backlog may still speak of an older map. */
  maps: ReadonlyMap<number, TagMap>
  /** Check id -> its subjects. */
  subjects: ReadonlyMap<string, readonly Subject[]>
}

export interface TagMap {
  names: ReadonlyMap<number, string>
  /** Indexed by tag id; V8 keeps an array with far-apart ids as a hash table. */
  slots: (number | undefined)[]
}

/** What a condition is about, as findings and alerts name it. */
export interface Matter {
  rule: string
  site: string
  agent: string
  device: string | null
  tag: string | null
  view: View
}

/** The tag that findings of the subject name. */
export const tagOf = ({ work, tags }: Subject): string | null => (work.source.rule.subject === 'tag' ? (tags[0]?.name ?? null) : null)

export function findSubject({ subjects }: Scope, { rule, device, tag }: Matter): Subject | undefined {
  return subjects.get(rule)?.find((subject) => subject.device === device && tagOf(subject) === tag)
}

const TAG_MAPS_KEPT = 20

export const scopeKey = (site: string, agent: string, view: View): string => `${site} ${agent} ${view}`

export function buildScope(options: { birth: Birth; view: View; checks: readonly SampleCheck[]; before: Scope | undefined }): Scope {
  const { birth, view, checks, before } = options
  const slots = new Map<string, number>()
  for (const { name } of birth.tags) if (!slots.has(name)) slots.set(name, slots.size)
  const texts = new Array<string | null>(slots.size).fill(null)
  const textOf: LatestText = (tag) => texts[slots.get(tag) ?? -1] ?? null
  // A retired tag may have the name of a live one; a name that is there twice is judged once.
  const tags = [...new Map(birth.tags.filter((tag) => tag.retired !== true).map((tag) => [tag.name, tag])).values()]
  const subjects = new Map<string, readonly Subject[]>()
  for (const source of checks)
    if (source.judges(birth.siteInfo.sector, view)) subjects.set(source.check.id, subjectsOf(source, tags, textOf))
  const feeds = feedsOf(slots, subjects)
  const { slotAts, cells } = layOut(feeds)
  const memory = new Float64Array(cells)
  const maps = tagMapsOf(birth, slots, before)
  return { site: birth.site, agent: birth.agent, view, memory, slots, slotAts, texts, feeds, maps, subjects }
}

function subjectsOf(source: SampleCheck, tags: readonly Tag[], textOf: LatestText): readonly Subject[] {
  try {
    const termsOf = source.terms()
    const works = new Map<unknown, Work>()
    return source.subjects(tags).flatMap((grouping) => {
      const terms = termsOf(grouping.tags, textOf)
      return terms === null ? [] : subjectOf(source, grouping, terms, works)
    })
  } catch {
    // Counted as a fault of this check, which the page of rules shows; the others go on.
    source.check.faults++
    return []
  }
}

function subjectOf(source: SampleCheck, { key, tags }: Grouping, terms: unknown, works: Map<unknown, Work>): Subject {
  const staleMs = staleAfterMs(tags)
  const known = works.get(terms)
  const work = known?.staleMs === staleMs ? known : { source, terms, staleMs }
  works.set(terms, work)
  const device = tags.every((tag) => tag.device === tags[0]?.device) ? (tags[0]?.device ?? null) : null
  return { work, key, tags, device, at: 0, cells: CONDITION_CELLS + source.rule.cells(terms) }
}

function feedsOf(slots: ReadonlyMap<string, number>, subjects: ReadonlyMap<string, readonly Subject[]>): Feeds {
  const rows: { subject: Subject; input: number }[][] = Array.from(slots, () => [])
  for (const joined of subjects.values())
    for (const subject of joined)
      for (const [input, tag] of subject.tags.entries()) rows[slots.get(tag.name) ?? -1]?.push({ subject, input })
  const all = rows.flat()
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, slot) => {
    starts[slot + 1] = (starts[slot] ?? 0) + row.length
  })
  return {
    starts,
    works: all.map(({ subject }) => subject.work),
    ats: new Int32Array(all.length),
    inputs: Int32Array.from(all, ({ input }) => input),
    subjects: all.map(({ subject }) => subject)
  }
}

// The cells of a subject lie behind those of the slot that feeds it first.
function layOut({ starts, ats, inputs, subjects }: Feeds): { slotAts: Int32Array; cells: number } {
  const slotAts = new Int32Array(starts.length - 1)
  let cells = 0
  for (let slot = 0; slot < slotAts.length; slot++) {
    slotAts[slot] = cells
    cells += SLOT_CELLS
    for (let row = starts[slot] ?? 0; row < (starts[slot + 1] ?? 0); row++) {
      const subject = subjects[row]
      if (subject === undefined || inputs[row] !== 0) continue
      subject.at = cells
      cells += subject.cells
    }
  }
  subjects.forEach(({ at }, row) => {
    ats[row] = at
  })
  return { slotAts, cells }
}

function tagMapsOf(birth: Birth, slots: ReadonlyMap<string, number>, before: Scope | undefined): Map<number, TagMap> {
  const names = new Map([...(before?.maps ?? [])].map(([number, map]) => [number, map.names]))
  names.delete(birth.tagMap)
  names.set(birth.tagMap, new Map(birth.tags.map(({ id, name }) => [id, name])))
  return new Map([...names].slice(-TAG_MAPS_KEPT).map(([number, map]) => [number, { names: map, slots: slotsById(map, slots) }]))
}

function slotsById(names: ReadonlyMap<number, string>, slots: ReadonlyMap<string, number>): (number | undefined)[] {
  const byId: (number | undefined)[] = []
  for (const [id, name] of [...names].sort(([a], [b]) => a - b)) byId[id] = slots.get(name)
  return byId
}
