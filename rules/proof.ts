// Plays the cases of a pack through an engine of their own and tells which of them came out otherwise than written.
import type { Birth } from '#contract/agent-status.ts'
import type { Finding } from '#contract/finding.ts'
import { BAD_TIMEOUT, GOOD } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import { SECTORS } from '#contract/site.ts'
import { Engine } from './engine.ts'
import type { DeviceEvents } from './fleet/device-watch.ts'
import type { CheckEntry, Pack } from './pack.ts'
import { type FireCase, type Timeline, usualFacts } from './pack-case.ts'

export interface Disproof {
  check: string
  name: string
  problem: string
}

const START = 1_750_000_000_000
const SITE = 'proof'
const AGENT = 'agent'
const TEXT = { zh: '验证', en: 'Proof' }

export function prove(pack: Pack): readonly Disproof[] {
  return pack.checks.flatMap((entry) => {
    const { mustFire, mustStaySilent } = entry.tests
    const problems = [
      ...mustFire.map((fire) => ({ name: fire.name, problem: disproveFire(play(pack, entry, fire), fire) })),
      ...mustStaySilent.map((silent) => ({ name: silent.name, problem: disproveSilence(play(pack, entry, silent)) }))
    ]
    return problems.flatMap(({ name, problem }) => (problem === null ? [] : [{ check: entry.id, name, problem }]))
  })
}

function disproveFire(findings: readonly Finding[], { firesAt, clearsAt }: FireCase): string | null {
  const fired = findings.find((finding) => finding.condition === 'active')
  if (fired === undefined) return `stayed silent, should fire at ${firesAt} s`
  if (secondsOf(fired) !== firesAt) return `fired at ${secondsOf(fired)} s, should at ${firesAt} s`
  const cleared = findings.find((finding) => finding.condition === 'cleared')
  const at = cleared === undefined ? undefined : secondsOf(cleared)
  return at === clearsAt ? null : `cleared at ${at ?? 'no'} s, should at ${clearsAt ?? 'no'} s`
}

function disproveSilence([first]: readonly Finding[]): string | null {
  return first === undefined ? null : `fired at ${secondsOf(first)} s, should stay silent`
}

const secondsOf = (finding: Finding): number => (finding.time - START) / 1000

interface Event {
  at: number
  tell(engine: Engine): readonly Finding[]
}

/** What the check found on the timeline. */
export function play(pack: Pack, entry: CheckEntry, timeline: Timeline): readonly Finding[] {
  const engine = new Engine({ packs: [{ ...pack, checks: [{ ...entry, enabled: true }] }] })
  engine.know(birthOf(pack, timeline))
  const events = [...samplesOf(timeline), ...messagesOf(timeline)].sort((a, b) => a.at - b.at)
  const findings = events.flatMap((event) => event.tell(engine))
  const faults = engine.checks().reduce((sum, check) => sum + check.faults, 0)
  if (faults > 0) throw new Error(`${entry.id} failed ${faults} times on ${timeline.name}`)
  return findings
}

function birthOf(pack: Pack, { tags, samples }: Timeline): Birth {
  return {
    kind: 'birth',
    schema: 1,
    site: SITE,
    agent: AGENT,
    boot: 1,
    tagMap: 1,
    startedAt: START,
    version: '',
    configHash: '',
    acknowledge: 'collector',
    siteInfo: { id: SITE, title: TEXT, sector: pack.sector === 'any' ? SECTORS[0] : pack.sector },
    devices: [],
    tags: Object.keys(samples).map((name, index) => {
      const { heartbeatSeconds, role, dataType, unit, range } = tags[name] ?? usualFacts()
      const facts = { role, dataType, ...(unit === undefined ? {} : { unit }), ...(range === undefined ? {} : { range }) }
      return { id: index + 1, name, device: 'plc-1', address: '', cadenceMs: 1000, heartbeatMs: heartbeatSeconds * 1000, ...facts }
    })
  }
}

function samplesOf({ samples }: Timeline): Event[] {
  return Object.values(samples).flatMap((stretches, index) =>
    stretches.flatMap((stretch) => {
      if (Array.isArray(stretch)) return [sampleEvent(index + 1, stretch[0], stretch[1])]
      const { from, to, every, values } = stretch
      const count = Math.floor((to - from) / every + 1e-9) + 1
      return Array.from({ length: count }, (_, i) => sampleEvent(index + 1, from + i * every, values[i % values.length] ?? null))
    })
  )
}

function sampleEvent(tag: number, at: number, value: SampleValue): Event {
  const batch = {
    site: SITE,
    agent: AGENT,
    tagMap: 1,
    view: 'polled' as const,
    tags: [tag],
    times: [START + Math.round(at * 1000)],
    values: [value],
    qualities: [value === null ? BAD_TIMEOUT : GOOD]
  }
  return { at, tell: (engine) => engine.judge(batch) }
}

function messagesOf({ heard, events: told, clock, identity, stopped, until = 0 }: Timeline): Event[] {
  const message = (at: number) => ({ site: SITE, agent: AGENT, time: START + at * 1000 })
  const events: Event[] = heard.map((at) => ({ at, tell: (engine) => engine.heard(message(at)) }))
  if (stopped !== undefined) events.push({ at: stopped, tell: (engine) => engine.stopped(message(stopped)) })
  for (const { at, ...event } of told) events.push({ at, tell: (engine) => engine.events(eventsOf(at, event)) })
  for (const { at, why } of identity)
    events.push({
      at,
      tell: (engine) => (why === null ? engine.trusted(message(at)) : engine.mistrusted({ ...message(at), why, key: null }))
    })
  for (const { at, aheadSeconds, offsetSeconds } of clock) {
    const ownTime = START + Math.round((at + aheadSeconds) * 1000)
    const offsetMs = offsetSeconds === undefined ? null : offsetSeconds * 1000
    events.push({ at, tell: (engine) => engine.clock({ ...message(at), ownTime, offsetMs }) })
  }
  for (let at = 0; at <= until; at++) events.push({ at, tell: (engine) => engine.tick(START + at * 1000) })
  return events
}

function eventsOf(at: number, event: Omit<Timeline['events'][number], 'at'>): DeviceEvents {
  const time = START + Math.round(at * 1000)
  return { site: SITE, agent: AGENT, events: [{ ...event, time, sourceTime: null, source: null }] }
}
