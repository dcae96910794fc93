// What is to be sent and not yet known to be stored, on disk. Numbers are given here, so what has a number survives SIGKILL;
// what has to be given up leaves a gap message with its numbers behind.
import { encode, type MessageOf } from '#contract/codec.ts'
import { comparePositions, type Position, SCHEMA_VERSION } from '#contract/envelope.ts'
import type { DeviceEvent } from '#contract/event.ts'
import type { GapReason } from '#contract/gap.ts'
import type { Tag } from '#contract/tag.ts'
import type { Log } from '#runtime/log.ts'
import { type Statement, transaction } from '#runtime/sqlite.ts'
import { type Boot, beginBoot, bootOf, FIRST_LANE, laneStarts } from './boots.ts'
import type { Columns } from './columns.ts'
import { type DroppedRun, gatherDrops } from './dropping.ts'
import { Kept, type LaneCount, type SampleCounts } from './kept.ts'
import { entriesOf, type OutboxFile, openOutboxFile } from './outbox-file.ts'
import { OutboxFull, whenFull } from './outbox-full.ts'
import type { OutboxCaps } from './settings.ts'
import { identify, retired } from './tag-ids.ts'

const OUTBOX_KINDS = ['samples', 'events', 'gap'] as const
type OutboxKind = (typeof OUTBOX_KINDS)[number]
type Body<K extends OutboxKind> = Omit<MessageOf<K>, 'schema' | 'site' | 'agent' | 'boot' | 'sequence' | 'first' | 'follows' | 'lane'>

export interface StoredMessage extends Position {
  kind: OutboxKind
  /** How many samples it carries. */
  samples: number
  madeAt: number
  payload: Buffer
}

// A gap message takes the place of what is dropped, and counts too.
const ROOM_FOR_GAP = 512

export interface OutboxOptions extends OutboxCaps {
  file: string
  site: string
  agent: string
  log: Log
  now?: () => number
}

export function openOutbox(options: OutboxOptions): Outbox {
  const { file, log, now = Date.now } = options
  const opened = openOutboxFile({ file, log, now })
  const outbox = new Outbox({ ...options, now, file: opened })
  if (opened.damaged) outbox.putGap({ from: null, to: null, samples: null, reason: 'outbox-damaged' })
  outbox.tidy()
  return outbox
}

export class Outbox {
  #options: Omit<OutboxOptions, 'file'> & { now: () => number }
  readonly #file: OutboxFile
  readonly #insert: Statement
  readonly #advance: Statement
  readonly #after: Statement
  readonly #kept: Kept
  #boot: Boot
  #laneStarts: number[]
  #sequence = 0
  #lastTime: number
  /** By lane, up to where everything is stored elsewhere and leaves the disk with the next commit. */
  #forgotten: ReadonlyMap<number, Position> = new Map()

  constructor({ file, ...options }: Omit<OutboxOptions, 'file'> & { now: () => number; file: OutboxFile }) {
    const { database } = file
    this.#options = options
    this.#file = file
    this.#lastTime = file.lastTime
    this.#insert = database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#advance = database.prepare('UPDATE boots SET last_sequence = ?, last_time = ? WHERE boot = ?')
    this.#after = database.prepare(
      `SELECT boot, sequence, kind, samples, made_at, payload FROM messages
       WHERE (boot, sequence) > (?, ?) AND boot >= ? AND boot < ? ORDER BY boot, sequence LIMIT ?`
    )
    this.#kept = new Kept(database)
    this.#boot = file.boot
    this.#laneStarts = laneStarts(database)
  }

  get tagMap(): number {
    return this.#file.tagMap
  }
  get boot(): number {
    return this.#boot.boot
  }
  /** The boot with which this process began. */
  get firstBoot(): number {
    return this.#file.boot.boot
  }
  /** The lane that new messages go to. */
  get lane(): number {
    return this.#boot.lane?.from ?? FIRST_LANE
  }
  /** The lanes of which anything is kept, oldest first; the one that new messages go to is always there and last. */
  get lanes(): number[] {
    return [...new Set([...this.#kept.lanes.keys(), this.lane])].sort((a, b) => a - b)
  }
  /** The latest time that a sample ever had here. */
  get lastTime(): number {
    return this.#lastTime
  }
  /** The newest number given out, or null when there never was one. */
  get last(): Position | null {
    return this.#sequence > 0 ? { boot: this.boot, sequence: this.#sequence } : this.#boot.follows
  }

  get state(): { messages: number; bytes: number; oldestAt: number | null; droppedMessages: number; samples: SampleCounts } {
    const oldest = this.#file.database.prepare('SELECT made_at FROM messages ORDER BY boot, sequence LIMIT 1').get()?.['made_at']
    const { messages, bytes, droppedMessages, samples } = this.#kept
    return { messages, bytes, oldestAt: oldest === undefined ? null : Number(oldest), droppedMessages, samples }
  }

  /** Samples ever put in. */
  get put(): number {
    return this.#kept.put
  }

  /** What is kept in the lanes before the newest. */
  get backlog(): LaneCount {
    const older = [...this.#kept.lanes].filter(([lane]) => lane < this.lane)
    const sum = (of: keyof LaneCount) => older.reduce((total, [, count]) => total + count[of], 0)
    return { messages: sum('messages'), samples: sum('samples') }
  }

  /** Other caps; kept to from the next message on. */
  cap(caps: OutboxCaps): void {
    this.#options = { ...this.#options, ...caps }
  }

  /** All of them or none; throws OutboxFull as put does. */
  identify(tags: readonly Omit<Tag, 'id'>[]): Tag[] {
    try {
      return identify(this.#file.database, tags)
    } catch (error) {
      throw whenFull(error)
    }
  }

  /** Tags that are not read any more but may be in messages that are still kept: of earlier boots, or also of this one. */
  retired(live: readonly Tag[], { sameBoot = false }: { sameBoot?: boolean } = {}): Tag[] {
    const earlier = this.#file.database.prepare('SELECT 1 FROM messages WHERE boot < ? LIMIT 1').get(this.boot + (sameBoot ? 1 : 0))
    return earlier === undefined ? [] : retired(this.#file.database, live)
  }

  /** Durable when it returns; throws OutboxFull when the disk takes nothing, and then no number is used up. */
  putSamples(columns: Columns): Position {
    return this.#put('samples', { kind: 'samples', ...columns.body(this.tagMap) }, columns)
  }

  putEvents(events: DeviceEvent[]): Position {
    const times = events.map((event) => event.time)
    return this.#put('events', { kind: 'events', events }, { from: Math.min(...times), to: Math.max(...times), length: 0 })
  }

  putGap(lost: { from: number | null; to: number | null; samples: number | null; reason: GapReason; device?: string }): Position {
    const { from, to, samples, reason, device } = lost
    const body = { kind: 'gap', from, to, samples, reason, ...(device === undefined ? {} : { device }) } as const
    return this.#put('gap', body, { from, to, length: samples })
  }

  /** New messages are numbered from 1 in a lane of their own; what is kept before them may be sent beside. */
  beginLane(): void {
    const { database } = this.#file
    let boot = this.#boot
    this.#commit(() => {
      boot = beginBoot(database, { now: this.#options.now(), newLane: true })
    })
    this.#boot = boot
    this.#sequence = 0
    this.#laneStarts = laneStarts(database)
  }

  /** What comes after a position, oldest first; of one lane, or of all. */
  after(position: Position | null, limit: number, lane?: number): StoredMessage[] {
    const { boot, sequence } = position ?? { boot: 0, sequence: 0 }
    const end = lane === undefined ? undefined : this.#laneStarts.find((start) => start > lane)
    return this.#after.all(boot, sequence, lane ?? 0, end ?? Number.MAX_SAFE_INTEGER, limit).map((row) => ({
      boot: Number(row['boot']),
      sequence: Number(row['sequence']),
      kind: OUTBOX_KINDS.find((kind) => kind === row['kind']) ?? 'samples',
      samples: row['kind'] === 'samples' ? Number(row['samples']) : 0,
      madeAt: Number(row['made_at']),
      payload:
        row['payload'] instanceof Uint8Array
          ? Buffer.from(row['payload'].buffer, row['payload'].byteOffset, row['payload'].byteLength)
          : Buffer.alloc(0)
    }))
  }

  /** The lane of a boot; undefined when nothing of it can be kept. */
  laneOf(boot: number): number | undefined {
    if (boot === this.boot) return this.lane
    const known = bootOf(this.#file.database, boot)
    return known === undefined ? undefined : (known.lane?.from ?? FIRST_LANE)
  }

  /** Everything of its lane up to the position is stored elsewhere. It leaves the disk with the next commit, for a commit costs a sync. */
  forget(position: Position): void {
    const lane = this.laneOf(position.boot)
    if (lane === undefined) return
    const before = this.#forgotten.get(lane)
    if (before === undefined || comparePositions(position, before) > 0) this.#forgotten = new Map([...this.#forgotten, [lane, position]])
  }

  /** Where nothing ever comes back: what was sent of a lane, up to the position, is forgotten when it was made before the moment. */
  forgetOld(sent: Position, before: number): void {
    const row = this.#file.database
      .prepare(
        `SELECT boot, sequence FROM messages WHERE (boot, sequence) <= (?, ?) AND boot >= ? AND made_at < ?
         ORDER BY boot DESC, sequence DESC LIMIT 1`
      )
      .get(sent.boot, sent.sequence, this.laneOf(sent.boot) ?? FIRST_LANE, before)
    if (row !== undefined) this.forget({ boot: Number(row['boot']), sequence: Number(row['sequence']) })
  }

  /** Forgets what may go and keeps to the caps; throws OutboxFull as put does. */
  tidy(): void {
    this.#commit(() => this.#trim())
  }

  close(): void {
    try {
      this.tidy()
    } catch (error) {
      if (!(error instanceof OutboxFull)) throw error
      this.#options.log.warn({ err: error }, 'The outbox keeps more than it needs.')
    }
    this.#file.database.close()
  }

  #put<K extends OutboxKind>(kind: K, body: Body<K>, about: { from: number | null; to: number | null; length: number | null }): Position {
    const sequence = this.#sequence + 1
    const lastTime = Math.max(this.#lastTime, about.to ?? 0)
    const payload = this.#encode(kind, body, { first: sequence, sequence, boot: this.boot })
    const reason = 'reason' in body ? String(body.reason) : null
    this.#commit(() => {
      this.#insert.run(this.boot, sequence, sequence, kind, reason, about.length, about.from, about.to, this.#options.now(), payload)
      this.#advance.run(sequence, lastTime, this.boot)
      this.#kept.added(this.lane, { bytes: payload.length, samples: kind === 'samples' ? (about.length ?? 0) : 0 })
      this.#trim()
    })
    this.#sequence = sequence
    this.#lastTime = lastTime
    return { boot: this.boot, sequence }
  }

  #commit(work: () => void): void {
    const forgotten = this.#forgotten
    try {
      this.#kept.guard(() => transaction(this.#file.database, work))
    } catch (error) {
      this.#forgotten = forgotten
      throw whenFull(error)
    }
  }

  #encode<K extends OutboxKind>(kind: K, body: Body<K>, at: { boot: number; first: number; sequence: number }): Buffer {
    const { site, agent } = this.#options
    const { boot, first, sequence } = at
    const of = boot === this.boot ? this.#boot : bootOf(this.#file.database, boot)
    const numbers = {
      sequence,
      ...(first < sequence ? { first } : {}),
      ...(first === 1 ? { follows: of?.follows ?? null } : {}),
      ...(of?.lane ? { lane: of.lane } : {})
    }
    // Body and numbers together are the message; the compiler cannot put an Omit back together.
    return encode(kind, { schema: SCHEMA_VERSION, site, agent, boot, ...numbers, ...body } as unknown as MessageOf<K>)
  }

  // Runs inside a transaction.
  #trim(): void {
    const { maxBytes, maxAgeMs, now } = this.#options
    for (const [lane, { boot, sequence }] of this.#forgotten)
      this.#kept.remove('stored', '(boot, sequence) <= (?, ?) AND boot >= ?', boot, sequence, lane)
    this.#forgotten = new Map()
    let bytes = this.#kept.bytes + ROOM_FOR_GAP
    const oldestAllowed = now() - maxAgeMs
    const runs = gatherDrops(entriesOf(this.#file.database), (entry) => {
      const reason = bytes > maxBytes ? 'outbox-size' : entry.madeAt < oldestAllowed ? 'outbox-age' : undefined
      if (reason !== undefined) bytes -= entry.bytes
      return reason
    })
    for (const run of runs) this.#replace(run)
  }

  #replace(run: DroppedRun): void {
    const { boot, first, sequence, reason, samples, from, to, madeAt } = run
    this.#kept.remove('dropped', 'boot = ? AND first >= ? AND sequence <= ?', boot, first, sequence)
    const payload = this.#encode('gap', { kind: 'gap', from, to, samples, reason }, run)
    this.#insert.run(boot, first, sequence, 'gap', reason, samples, from, to, madeAt, payload)
    const lane = this.laneOf(boot) ?? FIRST_LANE
    this.#kept.added(lane, { bytes: payload.length, samples: 0 })
    this.#kept.gaveUp(run.messages)
    // A run that grows batch by batch was told when it began; health has the count.
    if (!run.grown)
      this.#options.log.error(
        { boot, first, last: sequence, reason, samples },
        'The outbox reached its cap; its oldest messages are dropped.'
      )
  }
}
