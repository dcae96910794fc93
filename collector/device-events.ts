// What devices did, as the agents told it: kept once each, so many of an agent and day, and found again page by page.
import { z } from 'zod'
import { EventPage, type EventQuery, EventView } from '#contract/api.ts'
import type { Position } from '#contract/envelope.ts'
import type { DeviceEvent, EventBatch } from '#contract/event.ts'
import type { Database, Statement } from '#runtime/sqlite.ts'

export interface KeptEvents {
  /** Those that were new and found room. */
  kept: EventView[]
  leftOut: number
}

export interface ToldEvents extends Position {
  events: DeviceEvent[]
}

const DAY_MS = 86_400_000
// An audit trail of a busy OPC UA server tells some thousands a day; more is a flood, and the first of a flood say enough.
const MOST_OF_A_DAY = 20_000
const DAYS_TOLD = 100

const Row = z.object({
  id: z.number(),
  site: z.string(),
  agent: z.string(),
  device: z.string(),
  time: z.number(),
  sourceTime: z.number().nullable(),
  kind: EventView.shape.kind,
  change: EventView.shape.change,
  severity: z.number(),
  source: z.string().nullable(),
  message: z.string(),
  details: z.string(),
  keptAt: z.number()
})
const COLUMNS =
  'id, site, agent, device, time, source_time AS sourceTime, kind, change, severity, source, message, details, kept_at AS keptAt'

export class DeviceEvents {
  readonly #database: Database
  readonly #mostOfADay: number
  readonly #now: () => number
  readonly #insert: Statement
  readonly #count: Statement
  readonly #known: Statement

  constructor({ database, mostOfADay = MOST_OF_A_DAY, now = Date.now }: { database: Database; mostOfADay?: number; now?: () => number }) {
    this.#database = database
    this.#mostOfADay = mostOfADay
    this.#now = now
    this.#insert = database.prepare(
      `INSERT INTO device_events
         (site, agent, boot, sequence, place, device, time, source_time, kind, change, severity, source, message, details, kept_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`
    )
    this.#known = database.prepare('SELECT 1 FROM device_events WHERE site = ? AND agent = ? AND boot = ? AND sequence = ? AND place = ?')
    this.#count = database.prepare(
      `INSERT INTO device_event_days (site, agent, day, kept, left_out) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET kept = kept + excluded.kept, left_out = left_out + excluded.left_out`
    )
  }

  /** Keeping a batch twice changes nothing. What finds no room is counted in its turn only, which comes once. */
  keep(batch: EventBatch, { inTurn }: { inTurn: boolean }): KeptEvents {
    const { site, agent, boot, sequence, events } = batch
    const keptAt = this.#now()
    const day = Math.floor(keptAt / DAY_MS)
    let room = this.#mostOfADay - this.#keptOn(site, agent, day)
    const kept: EventView[] = []
    let leftOut = 0
    for (const [place, event] of events.entries()) {
      if (room <= 0) {
        if (inTurn && this.#known.get(site, agent, boot, sequence, place) === undefined) leftOut++
        continue
      }
      const { device, time, sourceTime, kind, change, severity, source, message, details } = event
      const about = [device, time, sourceTime, kind, change, severity, source, message, JSON.stringify(details), keptAt]
      const row = this.#insert.get(site, agent, boot, sequence, place, ...about)
      if (row === undefined) continue
      room--
      kept.push({ id: Number(row['id']), site, agent, ...event, keptAt })
    }
    if (kept.length > 0 || leftOut > 0) this.#count.run(site, agent, day, kept.length, leftOut)
    return { kept, leftOut }
  }

  find({ site, agent, device, kind, from = 0, to = Number.MAX_SAFE_INTEGER, before, limit = 50 }: z.infer<typeof EventQuery>): EventPage {
    const [time, id] = placeOf(before) ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
    const wanted = Object.entries({ site, agent, device, kind }).filter(([, value]) => value !== undefined)
    const where = wanted.map(([column]) => `${column} = ? AND `).join('')
    const rows = this.#database
      .prepare(
        `SELECT ${COLUMNS} FROM device_events WHERE ${where}time >= ? AND time < ? AND (time, id) < (?, ?) ORDER BY time DESC, id DESC LIMIT ?`
      )
      .all(...wanted.map(([, value]) => value ?? null), from, to, time, id, limit + 1)
    const events = z.array(Row).parse(rows).map(viewOf)
    const page = events.slice(0, limit)
    const last = page.at(-1)
    return {
      events: page,
      next: events.length > limit && last !== undefined ? `${last.time}-${last.id}` : null,
      leftOut: this.#leftOut({ site, agent, from, to })
    }
  }

  /** What an agent told between two places of its stream, the end included, in the order of its numbers. */
  between(site: string, agent: string, after: Position, until: Position, limit: number): ToldEvents[] {
    const rows = this.#database
      .prepare(
        `SELECT boot, sequence, ${COLUMNS} FROM device_events
         WHERE site = ? AND agent = ? AND (boot, sequence) > (?, ?) AND (boot, sequence) <= (?, ?) ORDER BY boot, sequence, place LIMIT ?`
      )
      .all(site, agent, after.boot, after.sequence, until.boot, until.sequence, limit)
    const told = new Map<string, ToldEvents>()
    for (const row of rows) {
      const { id: _, site: _site, agent: _agent, keptAt: _keptAt, ...event } = viewOf(Row.parse(row))
      const place = { boot: Number(row['boot']), sequence: Number(row['sequence']) }
      const name = `${place.boot} ${place.sequence}`
      const batch = told.get(name) ?? { ...place, events: [] }
      batch.events.push(event)
      told.set(name, batch)
    }
    return [...told.values()]
  }

  /** How many were ever left out, as far back as days are kept. */
  get leftOut(): number {
    return Number(this.#database.prepare('SELECT coalesce(sum(left_out), 0) AS n FROM device_event_days').get()?.['n'])
  }

  forgetBefore(time: number): void {
    this.#database.prepare('DELETE FROM device_events WHERE kept_at < ?').run(time)
    this.#database.prepare('DELETE FROM device_event_days WHERE day < ?').run(Math.floor(time / DAY_MS))
  }

  #keptOn(site: string, agent: string, day: number): number {
    const row = this.#database.prepare('SELECT kept FROM device_event_days WHERE site = ? AND agent = ? AND day = ?').get(site, agent, day)
    return Number(row?.['kept'] ?? 0)
  }

  #leftOut({
    site,
    agent,
    from,
    to
  }: {
    site: string | undefined
    agent: string | undefined
    from: number
    to: number
  }): EventPage['leftOut'] {
    const rows = this.#database
      .prepare(
        `SELECT site, agent, day * ${DAY_MS} AS day, left_out AS events FROM device_event_days
         WHERE left_out > 0 AND site = coalesce(?, site) AND agent = coalesce(?, agent) AND day >= ? AND day * ${DAY_MS} < ?
         ORDER BY device_event_days.day DESC, site, agent LIMIT ${DAYS_TOLD}`
      )
      .all(site ?? null, agent ?? null, Math.floor(from / DAY_MS), to)
    return EventPage.shape.leftOut.parse(rows.map((row) => ({ ...row })))
  }
}

function viewOf({ details, ...row }: z.infer<typeof Row>): EventView {
  // Written here from what the contract had checked.
  return { ...row, details: EventView.shape.details.parse(JSON.parse(details)) }
}

function placeOf(cursor: string | undefined): [time: number, id: number] | undefined {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(cursor ?? '')
  return match === null ? undefined : [Number(match[1]), Number(match[2])]
}
