// Judges our own eyes: which agents are silent and which said goodbye, on the collector's clock, whose clock is off, who is not whom, and what
// devices did. A tick is due every few seconds.
import { z } from 'zod'
import type { Birth } from '#contract/agent-status.ts'
import type { Finding } from '#contract/finding.ts'
import { Id } from '#contract/site.ts'
import type { Check } from '../check.ts'
import { type ClockMemory, ClockWatch } from './clock-watch.ts'
import { DeviceWatch, type DeviceWatchMemory } from './device-watch.ts'
import { type IdentityMemory, IdentityWatch } from './identity-watch.ts'
import { silence } from './silence.ts'
import { stopped } from './stopped.ts'

export const AgentMemory = z.strictObject({
  site: Id,
  agent: Id,
  lastHeard: z.number(),
  stopped: z.boolean(),
  /** Check id -> when the agent came back, null while it is away. Only active conditions are listed. */
  active: z.record(z.string(), z.number().nullable()),
  /** The time of the latest finding: after the clock was set back an end must still not lie before its beginning. */
  told: z.number()
})
export type AgentMemory = z.infer<typeof AgentMemory>

export interface FleetMemory {
  agents: AgentMemory[]
  deviceWatch: DeviceWatchMemory
  clocks: ClockMemory[]
  identities: IdentityMemory[]
}

export interface Heard {
  site: string
  agent: string
  /** The collector's clock, epoch milliseconds. */
  time: number
}

// Between two ticks that lie further apart the collector itself was away, and its deafness is not an agent's silence.
const COLLECTOR_AWAY_MS = 30_000

export class Fleet {
  readonly devices: DeviceWatch
  readonly clocks: ClockWatch
  readonly identities: IdentityWatch
  readonly #checks: readonly { check: Check; silentAfterMs: number | null }[]
  readonly #agents = new Map<string, AgentMemory>()
  // Known and not heard yet, when a birth is not stored: waited for from the first tick that meets the agent.
  #metAt = new WeakMap<AgentMemory, number>()
  #listeningSince = -1
  #lastTick = -1

  constructor(checks: readonly Check[]) {
    this.devices = new DeviceWatch(checks)
    this.clocks = new ClockWatch(checks)
    this.identities = new IdentityWatch(checks)
    this.#checks = checks
      .filter(({ kind }) => kind === silence.kind || kind === stopped.kind)
      .map((check) => ({
        check,
        silentAfterMs: check.kind === silence.kind ? silence.parameters.parse(check.parameters).forSeconds * 1000 : null
      }))
  }

  has(rule: string): boolean {
    return (
      this.#checks.some(({ check }) => check.id === rule) || [this.devices, this.clocks, this.identities].some((watch) => watch.has(rule))
    )
  }

  /** The memory was lost: it was so when it was last told. */
  assume(matter: { rule: string; site: string; agent: string; device: string | null }, time: number): void {
    const { rule, site, agent } = matter
    if (this.devices.has(rule)) this.devices.assume(matter, time)
    else if (this.clocks.has(rule)) this.clocks.assume(matter, time)
    else if (this.identities.has(rule)) this.identities.assume(matter, time)
    else {
      const memory = this.#agentOf(site, agent)
      memory.active[rule] = null
      memory.told = Math.max(memory.told, time)
    }
  }

  know(birth: Pick<Birth, 'site' | 'agent' | 'devices'>): void {
    this.#agentOf(birth.site, birth.agent)
    this.devices.know(birth)
  }

  heard({ site, agent, time }: Heard): readonly Finding[] {
    const memory = this.#agentOf(site, agent)
    memory.lastHeard = time
    memory.stopped = false
    return this.#judge(memory, time, true)
  }

  stopped({ site, agent, time }: Heard): readonly Finding[] {
    const memory = this.#agentOf(site, agent)
    memory.lastHeard = time
    memory.stopped = true
    return this.#judge(memory, time, true)
  }

  tick(time: number): readonly Finding[] {
    if (time < this.#lastTick || time - this.#lastTick > COLLECTOR_AWAY_MS) {
      this.#listeningSince = time
      this.#metAt = new WeakMap()
      // After the clock was set back, what was heard lies in the future.
      for (const memory of this.#agents.values()) {
        memory.lastHeard = Math.min(memory.lastHeard, time)
        for (const [id, back] of Object.entries(memory.active)) if (back !== null) memory.active[id] = Math.min(back, time)
      }
    }
    this.#lastTick = time
    for (const memory of this.#agents.values()) if (memory.lastHeard === -1 && !this.#metAt.has(memory)) this.#metAt.set(memory, time)
    return [...[...this.#agents.values()].flatMap((memory) => this.#judge(memory, time, false)), ...this.devices.tick(time)]
  }

  /** Nobody can be heard now, whatever they say: the waiting starts anew with the next tick. */
  deaf(): void {
    this.#lastTick = Number.NEGATIVE_INFINITY
  }

  snapshot(): FleetMemory {
    const agents = [...this.#agents.values()].map((memory) => ({ ...memory, active: { ...memory.active } }))
    return { agents, deviceWatch: this.devices.snapshot(), clocks: this.clocks.snapshot(), identities: this.identities.snapshot() }
  }

  restore({ agents, deviceWatch, clocks, identities }: FleetMemory): void {
    this.devices.restore(deviceWatch)
    this.clocks.restore(clocks)
    this.identities.restore(identities)
    const known = new Set(this.#checks.map(({ check }) => check.id))
    for (const saved of agents) {
      const active = Object.fromEntries(Object.entries(saved.active).filter(([id]) => known.has(id)))
      this.#agents.set(`${saved.site} ${saved.agent}`, { ...saved, active })
    }
  }

  count(): void {
    this.devices.count()
    this.clocks.count()
    this.identities.count()
    for (const { check } of this.#checks) check.subjects = this.#agents.size
  }

  #agentOf(site: string, agent: string): AgentMemory {
    const key = `${site} ${agent}`
    const known = this.#agents.get(key)
    if (known !== undefined) return known
    const memory: AgentMemory = { site, agent, lastHeard: -1, stopped: false, active: {}, told: 0 }
    this.#agents.set(key, memory)
    return memory
  }

  #judge(memory: AgentMemory, time: number, heard: boolean): readonly Finding[] {
    const findings: Finding[] = []
    for (const { check, silentAfterMs } of this.#checks) {
      const away = silentAfterMs === null ? memory.stopped : this.#isSilent(memory, time, silentAfterMs)
      const since = memory.active[check.id]
      if (away) {
        if (since === undefined) findings.push(findingOf(check, memory, time, 'active'))
        memory.active[check.id] = null
        // That the collector begins to listen anew does not bring an agent back: only a word of its own does.
      } else if (since !== undefined && (since !== null || heard)) {
        const back = since ?? time
        memory.active[check.id] = back
        if (time - back < check.clearAfterSeconds * 1000) continue
        delete memory.active[check.id]
        findings.push(findingOf(check, memory, time, 'cleared'))
      }
    }
    return findings
  }

  #isSilent(memory: AgentMemory, time: number, afterMs: number): boolean {
    if (memory.stopped || this.#listeningSince === -1) return false
    return time - Math.max(memory.lastHeard, this.#listeningSince, this.#metAt.get(memory) ?? -1) >= afterMs
  }
}

function findingOf(check: Check, memory: AgentMemory, time: number, condition: Finding['condition']): Finding {
  const { site, agent, lastHeard } = memory
  const known = lastHeard !== -1
  // Strictly later then, or two findings in the same millisecond would look like one told twice.
  memory.told = time >= memory.told ? time : memory.told + 1
  return {
    rule: check.id,
    kind: check.kind,
    site,
    agent,
    device: null,
    tag: null,
    tags: [],
    view: 'polled',
    time: memory.told,
    condition,
    severity: check.severity,
    evidence: { seconds: known ? (time - lastHeard) / 1000 : null, lastHeard: known ? lastHeard : null }
  }
}
