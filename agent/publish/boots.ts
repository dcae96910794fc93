// The boots of an outbox file and the lanes they form. A boot is a numbering; a lane is a run of boots that is sent in order and
// acknowledged by itself.
import type { Lane, Position } from '#contract/envelope.ts'
import type { Database } from '#runtime/sqlite.ts'

export interface Boot {
  boot: number
  /** The last number of an earlier boot, or null when the file knows of none. */
  follows: Position | null
  /** Null in the first lane of the file. */
  lane: Lane | null
}

/** The first lane has no beginning that anybody needs to know. */
export const FIRST_LANE = 0

/** Gives the next boot its number; it goes on in the lane of the boot before it, unless a new lane is asked for. */
export function beginBoot(database: Database, { now, newLane }: { now: number; newLane: boolean }): Boot {
  const ever = database.prepare('SELECT max(boot) AS boot FROM boots').get()?.['boot']
  const last = database.prepare('SELECT boot, last_sequence FROM boots WHERE last_sequence > 0 ORDER BY boot DESC LIMIT 1').get()
  const follows = last === undefined ? null : { boot: Number(last['boot']), sequence: Number(last['last_sequence']) }
  const boot = Math.max(Number(ever ?? 0) + 1, now)
  const before = follows === null ? null : (bootOf(database, follows.boot)?.lane ?? null)
  const lane = newLane && follows !== null ? { from: boot, after: follows } : before
  database
    .prepare('INSERT INTO boots (boot, follows_boot, follows_sequence, lane, after_boot, after_sequence) VALUES (?, ?, ?, ?, ?, ?)')
    .run(
      boot,
      follows?.boot ?? null,
      follows?.sequence ?? null,
      lane?.from ?? FIRST_LANE,
      lane?.after.boot ?? null,
      lane?.after.sequence ?? null
    )
  // Boots are only needed while messages of them are kept; two are always left, for `follows`.
  database
    .prepare('DELETE FROM boots WHERE boot < ? AND boot <> ? AND boot NOT IN (SELECT boot FROM messages)')
    .run(boot, follows?.boot ?? 0)
  return { boot, follows, lane }
}

export function bootOf(database: Database, boot: number): Boot | undefined {
  const row = database
    .prepare('SELECT follows_boot, follows_sequence, lane, after_boot, after_sequence FROM boots WHERE boot = ?')
    .get(boot)
  if (row === undefined) return undefined
  const position = (before: unknown, sequence: unknown) =>
    typeof before === 'number' ? { boot: before, sequence: Number(sequence) } : null
  const after = position(row['after_boot'], row['after_sequence'])
  const lane = after === null ? null : { from: Number(row['lane']), after }
  return { boot, follows: position(row['follows_boot'], row['follows_sequence']), lane }
}

/** Where each lane begins that the file knows of, in order. */
export function laneStarts(database: Database): number[] {
  return database
    .prepare('SELECT DISTINCT lane FROM boots ORDER BY lane')
    .all()
    .map((row) => Number(row['lane']))
}
