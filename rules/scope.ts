// A scope is one agent in one view: its tags by integer, and the subjects of all checks that their samples feed.
import type { Birth } from '#contract/agent-status.ts'
import type { View } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import type { SampleCheck } from './check.ts'
import { type Condition, freshCondition } from './condition.ts'
import { staleAfterMs } from './rule.ts'

export interface Subject {
  source: SampleCheck
  /** Unique within check and scope. */
  key: string
  tags: readonly Tag[]
  device: string | null
  terms: unknown
  state: unknown
  condition: Condition
  staleMs: number
}

/** What the samples of one tag feed: subjects[i] takes them as its input number inputs[i]. */
export interface Slot {
  name: string
  /** Time of the latest sample; older ones and repeats are ignored. */
  time: number
  /** A run of late samples that go forward: the first and the last of them, -1 when there is none. */
  lateFrom: number
  lateTo: number
  subjects: Subject[]
  inputs: number[]
}

export interface Scope {
  site: string
  agent: string
  view: View
  slots: Map<string, Slot>
  /** Tag map -> slot by tag id. A backlog may still speak of an older map. */
  maps: Map<number, TagMap>
  /** Check id -> subject key -> subject. */
  subjects: Map<string, Map<string, Subject>>
}

export interface TagMap {
  names: ReadonlyMap<number, string>
  /** Indexed by tag id; V8 keeps an array with far-apart ids as a hash table. */
  slots: (Slot | undefined)[]
}

/** What is left of a subject or tag from before: the scope of the birth before, or a snapshot. */
export interface Memory {
  time(tag: string): number | undefined
  subject(check: SampleCheck, key: string): { condition: Condition; state: unknown } | undefined
}

const TAG_MAPS_KEPT = 4

export const scopeKey = (site: string, agent: string, view: View): string => `${site} ${agent} ${view}`

export function buildScope(options: {
  birth: Birth
  view: View
  checks: readonly SampleCheck[]
  memory: Memory
  before: Scope | undefined
}): Scope {
  const { birth, view, checks, memory, before } = options
  const scope: Scope = { site: birth.site, agent: birth.agent, view, slots: new Map(), maps: new Map(), subjects: new Map() }
  for (const { name } of birth.tags)
    scope.slots.set(name, { name, time: memory.time(name) ?? -1, lateFrom: -1, lateTo: -1, subjects: [], inputs: [] })
  for (const check of checks) {
    if (!check.judges(birth.siteInfo.sector, view)) continue
    try {
      scope.subjects.set(check.check.id, joinSubjects(check, birth.tags, scope.slots, memory))
    } catch {
      // Counted as a fault of this check, which the page of rules shows; the others go on.
      check.check.faults++
    }
  }
  const maps = new Map<number, ReadonlyMap<number, string>>()
  for (const [number, map] of before?.maps ?? []) maps.set(number, map.names)
  maps.delete(birth.tagMap)
  maps.set(birth.tagMap, new Map(birth.tags.map(({ id, name }) => [id, name])))
  for (const [number, names] of [...maps].slice(-TAG_MAPS_KEPT)) scope.maps.set(number, { names, slots: slotsById(names, scope.slots) })
  return scope
}

function joinSubjects(check: SampleCheck, tags: readonly Tag[], slots: Map<string, Slot>, memory: Memory): Map<string, Subject> {
  const subjects = new Map<string, Subject>()
  for (const grouping of check.subjects(tags)) {
    const terms = check.terms(grouping.tags)
    if (terms === null) continue
    const fresh = check.rule.initial(terms)
    const known = memory.subject(check, grouping.key)
    const devices = new Set(grouping.tags.map((tag) => tag.device))
    const subject: Subject = {
      source: check,
      key: grouping.key,
      tags: grouping.tags,
      device: devices.size === 1 ? (grouping.tags[0]?.device ?? null) : null,
      terms,
      state: known !== undefined && fits(fresh, known.state) ? known.state : fresh,
      condition: known?.condition ?? freshCondition(),
      staleMs: staleAfterMs(grouping.tags)
    }
    subjects.set(grouping.key, subject)
    grouping.tags.forEach((tag, input) => {
      const slot = slots.get(tag.name)
      slot?.subjects.push(subject)
      slot?.inputs.push(input)
    })
  }
  return subjects
}

function slotsById(names: ReadonlyMap<number, string>, slots: ReadonlyMap<string, Slot>): (Slot | undefined)[] {
  const byId: (Slot | undefined)[] = []
  for (const [id, name] of [...names].sort(([a], [b]) => a - b)) byId[id] = slots.get(name)
  return byId
}

// A state from before is taken on only when it has the very shape of a fresh one, for example as many inputs.
function fits(fresh: unknown, state: unknown): boolean {
  if (Array.isArray(fresh)) return Array.isArray(state) && state.length === fresh.length
  if (typeof fresh !== 'object' || fresh === null) return typeof state !== 'object' || state === null
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return false
  const kept = new Map(Object.entries(state))
  return kept.size === Object.keys(fresh).length && Object.entries(fresh).every(([key, part]) => kept.has(key) && fits(part, kept.get(key)))
}
