// What devices did, as the agents told it: kept once each, so many of an agent and day, and found again page by page.
import { z } from 'zod'
import { EventPage, type EventQuery, EventView } from '#contract/api.ts'
import type { DeviceEvent, EventBatch } from '#contract/event.ts'
import type { Database, Statement } from '#runtime/sqlite.ts'

export interface KeptEvents {
  /** Those that were new and found room. */
  kept: EventView[]
  leftOut: number
}

export interface ToldEvents {
  site: string
  agent: string
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
  readonly #setJudged: Statement
  #judged: number

  constructor({ database, mostOfADay = MOST_OF_A_DAY, now = Date.now }: { database: Database; mostOfADay?: number; now?: () => number }) {
    this.#database = database
    this.#mostOfADay = mostOfADay
    this.#now = now
    this.#insert = database.prepare(
      `INSERT INTO device_events
         (site, agent, boot, sequence, place, device, time, source_time, kind, change, severity, source, message, details, kept_at, judged)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`
    )
    this.#known = database.prepare('SELECT 1 FROM device_events WHERE site = ? AND agent = ? AND boot = ? AND sequence = ? AND place = ?')
    this.#setJudged = database.prepare(
      'UPDATE device_events SET judged = ? WHERE site = ? AND agent = ? AND boot = ? AND sequence = ? AND judged IS NULL'
    )
    this.#judged = Number(database.prepare('SELECT max(judged) AS judged FROM device_events').get()?.['judged'] ?? 0)
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
    if (inTurn) {
      this.#judged++
      this.#setJudged.run(this.#judged, site, agent, boot, sequence)
    }
    const kept: EventView[] = []
    let leftOut = 0
    for (const [place, event] of events.entries()) {
      if (room <= 0) {
        if (inTurn && this.#known.get(site, agent, boot, sequence, place) === undefined) leftOut++
        continue
      }
      const { device, time, sourceTime, kind, change, severity, source, message, details } = event
      const about = [
        device,
        time,
        sourceTime,
        kind,
        change,
        severity,
        source,
        message,
        JSON.stringify(details),
        keptAt,
        inTurn ? this.#judged : null
      ]
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

  /** The state of the rules was kept: it knows of all that came in its turn until now. */
  markJudged(): void {
    this.#database.prepare('INSERT OR REPLACE INTO device_events_judged_to (one, judged) VALUES (1, ?)').run(this.#judged)
  }

  /** What was judged after the state of the rules was kept, in that order. */
  judgedSince(limit: number): ToldEvents[] {
    const rows = this.#database
      .prepare(
        `SELECT judged, ${COLUMNS} FROM device_events
         WHERE judged > coalesce((SELECT judged FROM device_events_judged_to), 0) ORDER BY judged, place LIMIT ?`
      )
      .all(limit)
    const told = new Map<unknown, ToldEvents>()
    for (const row of rows) {
      const { id: _, site, agent, keptAt: _keptAt, ...event } = viewOf(Row.parse(row))
      const batch = told.get(row['judged']) ?? { site, agent, events: [] }
      batch.events.push(event)
      told.set(row['judged'], batch)
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
