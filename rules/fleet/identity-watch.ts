// Judges whether those who speak for agents are the agents: what was not believed, and that all was believed for a while again.
import { z } from 'zod'
import type { Mistrust } from '#contract/agent-key.ts'
import type { Finding } from '#contract/finding.ts'
import { Id } from '#contract/site.ts'
import type { Check } from '../check.ts'
import { identity } from './identity.ts'

export const IdentityMemory = z.strictObject({
  rule: z.string(),
  site: Id,
  agent: Id,
  active: z.boolean(),
  /** When, by the collector's clock, something was not believed last. */
  last: z.number(),
  told: z.number()
})
export type IdentityMemory = z.infer<typeof IdentityMemory>

export interface Believed {
  site: string
  agent: string
  /** The collector's clock. */
  time: number
}

export interface Mistrusted extends Believed {
  why: Mistrust
  /** The key that was shown instead of the trusted one. */
  key: string | null
}

const MOST_MEMORIES = 50_000

export class IdentityWatch {
  readonly #checks: readonly { check: Check; reasons: readonly Mistrust[] }[]
  readonly #memories = new Map<string, IdentityMemory>()

  constructor(checks: readonly Check[]) {
    this.#checks = checks
      .filter(({ kind }) => kind === identity.kind)
      .map((check) => ({ check, reasons: identity.parameters.parse(check.parameters).reasons }))
  }

  has(rule: string): boolean {
    return this.#checks.some(({ check }) => check.id === rule)
  }

  mistrusted({ site, agent, time, why, key }: Mistrusted): readonly Finding[] {
    return this.#checks.flatMap(({ check, reasons }) => {
      const memory = reasons.includes(why) ? this.#memoryOf(check.id, site, agent) : null
      if (memory === null) return []
      memory.last = time
      if (memory.active) return []
      memory.active = true
      return [findingOf(check, memory, { time, condition: 'active', evidence: { why, key } })]
    })
  }

  /** A signed message was believed. One does not end it: a forger and the agent may both be speaking. */
  trusted({ site, agent, time }: Believed): readonly Finding[] {
    return this.#checks.flatMap(({ check }) => {
      const memory = this.#memories.get(keyOf(check.id, site, agent))
      if (memory?.active !== true) return []
      // After the collector's own clock was set back the waiting starts anew.
      memory.last = Math.min(memory.last, time)
      if (time - memory.last < check.clearAfterSeconds * 1000) return []
      memory.active = false
      return [findingOf(check, memory, { time, condition: 'cleared', evidence: { why: null, key: null } })]
    })
  }

  /** The memory of it was lost; it was active when it was last told. */
  assume({ rule, site, agent }: { rule: string; site: string; agent: string }, time: number): void {
    const memory = this.#memoryOf(rule, site, agent)
    if (memory === null || (memory.active && memory.told >= time)) return
    memory.active = true
    memory.last = Math.max(memory.last, time)
    memory.told = Math.max(memory.told, time)
  }

  count(): void {
    for (const { check } of this.#checks)
      check.subjects = this.#memories
        .values()
        .filter(({ rule }) => rule === check.id)
        .toArray().length
  }

  snapshot(): IdentityMemory[] {
    return [...this.#memories.values()].map((memory) => ({ ...memory }))
  }

  restore(memories: readonly IdentityMemory[]): void {
    for (const memory of memories)
      if (this.has(memory.rule)) this.#memories.set(keyOf(memory.rule, memory.site, memory.agent), { ...memory })
  }

  #memoryOf(rule: string, site: string, agent: string): IdentityMemory | null {
    const key = keyOf(rule, site, agent)
    const known = this.#memories.get(key)
    if (known !== undefined || this.#memories.size >= MOST_MEMORIES) return known ?? null
    const memory: IdentityMemory = { rule, site, agent, active: false, last: 0, told: 0 }
    this.#memories.set(key, memory)
    return memory
  }
}

const keyOf = (rule: string, site: string, agent: string): string => `${rule} ${site} ${agent}`

function findingOf(check: Check, memory: IdentityMemory, told: Pick<Finding, 'time' | 'condition' | 'evidence'>): Finding {
  const { site, agent } = memory
  memory.told = Math.max(told.time, memory.told + 1)
  const about = { rule: check.id, kind: check.kind, site, agent, device: null, tag: null, tags: [], view: 'polled' as const }
  return { ...about, ...told, time: memory.told, severity: check.severity }
}
