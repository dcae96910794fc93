// The engine's memory as plain JSON, so that a restart of the collector forgets neither a condition nor a waiting time.
import { z } from 'zod'
import type { SampleCheck } from './check.ts'
import { AgentMemory } from './fleet/fleet.ts'
import type { Memory, Scope } from './scope.ts'

const SNAPSHOT_VERSION = 1

const Saved = z.strictObject({
  condition: z.strictObject({ active: z.boolean(), since: z.number(), last: z.number(), told: z.number() }),
  state: z.record(z.string(), z.unknown())
})
type Saved = z.infer<typeof Saved>

export const EngineSnapshot = z.strictObject({
  version: z.literal(SNAPSHOT_VERSION),
  times: z.record(z.string(), z.record(z.string(), z.number())).describe('Scope -> tag -> time of its latest sample.'),
  checks: z
    .record(z.string(), z.strictObject({ print: z.string(), scopes: z.record(z.string(), z.record(z.string(), Saved)) }))
    .describe('Check -> scope -> subject -> its condition and state.'),
  agents: z.array(AgentMemory)
})
export type EngineSnapshot = z.infer<typeof EngineSnapshot>

export function emptySnapshot(): EngineSnapshot {
  return { version: SNAPSHOT_VERSION, times: {}, checks: {}, agents: [] }
}

export function addScope(snapshot: EngineSnapshot, key: string, scope: Scope, checks: readonly SampleCheck[]): void {
  snapshot.times[key] = Object.fromEntries(
    [...scope.slots.values()].filter((slot) => slot.time !== -1).map(({ name, time }) => [name, time])
  )
  for (const { check, print } of checks) {
    const subjects = scope.subjects.get(check.id)
    if (subjects === undefined) continue
    snapshot.checks[check.id] ??= { print, scopes: {} }
    const kept = snapshot.checks[check.id]
    if (kept !== undefined)
      kept.scopes[key] = Object.fromEntries(
        [...subjects.values()].map((s) => [s.key, { condition: { ...s.condition }, state: copy(s.state) }])
      )
  }
}

export function forgetScope(saved: EngineSnapshot, key: string): void {
  delete saved.times[key]
  for (const [id, kept] of Object.entries(saved.checks)) {
    delete kept.scopes[key]
    if (Object.keys(kept.scopes).length === 0) delete saved.checks[id]
  }
}

/** Memory of a scope that a snapshot tells of. */
export function rememberSaved(saved: EngineSnapshot, key: string): Memory {
  return {
    time: (tag) => saved.times[key]?.[tag],
    subject({ check, print }, subject) {
      const kept = saved.checks[check.id]
      const found = kept?.scopes[key]?.[subject]
      if (kept === undefined || found === undefined) return undefined
      // With other parameters what was remembered may mean something else; that a condition is active stays true until it is judged anew.
      return { condition: { ...found.condition }, state: kept.print === print ? copy(found.state) : undefined }
    }
  }
}

/** Memory of the scope that the birth before made. */
export function rememberScope(before: Scope): Memory {
  return {
    time: (tag) => before.slots.get(tag)?.time,
    subject: ({ check }, subject) => before.subjects.get(check.id)?.get(subject)
  }
}

/** A state is flat but for arrays of scalars. */
function copy(state: unknown): Saved['state'] {
  return Object.fromEntries(Object.entries(Object(state)).map(([key, part]) => [key, Array.isArray(part) ? [...part] : part]))
}
