// The engine's memory as plain JSON, so that a restart of the collector forgets neither a condition nor a waiting time.
import { z } from 'zod'
import { CONDITION_CELLS } from './condition.ts'
import { ClockMemory } from './fleet/clock-watch.ts'
import { DeviceWatchMemory, emptyDeviceWatch } from './fleet/device-watch.ts'
import { AgentMemory } from './fleet/fleet.ts'
import { IdentityMemory } from './fleet/identity-watch.ts'
import type { Memory } from './rule.ts'
import type { Scope, Subject } from './scope.ts'
import { SLOT_CELLS } from './slot.ts'

const SNAPSHOT_VERSION = 2

const Cells = z.array(z.number())

const SavedScope = z.strictObject({
  tags: z.record(z.string(), z.strictObject({ cells: Cells, text: z.string().nullable() })).describe('Tag -> its latest sample.'),
  subjects: z.record(z.string(), z.record(z.string(), Cells)).describe('Check -> subject -> its condition and state.')
})
type SavedScope = z.infer<typeof SavedScope>

export const EngineSnapshot = z.strictObject({
  version: z.literal(SNAPSHOT_VERSION),
  prints: z.record(z.string(), z.string()).describe('Check -> kind and parameters that its states belong to.'),
  scopes: z.record(z.string(), SavedScope).describe('Agent and view -> what is known of its tags and subjects.'),
  agents: z.array(AgentMemory),
  deviceWatch: DeviceWatchMemory.default(emptyDeviceWatch),
  clocks: z.array(ClockMemory).default([]),
  identities: z.array(IdentityMemory).default([])
})
export type EngineSnapshot = z.infer<typeof EngineSnapshot>

export const emptySnapshot = (): EngineSnapshot => ({
  version: SNAPSHOT_VERSION,
  prints: {},
  scopes: {},
  agents: [],
  deviceWatch: emptyDeviceWatch(),
  clocks: [],
  identities: []
})

export function saveScope({ memory, slots, slotAts, texts, subjects }: Scope): SavedScope {
  const cellsOf = (at: number, cells: number) => Array.from(memory.subarray(at, at + cells))
  const tags = Array.from(slots, ([name, slot]) => {
    return [name, { cells: cellsOf(slotAts[slot] ?? 0, SLOT_CELLS), text: texts[slot] ?? null }] as const
  })
  const states = Array.from(subjects, ([id, joined]) => {
    return [id, Object.fromEntries(joined.map(({ key, at, cells }) => [key, cellsOf(at, cells)]))] as const
  })
  return { tags: Object.fromEntries(tags), subjects: Object.fromEntries(states) }
}

/** Brings back what a snapshot knows of a scope. */
export function recallSaved({ memory, slots, slotAts, texts, subjects }: Scope, saved: SavedScope, prints: EngineSnapshot['prints']): void {
  for (const [name, slot] of slots) {
    const known = saved.tags[name]
    if (known?.cells.length !== SLOT_CELLS) continue
    memory.set(known.cells, slotAts[slot])
    texts[slot] = known.text
  }
  for (const [id, joined] of subjects)
    for (const subject of joined) {
      const known = saved.subjects[id]?.[subject.key]
      if (known !== undefined) recall(memory, subject, known, prints[id] === subject.work.source.print)
    }
}

/** Brings over what the scope of the birth before knows. */
export function recallBefore({ memory, slots, slotAts, texts, subjects }: Scope, before: Scope): void {
  for (const [name, slot] of slots) {
    const old = before.slots.get(name)
    if (old === undefined) continue
    const at = before.slotAts[old] ?? 0
    memory.set(before.memory.subarray(at, at + SLOT_CELLS), slotAts[slot])
    texts[slot] = before.texts[old] ?? null
  }
  for (const [id, joined] of subjects) {
    const old = new Map(before.subjects.get(id)?.map((subject) => [subject.key, subject]))
    for (const subject of joined) {
      const known = old.get(subject.key)
      if (known !== undefined) recall(memory, subject, before.memory.subarray(known.at, known.at + known.cells), true)
    }
  }
}

// When the state means something else now, for other parameters or for a device with other tags, the rule starts anew; that
// the condition is active stays true until it is judged.
function recall(memory: Memory, { at, cells }: Subject, known: ArrayLike<number>, same: boolean): void {
  memory.set(same && known.length === cells ? known : Array.from(known).slice(0, CONDITION_CELLS), at)
}
