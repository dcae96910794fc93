// After a start: what was stored after the rules' state was kept is judged again from the store, so that a killed collector misses nothing.
import type { SampleValue } from '#contract/sample.ts'
import { VIEWS, type View } from '#contract/sample.ts'
import type { Log } from '#runtime/log.ts'
import type { DeviceEvents } from './device-events.ts'
import type { Inventory } from './inventory.ts'
import type { Judge, Judgement } from './judge.ts'
import type { KnownAgent } from './known-agent.ts'
import type { TelemetryStore } from './store/telemetry.ts'

export interface CatchUpOptions {
  judgement: Judgement
  inventory: Inventory
  store: TelemetryStore
  judge: Judge
  log: Log
  signal: AbortSignal
  /** Up to which event time the stream of an agent was judged in its turn; what lies beyond comes again. */
  until: (site: string, agent: string) => number
  /** Samples read at most; beyond, what is left is told and not judged again. */
  limit?: number
}

// Batches of one agent need not be in the order of time; the rules leave out what they have judged already.
const OVERLAP_MS = 60_000
const SERIES_AT_ONCE = 8
const SAMPLES_PER_SERIES = 10_000

interface Stored {
  id: number
  time: number
  value: SampleValue
  quality: number
}

/** Rejects with StoreFault when the store is away; to be called again then. Gives the number of samples read. */
export async function catchUp(options: CatchUpOptions): Promise<number> {
  const { judgement, inventory, log, limit = 2_000_000 } = options
  let left = limit
  for (const known of inventory.agents) {
    // An agent that was new then had nothing judged; what it told since is as new as the state is old.
    const judgedTo = judgement.judgedTo.get(`${known.site}/${known.agent}`) ?? judgement.time
    for (const view of VIEWS) {
      const span = { from: Math.max(0, judgedTo - OVERLAP_MS), to: options.until(known.site, known.agent) }
      const stored = await readSince(options, { known, view, ...span, limit: left })
      left -= stored.length
      judgeInOrder(options.judge, known, view, stored)
      if (left > 0) continue
      log.warn({ limit }, 'More was stored since the rules last kept their state than is read again; the rest is not judged.')
      return limit
    }
  }
  return limit - left
}

const MOST_EVENTS = 100_000

/** What devices did is judged again too, from where the kept state ends. */
export function catchUpEvents({ events, judge, log }: { events: Pick<DeviceEvents, 'judgedSince'>; judge: Judge; log: Log }): number {
  const told = events.judgedSince(MOST_EVENTS)
  for (const batch of told) judge.events(batch)
  const count = told.reduce((sum, batch) => sum + batch.events.length, 0)
  if (count >= MOST_EVENTS) log.warn({ limit: MOST_EVENTS }, 'More events were kept than are judged again; the rest is not.')
  return count
}

async function readSince(
  { store, signal, log }: CatchUpOptions,
  query: { known: KnownAgent; view: View; from: number; to: number; limit: number }
): Promise<Stored[]> {
  const { known, view, from, to, limit } = query
  const stored: Stored[] = []
  const series = known.tags.map(({ tag }) => ({
    id: tag.id,
    handle: store.series({ site: known.site, agent: known.agent, tag: tag.name, view })
  }))
  const latest = await store.latest(series.map(({ handle }) => handle))
  const fresh = series.filter((_, i) => (latest[i]?.time ?? -1) >= from)
  for (let at = 0; at < fresh.length && stored.length < limit; at += SERIES_AT_ONCE) {
    signal.throwIfAborted()
    const part = fresh.slice(at, at + SERIES_AT_ONCE)
    const found = await Promise.all(part.map(({ handle }) => store.samples({ series: handle, from, to, limit: SAMPLES_PER_SERIES })))
    if (found.some(({ length }) => length === SAMPLES_PER_SERIES))
      log.warn(
        { site: known.site, agent: known.agent, limit: SAMPLES_PER_SERIES },
        'More of a tag was stored than is read again; the rest is not judged.'
      )
    for (const [i, samples] of found.entries()) for (const sample of samples) stored.push({ id: part[i]?.id ?? 0, ...sample })
  }
  return stored.length > limit ? stored.slice(0, limit) : stored
}

function judgeInOrder(judge: Judge, known: KnownAgent, view: View, stored: Stored[]): void {
  if (stored.length === 0) return
  stored.sort((a, b) => a.time - b.time)
  judge.judgeStored({
    site: known.site,
    agent: known.agent,
    tagMap: known.birth.tagMap,
    view,
    tags: stored.map(({ id }) => id),
    times: stored.map(({ time }) => time),
    values: stored.map(({ value }) => value),
    qualities: stored.map(({ quality }) => quality)
  })
}
