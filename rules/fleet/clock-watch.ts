// Judges the clocks of agents by what a time server told them, else by the collector's clock when their health comes.
import { z } from 'zod'
import type { Finding } from '#contract/finding.ts'
import { Id } from '#contract/site.ts'
import type { Check } from '../check.ts'
import { clock } from './clock.ts'

export const ClockMemory = z.strictObject({
  rule: z.string(),
  site: Id,
  agent: Id,
  active: z.boolean(),
  /** Since when, by the collector's clock, it has been about to begin or to end; null when neither. */
  since: z.number().nullable(),
  told: z.number()
})
export type ClockMemory = z.infer<typeof ClockMemory>

export interface ClockReading {
  site: string
  agent: string
  /** The collector's clock when the reading came. */
  time: number
  /** The agent's clock when it made it. */
  ownTime: number
  /** How far ahead of a time server, when the agent asked one. */
  offsetMs: number | null
}

const MOST_MEMORIES = 50_000

export class ClockWatch {
  readonly #checks: readonly { check: Check; moreThanMs: number; forMs: number }[]
  readonly #memories = new Map<string, ClockMemory>()

  constructor(checks: readonly Check[]) {
    this.#checks = checks
      .filter(({ kind }) => kind === clock.kind)
      .map((check) => {
        const { moreThanSeconds, forSeconds } = clock.parameters.parse(check.parameters)
        return { check, moreThanMs: moreThanSeconds * 1000, forMs: forSeconds * 1000 }
      })
  }

  has(rule: string): boolean {
    return this.#checks.some(({ check }) => check.id === rule)
  }

  judge(reading: ClockReading): readonly Finding[] {
    const { time, ownTime, offsetMs } = reading
    const off = offsetMs ?? ownTime - time
    return this.#checks.flatMap(({ check, moreThanMs, forMs }) => {
      const memory = this.#memoryOf(check.id, reading)
      if (memory === null) return []
      const isOff = Math.abs(off) > moreThanMs
      if (isOff === memory.active) {
        memory.since = null
        return []
      }
      // After the collector's own clock was set back the waiting starts anew.
      if (memory.since === null || memory.since > time) memory.since = time
      if (time - memory.since < (isOff ? forMs : check.clearAfterSeconds * 1000)) return []
      memory.active = isOff
      memory.since = null
      const evidence = { offsetSeconds: Math.abs(off) / 1000, ahead: off > 0, measuredBy: offsetMs === null ? 'collector' : 'time server' }
      return [findingOf(check, memory, { time, condition: isOff ? 'active' : 'cleared', evidence })]
    })
  }

  /** The memory of it was lost; it was active when it was last told. */
  assume({ rule, site, agent }: { rule: string; site: string; agent: string }, time: number): void {
    const memory = this.#memoryOf(rule, { site, agent })
    if (memory === null || (memory.active && memory.told >= time)) return
    memory.active = true
    memory.told = Math.max(memory.told, time)
  }

  count(): void {
    for (const { check } of this.#checks)
      check.subjects = this.#memories
        .values()
        .filter(({ rule }) => rule === check.id)
        .toArray().length
  }

  snapshot(): ClockMemory[] {
    return [...this.#memories.values()].map((memory) => ({ ...memory }))
  }

  restore(memories: readonly ClockMemory[]): void {
    for (const memory of memories) if (this.has(memory.rule)) this.#memories.set(keyOf(memory.rule, memory), { ...memory })
  }

  #memoryOf(rule: string, { site, agent }: { site: string; agent: string }): ClockMemory | null {
    const key = keyOf(rule, { site, agent })
    const known = this.#memories.get(key)
    if (known !== undefined || this.#memories.size >= MOST_MEMORIES) return known ?? null
    const memory: ClockMemory = { rule, site, agent, active: false, since: null, told: 0 }
    this.#memories.set(key, memory)
    return memory
  }
}

const keyOf = (rule: string, { site, agent }: { site: string; agent: string }): string => `${rule} ${site} ${agent}`

function findingOf(check: Check, memory: ClockMemory, told: Pick<Finding, 'time' | 'condition' | 'evidence'>): Finding {
  const { site, agent } = memory
  memory.told = Math.max(told.time, memory.told + 1)
  const about = { rule: check.id, kind: check.kind, site, agent, device: null, tag: null, tags: [], view: 'polled' as const }
  return { ...about, ...told, time: memory.told, severity: check.severity }
}
