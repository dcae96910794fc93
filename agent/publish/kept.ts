// What an outbox keeps, by lane, and the exact counts of samples over its whole life. A commit that fails puts all back as it was.
import type { Database } from '#runtime/sqlite.ts'

export interface LaneCount {
  messages: number
  samples: number
}

export interface SampleCounts {
  put: number
  stored: number
  dropped: number
  kept: number
}

interface Figures {
  bytes: number
  droppedMessages: number
  stored: number
  dropped: number
  put: number
  lanes: ReadonlyMap<number, LaneCount>
}

const COUNTS = `coalesce(sum(length(payload)), 0) AS bytes, count(*) AS messages,
  coalesce(sum(CASE kind WHEN 'samples' THEN samples ELSE 0 END), 0) AS samples`
const NONE: LaneCount = { messages: 0, samples: 0 }

export class Kept {
  readonly #database: Database
  #now: Figures

  constructor(database: Database) {
    this.#database = database
    const ever = database.prepare('SELECT samples_ever, samples_stored, samples_dropped FROM identity').get() ?? {}
    const rows = database.prepare(`SELECT lane, ${COUNTS} FROM messages JOIN boots USING (boot) GROUP BY lane`).all()
    this.#now = {
      bytes: rows.reduce((sum, row) => sum + Number(row['bytes']), 0),
      droppedMessages: 0,
      put: Number(ever['samples_ever']),
      stored: Number(ever['samples_stored']),
      dropped: Number(ever['samples_dropped']),
      lanes: new Map(rows.map((row) => [Number(row['lane']), { messages: Number(row['messages']), samples: Number(row['samples']) }]))
    }
  }

  get bytes(): number {
    return this.#now.bytes
  }

  get droppedMessages(): number {
    return this.#now.droppedMessages
  }

  get put(): number {
    return this.#now.put
  }

  get messages(): number {
    return [...this.#now.lanes.values()].reduce((sum, { messages }) => sum + messages, 0)
  }

  get samples(): SampleCounts {
    const { put, stored, dropped, lanes } = this.#now
    return { put, stored, dropped, kept: [...lanes.values()].reduce((sum, { samples }) => sum + samples, 0) }
  }

  /** All lanes of which anything is kept. */
  get lanes(): ReadonlyMap<number, LaneCount> {
    return this.#now.lanes
  }

  /** Runs the work of a commit, and takes back what was counted when it fails. */
  guard(commit: () => void): void {
    const before = this.#now
    this.#now = { ...before }
    try {
      commit()
    } catch (error) {
      this.#now = before
      throw error
    }
  }

  added(lane: number, { bytes, samples }: { bytes: number; samples: number }): void {
    this.#change(lane, { bytes, messages: 1, samples })
    this.#now.put += samples
    if (samples > 0) this.#database.prepare('UPDATE identity SET samples_ever = samples_ever + ?').run(samples)
  }

  /** Deletes messages because they are stored elsewhere, or because a cap was reached. */
  remove(why: 'stored' | 'dropped', where: string, ...values: number[]): void {
    const rows = this.#database
      .prepare(`SELECT lane, ${COUNTS} FROM messages JOIN boots USING (boot) WHERE ${where} GROUP BY lane`)
      .all(...values)
    if (rows.length === 0) return
    this.#database.prepare(`DELETE FROM messages WHERE ${where}`).run(...values)
    let samples = 0
    for (const row of rows) {
      samples += Number(row['samples'])
      this.#change(Number(row['lane']), {
        bytes: -Number(row['bytes']),
        messages: -Number(row['messages']),
        samples: -Number(row['samples'])
      })
    }
    this.#now[why] += samples
    this.#database.prepare(`UPDATE identity SET samples_${why} = samples_${why} + ?`).run(samples)
  }

  gaveUp(messages: number): void {
    this.#now.droppedMessages += messages
  }

  #change(lane: number, by: LaneCount & { bytes: number }): void {
    const { messages, samples } = this.#now.lanes.get(lane) ?? NONE
    const lanes = new Map(this.#now.lanes)
    lanes.set(lane, { messages: messages + by.messages, samples: samples + by.samples })
    if (messages + by.messages === 0) lanes.delete(lane)
    this.#now.lanes = lanes
    this.#now.bytes += by.bytes
  }
}
