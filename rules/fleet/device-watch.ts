// Judges what devices did. A matter begins with an event and ends with a better one, or when nothing more came for long enough.
import { z } from 'zod'
import type { DeviceEvent } from '#contract/event.ts'
import type { Evidence, Finding } from '#contract/finding.ts'
import { Id } from '#contract/site.ts'
import type { Check } from '../check.ts'
import { type DeviceEventTerms, deviceEvent, ends, fits, whoDid } from './device-event.ts'

const DeviceMemory = z.strictObject({
  rule: z.string(),
  site: Id,
  agent: Id,
  device: Id,
  active: z.boolean(),
  count: z.number(),
  /** Event times that count towards the number that makes it wrong. */
  recent: z.array(z.number()),
  last: z.number(),
  /** The first tick after the last event; null before it. An event dated far ahead must not keep a condition for ever. */
  seenAt: z.number().nullable(),
  told: z.number(),
  learningSince: z.number().nullable(),
  known: z.array(z.string())
})
type DeviceMemory = z.infer<typeof DeviceMemory>

export const DeviceWatchMemory = z.strictObject({
  devices: z.array(DeviceMemory)
})
export type DeviceWatchMemory = z.infer<typeof DeviceWatchMemory>

export const emptyDeviceWatch = (): DeviceWatchMemory => ({ devices: [] })

export interface DeviceEvents {
  site: string
  agent: string
  events: readonly DeviceEvent[]
}

// A storm of events is one matter; it is told again this often.
const AGAIN_MS = 60_000
// Names come from peers.
const MOST_MEMORIES = 50_000
const LOOKED_AT_FOR_A_QUIET_ONE = 100
const MOST_KNOWN = 200
const MOST_FIGURES = 40

export class DeviceWatch {
  readonly #checks: readonly { check: Check; terms: DeviceEventTerms }[]
  // By agent, since one that makes up names must not push out what is known of the devices of others.
  readonly #memories = new Map<string, Map<string, DeviceMemory>>()
  #size = 0
  readonly #devices = new Map<string, number>()

  constructor(checks: readonly Check[]) {
    this.#checks = checks
      .filter(({ kind }) => kind === deviceEvent.kind)
      .map((check) => ({ check, terms: deviceEvent.parameters.parse(check.parameters) }))
  }

  has(rule: string): boolean {
    return this.#checks.some(({ check }) => check.id === rule)
  }

  know({ site, agent, devices }: { site: string; agent: string; devices: readonly unknown[] }): void {
    this.#devices.set(`${site} ${agent}`, devices.length)
  }

  judge({ site, agent, events }: DeviceEvents): readonly Finding[] {
    return events.flatMap((event) => this.#checks.flatMap((one) => this.#judgeOne(one, { site, agent, event }) ?? []))
  }

  tick(time: number): readonly Finding[] {
    const findings: Finding[] = []
    for (const { check, terms } of this.#checks) {
      if (terms.endsOn.length > 0) continue
      for (const memory of this.#all()) {
        if (memory.rule !== check.id || !memory.active) continue
        // After the clock was set back, what was seen lies in the future.
        memory.seenAt = Math.min(memory.seenAt ?? time, time)
        const end = Math.min(memory.last, memory.seenAt) + check.clearAfterSeconds * 1000
        if (time >= end) findings.push(finish(check, memory, end))
      }
    }
    return findings
  }

  /** The memory of it was lost; it was active when it was last told. */
  assume({ rule, site, agent, device }: { rule: string; site: string; agent: string; device: string | null }, time: number): void {
    if (device === null) return
    const memory = this.#memoryOf({ rule, site, agent, device })
    if (memory.active && memory.told >= time) return
    memory.active = true
    memory.count = Math.max(1, memory.count)
    memory.told = Math.max(memory.told, time)
    memory.last = Math.max(memory.last, time)
  }

  count(): void {
    const devices = [...this.#devices.values()].reduce((sum, count) => sum + count, 0)
    for (const { check } of this.#checks) check.subjects = devices
  }

  snapshot(): DeviceWatchMemory {
    return structuredClone({ devices: [...this.#all()] })
  }

  restore({ devices }: DeviceWatchMemory): void {
    for (const memory of devices) if (this.has(memory.rule)) this.#keep(structuredClone(memory))
  }

  #judgeOne(
    { check, terms }: { check: Check; terms: DeviceEventTerms },
    { site, agent, event }: { site: string; agent: string; event: DeviceEvent }
  ): Finding | null {
    const about = { rule: check.id, site, agent, device: event.device }
    if (ends(terms, event)) {
      const known = this.#find(about)
      return known?.active ? finish(check, known, event.time) : null
    }
    if (!fits(terms, event)) return null
    const memory = this.#memoryOf(about)
    if (terms.newcomers !== undefined && !isNewcomer(memory, terms.newcomers, event)) return null
    // Of a backlog that comes beside live events, each counts with those of its own time.
    const near = memory.recent.filter((time) => Math.abs(event.time - time) < terms.withinSeconds * 1000)
    memory.recent = [...near, event.time].slice(-terms.times)
    memory.last = Math.max(memory.last, event.time)
    memory.seenAt = null
    if (memory.recent.length < terms.times) return null
    memory.count = memory.active ? memory.count + 1 : memory.recent.length
    if (memory.active && event.time - memory.told < AGAIN_MS) return null
    memory.active = true
    return findingOf(check, memory, { time: event.time, condition: 'active', evidence: evidenceOf(event, memory, terms) })
  }

  #memoryOf(about: About): DeviceMemory {
    const known = this.#find(about)
    if (known !== undefined) return known
    if (this.#size >= MOST_MEMORIES) this.#forgetOne()
    const state = { active: false, count: 0, recent: [], last: 0, seenAt: null, told: 0, learningSince: null, known: [] }
    const memory: DeviceMemory = { ...about, ...state }
    this.#keep(memory)
    return memory
  }

  *#all(): Generator<DeviceMemory> {
    for (const memories of this.#memories.values()) yield* memories.values()
  }

  #find(about: About): DeviceMemory | undefined {
    return this.#memories.get(agentOf(about))?.get(keyOf(about))
  }

  #keep(memory: DeviceMemory): void {
    const memories = this.#memories.get(agentOf(memory)) ?? new Map<string, DeviceMemory>()
    this.#memories.set(agentOf(memory), memories)
    this.#size -= memories.size
    memories.set(keyOf(memory), memory)
    this.#size += memories.size
  }

  // Of the agent with the most; a quiet one when there is one among its oldest.
  #forgetOne(): void {
    let most = new Map<string, DeviceMemory>()
    for (const memories of this.#memories.values()) if (memories.size > most.size) most = memories
    const oldest = most.entries().take(LOOKED_AT_FOR_A_QUIET_ONE).toArray()
    const goes = oldest.find(([, { active }]) => !active) ?? oldest[0]
    if (goes !== undefined && most.delete(goes[0])) this.#size--
  }
}

type About = Pick<DeviceMemory, 'rule' | 'site' | 'agent' | 'device'>
const agentOf = ({ site, agent }: About): string => `${site} ${agent}`
const keyOf = ({ rule, device }: About): string => `${rule} ${device}`

function isNewcomer(memory: DeviceMemory, { by, learnSeconds }: NonNullable<DeviceEventTerms['newcomers']>, event: DeviceEvent): boolean {
  const who = whoDid(by, event)
  memory.learningSince ??= event.time
  if (memory.known.includes(who)) return false
  memory.known = [...memory.known, who].slice(-MOST_KNOWN)
  return event.time - memory.learningSince >= learnSeconds * 1000
}

function evidenceOf(event: DeviceEvent, { count }: DeviceMemory, { newcomers }: DeviceEventTerms): Evidence {
  const { message, source, kind, change, time, details } = event
  const client = newcomers === undefined ? {} : { client: whoDid(newcomers.by, event).slice(0, 500) || null }
  return Object.fromEntries(
    Object.entries({ message, event: kind, change, source, count, eventTime: time, ...client, ...details }).slice(0, MOST_FIGURES)
  )
}

function finish(check: Check, memory: DeviceMemory, time: number): Finding {
  const { count } = memory
  memory.active = false
  memory.count = 0
  memory.recent = []
  return findingOf(check, memory, { time, condition: 'cleared', evidence: { count } })
}

function findingOf(check: Check, memory: DeviceMemory, told: Pick<Finding, 'time' | 'condition' | 'evidence'>): Finding {
  const { site, agent, device } = memory
  // Strictly later, or two findings of the same millisecond would look like one told twice.
  memory.told = Math.max(told.time, memory.told + 1)
  const about = { rule: check.id, kind: check.kind, site, agent, device, tag: null, tags: [], view: 'polled' as const }
  return { ...about, ...told, time: memory.told, severity: check.severity }
}
