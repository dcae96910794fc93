// What ingest remembers over a restart: births and tag maps, the place in each agent's stream, and the gaps.
import { z } from 'zod'
import { Birth } from '#contract/agent-status.ts'
import type { GapView } from '#contract/api.ts'
import { Lane, Position } from '#contract/envelope.ts'
import { GAP_REASONS } from '#contract/gap.ts'
import { type Database, transaction } from '#runtime/sqlite.ts'
import { MAX_TAG_MAPS, type TagDefinitions } from '../known-agent.ts'
import type { Hole } from './hole.ts'
import type { LanesState } from './lanes.ts'

export type GapChange = { what: 'note'; hole: Hole } | { what: 'replace'; fills: readonly Hole[]; leaves: readonly Hole[] }

export interface StreamRow {
  site: string
  agent: string
  state: LanesState
  lastHeard: number | null
}

export interface Commit {
  streams: readonly StreamRow[]
  gaps: readonly { site: string; agent: string; change: GapChange }[]
  now: number
}

export interface GapQuery {
  site?: string | undefined
  agent?: string | undefined
  /** Leaves out gaps of other single devices. */
  device?: string | undefined
  /** Gaps that overlap the span by event time; where that is unknown, by when they were noted. */
  from?: number | undefined
  to?: number | undefined
  limit?: number | undefined
}

const Span = { boot: z.number(), first: z.number(), last: z.number() }
const HoleRow = z.object({
  ...Span,
  from: z.number().nullable(),
  to: z.number().nullable(),
  reason: z.enum(GAP_REASONS),
  samples: z.number().nullable(),
  device: z.string().optional()
})
const SequencerColumns = {
  position: z.object({ boot: z.number(), sequence: z.number() }).nullable(),
  time: z.number().nullable(),
  ahead: z.array(
    z.object({
      ...Span,
      follows: z.object({ boot: z.number(), sequence: z.number() }).nullish(),
      from: z.number().nullish(),
      to: z.number().nullish()
    })
  ),
  tails: z.array(z.object({ boot: z.number(), sequence: z.number() })),
  holes: z.array(HoleRow),
  forgotten: Position.nullable()
}
const State = z.object({
  ...SequencerColumns,
  from: z.number().optional(),
  beside: z.array(z.object({ ...SequencerColumns, ...Lane.shape })).optional()
})
const Stream = z.object({ site: z.string(), agent: z.string(), state: z.string(), last_heard: z.number().nullable() })
const Tags = z.array(z.tuple([z.number(), z.string()]))
const GapRow = z.object({ site: z.string(), agent: z.string(), ...HoleRow.shape, device: z.string().nullable(), notedAt: z.number() })

export class Ledger {
  readonly #database: Database

  constructor({ database }: { database: Database }) {
    this.#database = database
  }

  /** Those that this version can read; the others come again with the next connection of their agents. */
  births(): { birth: Birth; tagMaps: TagDefinitions[] }[] {
    const maps = this.#database.prepare('SELECT tag_map, tags FROM tag_maps WHERE site = ? AND agent = ? ORDER BY known_at')
    return this.#database
      .prepare('SELECT birth FROM births')
      .all()
      .flatMap((row) => {
        const birth = readable(Birth, row['birth'])
        if (birth === undefined) return []
        const tagMaps = maps.all(birth.site, birth.agent).map((map) => ({
          tagMap: Number(map['tag_map']),
          tags: (readable(Tags, map['tags']) ?? []).map(([id, name]) => ({ id, name }))
        }))
        return [{ birth, tagMaps }]
      })
  }

  keepBirth(birth: Birth, now: number): void {
    const { site, agent, tagMap } = birth
    transaction(this.#database, () => {
      this.#database.prepare('INSERT OR REPLACE INTO births (site, agent, birth) VALUES (?, ?, ?)').run(site, agent, JSON.stringify(birth))
      // Ids of one map never change their meaning, so a later birth may only add to them.
      const known = this.#database
        .prepare('SELECT tags FROM tag_maps WHERE site = ? AND agent = ? AND tag_map = ?')
        .get(site, agent, tagMap)
      const before = known === undefined ? [] : Tags.parse(JSON.parse(String(known['tags'])))
      const tags = new Map([...before, ...birth.tags.map(({ id, name }): [number, string] => [id, name])])
      this.#database
        .prepare('INSERT OR REPLACE INTO tag_maps (site, agent, tag_map, tags, known_at) VALUES (?, ?, ?, ?, ?)')
        .run(site, agent, tagMap, JSON.stringify([...tags]), now)
      this.#database
        .prepare(
          `DELETE FROM tag_maps WHERE site = ?1 AND agent = ?2 AND tag_map NOT IN
             (SELECT tag_map FROM tag_maps WHERE site = ?1 AND agent = ?2 ORDER BY known_at DESC LIMIT ${MAX_TAG_MAPS})`
        )
        .run(site, agent)
    })
  }

  /** A place that cannot be read is left out: what comes of that agent is stored again, which changes nothing. */
  streams(): StreamRow[] {
    const rows = z.array(Stream).parse(this.#database.prepare('SELECT site, agent, state, last_heard FROM streams').all())
    return rows.flatMap(({ site, agent, state: text, last_heard }) => {
      const state = readable(State, text)
      return state === undefined ? [] : [{ site, agent, state, lastHeard: last_heard }]
    })
  }

  commit({ streams, gaps, now }: Commit): void {
    transaction(this.#database, () => {
      const keep = this.#database.prepare('INSERT OR REPLACE INTO streams (site, agent, state, last_heard) VALUES (?, ?, ?, ?)')
      for (const { site, agent, state, lastHeard } of streams) keep.run(site, agent, JSON.stringify(state), lastHeard)
      for (const { site, agent, change } of gaps) {
        if (change.what === 'note') this.#note(site, agent, change.hole, now)
        else this.#replace(site, agent, change, now)
      }
    })
  }

  gaps({ site, agent, device, from = 0, to = Number.MAX_SAFE_INTEGER, limit = 1000 }: GapQuery): GapView[] {
    const rows = this.#database
      .prepare(
        `SELECT site, agent, boot, first, last, from_time AS "from", to_time AS "to", reason, samples, device, noted_at AS notedAt FROM gaps
         WHERE site = coalesce(?1, site) AND agent = coalesce(?2, agent) AND (?3 IS NULL OR device IS NULL OR device = ?3)
           AND coalesce(from_time, to_time, noted_at) < ?4 AND coalesce(to_time, from_time, noted_at) >= ?5
         ORDER BY noted_at DESC, id DESC LIMIT ?6`
      )
      .all(site ?? null, agent ?? null, device ?? null, to, from, limit)
    return z.array(GapRow).parse(rows)
  }

  /** Those that lost messages of an agent, by site/agent; what one device did not give is no such loss. */
  gapsSince(since: number): ReadonlyMap<string, number> {
    const rows = this.#database
      .prepare(`SELECT site || '/' || agent AS who, count(*) AS gaps FROM gaps WHERE noted_at >= ? AND device IS NULL GROUP BY 1`)
      .all(since)
    return new Map(rows.map((row) => [String(row['who']), Number(row['gaps'])]))
  }

  forgetGaps(before: number): void {
    this.#database.prepare('DELETE FROM gaps WHERE noted_at < ?').run(before)
  }

  #note(site: string, agent: string, { boot, first, last, from, to, reason, samples, device }: Hole, now: number): void {
    this.#database
      .prepare(
        `INSERT INTO gaps (site, agent, boot, first, last, from_time, to_time, reason, samples, device, noted_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (site, agent, boot, first, last) DO UPDATE SET reason = excluded.reason, samples = excluded.samples`
      )
      .run(site, agent, boot, first, last, from, to, reason, samples, device ?? null, now)
  }

  #replace(site: string, agent: string, { fills, leaves }: Extract<GapChange, { what: 'replace' }>, now: number): void {
    let notedAt = now
    const take = this.#database.prepare(
      'DELETE FROM gaps WHERE site = ? AND agent = ? AND boot = ? AND first = ? AND last = ? RETURNING noted_at'
    )
    for (const { boot, first, last } of fills) notedAt = Number(take.get(site, agent, boot, first, last)?.['noted_at'] ?? notedAt)
    for (const hole of leaves) this.#note(site, agent, hole, notedAt)
  }
}

function readable<T>(schema: z.ZodType<T>, text: unknown): T | undefined {
  try {
    return schema.safeParse(JSON.parse(String(text))).data
  } catch {
    // Not JSON is as unreadable as another shape.
    return undefined
  }
}
