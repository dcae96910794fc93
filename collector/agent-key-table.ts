// The keys of agents in the collector's database.
import { z } from 'zod'
import { MISTRUSTS } from '#contract/agent-key.ts'
import { type Database, transaction } from '#runtime/sqlite.ts'

const Stored = z
  .object({
    site: z.string(),
    agent: z.string(),
    key: z.string().nullable(),
    pinned_at: z.number().nullable(),
    pinned_by: z.string().nullable(),
    offered: z.string().nullable(),
    offered_at: z.number().nullable(),
    boot: z.number().nullable(),
    uptime: z.number().nullable(),
    time: z.number().nullable(),
    refused: z.number(),
    refused_at: z.number().nullable(),
    why: z.enum(MISTRUSTS).nullable()
  })
  .transform(({ site, agent, key, boot, uptime, time, refused, why, offered, ...row }) => ({
    site,
    agent,
    key,
    pinnedAt: row.pinned_at,
    pinnedBy: row.pinned_by,
    offered,
    offeredAt: row.offered_at,
    last: boot === null || uptime === null || time === null ? null : { boot, uptime, time },
    refused,
    refusedAt: row.refused_at,
    why
  }))
export type AgentKeyRow = z.infer<typeof Stored>

export class AgentKeyTable {
  readonly #database: Database

  constructor({ database }: { database: Database }) {
    this.#database = database
  }

  /** What is done in it stands or falls together. */
  atOnce(work: () => void): void {
    transaction(this.#database, work)
  }

  all(): AgentKeyRow[] {
    return z.array(Stored).parse(this.#database.prepare('SELECT * FROM agent_keys').all())
  }

  keep({ site, agent, key, pinnedAt, pinnedBy, offered, offeredAt, last, refused, refusedAt, why }: AgentKeyRow): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO agent_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        ...[site, agent, key, pinnedAt, pinnedBy, offered, offeredAt],
        ...[last?.boot ?? null, last?.uptime ?? null, last?.time ?? null, refused, refusedAt, why]
      )
  }
}
